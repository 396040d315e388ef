// The order saga of the design page under every triple of faults.

#include <chrono>

#include "properties.hpp"

namespace saga_harness::property_test {
namespace {

using std::chrono_literals::operator""s;

const Saga kOrder{
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

TEST(OrderSagaHeavyTest, TheReferenceUpholdsEverythingUnderThreeFaults) {
  const Exploration exploration = SagaTestHarness(kOrder).explore({.max_faults = 3});
  EXPECT_THAT(exploration, FindsNoViolation());
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_GT(exploration.schedules, 500'000U);
  EXPECT_EQ(exploration.count(CellStatus::kHeld), exploration.cells.size());
}

}  // namespace
}  // namespace saga_harness::property_test
