#pragma once

#include <string>
#include <string_view>

namespace saga_harness::internal {

/// What is told of everything that somebody lives with: an exclusion, a known finding.
struct SetAside {
  std::string_view reason;
  std::string_view owner;
  std::string_view expires;
};

/// Throws Error, about `which`, if something is missing or the day is none; `why` says what a reason is.
void check_set_aside(const std::string& which, const SetAside& set_aside, std::string_view why);

}  // namespace saga_harness::internal
