// What goes over the wire when a fault strikes, seen by a bare socket, and whether the effect was there
// before.

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "fixtures.hpp"

namespace saga_harness::http_tests {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

std::uint32_t payments(OneRun& run) { return run.close().ledger.effects[1].applied; }

/// What a built-in fault does to the first payment.
struct Expected {
  std::string_view fault;
  int status;
  End end;
  bool is_whole;
  std::uint32_t applied;

  friend void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.fault; }
};

class PlannedFaultTest : public testing::TestWithParam<Expected> {};

TEST_P(PlannedFaultTest, IsSeenOnTheWire) {
  const Expected& expected = GetParam();
  OneRun run(fmt::format("process_payment#1:{}", expected.fault));
  const Answer answer = run.pay();
  EXPECT_EQ(answer.status, expected.status);
  EXPECT_EQ(answer.end, expected.end);
  EXPECT_EQ(answer.is_whole, expected.is_whole);
  EXPECT_EQ(payments(run), expected.applied);
}

INSTANTIATE_TEST_SUITE_P(Kinds, PlannedFaultTest,
                         testing::Values(Expected{"rejected", 422, End::kOpen, true, 0},
                                         Expected{"rejected_in_body", 200, End::kOpen, true, 0},
                                         Expected{"unauthorized", 401, End::kOpen, true, 0},
                                         Expected{"conflict", 409, End::kOpen, true, 0},
                                         Expected{"unavailable", 503, End::kOpen, true, 0},
                                         Expected{"rate_limited", 429, End::kOpen, true, 0},
                                         Expected{"error_after_effect", 500, End::kOpen, true, 1},
                                         Expected{"participant_crash_before", 0, End::kReset, false, 0},
                                         Expected{"participant_crash_after", 0, End::kReset, false, 1},
                                         Expected{"participant_forgets", 200, End::kOpen, true, 1},
                                         Expected{"participant_restored", 200, End::kOpen, true, 1},
                                         Expected{"request_lost", 0, End::kClosed, false, 0},
                                         Expected{"request_duplicated", 200, End::kOpen, true, 1},
                                         Expected{"request_late_after_end", 0, End::kClosed, false, 0},
                                         Expected{"reply_lost", 0, End::kClosed, false, 1},
                                         Expected{"reply_corrupt", 200, End::kClosed, false, 1},
                                         Expected{"reply_corrupt_without_effect", 0, End::kClosed, false, 0},
                                         Expected{"reply_mismatched", 200, End::kOpen, true, 0}),
                         [](const auto& param) { return std::string(param.param.fault); });

TEST(PlannedFaultTest, AParticipantThatIsRestoredHasDoneNothingOfTheRun) {
  OneRun run("confirm_order#1:participant_restored");
  EXPECT_EQ(run.order().status, 200);
  EXPECT_EQ(run.pay().status, 200);
  EXPECT_EQ(run.call("order_service", "confirm_order").status, 200);
  const std::vector<Effect> effects = run.close().ledger.effects;
  EXPECT_EQ(effects, (std::vector<Effect>{Effect{}, Effect{.applied = 1}, Effect{.applied = 1}}));
}

TEST(PlannedFaultTest, SaysWhenToComeAgainAndTurnsAwayUntilThen) {
  OneRun run("process_payment#1:rate_limited");
  EXPECT_EQ(run.pay().header("Retry-After"), "2");
  EXPECT_EQ(run.pay().status, 429);
  run.fakes.runs().heal("run-1");
  EXPECT_EQ(run.pay().status, 200);
}

TEST(PlannedFaultTest, AForeignAnswerHasAForeignCorrelationId) {
  OneRun run("process_payment#1:reply_mismatched");
  const Headers ours{{"X-Correlation-ID", "run-1"}};
  EXPECT_EQ(run.pay(ours).header("X-Correlation-ID"), "somebody-else");
  EXPECT_EQ(run.pay(ours).header("X-Correlation-ID"), "run-1");
}

TEST(PlannedFaultTest, ARejectionInTheBodySaysSoOnlyThere) {
  OneRun run("process_payment#1:rejected_in_body");
  EXPECT_THAT(run.pay().body, HasSubstr(R"("success":false)"));
}

TEST(PlannedFaultTest, ACutHeadCannotBeTakenForASuccess) {
  OneRun run("process_payment#1:reply_corrupt_without_effect");
  EXPECT_EQ(run.pay().bytes, "HTTP/1.1 20");
}

/// How long a request with this fault was answered, or not, if the subject waits for 400 ms.
std::chrono::milliseconds time_of(OneRun& run, Answer& answer) {
  const auto began = std::chrono::steady_clock::now();
  answer = run.pay();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

TEST(TimedFaultTest, HangsForAsLongAsTheSubjectWaits) {
  for (const std::string_view fault : {"request_lost", "reply_lost", "request_late", "reply_late"}) {
    OneRun run(fmt::format("process_payment#1:{}", fault), {.timeout = 400ms});
    Answer answer;
    EXPECT_GE(time_of(run, answer), 400ms) << fault;
    EXPECT_EQ(answer.status, fault == "reply_late" ? 200 : 0) << fault;
    EXPECT_EQ(payments(run), fault == "request_lost" ? 0U : 1U) << fault;
  }
}

TEST(TimedFaultTest, IsSlowUnderTheTimeoutOrOverIt) {
  OneRun under("process_payment#1:delay_under_timeout", {.timeout = 400ms});
  Answer answer;
  EXPECT_GE(time_of(under, answer), 200ms);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(story(under.close()), testing::Not(HasSubstr("timed_out")));
  OneRun over("process_payment#1:delay_over_timeout", {.timeout = 400ms});
  EXPECT_GE(time_of(over, answer), 400ms);
  EXPECT_THAT(story(over.close()), HasSubstr("timed_out"));
}

TEST(TimedFaultTest, ALateRequestIsDoneOnceItsCallerHasGone) {
  OneRun run("process_payment#1:request_late", {.timeout = 60s});
  {
    const std::string url = run.url("payment_service", "process_payment");
    RawClient client(url);
    client.send("POST /~run-1/process_payment HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    while (run.fakes.runs().wait_quiet("run-1", 0ms, 0ms)) {
    }
  }  // hangs up
  EXPECT_TRUE(run.fakes.runs().wait_quiet("run-1", 0ms, 10s));
  EXPECT_EQ(payments(run), 1U);
}

TEST(TimedFaultTest, AReorderedRequestIsAnsweredOnceItWasOvertaken) {
  OneRun run("process_payment#1:request_reordered", {.timeout = 60s});
  RawClient first(run.url("payment_service", "process_payment"));
  first.send("POST /~run-1/process_payment HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  while (run.fakes.runs().wait_quiet("run-1", 0ms, 0ms)) {
  }
  EXPECT_EQ(run.order().status, 200);
  EXPECT_EQ(first.receive().status, 200);
  const std::string told = story(run.close());
  EXPECT_LT(told.find("delivered      create_order"), told.find("delivered      process_payment")) << told;
}

TEST(TimedFaultTest, DrainingDeliversWhatIsHeldBack) {
  OneRun run("process_payment#1:request_late_after_end");
  run.pay();
  run.fakes.runs().drain("run-1");
  EXPECT_EQ(payments(run), 1U);
}

/// A run whose faults come from the admin API.
class AdminFaults : public OneRun {
 public:
  Answer add(std::string_view fault) { return post(fakes.admin_url() + "/__admin/faults", fault); }
  /// The first payment under the fault.
  Answer pay_under(std::string_view fault) {
    EXPECT_EQ(add(fault).status, 201);
    return pay();
  }
  std::string journal() { return get(fakes.admin_url() + "/__admin/journal").body; }
};

TEST(WireFaultTest, ResetsBeforeOrAfterTheEffect) {
  for (const bool after : {false, true}) {
    AdminFaults run;
    const Answer answer = run.pay_under(after ? R"({"fault":"reset_after"})" : R"({"fault":"reset_before"})");
    EXPECT_EQ(answer.end, End::kReset);
    EXPECT_EQ(answer.bytes, "");
    EXPECT_THAT(run.journal(), HasSubstr(R"("status":0,"delivered":"reset")"));
    EXPECT_EQ(payments(run), after ? 1U : 0U);
  }
}

TEST(WireFaultTest, ClosesBeforeOrAfterTheEffect) {
  for (const bool after : {false, true}) {
    AdminFaults run;
    const Answer answer =
        run.pay_under(after ? R"({"fault":"closed_after"})" : R"({"fault":"closed_before"})");
    EXPECT_EQ(answer.end, End::kClosed);
    EXPECT_EQ(answer.bytes, "");
    EXPECT_THAT(run.journal(), HasSubstr(R"("status":0,"delivered":"closed")"));
    EXPECT_EQ(payments(run), after ? 1U : 0U);
  }
}

TEST(WireFaultTest, SendsLessOfTheBodyThanAnnounced) {
  AdminFaults run;
  const Answer answer = run.pay_under(R"({"fault":"truncated_body"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Length"), "26");
  EXPECT_LT(answer.body.size(), 26U);
  EXPECT_FALSE(answer.body.empty());
  EXPECT_EQ(answer.end, End::kClosed);
  EXPECT_THAT(run.journal(), HasSubstr(R"("delivered":"cut")"));
  EXPECT_EQ(payments(run), 1U);
}

TEST(WireFaultTest, SendsWhatIsNoJson) {
  AdminFaults run;
  const Answer answer = run.pay_under(R"({"fault":"invalid_json"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.is_whole);
  EXPECT_EQ(answer.body, R"({"ok":true,"success":)");
  EXPECT_EQ(payments(run), 1U);
}

TEST(WireFaultTest, SendsTheWrongContentType) {
  AdminFaults run;
  EXPECT_EQ(run.pay_under(R"({"fault":"wrong_content_type"})").header("Content-Type"), "text/html");
  EXPECT_EQ(run.pay().header("Content-Type"), "application/json");
}

TEST(WireFaultTest, IsSlowWithItsFirstByteOrWithItsBody) {
  AdminFaults first;
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(first.pay_under(R"({"fault":"slow_first_byte","delay":"200ms"})").status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 200ms);

  AdminFaults body;
  ASSERT_EQ(body.add(R"({"fault":"slow_body","delay":"400ms"})").status, 201);
  RawClient client(body.url("payment_service", "process_payment"));
  client.send("POST /~run-1/process_payment HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  const Answer early = client.receive(200ms);
  EXPECT_EQ(early.status, 200) << "the head comes at once";
  EXPECT_FALSE(early.is_whole);
  const Answer rest = client.receive(10ms);
  EXPECT_LT(early.body.size() + rest.bytes.size(), 26U);
}

TEST(WireFaultTest, HangsWithOrWithoutEffect) {
  for (const bool after : {false, true}) {
    AdminFaults run;
    const auto began = std::chrono::steady_clock::now();
    const Answer answer =
        run.pay_under(fmt::format(R"({{"fault":"hang","delay":"200ms","after_effect":{}}})", after));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 200ms);
    EXPECT_EQ(answer.bytes, "");
    EXPECT_EQ(answer.end, End::kClosed);
    EXPECT_EQ(payments(run), after ? 1U : 0U);
  }
}

TEST(WireFaultTest, AnswersWithAnyStatus) {
  for (const int status : {400, 404, 418, 429, 500, 502, 599}) {
    AdminFaults run;
    const Answer answer = run.pay_under(fmt::format(R"({{"fault":"status","status":{}}})", status));
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("Retry-After").empty(), status != 429);
    EXPECT_EQ(payments(run), 0U);
  }
}

TEST(WireFaultTest, RefusesConnectionsUntilTheFaultIsDeleted) {
  AdminFaults run;
  const std::string url = run.url("payment_service", "process_payment");
  RawClient kept(url);
  EXPECT_EQ(kept.request("POST", "/~run-1/process_payment").status, 200);
  EXPECT_THAT(run.add(R"({"fault":"refused","service":"payment_service"})").body, HasSubstr("[1]"));
  EXPECT_TRUE(is_refused(url));
  EXPECT_NE(kept.receive().end, End::kOpen) << "a connection that was kept is ended as well";
  EXPECT_EQ(run.order().status, 200) << "others go on";
  const std::string fault = run.fakes.admin_url() + "/__admin/faults/1";
  EXPECT_EQ(RawClient(fault).request("DELETE", "/__admin/faults/1").status, 200);
  EXPECT_EQ(run.pay().status, 200) << "on the same port";
}

TEST(WireFaultTest, IsUsedUpBeforeItStrikes) {
  AdminFaults run;
  EXPECT_EQ(run.pay_under(R"({"fault":"unavailable"})").status, 503);
  EXPECT_EQ(run.pay().status, 200);
  EXPECT_EQ(run.pay_under(R"({"fault":"unavailable","times":2})").status, 503);
  EXPECT_EQ(run.pay().status, 503);
  EXPECT_EQ(run.pay().status, 200);
  EXPECT_EQ(run.pay_under(R"({"fault":"unavailable","times":"always"})").status, 503);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(run.pay().status, 503);
}

TEST(WireFaultTest, StrikesOnlyWithinItsScope) {
  AdminFaults run;
  run.add(R"({"fault":"unavailable","service":"order_service"})");
  run.add(R"({"fault":"conflict","action":"refund_payment"})");
  run.add(R"({"fault":"rejected","saga_id":"run-2"})");
  run.add(R"({"fault":"unauthorized","idempotency_key":"K"})");
  run.add(R"({"fault":"rejected_in_body","action":"process_payment","attempt":2})");
  EXPECT_THAT(run.pay().body, HasSubstr("true"));
  EXPECT_THAT(run.pay().body, HasSubstr("false"));
  EXPECT_EQ(run.pay({{"Idempotency-Key", "K"}}).status, 401);
  EXPECT_EQ(run.refund().status, 409);
  EXPECT_EQ(run.order().status, 503);
  EXPECT_EQ(post(run.fakes.service_urls("run-2").at("payment_service") + "/process_payment").status, 422);
}

}  // namespace
}  // namespace saga_harness::http_tests
