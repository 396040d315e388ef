#include "failure.hpp"

#include <utility>

#include <saga_harness/error.hpp>

namespace saga_harness {
namespace {

// The one thing shared by all harnesses of a process: which test framework it runs under.
FailureReporter& current_reporter() {
  static FailureReporter reporter;
  return reporter;
}

}  // namespace

FailureReporter set_failure_reporter(FailureReporter reporter) {
  return std::exchange(current_reporter(), std::move(reporter));
}

namespace internal {

void throw_at(const SourcePlace& place, const Error& error) {
  throw error.within(std::string(place.file) + ":" + std::to_string(place.line));
}

void report_failure(const SourcePlace& place, const std::string& message) {
  if (!current_reporter())
    throw Error(ErrorText{.source = std::string(place.file) + ":" + std::to_string(place.line),
                          .message = std::string(message)});
  current_reporter()(place, message);
}

void mention_failure(const SourcePlace& place, const std::string& message) {
  if (current_reporter()) current_reporter()(place, message);
}

}  // namespace internal
}  // namespace saga_harness
