// An order without a coordinator, tested as you would test yours. Everything comes with one include.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

#include <chrono>
#include <string>

namespace sh = saga_harness;
using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

// Each step says which events it waits for, what it tells the others, and what makes it undo its work.
const sh::Saga kOrderByEvents{
    .name = "order_choreography",
    .steps = {{.name = "create_order",
               .service = "order_service",
               .compensation = "cancel_order",
               .retry = {.attempts = 3},
               .on_event = {"order.requested"},
               .emits = {.success = "order.created", .failure = "order.rejected"},
               .compensate_on = {"inventory.insufficient", "payment.failed", "shipment.failed"}},
              {.name = "reserve_inventory",
               .service = "inventory_service",
               .compensation = "release_inventory",
               .retry = {.attempts = 3},
               .on_event = {"order.created"},
               .emits = {.success = "inventory.reserved", .failure = "inventory.insufficient"},
               .compensate_on = {"payment.failed", "shipment.failed"}},
              {.name = "process_payment",
               .service = "payment_service",
               .compensation = "refund_payment",
               .retry = {.attempts = 3},
               .on_event = {"order.created"},
               .emits = {.success = "payment.completed", .failure = "payment.failed"},
               .compensate_on = {"inventory.insufficient", "shipment.failed"}},
              {.name = "create_shipment",
               .service = "shipping_service",
               .retry = {.attempts = 3},
               .pivot = true,
               .on_event = {"inventory.reserved", "payment.completed"},  // both
               .emits = {.success = "shipment.scheduled", .failure = "shipment.failed"}}},
    .choreography = sh::Choreography{.starts_with = "order.requested"}};

sh::Scenario shop_by_events(const std::string& name) {
  return sh::load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + name + ".json");
}

// ---- one failure at a time

TEST(OrderChoreographyTest, CompletesWhenNothingFails) {
  sh::SagaTestHarness harness(
      kOrderByEvents);  // the reference choreography, ledger fakes, a bus in virtual time
  const sh::Run run = harness.start_saga({{"customer_id", "CUST-123"}});
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));  // nobody says so: it shows on the bus
  EXPECT_THAT(run, sh::CompensatedExactly());
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderChoreographyTest, ReleasesTheInventoryWhenPaymentFails) {
  sh::SagaTestHarness harness(kOrderByEvents);
  harness.fail({"payment_service", "process_payment"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_EQ(harness.effect("create_order").net(), 0);
  EXPECT_EQ(harness.effect("reserve_inventory").net(), 0);
  EXPECT_EQ(harness.effect("create_shipment").applied, 0U);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderChoreographyTest, ReservesOnceThoughTheEventComesTwice) {
  sh::SagaTestHarness harness(kOrderByEvents);
  harness.duplicate({"inventory_service", "reserve_inventory"});
  harness.lose_reply({"payment_service", "process_payment"});  // the bus delivers it again
  EXPECT_THAT(harness.start_saga(), sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(harness.effect("reserve_inventory").applied, 1U);
  EXPECT_EQ(harness.effect("process_payment").applied, 1U);
}

TEST(OrderChoreographyTest, DoesNotReserveOnceThePaymentHasFailed) {
  sh::SagaTestHarness harness(kOrderByEvents);
  harness.lose_request(
      {"inventory_service", "reserve_inventory"});  // so the failure of the payment overtakes it
  harness.fail({"payment_service", "process_payment"});
  EXPECT_THAT(harness.start_saga(), sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_EQ(harness.effect("reserve_inventory").applied, 0U);
}

TEST(OrderChoreographyTest, PublishesWhatItHasDoneThoughItDiesBeforeItCould) {
  sh::SagaTestHarness harness(kOrderByEvents);
  harness.plan("reserve_inventory@publish:participant_crash_before");
  EXPECT_THAT(harness.start_saga(), sh::EndsIn(sh::Outcome::kCompleted));
}

TEST(OrderChoreographyTest, CallsForAPersonWhenAnEventCannotBeHandled) {
  sh::SagaTestHarness harness(kOrderByEvents);
  harness.make_unavailable({"shipping_service", "create_shipment"}, sh::kAllAttempts);  // a dead letter
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kFlagged));
  EXPECT_THAT(run.flagged_steps, ElementsAre("create_order", "reserve_inventory", "process_payment"));
}

// ---- every failure there is

TEST(OrderChoreographyTest, SurvivesEveryPairOfFaults) {
  sh::SagaTestHarness harness(kOrderByEvents);
  const sh::Exploration exploration = harness.explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

TEST(OrderChoreographyTest, TheShopSurvivesThemToo) {
  for (const char* name : {"order_choreography", "order_choreography_parallel"}) {
    sh::SagaTestHarness harness(shop_by_events(name));
    EXPECT_THAT(harness.explore({.max_faults = 2}), sh::FindsNoViolation()) << name;
  }
}

// ---- handlers of your own, instead of the reference

// Does what is due and says so. It has neither inbox nor outbox.
sh::Handled naive(const sh::EventDelivery& event, sh::HandlerContext& handler_context) {
  const sh::Step& step = handler_context.index().step(event.operation.step);
  const sh::Reply reply = handler_context.perform();
  if (event.operation.operation == sh::Operation::kCompensation) return sh::Handled::kDone;
  handler_context.publish({.event = reply.ok() ? step.emits.success : step.emits.failure});
  return sh::Handled::kDone;
}

TEST(OrderChoreographyTest, ShowsWhatANaiveHandlerDoesWrong) {
  sh::SagaTestHarness harness(kOrderByEvents);
  harness.use_choreography(naive);
  EXPECT_THAT(harness.start_saga(), sh::Violates(sh::Rule::kAtMostOnce));  // it ships on either of two events
  const sh::Exploration exploration = harness.explore({.max_faults = 1});
  EXPECT_THAT(exploration, testing::Not(sh::FindsNoViolation()));
}

// ---- bugs of systems that were built in this way

// A tutorial: the order hears of a payment that failed, the inventory does not.
TEST(TutorialChoreographyTest, NeverReleasesTheInventoryOfAPaymentThatFailed) {
  sh::Saga tutorial = kOrderByEvents;
  tutorial.steps[1].compensate_on = {"shipment.failed"};
  const auto loose = sh::find_loose_events(tutorial);  // what `saga-harness check` says
  ASSERT_EQ(loose.size(), 1U);
  EXPECT_EQ(loose[0].pointer, "/steps/2/emits/failure");

  sh::SagaTestHarness harness(tutorial);
  harness.fail({"payment_service", "process_payment"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::Violates(sh::Rule::kTruthfulOutcome));
  EXPECT_EQ(harness.effect("reserve_inventory").net(), 1);
}

// Its bus prints the exception of a handler and goes on.
TEST(TutorialChoreographyTest, SwallowsTheErrorsOfItsHandlers) {
  sh::SagaTestHarness harness(
      sh::experiment(shop_by_events("order_choreography_parallel"), "handler_error_swallowed"));
  harness.make_unavailable({"inventory_service", "reserve_inventory"});
  EXPECT_THAT(harness.start_saga(), sh::Violates(sh::Rule::kTerminates));
}

// It takes the items one by one and lets go of none when one of them runs out.
TEST(TutorialChoreographyTest, KeepsItemsOfAReservationThatIsRefused) {
  sh::Scenario scenario = shop_by_events("order_choreography_parallel");
  scenario.participants["inventory_service"].amounts["PROD-2"] = 0;
  sh::SagaTestHarness harness(sh::experiment(scenario, sh::kReference, "partial_batch"));
  EXPECT_THAT(harness.start_saga(), sh::Violates(sh::Rule::kTruthfulOutcome));
}

// Cliffracer: a step that cannot tell of its success counts as failed, though it is done.
TEST(CliffracerChoreographyTest, UndoesAFinishedSagaWhoseLastEventWasNotConfirmed) {
  sh::SagaTestHarness harness(kOrderByEvents);
  harness.use_choreography(
      [](std::string_view service) {
        return [reference = sh::choreography()(service)](const sh::EventDelivery& event,
                                                         sh::HandlerContext& handler_context) {
          const bool is_last = event.operation == sh::OperationId{3, sh::Operation::kAction};
          const auto came = handler_context.text({"came ", event.message_id});
          if (is_last && handler_context.knows(came)) {  // so the delivery before was not acknowledged
            handler_context.emit({.event = "shipment.failed",
                                  .correlation_id = event.correlation_id,
                                  .auth_token = event.auth_token});
            return sh::Handled::kDone;
          }
          const sh::Handled word = reference(event, handler_context);
          if (is_last) handler_context.keep(came);
          return word;
        };
      },
      sh::choreography_claims());
  harness.lose_reply({"shipping_service", "create_shipment"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::Violates(sh::Rule::kSilenceAfterEnd));
  EXPECT_THAT(run, sh::Violates(sh::Rule::kTruthfulOutcome));
}

}  // namespace
