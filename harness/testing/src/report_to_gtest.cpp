#include <string>

#include <gtest/gtest.h>

#include <saga_harness/harness.hpp>
#include <saga_harness/testing.hpp>

namespace saga_harness::internal {

bool report_to_gtest() {
  set_failure_reporter([](const SourcePlace& place, const std::string& message) {
    ADD_FAILURE_AT(place.file, place.line) << message;
  });
  return true;
}

}  // namespace saga_harness::internal
