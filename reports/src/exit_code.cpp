#include <saga_harness/exit_code.hpp>

#include <saga_harness/error.hpp>
#include <saga_harness/search_verdict.hpp>

namespace saga_harness {

std::string_view name_of(ExitCode code) {
  switch (code) {
    case ExitCode::kUpheld:
      return "upheld";
    case ExitCode::kViolated:
      return "violated";
    case ExitCode::kCoverageMissed:
      return "coverage_missed";
    case ExitCode::kInconclusive:
      return "inconclusive";
    case ExitCode::kUsage:
      return "usage";
    case ExitCode::kInternal:
      return "internal";
  }
  return "?";
}

ExitCode exit_code_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::kMisuse:
      return ExitCode::kUsage;
    case ErrorKind::kIncomplete:
      return ExitCode::kInconclusive;
    case ErrorKind::kInternal:
      break;
  }
  return ExitCode::kInternal;
}

ExitCode exit_code_of(const SearchVerdict& verdict) {
  if (!verdict.error.empty()) return ExitCode::kInternal;
  switch (verdict.word) {
    case VerdictWord::kUpheld:
      return ExitCode::kUpheld;
    case VerdictWord::kViolated:
      return ExitCode::kViolated;
    case VerdictWord::kInconclusive:
      return ExitCode::kInconclusive;
  }
  return ExitCode::kInternal;
}

}  // namespace saga_harness
