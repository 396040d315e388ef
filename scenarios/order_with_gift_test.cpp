// An order whose gift wrap and receipt are wanted, but not worth losing the order for: both are optional.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace sh = saga_harness;

namespace {

sh::Scenario order_with_gift() {
  return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_with_gift.json");
}

TEST(OrderWithGiftTest, DoesAllWhereNothingFails) {
  sh::SagaTestHarness harness(order_with_gift());
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("reserve_inventory", "wrap_gift", "process_payment", "send_receipt"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithGiftTest, GoesOnWithoutTheWrap) {
  sh::SagaTestHarness harness(order_with_gift());
  harness.fail({"gift_service", "wrap_gift"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CompensatedExactly());
  EXPECT_EQ(harness.effect("wrap_gift").net(), 0);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithGiftTest, KeepsAWrapThatItDoesNotKnowOfWhileAllGoesWell) {
  sh::SagaTestHarness harness(order_with_gift());
  harness.lose_reply({"gift_service", "wrap_gift"}, sh::kWholeBudget);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(harness.effect("wrap_gift").net(), 1);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithGiftTest, UnwrapsWhatMayBeWrappedWhenThePaymentFails) {
  sh::SagaTestHarness harness(order_with_gift());
  harness.lose_reply({"gift_service", "wrap_gift"}, sh::kWholeBudget);
  harness.fail({"payment_service", "process_payment"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedInOrder("unwrap_gift", "release_inventory"));
  EXPECT_EQ(harness.effect("wrap_gift").net(), 0);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithGiftTest, UnwrapsNothingThatWasRefused) {
  sh::SagaTestHarness harness(order_with_gift());
  harness.fail({"gift_service", "wrap_gift"});
  harness.fail({"payment_service", "process_payment"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedExactly("reserve_inventory"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithGiftTest, AReceiptThatCannotBeSentCallsForNobody) {
  sh::SagaTestHarness harness(order_with_gift());
  harness.fail({"mail_service", "send_receipt"});
  EXPECT_THAT(harness.start_saga(), sh::EndsIn(sh::Outcome::kCompleted));
}

TEST(OrderWithGiftTest, SurvivesEveryPairOfFaults) {
  const sh::Exploration exploration = sh::SagaTestHarness(order_with_gift()).explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

}  // namespace
