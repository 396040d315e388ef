#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <saga_harness/explore.hpp>
#include <saga_harness/run.hpp>

namespace saga_harness::internal {

/// What a coordinator or participant of a test's own is called.
inline constexpr std::string_view kCustom = "custom";

/// Writes the run to the records of this process, if there are to be any.
void record(const Experiment& experiment, const Run& run, const Context& start_context);

/// What SAGA_HARNESS_TODAY says; empty: nothing. @throws Error if it is no day.
[[nodiscard]] std::string day_of_environment();

/// Replays what was found, before anybody hears of it.
using Replay = std::function<void(Exploration&)>;

/// explore(), with every schedule written to the records, if there are to be any. Those need the schedules
/// one after the other: then one worker does it all.
[[nodiscard]] Exploration explore_recorded(const Experiment& experiment, const ExploreOptions& options,
                                           const Replay& replay);

}  // namespace saga_harness::internal
