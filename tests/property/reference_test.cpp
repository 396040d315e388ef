// The reference orchestrator upholds every invariant, whatever the saga and whatever goes wrong.

#include <chrono>

#include <saga_harness/scenario.hpp>

#include "properties.hpp"

namespace saga_harness::property_test {
namespace {

Exploration explore_reference(const Saga& saga, int max_faults) {
  return explore(SagaTestHarness(saga).experiment(), {.max_faults = max_faults});
}

TEST(ReferenceTest, UpholdsEverythingUnderOneFault) {
  check(200, 100, [] { expect_no_violation(explore_reference(*gen::saga(), 1)); });
}

TEST(ReferenceHeavyTest, UpholdsEverythingUnderTwoFaults) {
  check(1000, 100, [] { expect_no_violation(explore_reference(*gen::saga(), 2)); });
}

TEST(ReferenceTest, UpholdsEverythingWhenTheDeadlinePasses) {
  check(200, 100, [] {
    Saga saga = *gen::saga();
    saga.deadline = std::chrono::milliseconds(*rc::gen::element(1, 3, 10, 101, 1000, 12'000));
    expect_no_violation(explore_reference(saga, 1));
  });
}

TEST(ReferenceTest, UpholdsEverythingWhenCompensationsRunSideBySide) {
  check(200, 100, [] {
    Saga saga = *gen::saga();
    saga.parallel_compensation = true;
    expect_no_violation(explore_reference(saga, 1));
  });
}

TEST(ReferenceTest, UpholdsEverythingUnderAnyPlan) {
  check(1000, 100, [] {
    const Saga saga = *gen::saga({.parallel_compensation = true});
    const FaultPlan plan = *gen::fault_plan(saga, {.max_faults = 5});
    const saga_harness::Run run = SagaTestHarness(saga).run(plan);
    for (const Verdict& verdict : run.violations()) {
      RC_LOG() << id_of(verdict.rule) << ": " << verdict.explanation << '\n';
    }
    RC_ASSERT(run.upholds_all_invariants());
    RC_ASSERT(run.outcome != Outcome::kUnresolved);
    RC_ASSERT(run.fired.size() + run.unfired.size() == plan.size());
  });
}

TEST(ReferenceTest, WithoutFaultsEverySagaCompletes) {
  check(200, 100, [] {
    const Saga saga = *gen::saga();
    const saga_harness::Run run = SagaTestHarness(saga).run({});
    RC_ASSERT(run.outcome == Outcome::kCompleted);
    RC_ASSERT(run.ledger.effects == std::vector<Effect>(saga.steps.size(), Effect{.applied = 1}));
  });
}

}  // namespace
}  // namespace saga_harness::property_test
