#include "text/verdict_line.hpp"

#include <fmt/format.h>

#include "text/drawing.hpp"

namespace saga_harness::reports {

std::string lacks_text(const SearchVerdict& verdict) {
  std::string text;
  for (const LackFound& each : verdict.lacks) text += (text.empty() ? "" : "; ") + each.reason;
  return text;
}

std::string verdict_line(const SearchVerdict& verdict, std::string_view extent, const Style& style) {
  if (!verdict.error.empty())
    return fmt::format("{}: {}, but {}\n", inked("ERROR", Ink::kBad, style), extent,
                       printable(verdict.error));
  std::string scope = verdict.scope.empty() ? "" : ", " + verdict.scope;
  for (const std::string& note : verdict.notes) scope += "; note: " + printable(note);
  switch (verdict.word) {
    case VerdictWord::kUpheld:
      return fmt::format("{}: {}{}\n", inked("UPHELD", Ink::kGood, style), extent, scope);
    case VerdictWord::kViolated:
      return fmt::format("{}: {}{}\n", inked("VIOLATED", Ink::kBad, style), extent, scope);
    case VerdictWord::kInconclusive:
      break;
  }
  return fmt::format("{}: {}, but {}{}\n", inked("INCONCLUSIVE", Ink::kDoubt, style), extent,
                     printable(lacks_text(verdict)), scope);
}

}  // namespace saga_harness::reports
