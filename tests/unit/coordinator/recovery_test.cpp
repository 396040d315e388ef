// The reference orchestrator after crashes: it takes up the saga from its log, wherever it died.

#include <algorithm>
#include <array>
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
using testing::Not;

/// A plan, and a crash at the `first`-th and at the `second`-th instant offered (from 1; 0: none).
class Crashing final : public Choices {
 public:
  Crashing(std::string_view plan, const SagaIndex& saga, int first, int second)
      : planned_(plan, saga), at_{first, second} {}

  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    if (legal.front().kind != FaultKind::kCoordinatorCrash) return planned_.pick(point, legal);
    return std::ranges::find(at_, ++offered) == at_.end() ? 0 : 1;
  }

  int offered = 0;

 private:
  Planned planned_;
  std::array<int, 2> at_;
};

/// Crashes once and twice at every instant that a run under `plan` offers, and expects a proper end each
/// time. Returns the number of runs.
int survive_crashes(const Saga& saga, std::string_view plan) {
  Orchestra fixture(saga);
  int runs = 0;
  // A second crash comes after the first; 0 is none.
  for (int first = 1;; ++first) {
    int offered = 0;
    for (int second = 0; second == 0 || second <= offered; second = second == 0 ? first + 1 : second + 1) {
      Crashing choices(plan, fixture.saga(), first, second);
      fixture.run(choices);
      offered = choices.offered;
      if (offered < first) return runs;
      ++runs;
      const std::string problem = faults_of(fixture);
      EXPECT_EQ(problem, "") << "under " << plan << ", crashed at " << first << " and " << second
                             << fixture.story();
      EXPECT_EQ(fixture.count(EventType::kCrashed), second == 0 || second > offered ? 1U : 2U);
      if (!problem.empty()) return runs;
    }
  }
}

TEST(RecoveryTest, ASagaEndsProperlyWhereverItsOrchestratorCrashesOnceOrTwice) {
  EXPECT_GT(survive_crashes(trip(), "none"), 80);
  EXPECT_GT(survive_crashes(trip(), "car:rejected"), 80);
  EXPECT_GT(survive_crashes(trip(), "car:reply_lost, hotel.compensation#1:reply_lost"), 150);
  EXPECT_GT(survive_crashes(trip(), "car:rejected, hotel.compensation#*:request_lost"), 150);
  EXPECT_GT(survive_crashes(trip(), "hotel#1:request_late_after_compensation, hotel#2..forever:request_late"),
            200);
  EXPECT_GT(survive_crashes(trip_with_fallback(), "hotel:rejected"), 80);
  EXPECT_GT(survive_crashes(trip_with_fallback(), "hotel:rejected, hotel.fallback#*:reply_lost"), 80);
}

TEST(RecoveryTest, SoDoesOneWithBranches) {
  EXPECT_GT(survive_crashes(diamond(), "none"), 120);
  Saga written_backwards = diamond();
  written_backwards.steps[0].after = std::vector<std::string>{};
  std::ranges::reverse(written_backwards.steps);
  EXPECT_GT(survive_crashes(written_backwards, "none"), 120);
  EXPECT_GT(survive_crashes(written_backwards, "car:reply_lost"), 120);
  EXPECT_GT(survive_crashes(diamond(), "flight:rejected"), 120);
  EXPECT_GT(survive_crashes(diamond(), "flight:rejected, hotel#*:reply_lost"), 150);
}

TEST(RecoveryTest, SoDoesOneWithAPivot) {
  EXPECT_GT(survive_crashes(paid_trip(), "none"), 150);
  EXPECT_GT(survive_crashes(paid_trip(), "pay:rejected"), 150);
  EXPECT_GT(survive_crashes(paid_trip(), "pay#*:reply_lost"), 150);
  EXPECT_GT(survive_crashes(paid_trip(), "mail#*:reply_lost"), 150);
}

TEST(RecoveryTest, SoDoesOneWithStepsThatMayNotBeAskedTwiceOrNotBeUndone) {
  Saga saga = trip();
  saga.steps[1].idempotent = false;
  EXPECT_GT(survive_crashes(saga, "none"), 80);
  saga.steps[0].compensation = "";
  saga.steps[0].compensatable = false;
  EXPECT_GT(survive_crashes(saga, "car:error_after_effect"), 80);
}

TEST(RecoveryTest, SoDoesOneWithADeadline) {
  Saga saga = trip();
  for (const Duration deadline : {Duration(3ms), Duration(1003ms), Duration(10s)}) {
    saga.deadline = deadline;
    EXPECT_GT(survive_crashes(saga, "hotel#1:reply_lost"), 80);
  }
}

TEST(RecoveryTest, WhatIsDoneIsNotDoneAgain) {
  Orchestra fixture(trip());
  EXPECT_EQ(fixture.sent_in("hotel@after_result:coordinator_crash"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
1004.000ms sent car.action#1 [incarnation 2]
1006.000ms reported completed [incarnation 2]
)");
}

TEST(RecoveryTest, WhatWasInFlightIsAskedAgainUnderTheSameKey) {
  Orchestra fixture(trip());
  fixture.run("hotel@after_call:coordinator_crash");
  EXPECT_THAT(fixture.story(), HasSubstr("sent hotel.action#2 key \"trip-1/hotel/action\" [incarnation 2]"));
  EXPECT_EQ(fixture.engine().observation().outcome, Outcome::kCompleted);
  EXPECT_EQ(fixture.only({EventType::kLogged}).find("logged intent hotel"),
            fixture.only({EventType::kLogged}).rfind("logged intent hotel"));
}

TEST(RecoveryTest, WhatWasInFlightAndMayNotBeAskedTwiceIsUndone) {
  Saga saga = trip();
  saga.steps[1].idempotent = false;
  Orchestra fixture(saga);
  EXPECT_EQ(fixture.sent_in("hotel@after_call:coordinator_crash"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
1004.000ms sent hotel.compensation#1 [incarnation 2]
1006.000ms sent flight.compensation#1 [incarnation 2]
1008.000ms reported compensated [incarnation 2]
)");
}

TEST(RecoveryTest, AFallbackInFlightIsTakenUpAsAFallback) {
  Orchestra fixture(trip_with_fallback());
  const std::string sent = fixture.sent_in("hotel:rejected, hotel.fallback@after_call:coordinator_crash");
  EXPECT_THAT(sent, HasSubstr("sent hotel.fallback#2 [incarnation 2]"));
  EXPECT_THAT(sent, Not(HasSubstr("hotel.action#2")));
}

TEST(RecoveryTest, ACompensatingSagaGoesOnCompensating) {
  Orchestra fixture(trip());
  EXPECT_EQ(fixture.sent_in("car:rejected, hotel.compensation@after_result:coordinator_crash"), R"(
0.000ms sent flight.action#1
2.000ms sent hotel.action#1
4.000ms sent car.action#1
6.000ms sent hotel.compensation#1
1008.000ms sent flight.compensation#1 [incarnation 2]
1010.000ms reported compensated [incarnation 2]
)");
}

TEST(RecoveryTest, WhatWasStuckBeforeTheCrashIsStillNamed) {
  Orchestra fixture(trip());
  const std::string sent = fixture.sent_in(
      "car:rejected, hotel.compensation#1..budget:unavailable, "
      "hotel.compensation@after_result:coordinator_crash");
  EXPECT_THAT(sent, Not(HasSubstr("hotel.compensation#4")));
  EXPECT_THAT(fixture.flagged(), ElementsAre("hotel"));
}

TEST(RecoveryTest, AFinishedSagaIsReportedAgainAndNothingElse) {
  for (const std::string plan : {"none", "car:rejected", "car:rejected, hotel.compensation#*:unavailable"}) {
    Orchestra fixture(trip());
    const Observation& seen = fixture.run(plan);
    const std::string epilogue = fixture.epilogue();
    for (const std::string word : {"sent", "logged", "threw"})
      EXPECT_THAT(epilogue, Not(HasSubstr(word))) << plan;
    EXPECT_EQ(fixture.count(EventType::kReported), 3U) << plan;
    for (const Event& event : seen.events) {
      if (event.type != EventType::kReported) continue;
      EXPECT_EQ(static_cast<Outcome>(event.detail), seen.outcome) << plan;
    }
    EXPECT_EQ(fixture.count(EventType::kReportedStep), 3 * fixture.flagged().size()) << plan;
  }
}

TEST(RecoveryTest, ACrashBetweenTheEndAndTheReportIsMadeUpFor) {
  Orchestra fixture(trip());
  EXPECT_THAT(fixture.sent_in("saga@after_end:coordinator_crash"),
              EndsWith("4.000ms sent car.action#1\n1006.000ms reported completed [incarnation 2]\n"));
}

TEST(RecoveryTest, FindsInTheLogThatARetryWasGivenUpForACancellation) {
  Orchestra fixture(trip());
  fixture.run("hotel:unavailable, hotel@during_call:cancel");
  EXPECT_THAT(fixture.only({EventType::kLogged}),
              testing::HasSubstr("logged failed hotel.action maybe done\n"));
  EXPECT_EQ(fixture.engine().observation().outcome, Outcome::kCompensated);
}

}  // namespace
}  // namespace saga_harness
