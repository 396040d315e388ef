#pragma once

#include <iosfwd>

#include <saga_harness/run.hpp>

namespace saga_harness::internal {

/// Was it judged, and is no rule violated? Writes what was seen: `which violates` each rule with its sentence
/// and events, the plan, the token.
bool upholds(const Run& run, std::ostream& out);

}  // namespace saga_harness::internal
