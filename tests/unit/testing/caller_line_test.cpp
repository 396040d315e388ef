// Whoever gives a wrong name is told the line that it stands in: by every verb, question and matcher.
#include "support.hpp"

namespace saga_harness {
namespace {

/// Does the error of `call` begin with this file and line?
template <typename Call>
void expect_line(int line, Call call) {
  const std::string message = error_of(call);
  const std::string place = "caller_line_test.cpp:" + std::to_string(line) + ": ";
  const std::size_t found = message.find(place);
  EXPECT_NE(found, std::string::npos) << message;
  EXPECT_EQ(message.find(": "), found + place.size() - 2) << message;  // said once
}

class CallerLineTest : public testing::Test {
 protected:
  SagaTestHarness harness_{order_saga()};
};

TEST_F(CallerLineTest, IsSaidByEveryVerbThatPlansAFault) {
  SagaTestHarness& h = harness_;
  expect_line(__LINE__, [&] { h.fail("pai"); });
  expect_line(__LINE__, [&] { h.fail({"bank", "pai"}); });
  expect_line(__LINE__, [&] { h.fail({"bnak", "pay"}); });
  expect_line(__LINE__, [&] { h.fail(at_compensation("ship")); });
  expect_line(__LINE__, [&] { h.fail("pay", kAllAttempts); });
  expect_line(__LINE__, [&] { h.make_unavailable("pai"); });
  expect_line(__LINE__, [&] { h.fail_after_effect("pai"); });
  expect_line(__LINE__, [&] { h.lose_request("pai"); });
  expect_line(__LINE__, [&] { h.lose_reply("pai"); });
  expect_line(__LINE__, [&] { h.delay_reply("pai"); });
  expect_line(__LINE__, [&] { h.duplicate("pai", Copy::kLater); });
  expect_line(__LINE__, [&] { h.delay("pai", Delay::kAtTimeout); });
  expect_line(__LINE__, [&] { h.deliver_late("pai"); });
  expect_line(__LINE__, [&] { h.rate_limit("pai"); });
  expect_line(__LINE__, [&] { h.corrupt_reply("pai"); });
  expect_line(__LINE__, [&] { h.mismatch_reply("pai"); });
  expect_line(__LINE__, [&] { h.reorder_request("pai"); });
  expect_line(__LINE__, [&] { h.crash_participant("pai"); });
  expect_line(__LINE__, [&] { h.crash_coordinator("pai", Instant::kAfterCall); });
  expect_line(__LINE__, [&] { h.crash_coordinator("pay", Instant::kCall); });
  expect_line(__LINE__, [&] { h.crash_coordinator(at_saga(), Instant::kAfterCall); });
  expect_line(__LINE__, [&] { h.take_over_during("pai"); });
  expect_line(__LINE__, [&] { h.cancel_during("pai"); });
  expect_line(__LINE__, [&] { h.start_again_during("pai"); });
  expect_line(__LINE__, [&] { h.jump_clock_during("pai", ClockJump::kBack); });
  expect_line(__LINE__, [&] { h.fail_log_write("pai", Instant::kBeforeIntent); });
  expect_line(__LINE__, [&] { h.inject(FaultKind::kCancel, "pai"); });
  expect_line(__LINE__, [&] { h.inject("canncel", "pay"); });
  expect_line(__LINE__, [&] { h.plan("pai:rejected"); });
  expect_line(__LINE__, [&] { h.plan("pay:rejectd"); });
  expect_line(__LINE__, [&] { h.plan(FaultPlan{{{.step = "pai"}}}); });
}

TEST_F(CallerLineTest, IsSaidWhereTheSubjectIsGiven) {
  expect_line(__LINE__, [&] { harness_.use_participant("bnak", ledger_fake()); });
  expect_line(__LINE__, [&] { harness_.switch_off("truthfull outcome", "why"); });
  expect_line(__LINE__, [&] { harness_.switch_off("truthful outcome", ""); });
  expect_line(__LINE__, [&] { harness_.switch_off(Rule::kTruthfulOutcome, ""); });
}

TEST_F(CallerLineTest, IsSaidByEveryQuestion) {
  harness_.start_saga();
  expect_line(__LINE__, [&] { static_cast<void>(harness_.was_called("bank", "pai")); });
  expect_line(__LINE__, [&] { static_cast<void>(harness_.call_count("bnak", "pay")); });
  expect_line(__LINE__, [&] { static_cast<void>(harness_.effect("pai")); });
}

TEST_F(CallerLineTest, IsSaidByEveryMatcherThatTakesAName) {
  harness_.add_invariant({.name = "mine", .check = [](const Observation&, const SagaIndex&) {
                            return Verdict{.status = VerdictStatus::kHeld};
                          }});
  const auto run = harness_.start_saga();
  const auto judge = [&run](const auto& matcher) { explanation(matcher, run); };
  expect_line(__LINE__, [&] { judge(CallsInOrder("reserve", "pai")); });
  expect_line(__LINE__, [&] { judge(CompensatedInOrder("release", "refnd")); });
  expect_line(__LINE__, [&] { judge(CompensatedExactly("refnd")); });
  expect_line(__LINE__, [&] { judge(NeverCalled("bank", "pai")); });
  expect_line(__LINE__, [&] { judge(testing::Not(NeverCalled("bank", "pai"))); });
  expect_line(__LINE__, [&] { judge(testing::Not(CallsInOrder("pai"))); });
  expect_line(__LINE__, [&] { judge(Keeps("stock")); });
  expect_line(__LINE__, [&] { judge(Violates("mne")); });
}

TEST_F(CallerLineTest, ReachesTheTestThroughExpectThat) {
  const auto run = harness_.start_saga();
  expect_line(__LINE__, [&] { EXPECT_THAT(run, CallsInOrder("reserve", "pai")); });
}

}  // namespace
}  // namespace saga_harness
