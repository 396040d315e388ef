// The order saga of the design page under every triple of faults.

#include <chrono>

#include <saga_harness/scenario.hpp>

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

Exploration explore_file(const std::string& name, int max_faults) {
  const Scenario scenario = load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/" + name + ".json");
  return explore(experiment(scenario), {.max_faults = max_faults});
}

TEST(ScenariosHeavyTest, AreUpheldUnderTwoFaults) {
  for (const char* const name :
       {"order_processing_fallback", "order_processing_short_stock", "travel_booking", "wiki_generation"}) {
    const Exploration exploration = explore_file(name, 2);
    EXPECT_THAT(exploration, FindsNoViolation()) << name;
    EXPECT_TRUE(exploration.exhausted);
    EXPECT_THAT(exploration.undeclared, testing::IsEmpty()) << name;
  }
}

TEST(ScenariosHeavyTest, AMoneyTransferIsUpheldUnderThreeFaults) {
  const Exploration exploration = explore_file("money_transfer", 3);
  EXPECT_THAT(exploration, FindsNoViolation());
  EXPECT_TRUE(exploration.exhausted);
}

}  // namespace
}  // namespace saga_harness::property_test
