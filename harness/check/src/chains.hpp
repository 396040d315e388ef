#pragma once

#include <vector>

#include <saga_harness/saga_index.hpp>

namespace saga_harness {

/// By step of a choreography: those whose compensation it waits for before its own, because no failure that
/// they hear of reaches it in any other way.
[[nodiscard]] std::vector<std::vector<StepId>> chains_of(const SagaIndex& saga);

}  // namespace saga_harness
