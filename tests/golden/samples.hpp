#pragma once

#include <saga_harness/search_reports.hpp>

namespace saga_harness::golden {

/// Results made by hand, so that what is written of them depends on no engine.

/// Three steps: create_order, process_payment (twice tried), confirm_order (the pivot).
[[nodiscard]] Experiment sample_experiment();

/// Everything fired and held, k = 2 exhausted.
[[nodiscard]] Exploration upheld_exploration(const SagaIndex& saga);
/// Two findings, every status a cell can have, an undeclared point, a marker.
[[nodiscard]] Exploration violated_exploration(const SagaIndex& saga);
/// Stopped at 500 schedules: rules that were never exercised, cells that did not fire.
[[nodiscard]] Exploration bounded_exploration(const SagaIndex& saga);

/// The run of the first finding of violated_exploration(): a reply is lost for good, and nobody undoes the
/// effect.
[[nodiscard]] Run violating_run(const SagaIndex& saga);

/// A mutant of every fate.
[[nodiscard]] Score sample_score();

/// A need, a guarantee that is not needed, one that was never missed, one undecided, one that is not there.
[[nodiscard]] GuaranteeDependencies sample_dependencies();

}  // namespace saga_harness::golden
