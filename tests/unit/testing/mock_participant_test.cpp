#include <saga_harness/mock_participant.hpp>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::_;
using testing::Field;
using testing::NiceMock;
using testing::Return;

TEST(MockParticipantTest, BehavesLikeALedgerFakeUntilMoreIsExpected) {
  NiceMock<MockParticipant> bank;
  SagaTestHarness harness(order_saga());
  harness.use_participant("bank", bank).duplicate("bank", "pay").fail("post", "ship");
  EXPECT_THAT(harness.start_saga(), UpholdsAllInvariants());
  EXPECT_EQ(harness.effect("pay"), (Effect{.applied = 1, .undone = 1}));
}

TEST(MockParticipantTest, AnswersAsExpected) {
  NiceMock<MockParticipant> bank;
  EXPECT_CALL(bank, handle(_, _)).Times(testing::AnyNumber());
  EXPECT_CALL(bank, handle(Field(&Delivery::action, "pay"), _))
      .WillOnce(Return(Reply{ReplyStatus::kRejected}));
  SagaTestHarness harness(order_saga());
  harness.use_participant("bank", bank);
  EXPECT_THAT(harness.start_saga(), EndsIn(Outcome::kCompensated));
}

TEST(MockParticipantTest, CanDoMoreThanItsFake) {
  NiceMock<MockParticipant> bank;
  int requests = 0;
  ON_CALL(bank, handle).WillByDefault([&](const Delivery& delivery, EffectRecorder& recorder) {
    ++requests;
    return bank.fake().handle(delivery, recorder);
  });
  SagaTestHarness harness(order_saga());
  harness.use_participant("bank", bank).lose_reply("bank", "pay");
  EXPECT_THAT(harness.start_saga(), EndsIn(Outcome::kCompleted));
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(harness.effect("pay").applied, 1U);
}

TEST(MockParticipantTest, HasTheQuantitiesOfItsFakeAndForgetsBetweenRuns) {
  NiceMock<MockParticipant> stock_service(ledger_fake({}, stock({{"BOOK", 10}}), "stock"));
  SagaTestHarness harness(order_saga());
  harness.use_participant("stock", stock_service);
  const Context three = Context::parse(R"({"items":[{"product_id":"BOOK","quantity":3}]})");
  harness.start_saga(three);
  const auto run = harness.start_saga(three);
  ASSERT_EQ(run.ledger.quantities.size(), 2U);
  EXPECT_EQ(
      run.ledger.quantities[1],
      (Quantity{.name = "stock/BOOK reserved", .rule = QuantityRule::kRestored, .at_start = 0, .at_end = 3}));
}

TEST(MockParticipantTest, ServesAWholeSearch) {
  NiceMock<MockParticipant> bank;
  SagaTestHarness harness(order_saga());
  harness.use_participant("bank", bank);
  EXPECT_THAT(harness.explore({.max_faults = 1}), FindsNoViolation());
}

}  // namespace
}  // namespace saga_harness
