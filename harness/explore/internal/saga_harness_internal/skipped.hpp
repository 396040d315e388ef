#pragma once

#include <cstdint>
#include <vector>

#include <saga_harness/explore.hpp>

namespace saga_harness::internal {

/// By step, 1 for those that a run of this experiment skips; empty: none.
/// @throws Error where a condition cannot be judged.
[[nodiscard]] std::vector<std::uint8_t> skipped_in(const SagaIndex& saga, const Experiment& experiment);

/// The same of a run with the definition's own context; none where that leaves a condition open.
[[nodiscard]] std::vector<std::uint8_t> skipped_by_definition(const Saga& saga);

[[nodiscard]] inline bool is_skipped(const std::vector<std::uint8_t>& skipped, StepId step) {
  return step < skipped.size() && skipped[step] != 0;
}

/// Every legal cell of the definition in whatever context: those of declared_cells(), and more.
[[nodiscard]] std::vector<Cell> cells_in_any_context(const SagaIndex& saga, const Experiment& experiment,
                                                     const std::vector<FaultKind>& asked);

}  // namespace saga_harness::internal
