// A mail cannot be unsent: the step comes last, and where it may have gone out a person is told.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace sh = saga_harness;
using testing::ElementsAre;

namespace {

sh::Scenario shop_with_mail() {
  return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_notification.json");
}

TEST(OrderNotificationTest, SendsTheMailWhenAllIsDone) {
  sh::SagaTestHarness harness(shop_with_mail());
  const sh::Run run = harness.start_saga(shop_with_mail().saga.context);
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("process_payment", "send_order_confirmation"));
}

TEST(OrderNotificationTest, SendsNothingWhenThePaymentFails) {
  sh::SagaTestHarness harness(shop_with_mail());
  harness.fail({"payment_service", "process_payment"});
  const sh::Run run = harness.start_saga(shop_with_mail().saga.context);
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::NeverCalled("notification_service", "send_order_confirmation"));
}

TEST(OrderNotificationTest, SendsItOnceThoughTheAnswerIsLost) {
  sh::SagaTestHarness harness(shop_with_mail());
  harness.lose_reply({"notification_service", "send_order_confirmation"});
  EXPECT_THAT(harness.start_saga(shop_with_mail().saga.context), sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(harness.effect("send_email").applied, 1U);
}

TEST(OrderNotificationTest, UndoesTheOrderWhenTheMailWasCertainlyNotSent) {
  sh::SagaTestHarness harness(shop_with_mail());
  harness.fail({"notification_service", "send_order_confirmation"});
  const sh::Run run = harness.start_saga(shop_with_mail().saga.context);
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::Keeps("payment_service/CUST-123"));
}

TEST(OrderNotificationTest, CallsForAPersonWhenTheMailMayHaveBeenSent) {
  sh::SagaTestHarness harness(shop_with_mail());
  harness.lose_reply({"notification_service", "send_order_confirmation"}, sh::kWholeBudget);
  const sh::Run run = harness.start_saga(shop_with_mail().saga.context);
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kFlagged));
  EXPECT_THAT(run.flagged_steps, ElementsAre("send_email"));
  EXPECT_THAT(run, sh::CompensatedExactly("process_payment", "create_order"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderNotificationTest, SurvivesEveryPairOfFaults) {
  const sh::Exploration exploration = sh::SagaTestHarness(shop_with_mail()).explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

}  // namespace
