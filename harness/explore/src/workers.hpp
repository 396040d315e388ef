#pragma once

#include <functional>

#include "explorer.hpp"

namespace saga_harness {

/// Shares the rest of a search among processes of its own making, and adds what they count to `state`.
/// Processes, not threads: a coordinator may have globals. Which worker does what is decided on the way; the
/// sum does not depend on it. `added` is called after every contribution.
/// @throws Error of a worker; with ErrorKind::kInternal if one dies, which ends the others. `state` then
/// holds what was done before.
void run_workers(const Experiment& experiment, const ExploreOptions& options, SearchState& state,
                 const Deadline& deadline, const std::function<void()>& added);

}  // namespace saga_harness
