// The order saga, tested as you would test yours. Everything comes with one include, properties with another.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

#include <saga_harness/rapidcheck.hpp>

#include <chrono>

namespace sh = saga_harness;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::NiceMock;

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

// The same saga with its stock and its accounts, as the command line reads it.
sh::Scenario shop() { return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json"); }

// ---- one failure at a time

TEST(OrderSagaTest, CompletesWhenNothingFails) {
  sh::SagaTestHarness harness(kOrder);
  const sh::Run run = harness.start_saga({{"customer_id", "CUST-123"}});
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("create_order", "reserve_inventory", "process_payment", "create_shipment",
                                    "confirm_order"));
  EXPECT_THAT(run, sh::CompensatedExactly());
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderSagaTest, UndoesEverythingWhenPaymentIsRejected) {
  sh::SagaTestHarness harness(kOrder);  // reference orchestrator, ledger fakes, virtual time
  harness.fail({"payment_service", "process_payment"});
  const sh::Run run = harness.start_saga({{"customer_id", "CUST-123"}});
  EXPECT_EQ(run.outcome, sh::Outcome::kCompensated);
  EXPECT_TRUE(harness.was_called("order_service", "cancel_order"));
  EXPECT_THAT(run, sh::CompensatedInOrder("release_inventory", "cancel_order"));
  EXPECT_THAT(run, sh::NeverCalled("shipping_service", "create_shipment"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderSagaTest, RefundsAPaymentWhoseReplyWasLost) {
  sh::SagaTestHarness harness(kOrder);
  harness.lose_reply({"payment_service", "process_payment"}, sh::kWholeBudget);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedInOrder("refund_payment", "release_inventory", "cancel_order"));
  EXPECT_EQ(harness.effect("process_payment").net(), 0);
}

TEST(OrderSagaTest, RetriesHideATransientFault) {
  sh::SagaTestHarness harness(kOrder);
  harness.make_unavailable({"payment_service", "process_payment"});
  harness.lose_reply({"payment_service", "process_payment"}, sh::on_attempt(2));
  EXPECT_THAT(harness.start_saga(), sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(harness.call_count("payment_service", "process_payment"), 3U);
  EXPECT_EQ(harness.effect("process_payment").applied, 1U);
}

TEST(OrderSagaTest, RefundsWhenThereIsNoShipment) {
  sh::SagaTestHarness harness(kOrder);
  harness.fail(sh::at_step("create_shipment"));
  EXPECT_THAT(harness.start_saga(),
              AllOf(sh::EndsIn(sh::Outcome::kCompensated),
                    sh::CompensatedExactly("process_payment", "reserve_inventory", "create_order")));
}

TEST(OrderSagaTest, FlagsTheStockThatCannotBeReleased) {
  sh::SagaTestHarness harness(kOrder);
  harness.fail({"payment_service", "process_payment"});
  harness.make_unavailable({"inventory_service", "release_inventory"}, sh::kAllAttempts);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kFlagged));
  EXPECT_THAT(run.flagged_steps, ElementsAre("reserve_inventory"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(OrderSagaTest, ResumesAfterACrashBehindThePayment) {
  sh::SagaTestHarness harness(kOrder);
  harness.crash_coordinator({"payment_service", "process_payment"}, sh::Instant::kAfterCall);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(harness.effect("process_payment").applied, 1U) << "the customer paid twice";
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

// ---- business quantities

TEST(OrderSagaTest, MovesNeitherStockNorMoneyWhenShipmentFails) {
  sh::SagaTestHarness harness(shop());
  harness.fail({"shipping_service", "create_shipment"});
  harness.duplicate({"payment_service", "process_payment"}, sh::Copy::kLater);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::Keeps("inventory_service/PROD-1 reserved"));
  EXPECT_THAT(run, sh::Keeps("payment_service/CUST-123"));
  EXPECT_THAT(run, sh::Keeps("payment_service/all money"));
}

TEST(OrderSagaTest, RejectsWhatIsNotInStock) {
  sh::SagaTestHarness harness(shop());
  harness.expects(sh::Outcome::kCompensated);  // nothing else has to fail
  const sh::Run run =
      harness.start_saga({{"customer_id", "CUST-123"},
                          {"items", sh::Json::parse(R"([{"product_id": "PROD-1", "quantity": 11}])")},
                          {"total_amount", 99.99}});
  EXPECT_THAT(run, sh::CompensatedExactly("cancel_order"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

// ---- a participant of one's own

TEST(OrderSagaTest, SendsTheKeyOfThePaymentAgain) {
  NiceMock<sh::MockParticipant> payment;  // a ledger fake where nothing is expected
  std::vector<std::string> keys;
  EXPECT_CALL(payment, handle(Field(&sh::Delivery::action, "process_payment"), testing::_))
      .Times(2)
      .WillRepeatedly([&](const sh::Delivery& delivery, sh::EffectRecorder&) {
        keys.emplace_back(delivery.idempotency_key);
        return sh::Reply{.status = keys.size() == 1 ? sh::ReplyStatus::kUnavailable : sh::ReplyStatus::kOk};
      });
  sh::SagaTestHarness harness(kOrder);
  harness.use_participant("payment_service", payment);
  EXPECT_THAT(harness.start_saga(), sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(keys, ElementsAre(keys.at(0), keys.at(0)));
}

// ---- every failure

class OrderSagaUnderOneFault : public testing::TestWithParam<sh::FaultPlan> {};

TEST_P(OrderSagaUnderOneFault, UpholdsAllInvariants) {
  sh::SagaTestHarness harness(kOrder);
  harness.plan(GetParam());
  EXPECT_THAT(harness.start_saga(), sh::UpholdsAllInvariants());
}

INSTANTIATE_TEST_SUITE_P(Forward, OrderSagaUnderOneFault, sh::SingleFaultPlans(kOrder), sh::PlanName());
INSTANTIATE_TEST_SUITE_P(Backward, OrderSagaUnderOneFault, sh::CompensationFaultPlans(kOrder),
                         sh::PlanName());

TEST(OrderSagaTest, SurvivesEveryPairOfFaults) {
  EXPECT_THAT(sh::SagaTestHarness(shop()).explore({.max_faults = 2}), sh::FindsNoViolation());
}

RC_GTEST_PROP(OrderSagaTest, EveryFailureEndsCompensatedOrFlagged, ()) {
  const sh::FaultPlan plan = *sh::gen::fault_plan(kOrder, {.max_faults = 3});
  sh::SagaTestHarness harness(kOrder);
  RC_ASSERT(sh::upheld(harness, plan));
}

// ---- a coordinator of one's own, with a bug: a step that does not answer is taken as not done

void place_order(sh::Runtime& runtime) {
  const std::vector<sh::Step>& steps = runtime.saga().steps;
  std::size_t done = 0;
  while (done < steps.size()) {
    if (!runtime.call({.service = steps[done].service, .action = steps[done].action}).ok()) break;
    ++done;
  }
  if (done == steps.size()) return runtime.report(sh::Outcome::kCompleted);
  while (done-- > 0) runtime.call({.service = steps[done].service, .action = steps[done].compensation});
  runtime.report(sh::Outcome::kCompensated);
}

TEST(HopefulCoordinatorTest, IsFoundOutWithASingleFault) {
  sh::SagaTestHarness harness(kOrder);
  harness.use_coordinator(place_order);
  const sh::Exploration exploration = harness.explore({.max_faults = 1});
  EXPECT_THAT(exploration, sh::Violates(sh::Rule::kTruthfulOutcome));
  ASSERT_FALSE(exploration.findings.empty());
  EXPECT_EQ(exploration.findings[0].plan.size(), 1U);
}

TEST(HopefulCoordinatorTest, ForgetsAPaymentWhoseReplyWasLost) {
  sh::SagaTestHarness harness(kOrder);
  harness.use_coordinator(place_order);
  harness.lose_reply({"payment_service", "process_payment"});
  EXPECT_THAT(harness.start_saga(), sh::Violates(sh::Rule::kTruthfulOutcome));
  EXPECT_EQ(harness.effect("process_payment").net(), 1) << "paid for nothing";
}

}  // namespace
