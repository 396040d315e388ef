#include <saga_harness/interleaving.hpp>
#include <saga_harness_internal/flagged.hpp>

#include "concurrent_judge.hpp"
#include "interleaving_scheduler.hpp"
#include "planned_turns.hpp"

namespace saga_harness {
namespace {

Run run_of(const InterleavingScheduler& scheduler, ConcurrentJudge& judge, std::size_t saga,
           const FaultPlan& plan) {
  const Engine& engine = scheduler.engine(saga);
  Run run;
  run.plan = plan;
  run.outcome = engine.observation().outcome;
  run.verdicts = judge.explain(scheduler, saga);
  run.trace = engine.trace();
  run.calls = engine.calls();
  if (!run.trace.events.empty()) run.elapsed = Duration(run.trace.events.back().at);
  run.ledger = engine.ledger();
  run.saga = engine.saga().saga();
  run.flagged_steps = internal::flagged_steps(run.trace, engine.saga());
  return run;
}

}  // namespace

ConcurrentRun run_concurrently(const ConcurrentExperiment& experiment, const ConcurrentPlan& plan) {
  InterleavingScheduler scheduler(experiment);
  PlannedTurns choices(experiment, plan);
  scheduler.run(choices);
  ConcurrentJudge judge(experiment);
  ConcurrentRun run;
  run.plan = {plan.faults, choices.taken()};
  run.plan.faults.resize(experiment.sagas.size());
  run.turns.assign(scheduler.turns().begin(), scheduler.turns().end());
  run.quantities.assign(scheduler.quantities().begin(), scheduler.quantities().end());
  run.accesses.assign(scheduler.accesses().begin(), scheduler.accesses().end());
  run.unfired = choices.unfired();
  for (std::size_t saga = 0; saga < experiment.sagas.size(); ++saga)
    run.sagas.push_back(run_of(scheduler, judge, saga, run.plan.faults[saga]));
  run.violations = judge.judge(scheduler, true);
  return run;
}

}  // namespace saga_harness
