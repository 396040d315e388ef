#include "support.hpp"

namespace saga_harness {
namespace {

using testing::Eq;
using testing::HasSubstr;
using testing::Not;

Run refunded(SagaTestHarness& harness) {
  harness.fail("ship");
  return harness.start_saga();
}

Saga order_with_data() {
  Saga saga = order_saga();
  saga.context = {{"total", 7}};
  saga.steps[1].input = {{"amount", context("/total")}};
  saga.steps[1].result = {{"id"}};
  saga.steps[1].compensation_input = {{"payment", result("pay", "/id")}};
  return saga;
}

TEST(CallMatcherTest, ARequestIsKnownByWhatItCarried) {
  SagaTestHarness harness(order_with_data());
  const saga_harness::Run run = refunded(harness);
  EXPECT_THAT(run, CalledWith("bank", "refund", Carries("/payment", Eq(R"("order-1/pay/id/1")"))));
  EXPECT_THAT(run, Not(CalledWith("bank", "refund", Carries("/payment", Eq(R"("other")")))));
  EXPECT_THAT(run, Not(CalledWith("bank", "refund", Carries("/amount", Eq("7")))));
  EXPECT_THAT(run, CalledWith("bank", "pay", Answered("/id", Eq(R"("order-1/pay/id/1")"))));
}

TEST(CallMatcherTest, AFailureSaysWhatWasCarriedAndAnswered) {
  SagaTestHarness harness(order_with_data());
  const saga_harness::Run run = refunded(harness);
  const auto matcher = CalledWith("bank", "refund", Carries("/payment", Eq("1")));
  EXPECT_THAT(explanation(matcher, run),
              HasSubstr(R"(attempt 1 carried {"payment":"order-1/pay/id/1"}, answered ok)"));
}

TEST(CallMatcherTest, WhatIsMaskedIsComparedButNotShown) {
  Saga saga = order_with_data();
  saga.mask = {"/total", "/id"};
  SagaTestHarness harness(saga);
  const saga_harness::Run run = refunded(harness);
  EXPECT_THAT(run, CalledWith("bank", "pay", Carries("/amount", Eq("7"))));
  EXPECT_THAT(run, CalledWith("bank", "pay", Answered("/id", Eq(R"("order-1/pay/id/1")"))));
  for (const std::string& shown :
       {explanation(CalledWith("bank", "pay", Carries("/amount", Eq("8"))), run),
        explanation(CalledWith("bank", "refund", Carries("/payment", Eq("8"))), run),
        testing::PrintToString(harness.calls("bank", "pay"))}) {
    EXPECT_THAT(shown, testing::AllOf(HasSubstr("***"), Not(HasSubstr("pay/id/1")), Not(HasSubstr(":7"))));
  }
}

TEST(CallMatcherTest, WhatWasNeverCalledMatchesNothing) {
  SagaTestHarness harness(order_with_data());
  const saga_harness::Run run = harness.start_saga();
  EXPECT_THAT(run, Not(CalledWith("bank", "refund", testing::_)));
  EXPECT_EQ(explanation(CalledWith("bank", "refund", testing::_), run), "in which it was never called");
}

TEST(CallMatcherTest, RequestsAreCounted) {
  SagaTestHarness harness(order_with_data());
  harness.make_unavailable("pay");
  const saga_harness::Run run = harness.start_saga();
  EXPECT_THAT(run, CalledTimes("bank", "pay", Eq(2U)));
  EXPECT_THAT(run, Not(CalledTimes("bank", "pay", Eq(1U))));
  EXPECT_THAT(explanation(CalledTimes("bank", "pay", Eq(1U)), run), HasSubstr("called 2 times"));
}

TEST(CallMatcherTest, BeforeNeedsBothAndTheFirstToHaveEnded) {
  SagaTestHarness harness(order_with_data());
  const saga_harness::Run run = harness.start_saga();
  EXPECT_THAT(run, Before("reserve", "pay"));
  EXPECT_THAT(run, Not(Before("pay", "reserve")));
  EXPECT_THAT(run, Not(Before("reserve", "refund")));
  EXPECT_THAT(run, Not(Overlapped("reserve", "pay")));
}

TEST(CallMatcherTest, StepsSideBySideOverlap) {
  Saga saga = order_with_data();
  saga.steps[1].after = kNoPredecessors;
  saga.steps[2].after = {"reserve", "pay"};
  SagaTestHarness harness(saga);
  const saga_harness::Run run = harness.start_saga();
  EXPECT_THAT(run, Overlapped("reserve", "pay"));
  EXPECT_THAT(run, Not(Before("reserve", "pay")));
}

TEST(CallMatcherTest, NamesThatAreNotThereAreRefused) {
  SagaTestHarness harness(order_with_data());
  const saga_harness::Run run = harness.start_saga();
  EXPECT_THAT(error_of([&] { static_cast<void>(CalledTimes("bank", "pai", Eq(1U)).Matches(run)); }),
              HasSubstr("pay"));
  EXPECT_THAT(error_of([&] { static_cast<void>(RunMatcher(Not(Before("reserv", "pay"))).Matches(run)); }),
              HasSubstr("reserve"));
  EXPECT_THAT(error_of([&] { static_cast<void>(harness.calls("bank", "pai")); }), HasSubstr("pay"));
}

TEST(CallsMadeTest, SayWhenAndUnderWhichKeyAndWhatCameOfIt) {
  SagaTestHarness harness(order_with_data());
  harness.lose_reply("pay");
  const saga_harness::Run run = harness.start_saga();
  const std::vector<CallMade> calls = harness.calls("bank", "pay");
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].status, ReplyStatus::kTimeout);
  EXPECT_EQ(calls[0].ended_at - calls[0].sent_at, std::chrono::seconds(10));
  EXPECT_EQ(calls[0].answer, "");
  EXPECT_EQ(calls[1].sent_at - calls[0].ended_at, std::chrono::milliseconds(100));
  EXPECT_EQ(calls[1].attempt, 2);
  EXPECT_EQ(calls[1].key, calls[0].key);
  EXPECT_EQ(calls[1].payload, R"({"amount":7})");
  EXPECT_EQ(calls[1].answer_at("/id"), R"("order-1/pay/id/1")");  // a repeat gets the first answer
  EXPECT_EQ(calls[1].answer_at("/none"), std::nullopt);
  EXPECT_GT(run.elapsed, std::chrono::seconds(10));
}

TEST(CallsMadeTest, OneThatNobodyHeardOfHasNoStatus) {
  Saga saga = order_with_data();
  saga.steps[1].after = kNoPredecessors;
  saga.steps[2].after = {"reserve", "pay"};
  SagaTestHarness harness(saga);
  harness.crash_coordinator("reserve", Instant::kAfterCall);
  static_cast<void>(harness.start_saga());
  EXPECT_EQ(harness.calls("bank", "pay").front().status, std::nullopt);
}

}  // namespace
}  // namespace saga_harness
