#pragma once

#include <saga_harness/duration.hpp>

namespace saga_harness {

/// How much processor time one run may take. A coordinator, handler or participant that takes more loops
/// without asking for anything, so that nothing can end it: the plan is written to standard error, and the
/// process ends with status 70. What was recorded until then stays, without an end: a report says that it is
/// not complete. Of a search with several workers only the part of that worker is lost.
///
/// Ten seconds; ten times that in a build with sanitizers; SAGA_HARNESS_RUN_LIMIT (`30s`, `off`) says
/// otherwise. Under a debugger there is none, and on Linux alone there is one.
[[nodiscard]] Duration run_limit();

/// Sets it for this process and those it forks; zero: none.
/// @throws Error if it is negative.
void set_run_limit(Duration processor_time);

}  // namespace saga_harness
