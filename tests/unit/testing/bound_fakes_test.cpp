// What fakes answer where a step declares results, and what they undo where a compensation says what.

#include <string>

#include <saga_harness/testing.hpp>

#include "support.hpp"

namespace saga_harness {
namespace {

constexpr std::string_view kBought = "pay";

Saga paid() {
  Saga saga{.name = "order", .steps = {{.name = "pay", .service = "bank", .compensation = "refund"}}};
  saga.steps[0].input = {{"customer", context("/who")}, {"amount", context("/total")}};
  saga.steps[0].result = {{"id"}, {"fee", ResultType::kNumber}, {"/data/ok", ResultType::kBoolean}};
  saga.steps[0].compensation_input = {{"payment", result("pay", "/id")}, {"amount", context("/total")}};
  saga.context = {{"who", "C-1"}, {"total", 5}};
  return saga;
}

/// Pays, then refunds with this payload, under a key or none.
Coordinator refunds_with(std::string payload, bool with_key = true) {
  return [payload = std::move(payload), with_key](Runtime& runtime) {
    if (runtime.incarnation() > 1) return;
    const Reply paid = runtime.call({.service = "bank",
                                     .action = kBought,
                                     .idempotency_key = "pay",
                                     .payload = runtime.payload({0, Operation::kAction})});
    std::string body = payload;
    if (const std::size_t at = body.find("ID"); at != std::string::npos)
      body.replace(at, 2, "order-1/pay/id/1");
    const Reply refunded = runtime.call({.service = "bank",
                                         .action = "refund",
                                         .idempotency_key = with_key ? "refund" : std::string_view(),
                                         .payload = body});
    runtime.report(paid.ok() && refunded.ok() ? Outcome::kCompensated : Outcome::kFlagged);
  };
}

SagaTestHarness bank(std::string payload, bool with_key = true, Undoes undoes = Undoes::kWhatItNames,
                     Saga saga = paid()) {
  SagaTestHarness harness(saga);
  harness.use_participant("bank", ledger_fake({}, balances({{"C-1", 1000}, {"C-2", 1000}}), "bank", {},
                                              Transactions::kOne, undoes));
  harness.use_coordinator(refunds_with(std::move(payload), with_key));
  return harness;
}

std::int64_t balance_of(const SagaTestHarness& harness, std::string_view name) {
  for (const Quantity& quantity : harness.ledger().quantities) {
    if (quantity.name == name) return quantity.at_end;
  }
  return -1;
}

TEST(BoundDataInRunsTest, AFieldThatIsBoundMayNotBeVolatile) {
  SagaTestHarness harness(paid());
  harness.volatile_fields({"/amount"});
  EXPECT_THAT(error_of([&] { static_cast<void>(harness.start_saga()); }),
              testing::HasSubstr("binds it to /context/total"));
  SagaTestHarness other(paid());
  other.volatile_fields({"/requested_at"});
  EXPECT_EQ(other.start_saga().outcome, Outcome::kCompleted);
}

TEST(BoundDataInRunsTest, AContextThatLacksWhatIsBoundIsRefused) {
  SagaTestHarness harness(paid());
  EXPECT_THAT(error_of([&] {
                static_cast<void>(harness.start_saga({{"who", "C-1"}}));
              }),
              testing::HasSubstr("is bound to /context/total, which leads nowhere in the context"));
}

TEST(BoundDataInRunsTest, ABugOfDataLeavesWhatIsNotBoundAlone) {
  Saga saga = paid();
  saga.steps[0].compensation_input.clear();
  saga.steps.push_back({.name = "ship", .service = "post", .compensation = "recall"});
  for (const OrchestratorBug bug : {OrchestratorBug::kUndoWithoutBody, OrchestratorBug::kUndoAtCurrentValue,
                                    OrchestratorBug::kUndoOfAnotherId}) {
    SagaTestHarness harness(saga);
    harness.use_coordinator(orchestrator(bug), Claims::all()).fail("ship");
    static_cast<void>(harness.start_saga());
    EXPECT_EQ(harness.calls("bank", "refund").front().payload, saga.context.text()) << name_of(bug);
  }
}

TEST(BoundFakeTest, AnswersWithResultsOfEachType) {
  SagaTestHarness harness = bank(R"({"payment":"ID","amount":5})");
  static_cast<void>(harness.start_saga());
  EXPECT_EQ(harness.calls("bank", "pay").front().answer,
            R"({"data":{"ok":true},"fee":10201,"id":"order-1/pay/id/1"})");
}

TEST(BoundFakeTest, UndoesWhatIsNamed) {
  SagaTestHarness harness = bank(R"({"payment":"ID","amount":5})");
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
  EXPECT_EQ(harness.effect("pay").net(), 0);
  EXPECT_EQ(balance_of(harness, "bank/C-1"), 1000);
}

TEST(BoundFakeTest, RefusesANameThatNothingHas) {
  SagaTestHarness harness = bank(R"({"payment":"order-1/pay/id/2","amount":5})");
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kFlagged);
  EXPECT_EQ(harness.effect("pay").net(), 1);
  EXPECT_EQ(balance_of(harness, "bank/C-1"), 500);
}

TEST(BoundFakeTest, GivesBackTheAmountThatIsNamed) {
  SagaTestHarness harness = bank(R"({"payment":"ID","amount":2})");
  static_cast<void>(harness.start_saga());
  EXPECT_EQ(balance_of(harness, "bank/C-1"), 700);
}

TEST(BoundFakeTest, GivesItToTheCustomerThatIsNamed) {
  SagaTestHarness harness = bank(R"({"payment":"ID","amount":5,"customer":"C-2"})");
  static_cast<void>(harness.start_saga());
  EXPECT_EQ(balance_of(harness, "bank/C-2"), 1500);
}

TEST(BoundFakeTest, WithoutANameTheKeyTells) {
  SagaTestHarness harness = bank("{}");
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
  EXPECT_EQ(balance_of(harness, "bank/C-1"), 1000);
}

TEST(BoundFakeTest, WithoutNameAndKeyItIsRefused) {
  SagaTestHarness harness = bank("{}", false);
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kFlagged);
  EXPECT_EQ(harness.effect("pay").net(), 1);
}

TEST(BoundFakeTest, WhereTheKeyDoesNotTellTheNameIsNeeded) {
  Saga saga = paid();
  saga.steps[0].compensates_without_result = false;
  SagaTestHarness harness = bank("{}", true, Undoes::kWhatItNames, saga);
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kFlagged);
}

TEST(BoundFakeTest, OneThatUndoesByKeyHeedsNoName) {
  SagaTestHarness harness = bank(R"({"payment":"other","amount":1,"customer":"C-2"})", true, Undoes::kByKey);
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
  EXPECT_EQ(balance_of(harness, "bank/C-1"), 1000);
}

TEST(BoundFakeTest, WhatAnUnboundCompensationNamesCountsAsWell) {
  Saga saga = paid();
  saga.steps[0].compensation_input.clear();
  SagaTestHarness harness = bank(R"({"amount":1})", true, Undoes::kWhatItNames, saga);
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
  EXPECT_EQ(balance_of(harness, "bank/C-1"), 600);
}

TEST(BoundFakeTest, AnUnboundCompensationThatCannotBeReadUndoesWhatWasDone) {
  Saga saga = paid();
  saga.steps[0].compensation_input.clear();
  SagaTestHarness harness = bank("amount=1", true, Undoes::kWhatItNames, saga);
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
  EXPECT_EQ(balance_of(harness, "bank/C-1"), 1000);
}

TEST(BoundFakeTest, ABoundOneThatCannotBeReadIsRefused) {
  SagaTestHarness harness = bank("amount=1");
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kFlagged);
  EXPECT_EQ(balance_of(harness, "bank/C-1"), 500);
}

TEST(BoundFakeTest, OneObjectServesSagasThatDeclareOtherThings) {
  const std::unique_ptr<Participant> fake = ledger_fake()();
  const auto answer_to = [&](std::vector<ResultField> results) {
    Saga saga = paid();
    saga.steps[0].result = std::move(results);
    saga.steps[0].compensation_input.clear();
    SagaTestHarness harness(saga);
    harness.use_participant("bank", *fake);
    static_cast<void>(harness.start_saga());
    return harness.calls("bank", "pay").front().answer;
  };
  EXPECT_EQ(answer_to({{"id"}}), R"({"id":"order-1/pay/id/1"})");
  EXPECT_EQ(answer_to({{"number"}}), R"({"number":"order-1/pay/number/1"})");
  EXPECT_EQ(answer_to({}), R"({"ok":true})");
}

TEST(BoundFakeTest, AStockReleasesTheItemsThatAreNamed) {
  Saga saga{.name = "order", .steps = {{.name = "pay", .service = "bank", .compensation = "refund"}}};
  saga.steps[0].compensation_input = {{"items", context("/items")}};
  saga.context = Context::parse(R"({"items":[{"product_id":"P","quantity":2}]})");
  SagaTestHarness harness(saga);
  harness.use_participant("bank", ledger_fake({}, stock({{"P", 10}}), "bank"));
  harness.use_coordinator(refunds_with(R"({"items":[{"product_id":"P","quantity":1}]})"));
  static_cast<void>(harness.start_saga());
  EXPECT_EQ(balance_of(harness, "bank/P reserved"), 1);
}

}  // namespace
}  // namespace saga_harness
