#include <gtest/gtest-spi.h>

#include <saga_harness/mock_participant.hpp>
#include <saga_harness/printers.hpp>
#include <saga_harness/random_plans.hpp>
#include <saga_harness/rapidcheck.hpp>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintersTest, ShowOptionsAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(FaultPlanOptions{.max_faults = 3}), "FaultPlanOptions{.max_faults = 3}");
  EXPECT_EQ(PrintToString(SagaOptions{.max_steps = 3}), "SagaOptions{.max_steps = 3}");
  EXPECT_EQ(PrintToString(SagaOptions{.checks = true}), "SagaOptions{.checks = true}");
  EXPECT_EQ(PrintToString(SagaOptions{.compensated_if_refused = true}),
            "SagaOptions{.compensated_if_refused = true}");
}

TEST(PrintersTest, ShowNoBytesWhereAMockRefusesACall) {
  std::string failures;
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    SagaTestHarness harness(order_saga());
    testing::StrictMock<MockParticipant> payment;
    EXPECT_CALL(payment, handle(testing::Field(&Delivery::action, "refund"), testing::_)).Times(0);
    harness.use_participant(order_saga().steps.back().service, payment);
    static_cast<void>(harness.start_saga());
  }
  for (int i = 0; i < results.size(); ++i) failures += results.GetTestPartResult(i).message();
  EXPECT_THAT(failures, testing::HasSubstr("Delivery{.saga_id = \"order-1\""));
  EXPECT_THAT(failures, testing::HasSubstr("EffectRecorder"));
  EXPECT_THAT(failures, testing::Not(testing::HasSubstr("-byte object")));
}

TEST(PrintersTest, ShowPlansOnOneLine) {
  const FaultPlan plan = parse_plan("pay.action#2:reply_lost, refund.compensation#*:unavailable");
  EXPECT_EQ(PrintToString(plan), "pay.action#2:reply_lost, refund.compensation#*:unavailable");
  EXPECT_EQ(PrintToString(plan.faults[0]), "pay.action#2:reply_lost");
  EXPECT_EQ(PrintToString(FaultPlan{}), "none");
  EXPECT_EQ(rc::toString(plan), PrintToString(plan));
}

TEST(PrintersTest, ShowRunsInOneLine) {
  SagaTestHarness harness(order_saga());
  EXPECT_EQ(PrintToString(harness.start_saga()), "a run of order that ended completed under the plan none");
  EXPECT_EQ(PrintToString(harness.run(parse_plan("pay:rejected, release#*:unavailable"))),
            "a run of order that ended flagged (reserve) under the plan pay.action#1:rejected, "
            "reserve.compensation#*:unavailable");
  harness.use_coordinator(orchestrator(OrchestratorBug::kSkipsFirst));
  EXPECT_EQ(PrintToString(harness.run(parse_plan("pay:rejected"))),
            "a run of order that ended compensated under the plan pay.action#1:rejected, violating 1 rule");
}

TEST(PrintersTest, ShowSagasAsJson) {
  EXPECT_EQ(PrintToString(order_saga()), to_json(order_saga()));
  EXPECT_EQ(rc::toString(order_saga()), to_json(order_saga()));
}

TEST(MisuseUnderAPlanTest, NamesThePlanOfATest) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator([](Runtime& runtime) {
    if (!runtime.call({.service = "stock", .action = "reserve"}).ok())
      static_cast<void>(runtime.call({.service = "stock", .action = "give_up"}));
    runtime.report(Outcome::kFlagged);
  });
  EXPECT_NO_THROW(static_cast<void>(harness.start_saga()));
  std::string message;
  try {
    static_cast<void>(harness.run(parse_plan("reserve:rejected")));
  } catch (const Error& error) {
    message = error.what();
  }
  EXPECT_THAT(message, testing::StartsWith("under the plan reserve.action#1:rejected: "));
}

}  // namespace
}  // namespace saga_harness
