#include <saga_harness/explore.hpp>
#include <saga_harness_internal/flagged.hpp>

#include "plan_runner.hpp"

namespace saga_harness {
Run run_plan(const Experiment& experiment, const FaultPlan& plan) {
  PlanRunner runner(experiment);
  const Engine& engine = runner.engine();
  const SagaIndex& saga = engine.saga();
  Run run;
  run.plan = resolve(plan, saga);
  runner.run(strikes_of(run.plan, saga));
  for (std::size_t i = 0; i < run.plan.size(); ++i) {
    (runner.fired(i) ? run.fired : run.unfired).faults.push_back(run.plan.faults[i]);
  }
  run.outcome = engine.observation().outcome;
  run.verdicts = runner.explain();
  run.trace = engine.trace();
  run.ledger = engine.ledger();
  run.flagged_steps = internal::flagged_steps(run.trace, saga);
  run.saga = saga.saga();
  run.token =
      to_string(Token{saga.hash(), experiment.coordinator_name, experiment.participant_name, run.plan});
  return run;
}

}  // namespace saga_harness
