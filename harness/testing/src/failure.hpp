#pragma once

#include <string>

#include <saga_harness/error.hpp>
#include <saga_harness/harness.hpp>

namespace saga_harness::internal {

/// @throws the error, with the line of the test before its message.
[[noreturn]] void throw_at(const SourcePlace& place, const Error& error);

/// Tells the reporter. @throws Error if there is none.
void report_failure(const SourcePlace& place, const std::string& message);

/// What `call` returns. @throws what it throws; an Error says the line of the test, too: `FILE:LINE: …`
template <typename Call>
decltype(auto) at_line(const SourcePlace& place, Call call) {
  try {
    return call();
  } catch (const Error& error) {
    throw_at(place, error);
  }
}

/// Tells the reporter, if there is one.
void mention_failure(const SourcePlace& place, const std::string& message);

}  // namespace saga_harness::internal
