#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include <saga_harness/error.hpp>

#include "fixtures.hpp"

namespace saga_harness::http_tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

Effect effect_of(const ObservedRun& run, StepId step) { return run.ledger.effects[step]; }

TEST(HttpRunTest, KeepsTraceAndLedgerOfWhatWasDone) {
  OneRun run;
  const Answer answer = run.pay();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"ok":true,"success":true})");
  EXPECT_EQ(run.refund().status, 200);
  run.fakes.runs().note_report("run-1", Outcome::kCompensated);
  const ObservedRun seen = run.close();
  EXPECT_THAT(words(seen), ElementsAre("started", "sent", "delivered", "applied", "answered", "received",
                                       "sent", "delivered", "undone", "answered", "received", "reported"));
  EXPECT_EQ(effect_of(seen, 1), (Effect{.applied = 1, .undone = 1}));
  EXPECT_EQ(effect_of(seen, 0), Effect{});
  EXPECT_EQ(seen.outcome, Outcome::kCompensated);
  EXPECT_EQ(seen.calls, 2U);
}

TEST(HttpRunTest, JudgesConditionsByWhatTheRunIsStartedWith) {
  Scenario scenario = shop();
  scenario.saga.steps[1].only_if =
      Condition{.pointer = "/total", .comparison = Comparison::kAbove, .value = 0};
  scenario.saga.context = Context{{"total", 7}};
  EXPECT_THAT(OneRun("none", {}, scenario).close().skipped, IsEmpty());
  OneRun free("none", {.context = Context{{"total", 0}}}, scenario);
  EXPECT_THAT(free.close().skipped, ElementsAre(0, 1, 0));
  EXPECT_THROW(free.fakes.runs().open("run-2", {.context = Context{{"sum", 0}}}), Error);
  scenario.saga.context = {};
  EXPECT_THROW(HttpFakes{scenario}, Error);
}

TEST(HttpRunTest, ATokenIsMissedOnlyWhereTheSagaHasOne) {
  const auto missing = [](const ObservedRun& run) {
    std::vector<bool> without;
    for (const Event& event : run.trace.events) {
      if (event.type == EventType::kSent) without.push_back((event.detail & kWithoutToken) != 0);
    }
    return without;
  };
  OneRun never;
  never.pay();
  never.pay();
  EXPECT_THAT(missing(never.close()), ElementsAre(false, false));
  OneRun once;
  once.pay({{"Authorization", "Bearer secret"}});
  once.pay();
  EXPECT_THAT(missing(once.close()), ElementsAre(false, true));
}

TEST(HttpRunTest, AsksAtEveryCallInTheOrderMet) {
  OneRun run;
  run.order();
  run.pay();
  run.pay();
  EXPECT_THAT(asked(run.close()), ElementsAre("create_order.action#1@call", "process_payment.action#1@call",
                                              "process_payment.action#2@call"));
}

TEST(HttpRunTest, DoesNotAskWhereAWindowIsOpen) {
  OneRun run("process_payment#1..budget:unavailable");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(run.pay().status, 503);
  EXPECT_EQ(run.pay().status, 200);
  EXPECT_THAT(asked(run.close()),
              ElementsAre("process_payment.action#1@call", "process_payment.action#4@call"));
}

TEST(HttpRunTest, AWindowUntilHealEndsThereAndOneForEverDoesNot) {
  OneRun run("process_payment#2..heal:unavailable,create_order#*:unavailable");
  EXPECT_EQ(run.pay().status, 200);
  EXPECT_EQ(run.pay().status, 503);
  EXPECT_EQ(run.order().status, 503);
  run.fakes.runs().heal("run-1");
  EXPECT_EQ(run.pay().status, 200);
  EXPECT_EQ(run.order().status, 503);
}

TEST(HttpRunTest, SaysWhichFaultsFired) {
  OneRun run("process_payment#1:rejected,process_payment#2:rejected");
  EXPECT_EQ(run.pay().status, 422);
  const ObservedRun seen = run.close();
  EXPECT_EQ(to_string(seen.fired), "process_payment.action#1:rejected");
  EXPECT_EQ(to_string(seen.unfired), "process_payment.action#2:rejected");
}

TEST(HttpRunTest, ALateRequestComesAfterItsCompensation) {
  OneRun run("process_payment#1:request_late_after_compensation");
  EXPECT_EQ(run.pay().end, End::kClosed);
  EXPECT_EQ(run.refund().status, 200);
  const ObservedRun seen = run.close();
  EXPECT_THAT(words(seen), ElementsAre("started", "sent", "fault", "timed_out", "sent", "delivered",
                                       "answered", "delivered", "answered", "received"));
  EXPECT_EQ(effect_of(seen, 1), Effect{}) << "the tombstone did not hold";
}

TEST(HttpRunTest, ACopyComesAfterTheEnd) {
  OneRun run("confirm_order#1:request_duplicated_later");
  EXPECT_EQ(run.call("order_service", "confirm_order").status, 200);
  run.fakes.runs().heal("run-1");
  run.fakes.runs().drain("run-1");
  EXPECT_THAT(words(run.close()), ElementsAre("started", "sent", "fault", "delivered", "applied", "answered",
                                              "received", "healed", "delivered", "answered"));
}

TEST(HttpRunTest, CountsRequestsThatFitNothing) {
  OneRun run;
  const Answer answer = post(run.url("payment_service", "proces_payment"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("did you mean"));
  EXPECT_THAT(answer.body, HasSubstr("process_payment"));
  EXPECT_EQ(run.close().unmatched, 1U);
}

TEST(HttpRunTest, MoreCallsThanAllowedAreTurnedAwayAndALivelock) {
  OneRun run("none", {.max_calls = 2});
  run.pay();
  run.pay();
  EXPECT_EQ(run.pay().status, 503);
  const ObservedRun seen = run.close();
  EXPECT_TRUE(seen.hit_call_cap);
  EXPECT_EQ(seen.calls, 2U);
  EXPECT_EQ(words(seen).back(), "gave_up");
}

TEST(HttpRunTest, HasParticipantsOfItsOwn) {
  OneRun run;
  run.fakes.runs().open("run-2");
  EXPECT_EQ(run.pay().status, 200);
  EXPECT_EQ(effect_of(run.fakes.runs().close("run-2"), 1), Effect{});
  EXPECT_EQ(effect_of(run.close(), 1).applied, 1U);
}

TEST(HttpRunTest, IsKnownByHeaderBodyOrPath) {
  OneRun run;
  const std::string url = run.fakes.service_urls().at("payment_service") + "/payment_service/process_payment";
  EXPECT_EQ(post(url, "{}", {{"X-Saga-Id", "run-1"}}).status, 200);
  EXPECT_EQ(post(url, "{}", {{"x-correlation-id", "run-1"}}).status, 200);
  EXPECT_EQ(post(url, R"({"saga_id":"run-1"})").status, 200);
  EXPECT_EQ(run.pay().status, 200);
  EXPECT_EQ(run.close().calls, 4U);
}

TEST(HttpRunTest, OnceClosedItsRequestsAreTurnedAway) {
  OneRun run;
  const std::string url = run.url("payment_service", "process_payment");
  (void)run.close();
  EXPECT_EQ(post(url).status, 410);
  run.fakes.runs().open("run-1");
  EXPECT_EQ(post(url).status, 200);
}

TEST(HttpRunTest, IsQuietOnceNothingIsServed) {
  OneRun run("process_payment#1:request_lost", {.timeout = 400ms});
  std::thread caller([&run] { run.pay(); });
  while (run.fakes.runs().wait_quiet("run-1", 0ms, 0ms)) std::this_thread::yield();
  EXPECT_FALSE(run.fakes.runs().wait_quiet("run-1", 0ms, 20ms)) << "a request hangs";
  EXPECT_TRUE(run.fakes.runs().wait_quiet("run-1", 1ms, 10s));
  caller.join();
  const ObservedRun seen = run.close();
  EXPECT_TRUE(seen.rests_on_time);
  EXPECT_EQ(words(seen).back(), "timed_out");
}

TEST(HttpRunTest, KillsTheSubjectBeforeAndAfterACall) {
  std::atomic<int> crashes = 0;
  ObservedRunOptions options{.crash = [&crashes] { ++crashes; }};
  OneRun run("process_payment#1@before_call:coordinator_crash,process_payment#1@after_call:coordinator_crash",
             options);
  EXPECT_EQ(run.pay().end, End::kClosed);
  EXPECT_EQ(crashes, 1);
  EXPECT_EQ(run.pay().end, End::kClosed);
  EXPECT_EQ(crashes, 2);
  EXPECT_EQ(run.pay().status, 200);
  const ObservedRun seen = run.close();
  EXPECT_EQ(seen.calls, 3U) << "one that is struck before it is taken was sent, too";
  EXPECT_EQ(effect_of(seen, 1).applied, 1U);
  EXPECT_EQ(seen.trace.events.back().incarnation, 3);
  EXPECT_THAT(asked(seen),
              ElementsAre("process_payment.action#1@before_call", "process_payment.action#2@before_call",
                          "process_payment.action#1@call", "process_payment.action#1@after_call",
                          "process_payment.action#3@before_call", "process_payment.action#2@call",
                          "process_payment.action#2@after_call"));
}

TEST(HttpRunTest, RefusesPlansThatCannotStrikeOverHttp) {
  const auto refusal = [](std::string_view plan) -> std::string {
    try {
      OneRun run(plan);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(refusal("process_payment#1:reply_duplicated"), HasSubstr("cannot strike over a real wire"));
  EXPECT_THAT(refusal("process_payment#1:reply_late"), HasSubstr("declare its timeout"));
  EXPECT_THAT(refusal("process_payment#1@after_call:coordinator_crash"),
              HasSubstr("ObservedRunOptions::crash"));
  EXPECT_THAT(refusal("saga#1@before_end:log_write_lost"), HasSubstr("cannot strike over a real wire"));
}

TEST(RunTest, LooksAtARunThatGoesOn) {
  OneRun run;
  run.pay();
  const ObservedRun seen = run.fakes.runs().look_at("run-1");
  EXPECT_EQ(seen.ledger.effects[1].applied, 1U);
  run.pay();
  EXPECT_EQ(run.close().calls, seen.calls + 1);
}

TEST(RunTest, RequestsOfNoRunAreCounted) {
  OneRun run;
  EXPECT_EQ(run.fakes.runs().strays().unmatched, 0U);
  run.call("payment_service", "pay");
  post(run.fakes.service_urls().at("payment_service") + "/process_payment");
  (void)run.close();
  run.pay();
  run.pay();
  const StrayRequests strays = run.fakes.runs().strays();
  EXPECT_EQ(strays.unmatched, 1U);
  EXPECT_THAT(strays.first_unmatched, HasSubstr("does not serve"));
  EXPECT_THAT(strays.unknown, ElementsAre("default"));
  EXPECT_EQ(strays.late.at("run-1"), 2U);
}

// What is remembered of a saga that nobody resets has a bound; beyond it nothing is said of the saga any
// more.
TEST(RunTest, HeavyKeysThatNeverComeAgainAreForgottenAndItIsSaid) {
  HttpFakes fakes(shop());
  fakes.start();
  RawClient client(fakes.service_urls().at("payment_service"));
  const auto verdict = [&fakes] {
    return get(fakes.admin_url() + "/__admin/verdict?saga_id=default").status;
  };
  constexpr int kBatch = 500;
  for (int sent = 0; sent < 201'000; sent += kBatch) {
    std::string batch;
    for (int i = 0; i < kBatch; ++i) {
      batch += fmt::format(
          "POST /refund_payment HTTP/1.1\r\nIdempotency-Key: {}\r\nContent-Length: 0\r\n\r\n", sent + i);
    }
    client.send(batch);
    for (int i = 0; i < kBatch; ++i) ASSERT_EQ(client.receive().status, 200);
  }
  EXPECT_EQ(verdict(), 412);
}

TEST(WireAlternativesTest, LeaveOutWhatNeedsATimeoutWhereNoneIsDeclared) {
  const SagaIndex saga(shop().saga);
  const auto kinds_with = [&saga](const ObservedRunOptions& options) {
    std::vector<FaultKind> kinds;
    for (const Alternative& alternative :
         wire_alternatives({1, Operation::kAction}, saga, PointKind::kCall, options))
      kinds.push_back(alternative.kind);
    return kinds;
  };
  EXPECT_THAT(kinds_with({}), testing::Not(testing::Contains(FaultKind::kReplyLate)));
  EXPECT_THAT(kinds_with({}), testing::Contains(FaultKind::kReplyLost));
  EXPECT_THAT(kinds_with({.timeout = 1s}), testing::Contains(FaultKind::kReplyLate));
  EXPECT_THAT(kinds_with({}), testing::Not(testing::Contains(FaultKind::kParticipantForgets)));
  EXPECT_THAT(kinds_with({.kinds = {FaultKind::kParticipantForgets}}),
              ElementsAre(FaultKind::kParticipantForgets));
}

}  // namespace
}  // namespace saga_harness::http_tests
