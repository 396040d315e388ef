#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <saga_harness/explore.hpp>

namespace saga_harness::reports {

/// The line of a finding: the run that shows a violation, with everything a reader wants to see of it.
/// `shows`: cells, by number, that are to blame for it as no run before showed. `is_known`: a run before has
/// shown this violation. `found`: what the search has to say of it.
[[nodiscard]] std::string finding_record(const Experiment& experiment, const Violation& violation,
                                         const Run& run, std::uint64_t id,
                                         const std::vector<std::uint32_t>& shows = {}, bool is_known = false,
                                         const Finding* found = nullptr);

/// The steps whose compensation is to be called, in the order that is right for any definition: the saga
/// ended compensated or flagged, the action took effect, and there is something to call. False if that cannot
/// be said: the saga was flagged after its pivot had been tried, and may go either way.
[[nodiscard]] bool expected_compensations(const Observation& observation, const SagaIndex& saga,
                                          std::vector<StepId>& expected);

}  // namespace saga_harness::reports
