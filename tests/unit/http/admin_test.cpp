#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "admin_fixture.hpp"

namespace saga_harness::http_tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(AdminTest, JudgesStepsThatAreToBeSkipped) {
  Scenario scenario = shop();
  scenario.saga.steps[1].only_if =
      Condition{.pointer = "/total", .comparison = Comparison::kAbove, .value = 0};
  scenario.saga.context = Context{{"total", 7}};
  start({}, scenario);
  const Answer opened = ask("POST", "/runs", R"({"saga_id":"S","context":{"total":0}})");
  EXPECT_EQ(opened.status, 201);
  EXPECT_EQ(read("/runs/S")["skipped"], json::array({"process_payment"}));
  EXPECT_EQ(ask("POST", "/runs", R"({"saga_id":"T","context":{}})").status, 201) << "as the scenario says";
  EXPECT_THAT(ask("POST", "/runs", R"({"saga_id":"U","context":{"sum":0}})").body,
              HasSubstr("/total above 0"));
  call("order_service", "create_order");
  call("order_service", "confirm_order");
  ask("POST", "/report", R"({"saga_id":"S","outcome":"completed"})");
  EXPECT_EQ(ask("GET", "/verdict?saga_id=S").status, 200);
  pay();
  const Answer violated = ask("GET", "/verdict?saga_id=S");
  EXPECT_EQ(violated.status, 409);
  EXPECT_THAT(violated.body, HasSubstr("whose condition (/total above 0) does not hold"));
  EXPECT_EQ(read("/runs/T").count("skipped"), 0U);
}

TEST_F(AdminTest, RefusesUnknownFaultsAndFieldsByName) {
  const auto refusal = [this](std::string_view body) {
    const Answer answer = ask("POST", "/faults", body);
    EXPECT_EQ(answer.status, 400) << body;
    return answer.body;
  };
  EXPECT_THAT(refusal(R"({"fault":"reset_befor"})"),
              AllOf(HasSubstr("reset_befor"), HasSubstr("reset_before")));
  EXPECT_THAT(refusal(R"({"fault":"rejected","servise":"payment_service"})"),
              AllOf(HasSubstr("servise"), HasSubstr("service")));
  EXPECT_THAT(refusal(R"({"fault":"rejected","service":"payment_servise"})"), HasSubstr("payment_service"));
  EXPECT_THAT(refusal(R"({"fault":"rejected","action":"proces_payment"})"), HasSubstr("process_payment"));
  EXPECT_THAT(refusal(R"({"fault":"takeover"})"), HasSubstr("takeover"));
  EXPECT_THAT(refusal(R"({"fault":"reply_late"})"), HasSubstr("timeout"));
  EXPECT_THAT(refusal(R"({"fault":"status"})"), HasSubstr("status"));
  EXPECT_THAT(refusal(R"({"fault":"status","status":200})"), HasSubstr("400"));
  EXPECT_THAT(refusal(R"({"fault":"rejected","delay":"1s"})"), HasSubstr("delay"));
  EXPECT_THAT(refusal(R"({"fault":"hang","delay":5})"), HasSubstr("unit"));
  EXPECT_THAT(refusal(R"({"fault":"rejected","times":0})"), HasSubstr("times"));
  EXPECT_THAT(refusal(R"({"fault":"refused"})"), HasSubstr("service"));
  EXPECT_THAT(refusal(R"({"fault":"refused","service":"payment_service","attempt":1})"),
              HasSubstr("attempt"));
  EXPECT_THAT(refusal("{}"), HasSubstr("fault"));
  EXPECT_THAT(refusal("[]"), HasSubstr("empty"));
  EXPECT_THAT(refusal("{"), HasSubstr("the body:1:2"));
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(read("/faults")["faults"], IsEmpty());
}

TEST_F(AdminTest, AnArrayOfFaultsIsAddedWholeOrNotAtAll) {
  EXPECT_EQ(ask("POST", "/faults", R"([{"fault":"rejected"},{"fault":"nonsense"}])").status, 400);
  EXPECT_THAT(read("/faults")["faults"], IsEmpty());
  const Answer added = ask("POST", "/faults", R"([{"fault":"rejected"},{"fault":"hang","delay":"1s"}])");
  EXPECT_EQ(added.status, 201);
  EXPECT_EQ(added.body, R"({"ids":[1,2]})");
  EXPECT_EQ(read("/faults/2")["delay"], "1s");
  EXPECT_EQ(ask("DELETE", "/faults/1").status, 200);
  EXPECT_EQ(ask("DELETE", "/faults/1").status, 404);
  EXPECT_EQ(read("/faults")["faults"].size(), 1U);
  EXPECT_EQ(ask("DELETE", "/faults").body, R"({"removed":1})");
}

TEST_F(AdminTest, CountsHowOftenAFaultStruck) {
  ask("POST", "/faults", R"({"fault":"unavailable","times":2})");
  pay();
  pay();
  pay();
  EXPECT_EQ(read("/faults/1")["struck"], 2);
}

TEST_F(AdminTest, TheJournalHasEveryAttemptWithItsConnection) {
  RawClient client(fakes_->service_urls().at("payment_service"));
  const Headers headers{{"X-Saga-Id", "S"}, {"Idempotency-Key", "K"}};
  ask("POST", "/faults", R"({"fault":"unavailable"})");
  client.request("POST", "/process_payment", R"({"n":1})", headers);
  client.request("POST", "/process_payment", R"({"n":1})", headers);
  pay();
  const json entries = read("/journal")["entries"];
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0]["status"], 503);
  EXPECT_EQ(entries[0]["fault"], "unavailable");
  EXPECT_EQ(entries[0]["fault_id"], 1);
  EXPECT_EQ(entries[1]["status"], 200);
  EXPECT_EQ(entries[1]["fault"], nullptr);
  EXPECT_EQ(entries[1]["attempt"], 2);
  EXPECT_EQ(entries[1]["idempotency_key"], "K");
  EXPECT_EQ(entries[1]["body"], R"({"n":1})");
  EXPECT_EQ(entries[0]["connection"], entries[1]["connection"]);
  EXPECT_NE(entries[0]["connection"], entries[2]["connection"]);
}

TEST_F(AdminTest, TheJournalIsPagedFilteredAndCounted) {
  for (int i = 0; i < 5; ++i) pay();
  pay({{"X-Saga-Id", "T"}});
  call("payment_service", "nothing");
  const auto ids = [this](std::string_view query) {
    std::vector<int> found;
    const json journal = read(fmt::format("/journal{}", query));
    for (const json& entry : journal["entries"]) found.push_back(entry["id"]);
    return found;
  };
  EXPECT_THAT(ids("?limit=2"), ElementsAre(6, 7));
  EXPECT_THAT(ids("?since=1&limit=2"), ElementsAre(2, 3));
  EXPECT_THAT(ids("?saga_id=T"), ElementsAre(6));
  EXPECT_THAT(ids("/unmatched"), ElementsAre(7));
  EXPECT_EQ(read("/journal/count?saga_id=S&action=process_payment")["count"], 5);
  EXPECT_EQ(read("/journal/count")["unmatched"], 1);
  EXPECT_EQ(ask("GET", "/journal?limit=x").status, 400);
  EXPECT_THAT(ask("GET", "/journal?saga=S").body, AllOf(HasSubstr("saga"), HasSubstr("saga_id")));
  ask("DELETE", "/journal");
  EXPECT_EQ(read("/journal/count")["total"], 0);
}

TEST_F(AdminTest, AnAssertionOverATruncatedJournalFails) {
  start({.max_journal = 3});
  for (int i = 0; i < 3; ++i) pay();
  const std::string_view question = R"({"called":{"action":"process_payment"},"times":3})";
  EXPECT_EQ(ask("POST", "/verify", question).status, 200);
  pay();
  const Answer answer = ask("POST", "/verify", question);
  EXPECT_EQ(answer.status, 412);
  EXPECT_THAT(answer.body, HasSubstr("1 of 4 requests were dropped"));
  EXPECT_EQ(read("/journal")["dropped"], 1);
  EXPECT_EQ(read("/journal")["entries"].size(), 3U);
  EXPECT_EQ(read("/journal")["entries"][0]["id"], 2);
}

TEST_F(AdminTest, VerifiesHowOftenAndInWhichOrder) {
  call("order_service", "create_order");
  pay();
  call("payment_service", "refund_payment");
  call("order_service", "cancel_order");
  const auto verify = [this](std::string_view body) { return ask("POST", "/verify", body).status; };
  EXPECT_EQ(verify(R"({"called":{"service":"payment_service","action":"process_payment"},"times":1})"), 200);
  EXPECT_EQ(verify(R"({"called":{"action":"process_payment"},"times":2})"), 409);
  EXPECT_EQ(verify(R"({"called":{"service":"payment_service"},"at_least":2})"), 200);
  EXPECT_EQ(verify(R"({"called":{},"at_most":3})"), 409);
  EXPECT_EQ(verify(R"({"called":{},"times":4,"saga_id":"S"})"), 200);
  EXPECT_EQ(verify(R"({"called":{"action":"no_such"}})"), 400);
  EXPECT_EQ(verify(R"({"compensated_in_order":["refund_payment","cancel_order"]})"), 200);
  EXPECT_EQ(verify(R"({"compensated_in_order":["cancel_order","refund_payment"]})"), 409);
  EXPECT_EQ(verify(R"({"compensated_in_order":["refund_payment"]})"), 409);
  EXPECT_EQ(verify(R"({"compensated_in_order":["refund"]})"), 400);
  EXPECT_EQ(verify(R"({"compensated_in_order":[],"times":2})"), 400);
  EXPECT_EQ(verify("{}"), 400);
}

TEST_F(AdminTest, TheVerdictIsAStatus) {
  ask("POST", "/faults", R"([{"fault":"unavailable","service":"payment_service","times":1}])");
  call("order_service", "create_order");
  pay();
  pay();
  EXPECT_EQ(ask("GET", "/verdict").status, 409) << "nothing was reported";
  EXPECT_EQ(ask("POST", "/report", R"({"outcome":"compensated"})").status, 200);
  const Answer violated = ask("GET", "/verdict?saga_id=S");
  EXPECT_EQ(violated.status, 409);
  EXPECT_EQ(json::parse(violated.body)["verdicts"][0]["status"], "violated");
  call("payment_service", "refund_payment");
  call("order_service", "cancel_order");
  EXPECT_EQ(ask("GET", "/verdict?saga_id=S").status, 200);
  EXPECT_EQ(ask("GET", "/verdict?saga_id=S&claims=idempotency_keys").status, 409) << "no request had one";
  EXPECT_THAT(ask("GET", "/verdict?claims=idempotency_key").body, HasSubstr("idempotency_keys"));
  EXPECT_EQ(ask("GET", "/verdict?saga_id=unknown").status, 404);
}

TEST_F(AdminTest, AReportNamesOutcomeAndSteps) {
  pay();
  EXPECT_THAT(ask("POST", "/report", R"({"outcome":"complete"})").body, HasSubstr("completed"));
  EXPECT_THAT(ask("POST", "/report", R"({"outcome":"flagged","flagged":["process_paymen"]})").body,
              HasSubstr("process_payment"));
  EXPECT_EQ(ask("POST", "/report", R"({"outcome":"flagged","flagged":["process_payment"]})").status, 200);
  EXPECT_EQ(read("/runs/S")["outcome"], "flagged");
}

TEST_F(AdminTest, ShowsLedgersAndTraces) {
  pay();
  EXPECT_EQ(read("/ledgers")["S"]["effects"]["process_payment"]["applied"], 1);
  EXPECT_EQ(read("/ledgers?saga_id=S")["S"]["effects"]["create_order"]["applied"], 0);
  EXPECT_EQ(read("/trace?saga_id=S")["events"][1]["type"], "sent");
  EXPECT_EQ(read("/trace")["dropped"], 0);
}

TEST_F(AdminTest, OpensAndClosesRunsWithAPlan) {
  const Answer opened = ask("POST", "/runs", R"({"saga_id":"R","plan":"process_payment#1:rejected"})");
  EXPECT_EQ(opened.status, 201);
  const std::string url = json::parse(opened.body)["services"]["payment_service"];
  EXPECT_EQ(post(url + "/process_payment").status, 422);
  EXPECT_EQ(ask("POST", "/runs", R"({"saga_id":"R"})").status, 409);
  EXPECT_EQ(ask("POST", "/runs", R"({"saga_id":"Q","plan":"nonsense#1:rejected"})").status, 400);
  EXPECT_THAT(read("/runs")["runs"], ElementsAre("R"));
  EXPECT_EQ(json::parse(ask("DELETE", "/runs/R").body)["fired"], "process_payment.action#1:rejected");
  EXPECT_EQ(post(url + "/process_payment").status, 410);
}

TEST_F(AdminTest, ResetsOneSagaOrAll) {
  ask("POST", "/faults", R"([{"fault":"rejected","saga_id":"T"},{"fault":"conflict","saga_id":"U"}])");
  pay();
  pay({{"X-Saga-Id", "V"}});
  EXPECT_EQ(ask("POST", "/reset", R"({"saga_id":"S"})").status, 200);
  EXPECT_THAT(read("/runs")["runs"], ElementsAre("V"));
  EXPECT_EQ(read("/journal")["entries"].size(), 1U);
  EXPECT_EQ(read("/faults")["faults"].size(), 2U);
  EXPECT_EQ(ask("POST", "/reset", R"({"saga_id":"T"})").status, 200);
  EXPECT_EQ(read("/faults")["faults"].size(), 1U);
  EXPECT_EQ(ask("POST", "/reset").status, 200);
  EXPECT_THAT(read("/runs")["runs"], IsEmpty());
  EXPECT_THAT(read("/journal")["entries"], IsEmpty());
  EXPECT_THAT(read("/faults")["faults"], IsEmpty());
  EXPECT_EQ(read("/journal/count")["dropped"], 0);
}

TEST_F(AdminTest, WaitsHealsAndDrains) {
  EXPECT_EQ(ask("POST", "/wait", R"({"quiet_for":"1ms"})").status, 200);
  ask("POST", "/faults", R"({"fault":"hang","times":"always"})");
  RawClient client(fakes_->service_urls().at("payment_service"));
  client.send("POST /process_payment HTTP/1.1\r\nX-Saga-Id: S\r\nContent-Length: 0\r\n\r\n");
  while (read("/journal/count")["total"] == 0) {
  }
  EXPECT_EQ(ask("POST", "/wait", R"({"at_most":"20ms"})").status, 409);
  EXPECT_EQ(ask("POST", "/heal").status, 200);
  EXPECT_EQ(ask("POST", "/drain").status, 200);
  EXPECT_EQ(ask("POST", "/wait", R"({"saga_id":"S","quiet_for":"1ms"})").status, 200);
  EXPECT_EQ(client.receive().end, End::kClosed);
  EXPECT_EQ(pay().status, 200);
  EXPECT_EQ(ask("POST", "/wait", R"({"at_most":"1h"})").status, 400);
  EXPECT_EQ(ask("POST", "/wait", R"({"saga_id":"unknown"})").status, 404);
}

}  // namespace
}  // namespace saga_harness::http_tests
