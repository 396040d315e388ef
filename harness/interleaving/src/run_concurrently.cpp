#include <saga_harness/interleaving.hpp>
#include <saga_harness_internal/flagged.hpp>

#include "concurrent_judge.hpp"
#include "conductor.hpp"
#include "planned_turns.hpp"

namespace saga_harness {
namespace {

Run run_of(const Conductor& conductor, ConcurrentJudge& judge, std::size_t saga, const FaultPlan& plan) {
  const Engine& engine = conductor.engine(saga);
  Run run;
  run.plan = plan;
  run.outcome = engine.observation().outcome;
  run.verdicts = judge.explain(conductor, saga);
  run.trace = engine.trace();
  run.ledger = engine.ledger();
  run.saga = engine.saga().saga();
  run.flagged_steps = internal::flagged_steps(run.trace, engine.saga());
  return run;
}

}  // namespace

ConcurrentRun run_concurrently(const ConcurrentExperiment& experiment, const ConcurrentPlan& plan) {
  Conductor conductor(experiment);
  PlannedTurns choices(experiment, plan);
  conductor.run(choices);
  ConcurrentJudge judge(experiment);
  ConcurrentRun run;
  run.plan = {plan.faults, choices.taken()};
  run.plan.faults.resize(experiment.sagas.size());
  run.turns.assign(conductor.turns().begin(), conductor.turns().end());
  run.quantities.assign(conductor.quantities().begin(), conductor.quantities().end());
  run.accesses.assign(conductor.accesses().begin(), conductor.accesses().end());
  run.unfired = choices.unfired();
  for (std::size_t saga = 0; saga < experiment.sagas.size(); ++saga)
    run.sagas.push_back(run_of(conductor, judge, saga, run.plan.faults[saga]));
  run.violations = judge.judge(conductor, true);
  return run;
}

}  // namespace saga_harness
