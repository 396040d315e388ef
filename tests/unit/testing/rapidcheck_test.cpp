#include <saga_harness/rapidcheck.hpp>

#include <algorithm>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::HasSubstr;

/// The simplest value that `fails`, found as RapidCheck finds it, from the first of many draws that does.
template <typename Value, typename Fails>
Value smallest_failure(const rc::Gen<Value>& gen, Fails fails) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const rc::Shrinkable<Value> drawn = gen(rc::Random(seed), 100);
    if (fails(drawn.value())) return rc::shrinkable::findLocalMin(drawn, fails).first;
  }
  ADD_FAILURE() << "none of 1000 draws fails";
  return gen(rc::Random(0), 100).value();
}

TEST(FaultPlanGeneratorTest, ShrinksToTheFaultThatIsToBlame) {
  const auto gen = gen::fault_plan(order_saga(), {.max_faults = 3});
  const auto payment_is_lost = [](const FaultPlan& plan) {
    return std::any_of(plan.faults.begin(), plan.faults.end(), [](const Fault& fault) {
      return fault.step == "pay" && fault.operation == Operation::kAction &&
             fault.instant == Instant::kCall && fault.kind >= FaultKind::kReplyLost;
    });
  };
  EXPECT_EQ(to_string(smallest_failure<FaultPlan>(gen, payment_is_lost)), "pay.action#1:reply_lost");
}

TEST(FaultPlanGeneratorTest, ShrinksToBothFaultsWhereTwoAreNeeded) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator(OrchestratorBug::kFailureSwallowed), Claims::all());
  const auto lies = [&harness](const FaultPlan& plan) { return !harness.run(plan).upholds_all_invariants(); };
  const FaultPlan plan = smallest_failure<FaultPlan>(gen::fault_plan(order_saga(), {.max_faults = 3}), lies);
  EXPECT_EQ(plan.size(), 2U) << to_string(plan);
}

TEST(SagaGeneratorTest, ShrinksToFewSteps) {
  const auto has_a_join = [](const Saga& saga) {
    const SagaIndex index(saga);
    for (const StepId step : index.order()) {
      if (index.predecessors(step).size() > 1) return true;
    }
    return false;
  };
  const Saga saga = smallest_failure<Saga>(gen::saga({.max_steps = 8}), has_a_join);
  EXPECT_EQ(saga.steps.size(), 3U) << to_json(saga);
}

TEST(FaultPlanGeneratorTest, PrintsACounterexampleAsAPlan) {
  const auto property = [] {
    const FaultPlan plan =
        *gen::fault_plan(order_saga(), {.max_faults = 3, .kinds = {FaultKind::kReplyLost}});
    RC_ASSERT(plan.empty());
  };
  const auto result =
      rc::detail::checkTestable(property, rc::detail::TestMetadata(), rc::detail::TestParams());
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  EXPECT_THAT(text.str(), HasSubstr("#1:reply_lost\n"));
}

RC_GTEST_PROP(FaultPlanGeneratorTest, MakesPlansOfAnySagaThatTheHarnessRuns, ()) {
  const Saga saga = *gen::saga({.max_steps = 4});
  const FaultPlan plan = *gen::fault_plan(saga, {.max_faults = 2});
  SagaTestHarness harness(saga);
  const auto run = harness.run(plan);
  RC_ASSERT(run.fired.size() + run.unfired.size() == plan.size());
}

RC_GTEST_PROP(SagaGeneratorTest, MakesSagasThatTheReferenceUpholds, ()) {
  const Saga saga = *gen::saga({.max_steps = 5});
  RC_ASSERT(SagaTestHarness(saga).explore({.max_faults = 1}).finds_no_violation());
}

}  // namespace
}  // namespace saga_harness
