// The same plan gives the same run, to the byte; what a search ran, a plan runs again.

#include <set>

#include <saga_harness/fault_plans.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/token.hpp>

#include "properties.hpp"

namespace saga_harness::property_test {
namespace {

TEST(ReplayTest, TheSamePlanGivesTheSameRun) {
  check(200, 100, [] {
    const Saga saga = *gen::saga();
    const FaultPlan plan = *gen::fault_plan(saga, {.max_faults = 4});
    SagaTestHarness harness(saga);
    const saga_harness::Run once = harness.run(plan);
    const saga_harness::Run again = harness.run(plan);
    RC_ASSERT(once == again);
    const saga_harness::Run elsewhere = SagaTestHarness(saga).run(plan);
    RC_ASSERT(once == elsewhere);
    RC_ASSERT(to_json(once.trace, harness.saga()) == to_json(elsewhere.trace, harness.saga()));
    RC_ASSERT(to_string(once.trace, harness.saga()) == to_string(elsewhere.trace, harness.saga()));
  });
}

TEST(ReplayTest, ATokenReplaysItsRun) {
  check(200, 100, [] {
    const Saga saga = *gen::saga();
    SagaTestHarness harness(saga);
    const saga_harness::Run run = harness.run(*gen::fault_plan(saga, {.max_faults = 4}));
    const Token token = parse_token(run.token);
    RC_ASSERT(token.is_of(harness.saga()));
    RC_ASSERT(harness.run(token.plan(harness.saga())) == run);
  });
}

TEST(ReplayTest, LeavingOutWhatDidNotFireChangesNothing) {
  check(200, 100, [] {
    const Saga saga = *gen::saga();
    SagaTestHarness harness(saga);
    const saga_harness::Run run = harness.run(*gen::fault_plan(saga, {.max_faults = 4}));
    const saga_harness::Run fired = harness.run(run.fired);
    RC_ASSERT(fired.unfired.empty());
    RC_ASSERT(fired.trace == run.trace);
    RC_ASSERT(fired.outcome == run.outcome);
    RC_ASSERT(fired.ledger == run.ledger);
  });
}

TEST(ReplayTest, EveryScheduleOfASearchIsAnotherPlanAndReplays) {
  check(15, 100, [] {
    const Experiment experiment = SagaTestHarness(*gen::saga()).experiment();
    std::set<std::string> plans;
    ExploreOptions options{.max_faults = 1};
    options.on_schedule = [&](const Schedule& schedule) {
      RC_ASSERT(plans.insert(to_string(schedule.plan)).second);
      const saga_harness::Run run = run_plan(experiment, schedule.plan);
      RC_ASSERT(run.unfired.empty());
      RC_ASSERT(run.outcome == schedule.observation.outcome);
      RC_ASSERT(run.trace.events.size() == schedule.observation.events.size());
    };
    const Exploration exploration = explore(experiment, options);
    RC_ASSERT(exploration.schedules == plans.size());
  });
}

TEST(ReplayTest, ThePlansOfADefinitionFire) {
  check(30, 100, [] {
    const Saga saga = *gen::saga();
    SagaTestHarness harness(saga);
    for (const FaultPlan& plan : single_fault_plans(harness.saga())) {
      RC_LOG() << to_string(plan) << '\n';
      RC_ASSERT(harness.run(plan).unfired.empty());
    }
    for (const FaultPlan& plan : compensation_fault_plans(harness.saga())) {
      RC_LOG() << to_string(plan) << '\n';
      RC_ASSERT(harness.run(plan).unfired.empty());
    }
  });
}

}  // namespace
}  // namespace saga_harness::property_test
