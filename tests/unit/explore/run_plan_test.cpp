// One plan, run and judged.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/fault_plans.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/token.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

saga_harness::Run run(const Experiment& experiment, std::string_view plan) {
  return run_plan(experiment, parse_plan(plan));
}

TEST(RunPlanTest, TheEmptyPlanCompletes) {
  const Experiment experiment = subject(order_saga());
  const saga_harness::Run result = run(experiment, "none");
  EXPECT_EQ(result.outcome, Outcome::kCompleted);
  EXPECT_TRUE(result.upholds_all_invariants());
  EXPECT_EQ(result.plan, FaultPlan{});
  EXPECT_EQ(result.fired, FaultPlan{});
  EXPECT_EQ(result.unfired, FaultPlan{});
  EXPECT_EQ(result.verdicts.size(), kRuleCount);
  EXPECT_EQ(result.ledger.effects, std::vector<Effect>(5, {.applied = 1}));
  EXPECT_THAT(result.flagged_steps, IsEmpty());
  EXPECT_FALSE(result.trace.events.empty());
  EXPECT_EQ(result.saga, experiment.setup.saga->saga());
}

TEST(RunPlanTest, NamesTheStepsThatWereFlagged) {
  const saga_harness::Run result =
      run(subject(order_saga()), "process_payment#1:rejected, cancel_order#*:unavailable");
  EXPECT_EQ(result.outcome, Outcome::kFlagged);
  EXPECT_THAT(result.flagged_steps, ElementsAre("create_order"));
  EXPECT_TRUE(result.upholds_all_invariants());
}

TEST(RunPlanTest, BringsPlansToTheirCanonicalForm) {
  const saga_harness::Run result =
      run(subject(order_saga()), "cancel_order#*:unavailable,process_payment:rejected");
  EXPECT_EQ(to_string(result.plan),
            "create_order.compensation#*:unavailable, process_payment.action#1:rejected");
  EXPECT_EQ(result.fired, result.plan);
  EXPECT_EQ(parse_token(result.token).plan(SagaIndex(order_saga())), result.plan);
}

TEST(RunPlanTest, SaysWhichFaultsDidNotFire) {
  const saga_harness::Run result = run(
      subject(order_saga()), "create_order#1:rejected, process_payment#1:rejected, cancel_order#1:rejected");
  EXPECT_EQ(to_string(result.fired), "create_order.action#1:rejected");
  EXPECT_EQ(to_string(result.unfired),
            "process_payment.action#1:rejected, create_order.compensation#1:rejected");
  EXPECT_EQ(result.plan.size(), 3U);
}

TEST(RunPlanTest, AFaultInsideTheWindowOfAnotherDoesNotFire) {
  const saga_harness::Run result =
      run(subject(order_saga()), "process_payment#1..budget:unavailable, process_payment#2:rejected");
  EXPECT_EQ(to_string(result.fired), "process_payment.action#1..budget:unavailable");
  EXPECT_EQ(to_string(result.unfired), "process_payment.action#2:rejected");
}

TEST(RunPlanTest, EitherNameOfOneInstantMayBePlanned) {
  const Experiment experiment = subject(order_saga());
  const saga_harness::Run after = run(experiment, "process_payment#1@after_intent:coordinator_crash");
  const saga_harness::Run before = run(experiment, "process_payment#1@before_call:coordinator_crash");
  EXPECT_EQ(after.unfired, FaultPlan{});
  EXPECT_EQ(before.unfired, FaultPlan{});
  EXPECT_EQ(after.outcome, before.outcome);
  EXPECT_EQ(after.ledger, before.ledger);
}

TEST(RunPlanTest, IsTheSameEveryTime) {
  const Experiment experiment = subject(order_saga());
  const std::string_view plan = "process_payment#1@after_call:coordinator_crash, process_payment#2:rejected";
  EXPECT_EQ(run(experiment, plan), run(experiment, plan));
}

TEST(RunPlanTest, TakesTheSubjectsPromisesIntoAccount) {
  Experiment experiment = subject(order_saga(), OrchestratorBug::kNoIdempotencyKey);
  EXPECT_FALSE(run(experiment, "none").upholds_all_invariants());
  experiment.switched_off = {{Rule::kStableIdempotencyKey, "a demonstration"}};
  const saga_harness::Run result = run(experiment, "none");
  EXPECT_TRUE(result.upholds_all_invariants());
  EXPECT_EQ(result.verdicts[static_cast<std::size_t>(Rule::kStableIdempotencyKey)].explanation,
            "switched off: a demonstration");
}

TEST(RunPlanTest, RefusesWhatDoesNotExist) {
  const Experiment experiment = subject(order_saga());
  const auto message = [&](std::string_view plan) {
    const auto [text, code] = error_of([&] { return run(experiment, plan); });
    EXPECT_EQ(code, ErrorKind::kMisuse);
    return text;
  };
  EXPECT_THAT(message("proces_payment#1:rejected"), HasSubstr("process_payment"));
  EXPECT_THAT(message("confirm_order.compensation#1:rejected"), HasSubstr("has no compensation"));
  EXPECT_THAT(message("create_order#1..budget:rejected"), HasSubstr("cannot last"));
  EXPECT_THAT(message("create_order#1:rejected, create_order#1:unavailable"), HasSubstr("same point"));
}

TEST(RunPlanTest, AParticipantThatIsMissingIsNamed) {
  Experiment experiment = subject(order_saga());
  experiment.setup.participants.erase("payment_service");
  EXPECT_THAT(error_of([&] { return run(experiment, "none"); }).first, HasSubstr("\"payment_service\""));
}

// ---- the plans that a definition gives by itself

void expect_all_fire(const Saga& saga, const std::vector<FaultPlan>& plans) {
  const Experiment experiment = subject(saga);
  for (const FaultPlan& plan : plans) {
    const saga_harness::Run result = run_plan(experiment, plan);
    EXPECT_EQ(result.unfired, FaultPlan{}) << to_string(plan);
    EXPECT_TRUE(result.upholds_all_invariants()) << to_string(plan);
  }
}

std::set<std::string> as_texts(const std::vector<FaultPlan>& plans) {
  std::set<std::string> texts;
  for (const FaultPlan& plan : plans) texts.insert(to_string(plan));
  return texts;
}

Saga parallel_saga() {
  Saga saga = order_saga();
  saga.steps[1].after = kNoPredecessors;
  saga.steps[2].after = {"create_order"};
  saga.steps[3].after = {"reserve_inventory", "process_payment"};
  return saga;
}

TEST(PlansOfADefinitionTest, EverySingleFaultFires) {
  for (const Saga& saga : {small_saga(), order_saga(), parallel_saga()}) {
    const std::vector<FaultPlan> plans = single_fault_plans(SagaIndex(saga));
    EXPECT_EQ(as_texts(plans).size(), plans.size());
    expect_all_fire(saga, plans);
  }
}

TEST(PlansOfADefinitionTest, SingleFaultsCoverTheForwardPath) {
  const std::set<std::string> plans = as_texts(single_fault_plans(SagaIndex(small_saga())));
  // 26 kinds and 10 for-ever windows at reserve, 25 and 10 at pay, 5 while each is waited for, three crashes
  // and two log writes that fail, tear or are not confirmed at each; around started and end, and a second
  // start.
  EXPECT_EQ(plans.size(),
            (26U + 10U + 5U + 3U + 6U) + (25U + 10U + 5U + 3U + 6U) + (2U + 3U) + (1U + 3U) + 1U);
  for (const char* plan : {"reserve.action#1:rejected", "reserve.action#*:reply_lost",
                           "pay.action#1:delay_at_timeout", "pay.action#1@after_call:coordinator_crash",
                           "saga#1@before_started:coordinator_crash", "saga#1@after_end:coordinator_crash"}) {
    EXPECT_TRUE(plans.contains(plan)) << plan;
  }
  ExploreOptions options{.max_faults = 1};
  std::set<std::string> explored;
  options.on_schedule = [&](const Schedule& schedule) { explored.insert(to_string(schedule.plan)); };
  static_cast<void>(explore(subject(small_saga()), options));
  for (const std::string& plan : plans) EXPECT_TRUE(explored.contains(plan)) << plan;
}

TEST(PlansOfADefinitionTest, EveryFaultOfACompensationFires) {
  for (const Saga& saga : {small_saga(), order_saga(), parallel_saga()}) {
    const std::vector<FaultPlan> plans = compensation_fault_plans(SagaIndex(saga));
    EXPECT_EQ(as_texts(plans).size(), plans.size());
    expect_all_fire(saga, plans);
  }
  // 25 kinds and 10 for-ever windows at the one compensation, 5 while it is waited for.
  EXPECT_EQ(compensation_fault_plans(SagaIndex(small_saga())).size(), 40U);
}

}  // namespace
}  // namespace saga_harness::explore_test
