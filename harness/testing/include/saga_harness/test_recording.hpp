#pragma once

#include <string>

namespace saga_harness {

/// From now on every run and every exploration of a SagaTestHarness in this process is written to
/// `directory`, in files of its own, for `saga-harness report DIRECTORY`. The environment variable
/// SAGA_HARNESS_RECORDS does the same without a line of code. Processes (shards, reruns, ctest's one per
/// test) share a directory; empty it before a new round. Returns true, so that one line at namespace scope
/// does:
///
/// ```cpp
/// const bool kRecorded = saga_harness::record_runs_to("records");
/// ```
///
/// The cells that struck in a test are also a property of it, `saga_cells`, in the XML that gtest writes.
bool record_runs_to(std::string directory);

}  // namespace saga_harness
