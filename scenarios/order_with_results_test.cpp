// An order whose steps work with what earlier steps were answered: who ships needs the reservation and the
// payment, who refunds names the payment that was made, the amount that was charged, and the customer.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace sh = saga_harness;
using testing::Eq;

namespace {

sh::Scenario order_with_results() {
  return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_with_results.json");
}

TEST(OrderWithResultsTest, TheRefundCarriesTheIdThatThePaymentReturned) {
  sh::SagaTestHarness harness(order_with_results());
  harness.fail("create_shipment");
  const sh::Run run = harness.start_saga();
  const sh::CallMade payment = harness.calls("payment_service", "process_payment").front();
  EXPECT_THAT(run, sh::CalledWith("payment_service", "refund_payment",
                                  sh::Carries("/payment", *payment.answer_at("/id"))));
}

TEST(OrderWithResultsTest, WhatTheFallbackReturnedIsUsedAsWell) {
  sh::SagaTestHarness harness(order_with_results());
  harness.fail("process_payment").fail("confirm_order");
  const sh::Run run = harness.start_saga();
  const sh::CallMade later = harness.calls("payment_service", "charge_later").front();
  EXPECT_THAT(run, sh::CalledWith("shipping_service", "create_shipment",
                                  sh::Carries("/payment", *later.answer_at("/id"))));
  EXPECT_THAT(run, sh::CalledWith("payment_service", "refund_payment", sh::Carries("/amount", Eq("99.99"))));
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
}

TEST(OrderWithResultsTest, AResultOutlivesACrash) {
  sh::SagaTestHarness harness(order_with_results());
  harness.crash_coordinator("process_payment", sh::Instant::kAfterResult).fail("create_shipment");
  const sh::Run run = harness.start_saga();
  const sh::CallMade refund = harness.calls("payment_service", "refund_payment").front();
  EXPECT_GT(refund.incarnation, 1);
  EXPECT_EQ(refund.payload_at("/payment"), R"("order_with_results-1/process_payment/id/1")");
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithResultsTest, ReservationAndPaymentAreUnderWayTogetherAndTheShipmentWaits) {
  sh::SagaTestHarness harness(order_with_results());
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::Overlapped("reserve_inventory", "process_payment"));
  EXPECT_THAT(run, sh::Before("process_payment", "create_shipment"));
  EXPECT_THAT(run, sh::CalledTimes("payment_service", "refund_payment", Eq(0U)));
}

TEST(OrderWithResultsTest, AShipmentThatNobodyCanNameIsFlagged) {
  sh::SagaTestHarness harness(order_with_results());
  harness.lose_reply("create_shipment");
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kFlagged));
  EXPECT_THAT(run.flagged_steps, testing::ElementsAre("create_shipment"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithResultsTest, UnderEveryTwoFaultsTheDataIsRight) {
  sh::SagaTestHarness harness(order_with_results());
  EXPECT_THAT(harness.explore({.max_faults = 2}), sh::FindsNoViolation());
}

}  // namespace
