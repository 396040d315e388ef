#include <saga_harness/explore.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness_internal/flagged.hpp>

#include "plan_runner.hpp"
#include "repeat.hpp"
#include "subject.hpp"

namespace saga_harness {
namespace {

// A subject that draws at random shows the same a few times in a row, seldom more often.
constexpr int kTimesRunAgain = 5;

void run_to_be_sure(PlanRunner& runner, const std::vector<Strike>& strikes, const FaultPlan& plan,
                    RunAgain again) {
  const bool is_violated = !runner.run(strikes).empty();
  if (!is_violated && again == RunAgain::kIfViolated) return;
  const Engine& engine = runner.engine();
  const Remembered first(engine.observation());
  for (int i = 0; i < (is_violated ? kTimesRunAgain : 1); ++i) {
    runner.run(strikes);
    first.expect_same(engine.observation(), to_string(plan), engine.saga());
  }
}

}  // namespace

Run run_plan(const Experiment& experiment, const FaultPlan& plan, RunAgain again) {
  PlanRunner runner(experiment);
  const Engine& engine = runner.engine();
  const SagaIndex& saga = engine.saga();
  Run run;
  run.plan = resolve(plan, saga);
  const std::vector<Strike> strikes = strikes_of(run.plan, saga);
  if (experiment.can_run_again) {
    run_to_be_sure(runner, strikes, run.plan, again);
  } else {
    runner.run(strikes);
  }
  for (std::size_t i = 0; i < run.plan.size(); ++i) {
    (runner.fired(i) ? run.fired : run.unfired).faults.push_back(run.plan.faults[i]);
  }
  run.outcome = engine.observation().outcome;
  run.verdicts = runner.explain();
  run.trace = engine.trace();
  run.ledger = engine.ledger();
  run.calls = engine.calls();
  if (!run.trace.events.empty()) run.elapsed = Duration(run.trace.events.back().at);
  run.flagged_steps = internal::flagged_steps(run.trace, saga);
  run.saga = saga.saga();
  run.token = token_of(experiment, run.plan);
  run.repeat = how_to_repeat(experiment, run.token);
  return run;
}

}  // namespace saga_harness
