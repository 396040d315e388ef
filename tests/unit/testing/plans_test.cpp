#include <saga_harness/plans.hpp>

#include <set>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::Contains;
using testing::MatchesRegex;
using testing::Not;

std::string name_of_case(const FaultPlan& plan, std::size_t index = 0) { return PlanName()({plan, index}); }

TEST(SingleFaultPlansTest, AreTheSchedulesOfASearchWithOneFault) {
  SagaTestHarness harness(order_saga());
  const Exploration exploration = harness.explore({.max_faults = 1});
  const std::vector<FaultPlan> plans = striking_plans(order_saga());
  EXPECT_EQ(plans.size() + 1, exploration.schedules) << "the one besides is that without a fault";
  EXPECT_THAT(plans, Contains(parse_plan("pay.action#1:reply_lost")));
  EXPECT_THAT(plans, Contains(parse_plan("pay.action#*:reply_lost")));
}

TEST(SingleFaultPlansTest, HaveOneFaultThatStrikes) {
  for (const FaultPlan& plan : striking_plans(order_saga())) {
    SagaTestHarness harness(order_saga());
    EXPECT_EQ(plan.size(), 1U);
    EXPECT_EQ(harness.run(plan).fired, plan);
  }
}

TEST(SingleFaultPlansTest, FollowTheCoordinatorThatIsTested) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator([](Runtime& runtime) {
    runtime.call({.service = "stock", .action = "reserve"});
    runtime.report(Outcome::kFlagged);
  });
  const std::vector<FaultPlan> plans = striking_plans(harness.experiment());
  EXPECT_THAT(plans, Contains(parse_plan("reserve.action#1:reply_lost")));
  EXPECT_THAT(plans, Not(Contains(parse_plan("pay.action#1:reply_lost"))));
}

class EveryPlan : public testing::TestWithParam<FaultPlan> {};

TEST_P(EveryPlan, StrikesAndIsUpheldByTheReference) {
  SagaTestHarness harness(order_saga());
  harness.plan(GetParam());
  EXPECT_THAT(harness.start_saga(), UpholdsAllInvariants());
}

INSTANTIATE_TEST_SUITE_P(Compensations, EveryPlan, CompensationFaultPlans(order_saga()), PlanName());

TEST(PlanNameTest, IsReadable) {
  EXPECT_EQ(name_of_case(parse_plan("process_payment.action#1:reply_lost")),
            "process_payment_action_1_reply_lost");
  EXPECT_EQ(name_of_case(parse_plan("pay.action#2..heal:reply_lost")), "pay_action_2_heal_reply_lost");
  EXPECT_EQ(name_of_case(parse_plan("pay.action#1@after_call:coordinator_crash")),
            "pay_action_1_after_call_coordinator_crash");
  EXPECT_EQ(name_of_case(parse_plan("saga#1@before_end:coordinator_crash")),
            "saga_1_before_end_coordinator_crash");
  EXPECT_EQ(name_of_case(parse_plan("a.action#1:rejected, b.compensation#*:unavailable")),
            "a_action_1_rejected_and_b_compensation_1_forever_unavailable");
  EXPECT_EQ(name_of_case({}), "no_faults");
}

TEST(PlanNameTest, IsUniqueAndPlainWhateverTheStepsAreCalled) {
  Saga saga = order_saga();
  saga.steps[0].name = "take-it";
  saga.steps[1].name = "take_it";
  saga.steps[2].name = "tr\xC3\xA8s/bien";
  const std::vector<FaultPlan> plans = striking_plans(saga);
  std::set<std::string> names;
  for (std::size_t index = 0; index < plans.size(); ++index) {
    names.insert(name_of_case(plans[index], index));
    EXPECT_THAT(*names.rbegin(), MatchesRegex("[A-Za-z0-9_]+"));
  }
  EXPECT_EQ(names.size(), plans.size());
}

}  // namespace
}  // namespace saga_harness
