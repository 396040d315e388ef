// What keeps a run from being judged as it is, and what nobody can say of requests that are no longer known.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "admin_fixture.hpp"

namespace saga_harness::http_tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OutstandingTest : public AdminTest {
 protected:
  /// All that a saga asks for that completes.
  void complete(const std::string& saga_id = "S") {
    const Headers headers{{"X-Saga-Id", saga_id}};
    call("order_service", "create_order", "{}", headers);
    call("payment_service", "process_payment", "{}", headers);
    call("order_service", "confirm_order", "{}", headers);
    report(saga_id, "completed");
  }
  void report(const std::string& saga_id, const std::string& outcome) {
    const json body{{"saga_id", saga_id}, {"outcome", outcome}};
    ASSERT_EQ(ask("POST", "/report", body.dump()).status, 200);
  }
  void open(const std::string& saga_id, const std::string& plan = "", const std::string& timeout = "") {
    json body{{"saga_id", saga_id}};
    if (!plan.empty()) body["plan"] = plan;
    if (!timeout.empty()) body["timeout"] = timeout;
    const Answer opened = ask("POST", "/runs", body.dump());
    ASSERT_EQ(opened.status, 201) << opened.body;
  }
  int verdict(const std::string& query = "") { return ask("GET", "/verdict?saga_id=S" + query).status; }
  /// What is outstanding of S, by name.
  std::vector<std::string> outstanding() {
    const Answer answer = ask("GET", "/verdict?saga_id=S");
    const json document = json::parse(answer.body);
    EXPECT_EQ(document["passed"], answer.status == 200);
    std::vector<std::string> names;
    for (const json& each : document["outstanding"]) names.push_back(each["what"]);
    return names;
  }
  void wait_until_held_back() {
    for (int i = 0; i < 10'000 && read("/runs/S")["held_back"].empty(); ++i) {
    }
  }
  std::string reason() { return read("/verdict?saga_id=S")["outstanding"][0]["reason"]; }
};

TEST_F(OutstandingTest, NothingIsOfARunInWhichAllWentAsPlanned) {
  open("S", "process_payment.action#1:unavailable");
  call("order_service", "create_order");
  EXPECT_EQ(pay().status, 503);
  EXPECT_EQ(pay().status, 200);
  call("order_service", "confirm_order");
  report("S", "completed");
  EXPECT_EQ(verdict(), 200);
  EXPECT_THAT(outstanding(), IsEmpty());
  EXPECT_EQ(read("/runs/S")["held_back"], json::array());
}

TEST_F(OutstandingTest, AFaultOfThePlanThatNeverStruckIs) {
  open("S", "process_payment.compensation#1:unavailable");
  complete();
  EXPECT_EQ(verdict(), 409);
  EXPECT_THAT(outstanding(), ElementsAre("unfired"));
  EXPECT_THAT(reason(), HasSubstr("process_payment.compensation#1:unavailable"));
  EXPECT_EQ(verdict("&allow=unfired"), 200);
  EXPECT_EQ(verdict("&allow=unmatched"), 409);
}

TEST_F(OutstandingTest, AnOrderedFaultThatNeverStruckIsUnlessItIsOfAnotherRun) {
  open("T");
  ask("POST", "/faults", R"({"fault":"unavailable","action":"process_payment","saga_id":"T"})");
  complete();
  EXPECT_EQ(verdict(), 200) << "it is of a run that is there, and that is another";
  EXPECT_THAT(read("/verdict?saga_id=T")["outstanding"][0]["what"], "unfired");
  ask("POST", "/faults", R"({"fault":"unavailable","action":"process_payment","saga_id":"typo"})");
  EXPECT_EQ(verdict(), 409);
  EXPECT_THAT(reason(), AllOf(HasSubstr("fault 2, unavailable"), HasSubstr("of which there is no run")));
  ask("DELETE", "/faults/2");
  EXPECT_EQ(verdict(), 200);
  ask("POST", "/faults", R"({"fault":"unavailable","action":"refund_payment"})");
  EXPECT_THAT(outstanding(), ElementsAre("unfired")) << "it is for whoever asks";
}

TEST_F(OutstandingTest, RefusedConnectionsAreNotCounted) {
  complete();
  ask("POST", "/faults", R"({"fault":"refused","service":"payment_service"})");
  EXPECT_EQ(verdict(), 200);
}

TEST_F(OutstandingTest, ARequestThatFitsNoActionIs) {
  complete();
  EXPECT_EQ(call("payment_service", "refnd_payment").status, 404);
  EXPECT_EQ(verdict(), 409);
  EXPECT_THAT(outstanding(), ElementsAre("unmatched"));
  EXPECT_EQ(verdict("&allow=unmatched"), 200);
  EXPECT_EQ(verdict("&allow=unfired,unmatched"), 200);
}

TEST_F(OutstandingTest, SoIsOneThatNamesNoSaga) {
  complete();
  EXPECT_EQ(call("payment_service", "refnd_payment", "{}", {}).status, 404);
  EXPECT_THAT(outstanding(), ElementsAre("unmatched"));
  EXPECT_THAT(reason(), HasSubstr("1 request that named no saga"));
  ask("POST", "/reset", R"({"saga_id":"default"})");
  EXPECT_EQ(verdict(), 200);
}

TEST_F(OutstandingTest, ACopyThatIsHeldBackIsShownUntilItComes) {
  open("S", "process_payment.action#1:request_duplicated_later");
  complete();
  EXPECT_EQ(verdict(), 409);
  EXPECT_THAT(outstanding(), ElementsAre("held_back"));
  EXPECT_THAT(read("/runs/S")["held_back"],
              ElementsAre(AllOf(HasSubstr("a copy of process_payment.action#1 until "))));
  EXPECT_EQ(verdict("&allow=held_back"), 200);
  EXPECT_EQ(ask("POST", "/drain", R"({"saga_id":"S"})").status, 200);
  EXPECT_THAT(read("/runs/S")["held_back"], IsEmpty());
  EXPECT_EQ(verdict(), 200);
}

// A saga that gave up and undid all that it knew of: what it asked for first is done when it has ended.
TEST_F(OutstandingTest, ARequestThatComesAfterTheEndMakesAGreenVerdictRed) {
  open("S", "process_payment.action#1:request_late_after_end");
  call("order_service", "create_order");
  RawClient(fakes_->service_urls().at("payment_service"))
      .send("POST /process_payment HTTP/1.1\r\nX-Saga-Id: S\r\nContent-Length: 0\r\n\r\n");
  wait_until_held_back();
  call("order_service", "cancel_order");
  report("S", "compensated");
  EXPECT_THAT(outstanding(), ElementsAre("held_back"));
  EXPECT_EQ(verdict("&allow=held_back"), 200) << "what is not there yet is not judged";
  ask("POST", "/drain", R"({"saga_id":"S"})");
  EXPECT_THAT(outstanding(), IsEmpty());
  EXPECT_EQ(verdict(), 409) << "I1: it was done, and never undone";
}

// Its participant has not begun to do it.
TEST_F(OutstandingTest, ARequestThatIsSlowIsHeldBackAsWell) {
  open("S", "process_payment.action#1:delay_under_timeout", "60s");
  RawClient client(fakes_->service_urls().at("payment_service"));
  client.send("POST /process_payment HTTP/1.1\r\nX-Saga-Id: S\r\nContent-Length: 0\r\n\r\n");
  wait_until_held_back();
  EXPECT_THAT(read("/runs/S")["held_back"], ElementsAre(HasSubstr("process_payment.action#1 until ")));
  ask("POST", "/drain", R"({"saga_id":"S"})");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_THAT(read("/runs/S")["held_back"], IsEmpty());
}

TEST_F(OutstandingTest, WhatCannotBeAllowedIsRefusedWithTheNearest) {
  complete();
  const Answer answer = ask("GET", "/verdict?saga_id=S&allow=unmached");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("unmatched"));
}

class VerifyTest : public OutstandingTest {
 protected:
  int verify(std::string_view body) { return ask("POST", "/verify", body).status; }
};

constexpr std::string_view kNeverRefunded = R"({"called":{"action":"refund_payment"},"times":0})";
constexpr std::string_view kNeverRefundedOfS =
    R"({"called":{"action":"refund_payment"},"times":0,"saga_id":"S"})";

TEST_F(VerifyTest, ThatSomethingWasNotCalledNeedsARun) {
  EXPECT_EQ(verify(kNeverRefunded), 404);
  EXPECT_EQ(verify(kNeverRefundedOfS), 404);
  EXPECT_EQ(verify(R"({"called":{"action":"refund_payment"},"at_most":3,"saga_id":"S"})"), 404);
  open("T");
  EXPECT_EQ(verify(kNeverRefunded), 200);
  EXPECT_EQ(verify(kNeverRefundedOfS), 404) << "a run of another saga says nothing of this one";
  open("S");
  EXPECT_EQ(verify(kNeverRefundedOfS), 200);
  call("payment_service", "refund_payment");
  EXPECT_EQ(verify(kNeverRefundedOfS), 409);
}

TEST_F(VerifyTest, ThatSomethingWasNotCalledNeedsEveryRequestSinceTheRunWasOpened) {
  call("payment_service", "refund_payment");
  ask("DELETE", "/journal");
  EXPECT_EQ(verify(kNeverRefundedOfS), 412) << "it was, and that was cleared";
  EXPECT_EQ(verify(kNeverRefunded), 412);
  EXPECT_EQ(verify(R"({"called":{"action":"refund_payment"},"at_most":1,"saga_id":"S"})"), 412);
  call("payment_service", "refund_payment");
  EXPECT_EQ(verify(R"({"called":{"action":"refund_payment"},"at_least":1,"saga_id":"S"})"), 200)
      << "that it was called needs no more than to be seen";
  open("T");
  EXPECT_EQ(verify(R"({"called":{"action":"refund_payment"},"times":0,"saga_id":"T"})"), 200)
      << "opened after the journal was cleared";
  ask("POST", "/reset");
  open("S");
  EXPECT_EQ(verify(kNeverRefundedOfS), 200);
}

}  // namespace
}  // namespace saga_harness::http_tests
