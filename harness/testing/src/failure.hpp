#pragma once

#include <string>

#include <saga_harness/harness.hpp>

namespace saga_harness::internal {

/// Tells the reporter. @throws Error if there is none.
void report_failure(const SourcePlace& place, const std::string& message);

/// Tells the reporter, if there is one.
void mention_failure(const SourcePlace& place, const std::string& message);

}  // namespace saga_harness::internal
