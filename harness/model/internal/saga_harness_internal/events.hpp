#pragma once

#include <set>
#include <string>

#include <saga_harness/saga_index.hpp>

namespace saga_harness::internal {

/// The steps of a choreography whose compensation is due when `event` is told of, be it that they hear of it
/// themselves, or of the compensation of one that does.
[[nodiscard]] std::set<StepId> compensated_on(const SagaIndex& saga, const std::string& event);

}  // namespace saga_harness::internal
