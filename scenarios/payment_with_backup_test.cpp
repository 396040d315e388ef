// A payment with a backup method: forward recovery, taken only when the first way has certainly charged
// nothing.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace sh = saga_harness;

namespace {

sh::Scenario shop_with_backup() {
  return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_processing_fallback.json");
}

sh::Context order() { return shop_with_backup().saga.context; }

TEST(PaymentWithBackupTest, ChargesTheBackupWhenTheCardIsDeclined) {
  sh::SagaTestHarness harness(shop_with_backup());
  harness.fail({"payment_service", "process_payment"});
  const sh::Run run = harness.start_saga(order());
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("process_payment", "charge_backup_method", "create_shipment"));
  EXPECT_EQ(harness.effect("process_payment").applied, 1U);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(PaymentWithBackupTest, DoesNotChargeTheBackupWhenTheCardMayHaveBeenCharged) {
  sh::SagaTestHarness harness(shop_with_backup());
  harness.lose_reply({"payment_service", "process_payment"}, sh::kWholeBudget);
  const sh::Run run = harness.start_saga(order());
  EXPECT_THAT(run, sh::NeverCalled("payment_service", "charge_backup_method"));
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::Keeps("payment_service/CUST-123"));
}

TEST(PaymentWithBackupTest, CancelsTheOrderWhenBothAreDeclined) {
  sh::SagaTestHarness harness(shop_with_backup());
  harness.fail({"payment_service", "process_payment"});
  harness.fail({"payment_service", "charge_backup_method"});
  const sh::Run run = harness.start_saga(order());
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedExactly("reserve_inventory", "create_order"));
}

TEST(PaymentWithBackupTest, RefundsTheBackupWhenThereIsNoShipment) {
  sh::SagaTestHarness harness(shop_with_backup());
  harness.fail({"payment_service", "process_payment"});
  harness.fail({"shipping_service", "create_shipment"});
  const sh::Run run = harness.start_saga(order());
  EXPECT_THAT(run, sh::CompensatedInOrder("refund_payment", "release_inventory", "cancel_order"));
  EXPECT_THAT(run, sh::Keeps("payment_service/CUST-123"));
}

TEST(PaymentWithBackupTest, SurvivesEveryPairOfFaults) {
  const sh::Exploration exploration = sh::SagaTestHarness(shop_with_backup()).explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

}  // namespace
