// Each kind of fault at a call: what happens, in what order, at what time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// One `pay` and 20 ms of quiet, in which whatever is late arrives.
std::string paying(std::string_view plan) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          runtime.call(kPay);
                          runtime.sleep(milliseconds(20));
                        }));
  return fixture.story(plan);
}

/// The same, and then its `refund`; the events from the sending of that on.
std::string paying_and_refunding(std::string_view plan) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          runtime.call(kPay);
                          runtime.sleep(milliseconds(20));
                          runtime.call(kRefund);
                          runtime.sleep(milliseconds(20));
                        }));
  const std::string story = fixture.story(plan);
  const std::size_t refund = story.find("sent pay.compensation#1");
  return story.substr(story.rfind('\n', refund));
}

TEST(FaultTest, WithoutOneAMessageTakesAMillisecondEachWay) {
  EXPECT_EQ(paying("none"), R"(
0.000ms sent pay.action#1
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok
2.000ms received pay.action#1 ok
22.000ms returned
)");
}

TEST(FaultTest, ARejectedCallNeverReachesTheCodeOfItsParticipant) {
  EXPECT_EQ(paying("pay:rejected"), R"(
0.000ms sent pay.action#1
0.000ms fault rejected at pay.action#1
1.000ms delivered pay.action#1
1.000ms answered pay.action#1 rejected
2.000ms received pay.action#1 rejected
22.000ms returned
)");
}

TEST(FaultTest, AnUnavailableParticipantDoesNothing) {
  EXPECT_EQ(paying("pay:unavailable"), R"(
0.000ms sent pay.action#1
0.000ms fault unavailable at pay.action#1
1.000ms delivered pay.action#1
1.000ms answered pay.action#1 unavailable
2.000ms received pay.action#1 unavailable
22.000ms returned
)");
}

TEST(FaultTest, AnErrorAfterTheEffectLeavesTheEffect) {
  EXPECT_EQ(paying("pay:error_after_effect"), R"(
0.000ms sent pay.action#1
0.000ms fault error_after_effect at pay.action#1
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 error
2.000ms received pay.action#1 error
22.000ms returned
)");
}

TEST(FaultTest, ALostRequestTimesOut) {
  EXPECT_EQ(paying("pay:request_lost"), R"(
0.000ms sent pay.action#1
0.000ms fault request_lost at pay.action#1
10.000ms timed_out pay.action#1
30.000ms returned
)");
}

TEST(FaultTest, ADuplicateArrivesRightAfterTheOriginalAndIsAnsweredToNobody) {
  EXPECT_EQ(paying("pay:request_duplicated"), R"(
0.000ms sent pay.action#1
0.000ms fault request_duplicated at pay.action#1
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok
1.000ms delivered pay.action#1 duplicate
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok (duplicate)
2.000ms received pay.action#1 ok
22.000ms returned
)");
}

TEST(FaultTest, ALaterDuplicateArrivesJustAfterTheCompensation) {
  EXPECT_EQ(paying_and_refunding("pay:request_duplicated_later"), R"(
22.000ms sent pay.compensation#1
23.000ms delivered pay.compensation#1
23.000ms undone pay.compensation#1
23.000ms answered pay.compensation#1 ok
23.001ms delivered pay.action#1 duplicate
23.001ms applied pay.action#1
23.001ms answered pay.action#1 ok (duplicate)
24.000ms received pay.compensation#1 ok
44.000ms returned
)");
}

TEST(FaultTest, ALaterDuplicateOfACompensationArrivesJustAfterTheOriginal) {
  EXPECT_EQ(paying_and_refunding("pay.compensation:request_duplicated_later"), R"(
22.000ms sent pay.compensation#1
22.000ms fault request_duplicated_later at pay.compensation#1
23.000ms delivered pay.compensation#1
23.000ms undone pay.compensation#1
23.000ms answered pay.compensation#1 ok
23.001ms delivered pay.compensation#1 duplicate
23.001ms undone pay.compensation#1
23.001ms answered pay.compensation#1 ok (duplicate)
24.000ms received pay.compensation#1 ok
44.000ms returned
)");
}

TEST(FaultTest, ALateRequestArrivesJustAfterTheCallerGaveUp) {
  EXPECT_EQ(paying("pay:request_late"), R"(
0.000ms sent pay.action#1
0.000ms fault request_late at pay.action#1
10.000ms timed_out pay.action#1
11.000ms delivered pay.action#1
11.000ms applied pay.action#1
11.000ms answered pay.action#1 ok
12.000ms dropped pay.action#1
30.000ms returned
)");
}

TEST(FaultTest, ARequestCanArriveJustAfterItsOwnCompensation) {
  EXPECT_EQ(paying_and_refunding("pay:request_late_after_compensation"), R"(
30.000ms sent pay.compensation#1
31.000ms delivered pay.compensation#1
31.000ms undone pay.compensation#1
31.000ms answered pay.compensation#1 ok
31.001ms delivered pay.action#1
31.001ms applied pay.action#1
31.001ms answered pay.action#1 ok
32.000ms received pay.compensation#1 ok
32.001ms dropped pay.action#1
52.000ms returned
)");
}

TEST(FaultTest, OnlyACompensationThatReachesTheParticipantLetsTheLateRequestThrough) {
  const std::string story =
      paying_and_refunding("pay:request_late_after_compensation, pay.compensation:unavailable");
  EXPECT_THAT(story, HasSubstr("32.000ms received pay.compensation#1 unavailable"));
  EXPECT_THAT(story, Not(HasSubstr("delivered pay.action#1")));
}

TEST(FaultTest, WhatWaitsForACompensationThatNeverComesArrivesAfterTheEnd) {
  for (const std::string kind : {"request_late_after_compensation", "request_late_after_end"}) {
    EngineFixture fixture(one_step(), once([](Runtime& runtime) { runtime.call(kPay); }));
    EXPECT_THAT(fixture.story("pay:" + kind),
                EndsWith("\n10.000ms timed_out pay.action#1\n10.000ms returned\n"));
    EXPECT_EQ(fixture.epilogue(), R"(
10.000ms healed
11.000ms delivered pay.action#1
11.000ms applied pay.action#1
11.000ms answered pay.action#1 ok
12.000ms dropped pay.action#1
12.000ms started recovery [incarnation 2]
12.000ms returned [incarnation 2]
12.000ms started recovery [incarnation 3]
12.000ms returned [incarnation 3]
)") << kind;
  }
}

TEST(FaultTest, ARequestAfterTheEndIsNotLetThroughByTheCompensation) {
  EXPECT_EQ(paying_and_refunding("pay:request_late_after_end"), R"(
30.000ms sent pay.compensation#1
31.000ms delivered pay.compensation#1
31.000ms undone pay.compensation#1
31.000ms answered pay.compensation#1 ok
32.000ms received pay.compensation#1 ok
52.000ms returned
)");
}

TEST(FaultTest, WhatWasPromisedIsDoneAfterTheCompensation) {
  EXPECT_EQ(paying("pay:ok_before_effect"), R"(
0.000ms sent pay.action#1
0.000ms fault ok_before_effect at pay.action#1
1.000ms delivered pay.action#1
1.000ms answered pay.action#1 ok
2.000ms received pay.action#1 ok
22.000ms returned
)");
  EXPECT_THAT(paying_and_refunding("pay:ok_before_effect"),
              HasSubstr("23.000ms answered pay.compensation#1 ok\n"
                        "23.001ms delivered pay.action#1 duplicate\n"
                        "23.001ms applied pay.action#1\n"));
}

TEST(FaultTest, AParticipantKnowsWhatItsCallerHasBeenPromised) {
  std::vector<bool> promised;
  EngineFixture fixture(one_step(), once([](Runtime& runtime) { runtime.call(kPay); }),
                        participant_from([&promised](const Delivery& delivery, EffectRecorder&) {
                          promised.push_back(delivery.promised);
                          return Reply{};
                        }));
  fixture.run("pay:ok_before_effect");
  EXPECT_THAT(promised, testing::ElementsAre(true));
  promised.clear();
  fixture.run("pay:request_duplicated");
  EXPECT_THAT(promised, testing::ElementsAre(false, false));
}

TEST(FaultTest, ALostReplyLeavesTheEffectAndTimesOut) {
  EXPECT_EQ(paying("pay:reply_lost"), R"(
0.000ms sent pay.action#1
0.000ms fault reply_lost at pay.action#1
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok
10.000ms timed_out pay.action#1
30.000ms returned
)");
}

TEST(FaultTest, ALateReplyComesAfterTheTimeoutAndIsDropped) {
  EXPECT_EQ(paying("pay:reply_late"), R"(
0.000ms sent pay.action#1
0.000ms fault reply_late at pay.action#1
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok
10.000ms timed_out pay.action#1
11.000ms dropped pay.action#1
30.000ms returned
)");
}

TEST(FaultTest, AReplyOneMicrosecondUnderTheTimeoutWins) {
  EXPECT_EQ(paying("pay:delay_under_timeout"), R"(
0.000ms sent pay.action#1
0.000ms fault delay_under_timeout at pay.action#1
8.999ms delivered pay.action#1
8.999ms applied pay.action#1
8.999ms answered pay.action#1 ok
9.999ms received pay.action#1 ok
29.999ms returned
)");
}

TEST(FaultTest, AReplyAtTheInstantOfTheTimeoutLoses) {
  EXPECT_EQ(paying("pay:delay_at_timeout"), R"(
0.000ms sent pay.action#1
0.000ms fault delay_at_timeout at pay.action#1
9.000ms delivered pay.action#1
9.000ms applied pay.action#1
9.000ms answered pay.action#1 ok
10.000ms timed_out pay.action#1
10.000ms dropped pay.action#1
30.000ms returned
)");
}

TEST(FaultTest, AReplyOneMicrosecondOverTheTimeoutLoses) {
  EXPECT_EQ(paying("pay:delay_over_timeout"), R"(
0.000ms sent pay.action#1
0.000ms fault delay_over_timeout at pay.action#1
9.001ms delivered pay.action#1
9.001ms applied pay.action#1
9.001ms answered pay.action#1 ok
10.000ms timed_out pay.action#1
10.001ms dropped pay.action#1
30.000ms returned
)");
}

TEST(FaultTest, ACompensationFailsLikeAnAction) {
  EXPECT_EQ(paying_and_refunding("pay.compensation:reply_lost"), R"(
22.000ms sent pay.compensation#1
22.000ms fault reply_lost at pay.compensation#1
23.000ms delivered pay.compensation#1
23.000ms undone pay.compensation#1
23.000ms answered pay.compensation#1 ok
32.000ms timed_out pay.compensation#1
52.000ms returned
)");
}

TEST(FaultTest, TheCallerIsToldWhatItCanKnow) {
  const auto status_of = [](std::string_view kind) {
    Reply reply;
    std::string body;
    EngineFixture fixture(one_step(), once([&](Runtime& runtime) {
                            reply = runtime.call(kPay);
                            body = reply.body;
                          }));
    fixture.run("pay:" + std::string(kind));
    EXPECT_EQ(reply.ok(), reply.status == ReplyStatus::kOk);
    return std::pair(reply.status, body);
  };
  EXPECT_EQ(status_of("rejected"), std::pair(ReplyStatus::kRejected, std::string(R"({"error":"rejected"})")));
  EXPECT_EQ(status_of("unavailable"),
            std::pair(ReplyStatus::kUnavailable, std::string(R"({"error":"unavailable"})")));
  EXPECT_EQ(status_of("error_after_effect"),
            std::pair(ReplyStatus::kError, std::string(R"({"error":"internal error"})")));
  EXPECT_EQ(status_of("reply_lost"), std::pair(ReplyStatus::kTimeout, std::string()));
  EXPECT_EQ(status_of("delay_at_timeout"), std::pair(ReplyStatus::kTimeout, std::string()));
  EXPECT_EQ(status_of("request_duplicated"), std::pair(ReplyStatus::kOk, std::string()));
}

TEST(FaultTest, EveryLegalAlternativeStrikesWhereItIsPicked) {
  const SagaIndex saga(one_step());
  for (const Operation operation : {Operation::kAction, Operation::kCompensation}) {
    for (const Alternative& alternative : legal_alternatives(Instant::kCall, {0, operation}, saga)) {
      const std::string plan = to_string(fault_at({0, operation, Instant::kCall, 1}, alternative, saga));
      EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                              runtime.call(kPay);
                              runtime.call(kRefund);
                            }));
      fixture.run(plan);
      EXPECT_EQ(fixture.count(EventType::kFault), 1U) << plan;
      EXPECT_EQ(fixture.count(EventType::kSent), 2U) << plan;
      EXPECT_EQ(fixture.count(EventType::kReturned), 3U) << plan;
    }
  }
}

}  // namespace
}  // namespace saga_harness
