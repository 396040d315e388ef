// An order whose bank may keep a hold on the amount though it refuses the payment. So the hold is released in
// every order that fails, also where the step that failed is the payment itself.
#include <saga_harness/imperative.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

#include "plain_coordinator.hpp"

namespace sh = saga_harness;

namespace {

sh::Scenario order_with_hold() {
  return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_with_hold.json");
}

TEST(OrderWithHoldTest, IsTheSameInCode) {
  const sh::Saga in_code{
      .name = "order_with_hold",
      .steps = {{.name = "create_order", .service = "order_service", .compensation = "cancel_order"},
                {.name = "reserve_inventory",
                 .service = "inventory_service",
                 .compensation = "release_inventory"},
                {.name = "hold_amount",
                 .service = "payment_service",
                 .compensation = "release_hold",
                 .fallback = "hold_on_second_card",
                 .compensation_retry = {.attempts = 2},
                 .compensated_if_refused = true},
                {.name = "confirm_order", .service = "order_service", .pivot = true}},
      .context = order_with_hold().saga.context};
  EXPECT_EQ(order_with_hold().saga, in_code);
}

TEST(OrderWithHoldTest, ReleasesTheHoldOfARefusedPayment) {
  sh::SagaTestHarness harness(order_with_hold());
  harness.fail({"payment_service", "hold_amount"}).fail({"payment_service", "hold_on_second_card"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedInOrder("release_hold", "release_inventory", "cancel_order"));
  EXPECT_EQ(harness.effect("hold_amount").applied, 0U);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithHoldTest, CallsAPersonWhereTheHoldCannotBeReleased) {
  sh::SagaTestHarness harness(order_with_hold());
  harness.fail({"payment_service", "hold_amount"}).fail({"payment_service", "hold_on_second_card"});
  harness.fail({"payment_service", "release_hold"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kFlagged));
  EXPECT_THAT(run.flagged_steps, testing::ElementsAre("hold_amount"));
  EXPECT_THAT(run, sh::CompensatedExactly("release_inventory", "cancel_order"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithHoldTest, ReleasesNothingWhereTheHoldWasNeverAskedFor) {
  sh::SagaTestHarness harness(order_with_hold());
  harness.fail({"inventory_service", "reserve_inventory"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_FALSE(harness.was_called("payment_service", "release_hold"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderWithHoldTest, SurvivesEveryPairOfFaults) {
  const sh::Exploration exploration = sh::SagaTestHarness(order_with_hold()).explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

TEST(OrderWithHoldTest, SoDoCoordinatorsOfOnesOwn) {
  sh::SagaTestHarness plain(order_with_hold());
  plain.use_coordinator(sh::plain_coordinator(), sh::PlainCoordinator::claims());
  EXPECT_THAT(plain.explore({.max_faults = 2}), sh::FindsNoViolation());
  sh::SagaTestHarness imperative(order_with_hold());
  imperative.use_coordinator(
      sh::imperative([](sh::ImperativeSaga& saga) {
        for (const char* step : {"create_order", "reserve_inventory", "hold_amount", "confirm_order"})
          saga.execute_step(step);
        saga.commit();
      }),
      sh::imperative_claims());
  EXPECT_THAT(imperative.explore({.max_faults = 2}), sh::FindsNoViolation());
}

}  // namespace
