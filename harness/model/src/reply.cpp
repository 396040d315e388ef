#include <algorithm>

#include <saga_harness/trace.hpp>

namespace saga_harness {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
}

// The end of the string literal that `text` begins with, just behind its closing quote.
std::size_t end_of_string(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

}  // namespace

// No parser: this is asked of every answer of every run.
bool says_failure(std::string_view body) {
  constexpr std::string_view kKey = "\"success\"";
  constexpr std::string_view kShortest = R"({"success":false})";
  if (body.size() < kShortest.size() || body.find(kKey) == std::string_view::npos) return false;
  int depth = 0;
  for (std::string_view rest = body; !rest.empty();) {
    if (rest.front() == '"') {
      const std::size_t end = end_of_string(rest);
      const bool is_key = depth == 1 && rest.substr(0, end) == kKey;
      rest.remove_prefix(end);
      if (!is_key) continue;
      skip_spaces(rest);
      if (!rest.starts_with(':')) continue;  // a value that reads "success"
      rest.remove_prefix(1);
      skip_spaces(rest);
      return rest.starts_with("false");
    }
    if (rest.front() == '{' || rest.front() == '[') ++depth;
    if (rest.front() == '}' || rest.front() == ']') --depth;
    rest.remove_prefix(1);
  }
  return false;
}

}  // namespace saga_harness
