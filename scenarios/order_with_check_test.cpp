// An order that looks before it acts: at the stock, and whether the customer is good for the sum. Neither
// leaves anything, so neither can be undone, and neither has to be.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace sh = saga_harness;

namespace {

sh::Scenario order_with_check() {
  return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_with_check.json");
}

std::int64_t left_of(const sh::SagaTestHarness& harness, std::string_view name) {
  for (const sh::Quantity& quantity : harness.ledger().quantities) {
    if (quantity.name == name) return quantity.at_end;
  }
  return -1;
}

TEST(OrderWithCheckTest, IsTheSameInCode) {
  const sh::Saga in_code{
      .name = "order_with_check",
      .steps = {{.name = "look_up_stock",
                 .service = "inventory_service",
                 .retry = {.attempts = 2},
                 .has_effect = false},
                {.name = "reserve_inventory",
                 .service = "inventory_service",
                 .compensation = "release_inventory"},
                {.name = "check_credit",
                 .service = "credit_service",
                 .fallback = "check_credit_elsewhere",
                 .has_effect = false},
                {.name = "process_payment", .service = "payment_service", .compensation = "refund_payment"},
                {.name = "confirm_order", .service = "order_service", .pivot = true}},
      .context = order_with_check().saga.context};
  EXPECT_EQ(order_with_check().saga, in_code);
}

TEST(OrderWithCheckTest, LooksAtStockAndCreditAndLeavesThemAlone) {
  sh::SagaTestHarness harness(order_with_check());
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("look_up_stock", "reserve_inventory", "check_credit", "process_payment",
                                    "confirm_order"));
  EXPECT_EQ(harness.effect("look_up_stock").applied, 0U);
  EXPECT_EQ(harness.effect("check_credit").applied, 0U);
  EXPECT_EQ(left_of(harness, "credit_service/CUST-123"), 20'000);
  EXPECT_EQ(left_of(harness, "inventory_service/PROD-1 reserved"), 2);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithCheckTest, NeedsNobodyWhenThePaymentFails) {
  sh::SagaTestHarness harness(order_with_check());
  harness.fail({"payment_service", "process_payment"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedExactly("reserve_inventory"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithCheckTest, ACreditThatDoesNotSufficeUndoesTheReservation) {
  sh::Scenario scenario = order_with_check();
  scenario.saga.context = sh::Context::parse(
      R"({"customer_id":"CUST-123","items":[{"product_id":"PROD-1","quantity":2}],"total_amount":300})");
  scenario.expects = sh::Outcome::kCompensated;
  sh::SagaTestHarness harness(scenario);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedExactly("reserve_inventory"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithCheckTest, AsksElsewhereThoughTheFirstMayHaveLooked) {
  sh::SagaTestHarness harness(order_with_check());
  harness.lose_reply({"credit_service", "check_credit"}, sh::kWholeBudget);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("check_credit", "check_credit_elsewhere", "process_payment"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithCheckTest, SurvivesEveryPairOfFaults) {
  const sh::Exploration exploration = sh::SagaTestHarness(order_with_check()).explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

}  // namespace
