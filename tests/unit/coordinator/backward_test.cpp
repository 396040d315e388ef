// The reference orchestrator on its way back.

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace coordinator_test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(BackwardTest, UndoesInReverseOrderWhatWasDoneAndNothingElse) {
  Orchestra fixture(paid_trip());
  fixture.run("car:rejected");
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
6.000ms received car.action#1 rejected
6.000ms logged failed car.action not done
6.000ms logged compensating
6.000ms sent hotel.compensation#1
8.000ms received hotel.compensation#1 ok
8.000ms logged undone hotel.compensation
8.000ms sent flight.compensation#1
10.000ms received flight.compensation#1 ok
10.000ms logged undone flight.compensation
10.000ms logged end compensated
10.000ms reported compensated
)");
  EXPECT_THAT(fixture.net_effects(), testing::Each(0));
}

TEST(BackwardTest, UndoesWhatMayHaveBeenDone) {
  for (const std::string kind :
       {"reply_lost", "reply_late", "request_lost", "request_late", "error_after_effect",
        "request_late_after_compensation", "request_late_after_end", "delay_at_timeout"}) {
    Orchestra fixture(trip());
    fixture.run("car:" + kind);
    EXPECT_THAT(fixture.only({EventType::kLogged}), HasSubstr("logged failed car.action maybe done")) << kind;
    EXPECT_THAT(fixture.only({EventType::kSent}), HasSubstr("sent car.compensation#1")) << kind;
    EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0)) << kind;
    EXPECT_EQ(faults_of(fixture), "") << kind;
  }
}

TEST(BackwardTest, ALaterRejectionDoesNotClearAnEarlierDoubt) {
  Orchestra fixture(trip());
  fixture.run("hotel#1:reply_lost, hotel#2:rejected");
  EXPECT_THAT(fixture.only({EventType::kSent}), HasSubstr("sent hotel.compensation#1"));
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0));
}

TEST(BackwardTest, BranchesAreUndoneBeforeWhatTheyStandOn) {
  Orchestra fixture(diamond());
  fixture.run("car:rejected");
  const std::string sent = fixture.only({EventType::kSent});
  EXPECT_LT(sent.find("hotel.compensation"), sent.find("plan.compensation"));
  EXPECT_LT(sent.find("flight.compensation"), sent.find("plan.compensation"));
  EXPECT_THAT(fixture.net_effects(), testing::Each(0));
}

TEST(ParallelCompensationTest, UndoesBranchesSideBySideAndWhatTheyStandOnAfterBoth) {
  Orchestra fixture(diamond_undone_in_parallel());
  EXPECT_EQ(fixture.sent_in("car:rejected"), R"(
0.000ms sent plan.action#1
2.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent car.action#1
6.000ms sent hotel.compensation#1
6.000ms sent flight.compensation#1
8.000ms sent plan.compensation#1
10.000ms reported compensated
)");
  EXPECT_THAT(fixture.net_effects(), testing::Each(0));
}

TEST(ParallelCompensationTest, ABranchThatIsTriedAgainHoldsUpOnlyWhatItStandsOn) {
  Orchestra fixture(diamond_undone_in_parallel());
  EXPECT_EQ(fixture.sent_in("car:rejected, hotel.compensation#1:unavailable"), R"(
0.000ms sent plan.action#1
2.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent car.action#1
6.000ms sent hotel.compensation#1
6.000ms sent flight.compensation#1
108.000ms sent hotel.compensation#2
110.000ms sent plan.compensation#1
112.000ms reported compensated
)");
}

TEST(ParallelCompensationTest, WhatIsStuckIsFlaggedAndTheRestIsUndone) {
  Orchestra fixture(diamond_undone_in_parallel());
  fixture.run("car:rejected, hotel.compensation#*:unavailable");
  EXPECT_THAT(fixture.flagged(), ElementsAre("hotel"));
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 1, 0));
  EXPECT_EQ(faults_of(fixture), "");
}

TEST(ParallelCompensationTest, AfterACrashOnlyWhatIsNotUndoneIsAskedForAgain) {
  Orchestra fixture(diamond_undone_in_parallel());
  fixture.run("car:rejected, flight.compensation@after_result:coordinator_crash");
  const std::string sent = fixture.only({EventType::kSent});
  EXPECT_EQ(sent.find("flight.compensation"), sent.rfind("flight.compensation")) << sent;
  EXPECT_LT(sent.rfind("hotel.compensation"), sent.find("plan.compensation")) << sent;
  EXPECT_EQ(faults_of(fixture), "");
}

TEST(ParallelCompensationTest, WithoutItBranchesAreUndoneOneAfterTheOther) {
  Orchestra fixture(diamond());
  EXPECT_THAT(fixture.sent_in("car:rejected"), HasSubstr(R"(
6.000ms sent hotel.compensation#1
8.000ms sent flight.compensation#1
10.000ms sent plan.compensation#1
)"));
}

TEST(BackwardTest, RetriesACompensationAfterABackoffThatGrows) {
  Saga saga = trip();
  saga.steps[0].compensation_retry = {.attempts = 4, .delay = 100ms, .factor = 3, .max_delay = 500ms};
  Orchestra fixture(saga);
  EXPECT_EQ(
      fixture.sent_in(
          "hotel:rejected, flight.compensation#1:unavailable, flight.compensation#2:error_after_effect, "
          "flight.compensation#3:reply_lost"),
      R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent flight.compensation#1
106.000ms sent flight.compensation#2
408.000ms sent flight.compensation#3
10908.000ms sent flight.compensation#4
10910.000ms reported compensated
)");
}

TEST(BackwardTest, ACompensationThatStaysStuckIsFlaggedByNameAndTheOthersAreUndone) {
  Orchestra fixture(trip());
  EXPECT_EQ(fixture.sent_in("car:rejected, hotel.compensation#*:unavailable"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent car.action#1
6.000ms sent hotel.compensation#1
108.000ms sent hotel.compensation#2
310.000ms sent hotel.compensation#3
312.000ms sent flight.compensation#1
314.000ms reported flagged
314.000ms reported_step hotel
)");
  EXPECT_THAT(fixture.only({EventType::kLogged, EventType::kLoggedStep}), EndsWith(R"(
312.000ms logged stuck hotel.compensation
314.000ms logged undone flight.compensation
314.000ms logged end flagged
314.000ms logged_step hotel
)"));
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 1, 0));
}

TEST(BackwardTest, ACompensationThatIsRefusedIsNotArguedWith) {
  Orchestra fixture(trip());
  EXPECT_EQ(fixture.sent_in("car:rejected, hotel.compensation:rejected"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent car.action#1
6.000ms sent hotel.compensation#1
8.000ms sent flight.compensation#1
10.000ms reported flagged
10.000ms reported_step hotel
)");
}

TEST(BackwardTest, SeveralStuckStepsAreAllNamed) {
  Orchestra fixture(trip());
  fixture.run("car:error_after_effect, car.compensation#*:reply_lost, flight.compensation#*:request_lost");
  EXPECT_THAT(fixture.flagged(), ElementsAre("car", "flight"));
  EXPECT_EQ(faults_of(fixture), "");
}

TEST(BackwardTest, WhatCannotBeUndoneIsFlaggedAndTheRestUndone) {
  Saga saga = trip();
  saga.steps[1].compensation = "";
  saga.steps[1].compensatable = false;
  Orchestra fixture(saga);
  EXPECT_EQ(fixture.sent_in("car:rejected"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent car.action#1
6.000ms sent flight.compensation#1
8.000ms reported flagged
8.000ms reported_step hotel
)");
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 1, 0));
  fixture.run("hotel:rejected");
  EXPECT_THAT(fixture.flagged(), IsEmpty()) << "it was certainly not done";
  EXPECT_EQ(fixture.engine().observation().outcome, Outcome::kCompensated);
}

// The pivot.

TEST(PivotTest, OneThatIsRefusedIsUndoneFrom) {
  Orchestra fixture(paid_trip());
  EXPECT_THAT(fixture.sent_in("pay:rejected"), EndsWith(R"(
8.000ms sent car.compensation#1
10.000ms sent hotel.compensation#1
12.000ms sent flight.compensation#1
14.000ms reported compensated
)"));
}

TEST(PivotTest, OneThatMayHaveBeenDoneIsFlaggedWithAllEffectsAndNothingIsUndone) {
  for (const std::string plan :
       {"pay#1..budget:reply_lost", "pay#1..budget:request_lost", "pay#1:request_lost, pay#2:rejected"}) {
    Orchestra fixture(paid_trip());
    const std::string sent = fixture.sent_in(plan);
    EXPECT_THAT(sent, Not(HasSubstr("compensation"))) << plan;
    EXPECT_THAT(sent, Not(HasSubstr("mail"))) << plan;
    EXPECT_EQ(fixture.engine().observation().outcome, Outcome::kFlagged) << plan;
    EXPECT_THAT(fixture.flagged(), ElementsAre("flight", "hotel", "car", "pay")) << plan;
  }
}

TEST(PivotTest, AFailurePastItIsFlaggedWithAllEffectsAndNothingIsUndone) {
  Orchestra fixture(paid_trip());
  EXPECT_THAT(fixture.sent_in("mail:rejected"), EndsWith(R"(
8.000ms sent mail.action#1
10.000ms reported flagged
10.000ms reported_step flight
10.000ms reported_step hotel
10.000ms reported_step car
10.000ms reported_step pay
)"));
  fixture.run("mail:reply_lost");
  EXPECT_THAT(fixture.flagged(), ElementsAre("flight", "hotel", "car", "pay", "mail"));
}

TEST(PivotTest, PastItTheDeadlineFlagsToo) {
  Saga saga = paid_trip();
  saga.deadline = 500ms;
  Orchestra fixture(saga);
  const std::string sent = fixture.sent_in("pay@after_result:coordinator_crash");
  EXPECT_THAT(sent, Not(HasSubstr("compensation")));
  EXPECT_THAT(sent, Not(HasSubstr("mail")));
  EXPECT_EQ(fixture.engine().observation().outcome, Outcome::kFlagged);
  EXPECT_THAT(fixture.flagged(), ElementsAre("flight", "hotel", "car", "pay"));
}

}  // namespace
}  // namespace saga_harness
