#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <saga_harness/testing.hpp>

namespace sh = saga_harness;
using namespace std::chrono_literals;

namespace {

const sh::Saga kOrder{
    .name = "order_processing",
    .steps = {
        {.name = "create_order", .service = "order_service", .compensation = "cancel_order"},
        {.name = "reserve_inventory", .service = "inventory_service", .compensation = "release_inventory"},
        {.name = "process_payment",
         .service = "payment_service",
         .compensation = "refund_payment",
         .timeout = 10s,
         .retry = {.attempts = 3}},
        {.name = "create_shipment", .service = "shipping_service", .compensation = "cancel_shipment"},
        {.name = "confirm_order", .service = "order_service", .pivot = true}}};

TEST(OrderSagaTest, UndoesEverythingWhenPaymentIsRejected) {
  sh::SagaTestHarness harness(kOrder);
  harness.fail({"payment_service", "process_payment"});
  const sh::Run run = harness.start_saga({{"customer_id", "CUST-123"}});
  EXPECT_EQ(run.outcome, sh::Outcome::kCompensated);
  EXPECT_TRUE(harness.was_called("order_service", "cancel_order"));
  EXPECT_THAT(run, sh::CompensatedInOrder("release_inventory", "cancel_order"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderSagaTest, SurvivesEveryPairOfFaults) {
  sh::SagaTestHarness harness(kOrder);
  EXPECT_THAT(harness.explore({.max_faults = 2}), sh::FindsNoViolation());
}

}  // namespace
