// What a test plans, and what becomes of it.
#include <gtest/gtest-spi.h>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

/// The plan that `prepare` makes, as the run that follows was asked for it.
template <typename Prepare>
std::string planned_by(Prepare prepare) {
  SagaTestHarness harness(order_saga());
  harness.fail("post", "ship");  // so that compensations happen
  prepare(harness);
  const auto run = harness.start_saga();
  EXPECT_TRUE(run.unfired.empty()) << to_string(run.unfired);
  return to_string(FaultPlan{{run.plan.faults.begin() + 1, run.plan.faults.end()}});
}

TEST(PlannedFaultTest, HasAVerbForEveryKind) {
  using Harness = SagaTestHarness;
  const auto expect = [](const char* plan, auto prepare) { EXPECT_EQ(planned_by(prepare), plan); };
  expect("pay.action#1:unavailable", [](Harness& h) { h.make_unavailable("bank", "pay"); });
  expect("pay.action#1:error_after_effect", [](Harness& h) { h.fail_after_effect("bank", "pay"); });
  expect("pay.action#1:request_lost", [](Harness& h) { h.lose_request("bank", "pay"); });
  expect("pay.action#1:request_duplicated", [](Harness& h) { h.duplicate("bank", "pay"); });
  expect("pay.action#1:request_duplicated_later",
         [](Harness& h) { h.duplicate("bank", "pay", Copy::kLater); });
  expect("pay.action#1:request_late", [](Harness& h) { h.deliver_late("bank", "pay"); });
  expect("pay.action#1:request_late_after_compensation",
         [](Harness& h) { h.deliver_late("bank", "pay", Late::kAfterCompensation); });
  expect("pay.action#1:request_late_after_end",
         [](Harness& h) { h.deliver_late("bank", "pay", Late::kAfterEnd); });
  expect("pay.action#1:reply_lost", [](Harness& h) { h.lose_reply("bank", "pay"); });
  expect("pay.action#1:reply_late", [](Harness& h) { h.delay_reply("bank", "pay"); });
  expect("pay.action#1:delay_under_timeout",
         [](Harness& h) { h.delay("bank", "pay", Delay::kUnderTimeout); });
  expect("pay.action#1:delay_at_timeout", [](Harness& h) { h.delay("bank", "pay", Delay::kAtTimeout); });
  expect("pay.action#1:delay_over_timeout", [](Harness& h) { h.delay("bank", "pay", Delay::kOverTimeout); });
  expect("pay.action#1@after_call:coordinator_crash",
         [](Harness& h) { h.crash_coordinator("bank", "pay", Instant::kAfterCall); });
  expect("saga#1@before_end:coordinator_crash", [](Harness& h) { h.crash_coordinator(Instant::kBeforeEnd); });
}

TEST(PlannedFaultTest, HasAVerbForWhatParticipantsAndTheirAnswersDo) {
  using Harness = SagaTestHarness;
  const auto expect = [](const char* plan, auto prepare) { EXPECT_EQ(planned_by(prepare), plan); };
  expect("pay.action#1:rate_limited", [](Harness& h) { h.rate_limit("bank", "pay"); });
  expect("pay.action#1:reply_corrupt", [](Harness& h) { h.corrupt_reply("bank", "pay"); });
  expect("pay.action#1:reply_corrupt_without_effect",
         [](Harness& h) { h.corrupt_reply("bank", "pay", Done::kNo); });
  expect("pay.action#1:reply_mismatched", [](Harness& h) { h.mismatch_reply("bank", "pay"); });
  expect("pay.action#1:request_reordered", [](Harness& h) { h.reorder_request("bank", "pay"); });
  expect("pay.action#1:participant_crash_before", [](Harness& h) { h.crash_participant("bank", "pay"); });
  expect("pay.action#1:participant_crash_after",
         [](Harness& h) { h.crash_participant("bank", "pay", Done::kYes); });
  expect("pay.compensation#1:conflict",
         [](Harness& h) { h.inject(FaultKind::kConflict, at_compensation("pay")); });
}

TEST(PlannedFaultTest, HasAVerbForWhatComesFromBeside) {
  using Harness = SagaTestHarness;
  const auto expect = [](const char* plan, auto prepare) { EXPECT_EQ(planned_by(prepare), plan); };
  const At pay = at_step("pay");
  expect("pay.action#1@during_call:takeover", [&](Harness& h) { h.take_over_during(pay); });
  expect("pay.action#1@during_call:start_duplicated", [&](Harness& h) { h.start_again_during(pay); });
  expect("pay.action#1@during_call:clock_forward",
         [&](Harness& h) { h.jump_clock_during(pay, ClockJump::kForward); });
  expect("pay.action#1@during_call:clock_back",
         [&](Harness& h) { h.jump_clock_during(pay, ClockJump::kBack); });
  expect("pay.action#1@during_call:takeover", [&](Harness& h) { h.inject(FaultKind::kTakeover, pay); });
  expect("pay.action#1@before_intent:log_write_error",
         [&](Harness& h) { h.fail_log_write(pay, Instant::kBeforeIntent); });
  expect("saga#1..heal@before_end:log_write_error",
         [](Harness& h) { h.fail_log_write(Instant::kBeforeEnd, kUntilHeal); });
}

TEST(PlannedFaultTest, AClockThatJumpsPastTheDeadlineEndsTheSaga) {
  Saga saga = order_saga();
  saga.deadline = std::chrono::minutes(1);
  SagaTestHarness harness(saga);
  harness.jump_clock_during(at_step("pay"), ClockJump::kForward);
  const saga_harness::Run run = harness.start_saga();
  EXPECT_EQ(to_string(run.fired), "pay.action#1@during_call:clock_forward");
  EXPECT_EQ(run.outcome, Outcome::kCompensated);
  EXPECT_THAT(run, UpholdsAllInvariants());
}

TEST(PlannedFaultTest, ACancelledSagaIsCompensated) {
  SagaTestHarness harness(order_saga());
  harness.cancel_during(at_step("pay"));
  EXPECT_THAT(harness.start_saga(), UpholdsAllInvariants());
  EXPECT_EQ(harness.outcome(), Outcome::kCompensated);
  EXPECT_FALSE(harness.was_called("post", "ship"));
}

TEST(PlannedFaultTest, StrikesAtAServicesActionOrAtAStep) {
  using Harness = SagaTestHarness;
  const auto expect = [](const char* plan, auto prepare) { EXPECT_EQ(planned_by(prepare), plan); };
  expect("pay.compensation#1:rejected", [](Harness& h) { h.fail("bank", "refund"); });
  expect("pay.compensation#1:rejected", [](Harness& h) { h.fail(at_compensation("pay")); });
  expect("pay.compensation#1:rejected", [](Harness& h) { h.fail(at_step("refund")); });
  expect("pay.action#1:reply_lost", [](Harness& h) { h.lose_reply(at_step("pay")); });
  expect("pay.action#1:delay_at_timeout", [](Harness& h) { h.delay(at_step("pay"), Delay::kAtTimeout); });
  expect("pay.compensation#1@before_call:coordinator_crash",
         [](Harness& h) { h.crash_coordinator(at_compensation("pay"), Instant::kBeforeCall); });
  expect("reserve.action#1:request_duplicated, pay.action#1:reply_lost",
         [](Harness& h) { h.plan("reserve:request_duplicated, pay:reply_lost"); });
  expect("pay.action#1:request_lost",
         [](Harness& h) { h.inject(FaultKind::kRequestLost, at_action("bank", "pay")); });
}

TEST(PlannedFaultTest, LastsAsLongAsItsScopeSays) {
  using Harness = SagaTestHarness;
  const auto expect = [](const char* plan, auto prepare) { EXPECT_EQ(planned_by(prepare), plan); };
  expect("pay.compensation#*:unavailable",
         [](Harness& h) { h.make_unavailable("bank", "refund", kAllAttempts); });
  expect("pay.compensation#1..heal:unavailable",
         [](Harness& h) { h.make_unavailable("bank", "refund", kUntilHeal); });
  expect("pay.compensation#1..budget:unavailable",
         [](Harness& h) { h.make_unavailable("bank", "refund", kWholeBudget); });
  expect("pay.action#1:request_lost, pay.action#2:reply_lost",
         [](Harness& h) { h.lose_request("bank", "pay").lose_reply("bank", "pay", on_attempt(2)); });
  expect("pay.action#1:request_lost, pay.action#2:reply_lost",
         [](Harness& h) { h.lose_request("bank", "pay").lose_reply("bank", "pay", {.attempt = 2}); });
}

TEST(PlannedFaultTest, TakesAWholeBudgetOfOneForOneAttempt) {
  SagaTestHarness harness(order_saga());
  harness.make_unavailable("stock", "reserve", kWholeBudget);
  EXPECT_EQ(to_string(harness.start_saga().fired), "reserve.action#1:unavailable");
}

TEST(PlannedFaultTest, StrikesAFallback) {
  Saga saga = order_saga();
  saga.steps[0].fallback = "reserve_elsewhere";
  SagaTestHarness harness(saga);
  harness.fail("stock", "reserve").fail(at_fallback("reserve"));
  EXPECT_THAT(harness.start_saga(), CallsInOrder("reserve", "reserve_elsewhere"));
  EXPECT_EQ(harness.outcome(), Outcome::kCompensated);
}

TEST(PlannedFaultMisuseTest, NamesTheNearestName) {
  SagaTestHarness harness(order_saga());
  EXPECT_THAT(error_of([&] { harness.fail("bnak", "pay"); }),
              HasSubstr(R"(saga "order" has no service "bnak"; did you mean "bank"?)"));
  EXPECT_THAT(error_of([&] { harness.fail("bank", "pai"); }), EndsWith(R"(did you mean "pay"?)"));
  EXPECT_THAT(error_of([&] { harness.fail("bank", "reserve"); }), HasSubstr("it belongs to stock"));
  EXPECT_THAT(error_of([&] { harness.lose_reply(at_step("reservr")); }),
              HasSubstr(R"(did you mean "reserve"?)"));
  EXPECT_THAT(error_of([&] { harness.plan("pay#1:replay_lost"); }),
              HasSubstr(R"(did you mean "reply_lost"?)"));
  EXPECT_THAT(error_of([&] { harness.fail(at_compensation("ship")); }), HasSubstr("has no compensation"));
  EXPECT_THAT(error_of([&] { harness.fail(at_step("")); }), HasSubstr("needs a step"));
}

TEST(PlannedFaultMisuseTest, RefusesWhatCannotStrike) {
  SagaTestHarness harness(order_saga());
  EXPECT_THAT(error_of([&] { harness.fail("bank", "pay", kAllAttempts); }), HasSubstr("cannot last"));
  EXPECT_THAT(error_of([&] { harness.fail("bank", "pay", on_attempt(0)); }), HasSubstr("numbered from 1"));
  EXPECT_THAT(error_of([&] { harness.crash_coordinator("bank", "pay", Instant::kCall); }),
              HasSubstr("kBeforeCall"));
  EXPECT_THAT(error_of([&] { harness.crash_coordinator("bank", "pay", Instant::kBeforeEnd); }),
              HasSubstr("belongs to the saga"));
  EXPECT_THAT(error_of([&] { harness.crash_coordinator(Instant::kAfterCall); }), HasSubstr("name a step"));
}

TEST(PlannedFaultMisuseTest, RefusesTwoFaultsAtOnePoint) {
  SagaTestHarness harness(order_saga());
  harness.fail("bank", "pay");
  EXPECT_THAT(error_of([&] { harness.lose_reply("bank", "pay"); }), HasSubstr("same point"));
  harness.start_saga();
}

TEST(PlannedFaultMisuseTest, AsksWhichStepWhereTwoShareAnAction) {
  Saga saga = order_saga();
  saga.steps[2].service = "bank";
  saga.steps[2].action = "pay";
  SagaTestHarness harness(saga);
  EXPECT_THAT(error_of([&] { harness.fail("bank", "pay"); }),
              HasSubstr(R"(steps "pay" and "ship"; say which)"));
  harness.fail(at_step("ship"));
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
}

TEST(UnfiredFaultTest, FailsTheTestThatPlannedIt) {
  SagaTestHarness harness(order_saga());
  harness.fail("bank", "refund");
  EXPECT_NONFATAL_FAILURE(
      harness.start_saga(),
      "the planned fault pay.compensation#1:rejected never struck: refund is not called in this run");
  EXPECT_EQ(harness.last_run().unfired, parse_plan("pay.compensation#1:rejected"));
}

TEST(UnfiredFaultTest, NamesTheConditionOfAStepThatWasSkipped) {
  Saga saga = order_saga();
  saga.steps[1].only_if = Condition{.pointer = "/price"};
  SagaTestHarness harness(saga);
  harness.fail("bank", "pay");
  EXPECT_NONFATAL_FAILURE(harness.start_saga(),
                          "pay is not called in this run, whose step is done only if /price present");
}

TEST(UnfiredFaultTest, SaysHowOftenTheActionWasCalled) {
  SagaTestHarness harness(order_saga());
  harness.lose_reply("bank", "pay", on_attempt(2));
  EXPECT_NONFATAL_FAILURE(harness.start_saga(), "pay is called once in this run, which does not get there");
}

TEST(UnfiredFaultTest, SaysThatALongerFaultTookItsPlace) {
  SagaTestHarness harness(order_saga());
  harness.make_unavailable("bank", "pay", kAllAttempts).lose_reply("bank", "pay", on_attempt(2));
  EXPECT_NONFATAL_FAILURE(harness.start_saga(), "another fault, which lasts longer, strikes in its place");
}

TEST(UnfiredFaultTest, SaysThatACoordinatorMustClaimToSurviveCrashes) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator()).crash_coordinator("bank", "pay", Instant::kAfterCall);
  EXPECT_NONFATAL_FAILURE(harness.start_saga(), "claims({.survives_crashes = true})");
}

TEST(UnfiredFaultTest, FailsTheTestThatNeverStartedTheSaga) {
  EXPECT_NONFATAL_FAILURE(SagaTestHarness(order_saga()).fail("bank", "pay"),
                          "pay.action#1:rejected was never tried: no start_saga() came after it");
}

TEST(UnfiredFaultTest, IsOnlyListedWhereNobodyPlannedIt) {
  SagaTestHarness harness(order_saga());
  const auto run = harness.run(parse_plan("pay#1:request_lost, refund#1:rejected"));
  EXPECT_EQ(run.fired, parse_plan("pay.action#1:request_lost"));
  EXPECT_EQ(run.unfired, parse_plan("pay.compensation#1:rejected"));
}

/// Puts a reporter in place of gtest's for one test.
class WithReporterTest : public testing::Test {
 protected:
  void use(FailureReporter reporter) { before_ = set_failure_reporter(std::move(reporter)); }
  void TearDown() override { set_failure_reporter(before_); }

 private:
  FailureReporter before_;
};

TEST_F(WithReporterTest, PointsAtTheLineThatPlannedTheFault) {
  std::vector<std::pair<std::string, int>> places;
  use([&](const SourcePlace& place, const std::string& /*message*/) {
    places.emplace_back(place.file, place.line);
  });
  SagaTestHarness harness(order_saga());
  const int line = __LINE__;
  harness.fail("bank", "refund");
  harness.plan("reserve.compensation#1:reply_lost, pay.action#2:unavailable");
  harness.crash_coordinator(at_compensation("pay"), Instant::kAfterCall);
  harness.start_saga();
  ASSERT_EQ(places.size(), 4U);
  EXPECT_THAT(places[0].first, EndsWith("faults_test.cpp"));
  EXPECT_EQ(places[0].second, line + 1);
  EXPECT_EQ(places[1].second, line + 2);
  EXPECT_EQ(places[2].second, line + 2);
  EXPECT_EQ(places[3].second, line + 3);
}

TEST_F(WithReporterTest, ThrowsWhereThereIsNobodyToReportTo) {
  use({});
  SagaTestHarness harness(order_saga());
  harness.fail("bank", "refund");
  const int line = __LINE__ - 1;
  EXPECT_THAT(
      error_of([&] { harness.start_saga(); }),
      testing::AllOf(HasSubstr("faults_test.cpp:" + std::to_string(line)), HasSubstr("never struck")));
}

}  // namespace
}  // namespace saga_harness
