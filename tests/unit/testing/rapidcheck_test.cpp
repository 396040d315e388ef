#include <saga_harness/rapidcheck.hpp>

#include <algorithm>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kMostDraws = 20'000;  // few of three drawn faults strike together

/// The simplest value that `fails`, found as RapidCheck finds it, from the first of many draws that does.
template <typename Value, typename Fails>
Value smallest_failure(const rc::Gen<Value>& gen, Fails fails) {
  for (std::uint64_t seed = 0; seed < kMostDraws; ++seed) {
    const rc::Shrinkable<Value> drawn = gen(rc::Random(seed), 100);
    if (fails(drawn.value())) return rc::shrinkable::findLocalMin(drawn, fails).first;
  }
  ADD_FAILURE() << "none of " << kMostDraws << " draws fails";
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

/// What RapidCheck has to say of a property.
template <typename Property>
std::string said_of(Property property) {
  rc::detail::TestParams params;
  params.seed = 1;
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), params);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  return text.str();
}

TEST(UpheldTest, AFailingPropertyShowsVerdictPlanAndToken) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator(OrchestratorBug::kAmbiguousNotCompensated), Claims::all());
  const auto plan_of_one = [] {
    return *gen::fault_plan(order_saga(), {.max_faults = 2, .kinds = {FaultKind::kErrorAfterEffect}});
  };
  const auto run = harness.run(parse_plan("reserve.action#1:error_after_effect"));
  for (const std::string& said : {said_of([&] { RC_ASSERT(upheld(harness, plan_of_one())); }),
                                  said_of([&] { RC_ASSERT(upheld(harness.run(plan_of_one()))); }),
                                  said_of([&] { RC_ASSERT(upheld(harness.experiment(), plan_of_one())); })}) {
    EXPECT_THAT(said, testing::StartsWith("Falsifiable"));
    EXPECT_THAT(said, HasSubstr("a run which violates\n  I1 truthful outcome at "));
    EXPECT_THAT(said, HasSubstr(":error_after_effect\n  token: sh2-"));
    EXPECT_THAT(said, HasSubstr("\n  repeat: harness.replay(\"sh2-"));
  }
  EXPECT_THAT(testing::PrintToString(upheld(run)), HasSubstr("\n  token: " + run.token));
}

TEST(UpheldTest, APropertyThatHoldsPasses) {
  SagaTestHarness harness(order_saga());
  EXPECT_THAT(said_of([&] { RC_ASSERT(upheld(harness, *gen::fault_plan(order_saga()))); }),
              testing::StartsWith("OK, passed 100 tests"));
}

TEST(UpheldTest, ARunThatWasNeverJudgedIsNotUpheld) {
  EXPECT_FALSE(upheld(saga_harness::Run{}));
  EXPECT_EQ(upheld(saga_harness::Run{}).text(), "a run which was never judged");
}

/// Undoes nothing, every fifth time that it should.
Coordinator forgets_every_fifth_time(int& times) {
  return [&times](Runtime& runtime) {
    const auto ok = [&](const char* service, const char* action) {
      return runtime.call({.service = service, .action = action, .idempotency_key = action}).ok();
    };
    if (!ok("stock", "reserve")) return runtime.report(Outcome::kFlagged);
    if (ok("bank", "pay"))
      return runtime.report(ok("post", "ship") ? Outcome::kCompleted : Outcome::kFlagged);
    if (++times % 5 == 0) return runtime.report(Outcome::kCompensated);
    static_cast<void>(ok("bank", "refund") && ok("stock", "release"));
    runtime.report(Outcome::kFlagged);
  };
}

rc::Gen<FaultPlan> payment_fails() {
  return gen::fault_plan(order_saga(), {.max_faults = 2, .kinds = {FaultKind::kRejected}});
}

TEST(UpheldTest, ASubjectThatIsNotDeterministicIsToldApartFromOneWithABug) {
  int times = 0;
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(forgets_every_fifth_time(times));
  const std::string said = said_of([&] { RC_ASSERT(upheld(harness, *payment_fails())); });
  EXPECT_THAT(said, testing::StartsWith("Gave up after"));
  EXPECT_THAT(said,
              HasSubstr("nondeterministic: there is no counterexample to be had. not deterministic: plan"));
  EXPECT_THAT(said, HasSubstr("came out differently when it was run again"));
}

/// Does what it should, but every request bears a number of its own.
Coordinator numbers_its_requests(int& requests) {
  return [&requests](Runtime& runtime) {
    const auto ok = [&](const char* service, const char* action) {
      const std::string payload = "{\"number\":" + std::to_string(++requests) + "}";
      return runtime
          .call({.service = service, .action = action, .idempotency_key = action, .payload = payload})
          .ok();
    };
    const bool is_done = ok("stock", "reserve") && ok("bank", "pay") && ok("post", "ship");
    runtime.report(is_done ? Outcome::kCompleted : Outcome::kFlagged);
  };
}

TEST(UpheldTest, DataThatDiffersFromRunToRunIsToldThoughEveryRuleHolds) {
  int requests = 0;
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(numbers_its_requests(requests));
  const auto no_faults = [&] { RC_ASSERT(upheld(harness, FaultPlan{})); };
  const std::string said = said_of(no_faults);
  EXPECT_THAT(said, testing::StartsWith("Gave up after"));
  EXPECT_THAT(said, HasSubstr("they differ at /number"));

  SagaTestHarness tolerant(order_saga());
  tolerant.use_coordinator(numbers_its_requests(requests)).volatile_fields({"/number"}).named("tolerant");
  EXPECT_THAT(said_of([&] { RC_ASSERT(upheld(tolerant, FaultPlan{})); }),
              testing::StartsWith("OK, passed 100 tests"));
}

TEST(UpheldTest, ThePlainFormSaysNotDeterministic) {
  int times = 0;
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(forgets_every_fifth_time(times));
  const std::string said =
      said_of([&] { RC_ASSERT(harness.run(*payment_fails()).upholds_all_invariants()); });
  EXPECT_THAT(said, HasSubstr("not deterministic: plan"));
}

TEST(UpheldTest, OtherErrorsComeOut) {
  SagaTestHarness harness(order_saga());
  EXPECT_THAT(error_of([&] { static_cast<void>(upheld(harness, parse_plan("pai:rejected"))); }),
              HasSubstr("did you mean \"pay\""));
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
