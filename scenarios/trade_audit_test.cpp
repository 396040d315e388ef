// A trade that is audited one way or the other, by what kind of order is looked up.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace sh = saga_harness;

namespace {

/// The same trade, of an order of this type.
sh::Scenario trade_of(int order_type) {
  sh::Scenario scenario = sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/trade_audit.json");
  scenario.participants.at("orders").gives["look_up"].insert_or_assign("order_type", order_type);
  scenario.source.clear();  // the file has one of the two
  return scenario;
}

TEST(TradeAuditTest, TheAnswerDecidesWhichAuditIsDone) {
  sh::SagaTestHarness big(trade_of(13));
  const sh::Run run = big.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("look_up", "audit_big", "sell"));
  EXPECT_THAT(run, sh::NeverCalled("audit", "audit_small"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
  sh::SagaTestHarness small(trade_of(7));
  EXPECT_THAT(small.start_saga(), sh::CallsInOrder("look_up", "audit_small", "sell"));
  EXPECT_EQ(small.effect("audit_big").net(), 0);
}

TEST(TradeAuditTest, UndoesTheAuditThatWasDone) {
  sh::SagaTestHarness harness(trade_of(7));
  harness.fail({"sales", "sell"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedExactly("audit_small", "look_up"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(TradeAuditTest, ChoosesTheSameAfterACrash) {
  sh::SagaTestHarness harness(trade_of(13));
  harness.crash_coordinator({"orders", "look_up"}, sh::Instant::kAfterResult);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(harness.effect("audit_big").net(), 1);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(TradeAuditTest, SurvivesEveryPairOfFaultsEitherWay) {
  for (const int order_type : {13, 7}) {
    const sh::Exploration exploration = sh::SagaTestHarness(trade_of(order_type)).explore({.max_faults = 2});
    EXPECT_TRUE(exploration.exhausted);
    EXPECT_THAT(exploration, sh::FindsNoViolation());
  }
}

}  // namespace
