// The reference orchestrator on its way forward.

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace coordinator_test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ForwardTest, CompletesAndWritesEveryIntentBeforeItsCallAndEveryResultBeforeTheNext) {
  Orchestra fixture(trip());
  fixture.run();
  EXPECT_EQ(fixture.only({EventType::kLogged, EventType::kSent, EventType::kReceived, EventType::kReported}),
            R"(
0.000ms logged started
0.000ms logged intent flight.action
0.000ms sent flight.action#1
2.000ms received flight.action#1 ok
2.000ms logged done flight.action
2.000ms logged intent hotel.action
2.000ms sent hotel.action#1
4.000ms received hotel.action#1 ok
4.000ms logged done hotel.action
4.000ms logged intent car.action
4.000ms sent car.action#1
6.000ms received car.action#1 ok
6.000ms logged done car.action
6.000ms logged end completed
6.000ms reported completed
)");
  EXPECT_EQ(fixture.engine().observation().outcome, Outcome::kCompleted);
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 1, 1));
}

TEST(ForwardTest, AKeyNamesSagaStepAndOperationAndStaysTheSame) {
  Orchestra fixture(trip_with_fallback());
  fixture.run("hotel:rejected, hotel.fallback:unavailable, car:rejected, flight.compensation:unavailable");
  const Trace trace = fixture.engine().trace();
  std::vector<std::string> keys;
  for (const Event& event : trace.events) {
    if (event.type == EventType::kSent) keys.push_back(trace.texts[event.text]);
  }
  EXPECT_THAT(keys, ElementsAre("trip-1/flight/action", "trip-1/hotel/action", "trip-1/hotel/fallback",
                                "trip-1/hotel/fallback", "trip-1/car/action", "trip-1/hotel/compensation",
                                "trip-1/flight/compensation", "trip-1/flight/compensation"));
}

TEST(ForwardTest, RetriesWhatMayHelpAfterABackoffThatGrows) {
  Saga saga = trip();
  saga.steps[1].retry = {.attempts = 5, .delay = 100ms, .factor = 3, .max_delay = 500ms};
  Orchestra fixture(saga);
  EXPECT_EQ(
      fixture.sent_in("hotel#1:unavailable, hotel#2:unavailable, hotel#3:unavailable, hotel#4:unavailable"),
      R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
104.000ms sent hotel.action#2
406.000ms sent hotel.action#3
908.000ms sent hotel.action#4
1410.000ms sent hotel.action#5
1412.000ms sent car.action#1
1414.000ms reported completed
)");
}

TEST(ForwardTest, RetriesTimeoutsAndErrors) {
  Orchestra fixture(trip());
  EXPECT_EQ(fixture.sent_in("hotel#1:reply_lost, hotel#2:error_after_effect"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
10102.000ms sent hotel.action#2
10304.000ms sent hotel.action#3
10306.000ms sent car.action#1
10308.000ms reported completed
)");
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 1, 1));
}

TEST(ForwardTest, NeverRetriesARejection) {
  Orchestra fixture(trip());
  EXPECT_EQ(fixture.sent_in("hotel:rejected"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent flight.compensation#1
6.000ms reported compensated
)");
}

TEST(ForwardTest, WhatIsNotIdempotentIsRetriedOnlyIfNothingWasDone) {
  Saga saga = trip();
  saga.steps[1].idempotent = false;
  Orchestra fixture(saga);
  EXPECT_THAT(fixture.sent_in("hotel#1:unavailable"), HasSubstr("sent hotel.action#2"));
  for (const std::string kind : {"reply_lost", "request_lost", "error_after_effect"}) {
    const std::string sent = fixture.sent_in("hotel#1:" + kind);
    EXPECT_THAT(sent, Not(HasSubstr("hotel.action#2"))) << kind;
    EXPECT_THAT(sent, HasSubstr("sent hotel.compensation#1")) << kind << ": it may have been done";
    EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0)) << kind;
  }
}

// Fallbacks.

TEST(FallbackTest, IsTakenWhenTheActionIsRefused) {
  Orchestra fixture(trip_with_fallback());
  fixture.run("hotel:rejected");
  EXPECT_EQ(fixture.only({EventType::kSent, EventType::kLogged}), R"(
0.000ms logged started
0.000ms logged intent flight.action
0.000ms sent flight.action#1
2.000ms logged done flight.action
2.000ms logged intent hotel.action
2.000ms sent hotel.action#1
4.000ms logged intent hotel.fallback
4.000ms sent hotel.fallback#1
6.000ms logged done hotel.fallback
6.000ms logged intent car.action
6.000ms sent car.action#1
8.000ms logged done car.action
8.000ms logged end completed
)");
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 1, 1));
}

TEST(FallbackTest, IsNotTakenWhenTheActionMayHaveBeenDone) {
  Orchestra fixture(trip_with_fallback());
  for (const std::string plan : {"hotel#1..budget:reply_lost", "hotel#1..budget:error_after_effect",
                                 "hotel#1:request_lost, hotel#2:rejected",
                                 // This request did nothing, but a copy of it may be accepted.
                                 "hotel#1..budget:unavailable", "hotel#1..budget:rate_limited"}) {
    const std::string sent = fixture.sent_in(plan);
    EXPECT_THAT(sent, Not(HasSubstr("fallback"))) << plan;
    EXPECT_THAT(sent, HasSubstr("sent hotel.compensation#1")) << plan;
    EXPECT_THAT(sent, HasSubstr("reported compensated")) << plan;
    EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0)) << plan;
  }
}

TEST(FallbackTest, HasTheRetriesOfItsStepAndIsUndoneLikeTheAction) {
  Orchestra fixture(trip_with_fallback());
  EXPECT_THAT(fixture.sent_in(
                  "hotel:rejected, hotel.fallback#1:unavailable, hotel.fallback#2:reply_lost, car:rejected"),
              HasSubstr("sent hotel.fallback#3\n"));
  EXPECT_THAT(fixture.only({EventType::kUndone}), HasSubstr("undone hotel.compensation#1"));
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0));
}

TEST(FallbackTest, ThatFailsTooEndsTheWayForward) {
  Orchestra fixture(trip_with_fallback());
  EXPECT_EQ(fixture.sent_in("hotel:rejected, hotel.fallback:rejected"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent hotel.fallback#1
6.000ms sent flight.compensation#1
8.000ms reported compensated
)");
}

// Branches.

TEST(BranchTest, RunSideBySide) {
  Orchestra fixture(diamond());
  EXPECT_EQ(fixture.sent_in("none"), R"(
0.000ms sent plan.action#1
2.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent car.action#1
6.000ms reported completed
)");
}

TEST(BranchTest, TheJoinWaitsForTheSlower) {
  Orchestra fixture(diamond());
  EXPECT_EQ(fixture.sent_in("flight:delay_under_timeout, hotel#1:unavailable"), R"(
0.000ms sent plan.action#1
2.000ms sent flight.action#1
2.000ms sent hotel.action#1
104.000ms sent hotel.action#2
10001.999ms sent car.action#1
10003.999ms reported completed
)");
}

TEST(BranchTest, ABranchInFlightIsAwaitedBeforeAnythingIsUndone) {
  Orchestra fixture(diamond());
  fixture.run("flight:rejected, hotel:delay_under_timeout");
  EXPECT_EQ(fixture.only({EventType::kSent, EventType::kReceived, EventType::kLogged}), R"(
0.000ms logged started
0.000ms logged intent plan.action
0.000ms sent plan.action#1
2.000ms received plan.action#1 ok
2.000ms logged done plan.action
2.000ms logged intent flight.action
2.000ms sent flight.action#1
2.000ms logged intent hotel.action
2.000ms sent hotel.action#1
4.000ms received flight.action#1 rejected
4.000ms logged failed flight.action not done
10001.999ms received hotel.action#1 ok
10001.999ms logged done hotel.action
10001.999ms logged compensating
10001.999ms sent hotel.compensation#1
10003.999ms received hotel.compensation#1 ok
10003.999ms logged undone hotel.compensation
10003.999ms sent plan.compensation#1
10005.999ms received plan.compensation#1 ok
10005.999ms logged undone plan.compensation
10005.999ms logged end compensated
)");
}

TEST(BranchTest, ABranchThatBacksOffIsNotTriedAgainOnceTheOtherFailed) {
  Orchestra fixture(diamond());
  EXPECT_EQ(fixture.sent_in("hotel#1:unavailable, flight:reply_lost"), R"(
0.000ms sent plan.action#1
2.000ms sent flight.action#1
2.000ms sent hotel.action#1
104.000ms sent hotel.action#2
10002.000ms sent hotel.compensation#1
10004.000ms sent flight.compensation#1
10006.000ms sent plan.compensation#1
10008.000ms reported compensated
)");
  Saga saga = diamond();
  saga.steps[2].retry.delay = 30s;
  Orchestra slow(saga);
  EXPECT_EQ(slow.sent_in("hotel#1:unavailable, flight:reply_lost"), R"(
0.000ms sent plan.action#1
2.000ms sent flight.action#1
2.000ms sent hotel.action#1
10002.000ms sent hotel.compensation#1
10004.000ms sent flight.compensation#1
10006.000ms sent plan.compensation#1
10008.000ms reported compensated
)");
  EXPECT_THAT(slow.net_effects(), ElementsAre(0, 0, 0, 0));
}

TEST(BranchTest, ABranchThatFailsAfterTheOtherIsWrittenDownAsFailedAndNotTriedAgain) {
  Orchestra fixture(diamond());
  fixture.run("flight:rejected, hotel:unavailable");
  EXPECT_EQ(fixture.only({EventType::kSent, EventType::kLogged}), R"(
0.000ms logged started
0.000ms logged intent plan.action
0.000ms sent plan.action#1
2.000ms logged done plan.action
2.000ms logged intent flight.action
2.000ms sent flight.action#1
2.000ms logged intent hotel.action
2.000ms sent hotel.action#1
4.000ms logged failed flight.action not done
4.000ms logged failed hotel.action maybe done
4.000ms logged compensating
4.000ms sent hotel.compensation#1
6.000ms logged undone hotel.compensation
6.000ms sent plan.compensation#1
8.000ms logged undone plan.compensation
8.000ms logged end compensated
)");
}

TEST(BranchTest, StepsThatWaitForNobodyStartAtOnce) {
  Saga saga = trip();
  for (Step& step : saga.steps) step.after = std::vector<std::string>{};
  Orchestra fixture(saga);
  EXPECT_EQ(fixture.sent_in("none"), R"(
0.000ms sent flight.action#1
0.000ms sent hotel.action#1
0.000ms sent car.action#1
2.000ms reported completed
)");
}

// The deadline of the saga.

Saga hurried_trip(Duration deadline) {
  Saga saga = trip();
  saga.deadline = deadline;
  return saga;
}

TEST(DeadlineTest, CutsTheTimeoutOfACallUnderWay) {
  Orchestra fixture(hurried_trip(5s));
  EXPECT_EQ(fixture.sent_in("hotel:request_lost"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
5000.000ms sent hotel.compensation#1
5002.000ms sent flight.compensation#1
5004.000ms reported compensated
)");
}

TEST(DeadlineTest, ARetryThatWouldComeTooLateIsNotWaitedFor) {
  Saga saga = hurried_trip(5s);
  saga.steps[1].retry.delay = 20s;
  Orchestra fixture(saga);
  EXPECT_EQ(fixture.sent_in("hotel#1:unavailable"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent hotel.compensation#1
6.000ms sent flight.compensation#1
8.000ms reported compensated
)");
}

TEST(DeadlineTest, DoesNotHurryCompensation) {
  Orchestra fixture(hurried_trip(5s));
  EXPECT_EQ(fixture.sent_in("hotel:request_lost, hotel.compensation#1:request_lost"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
5000.000ms sent hotel.compensation#1
15100.000ms sent hotel.compensation#2
15102.000ms sent flight.compensation#1
15104.000ms reported compensated
)");
}

TEST(DeadlineTest, ThatIsKeptChangesNothing) {
  Orchestra fixture(hurried_trip(100ms));
  EXPECT_THAT(fixture.sent_in("none"), HasSubstr("6.000ms reported completed"));
}

TEST(DeadlineTest, NoActionStartsOnceItHasPassedAlsoAfterARestart) {
  Orchestra fixture(hurried_trip(500ms));
  EXPECT_EQ(fixture.sent_in("hotel@after_result:coordinator_crash"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
1004.000ms sent hotel.compensation#1 [incarnation 2]
1006.000ms sent flight.compensation#1 [incarnation 2]
1008.000ms reported compensated [incarnation 2]
)");
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0));
  Orchestra patient(hurried_trip(1100ms));
  EXPECT_THAT(patient.sent_in("hotel@after_result:coordinator_crash"),
              HasSubstr("1004.000ms sent car.action#1 [incarnation 2]\n1006.000ms reported completed"));
}

TEST(DeadlineTest, WhatWasInFlightWhenItPassedIsUndone) {
  Orchestra fixture(hurried_trip(500ms));
  EXPECT_THAT(fixture.sent_in("hotel@after_call:coordinator_crash"),
              HasSubstr("2.000ms sent hotel.action#1\n1004.000ms sent hotel.compensation#1 [incarnation 2]"));
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0));
}

}  // namespace
}  // namespace saga_harness
