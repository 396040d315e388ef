#pragma once

#include <string>
#include <vector>

#include <saga_harness/search_reports.hpp>

#include "text/drawing.hpp"

namespace saga_harness::reports {

[[nodiscard]] Ink ink_of(CellStatus status);

/// `process_payment.action`, or `saga` for the saga itself: as in the one-line form of a fault.
[[nodiscard]] std::string row_name(StepId step, Operation operation, const SagaIndex& saga);

/// Which legal cells are not held, by status, kind and instant, with the operations concerned. Empty if all
/// are held.
/// Kinds that were not asked for are only named.
[[nodiscard]] std::string draw_gaps(const SagaIndex& saga, const ExploreOptions& options,
                                    const Exploration& exploration, const Style& style);

}  // namespace saga_harness::reports
