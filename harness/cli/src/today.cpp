#include "today.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/day.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::cli {

namespace {

std::tm utc() {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}

constexpr int kFirstYear = 1900;

}  // namespace

std::string today() {
  const std::tm parts = utc();
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + kFirstYear, parts.tm_mon + 1, parts.tm_mday);
}

std::string day_asked_for(const std::string& asked) {
  if (asked.empty()) return today();
  if (!internal::is_day(asked)) {
    throw Error(ErrorText{.source = "--today",
                          .message = internal::in_quotes(asked) + " is no day",
                          .fix = "write e.g. 2026-11-21"});
  }
  return asked;
}

std::string now() {
  const std::tm parts = utc();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + kFirstYear, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

}  // namespace saga_harness::cli
