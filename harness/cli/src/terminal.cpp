#include "terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include <saga_harness_internal/output_file.hpp>

namespace saga_harness::cli {

std::string_view environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

namespace {

bool is_capable_terminal(int descriptor) {
  return ::isatty(descriptor) == 1 && environment_variable("TERM") != "dumb" &&
         !environment_variable("TERM").empty();
}

/// As POSIX has it: the first of these that is set decides.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value(environment_variable(name));
    if (value.empty()) continue;
    std::erase(value, '-');
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return value.find("utf8") != std::string::npos;
  }
  return false;
}

void write_to_standard_error(std::string_view text) {
  static_cast<void>(internal::write_fully(STDERR_FILENO, text));
}

}  // namespace

Style style_for(const Look& look) {
  const bool terminal = is_capable_terminal(STDOUT_FILENO);
  Style style;
  switch (look.colour) {
    case ColourChoice::kAuto:
      style.colour = terminal && environment_variable("NO_COLOR").empty();
      break;
    case ColourChoice::kAlways:
      style.colour = true;
      break;
    case ColourChoice::kNever:
      style.colour = false;
      break;
  }
  style.ascii = look.ascii || !terminal || !locale_is_utf8();
  return style;
}

void print(std::string_view text) {
  const int error = internal::write_fully(STDOUT_FILENO, text);
  if (error != 0 && error != EPIPE)
    throw internal::OutputLost("to standard output", std::generic_category().message(error));
}

void complain(std::string_view message) {
  std::string text = "saga-harness: ";
  while (true) {
    const std::size_t end = message.find('\n');
    text += printable(message.substr(0, end)) + '\n';
    if (end == std::string_view::npos) break;
    message.remove_prefix(end + 1);
  }
  write_to_standard_error(text);
}

Progress::Progress() : enabled_(is_capable_terminal(STDERR_FILENO)) {}
Progress::~Progress() { clear(); }

void Progress::show(const Exploration& exploration) {
  const int faults = exploration.levels.empty() ? 0 : exploration.levels.back().faults;
  show(fmt::format("{} schedules, {} faults each, {} findings", exploration.schedules, faults,
                   exploration.findings.size()));
}

void Progress::show(std::string_view line) {
  if (!enabled_) return;
  shown_ = true;
  write_to_standard_error(fmt::format("\r\x1b[K{}", line));
}

void Progress::clear() {
  if (!shown_) return;
  shown_ = false;
  write_to_standard_error("\r\x1b[K");
}

}  // namespace saga_harness::cli
