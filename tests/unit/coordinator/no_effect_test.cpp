// The reference orchestrator and sagas written as code, where steps only look.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/imperative.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace coordinator_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(OnlyLooksTest, IsNeitherUndoneNorNamed) {
  Orchestra fixture(trip_that_looks_first());
  EXPECT_EQ(fixture.run("car:rejected").outcome, Outcome::kCompensated);
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(fixture.run("car:rejected, hotel.compensation#*:unavailable").outcome, Outcome::kFlagged);
  EXPECT_THAT(fixture.flagged(), ElementsAre("hotel"));
}

TEST(OnlyLooksTest, IsNotNamedBehindThePivotEither) {
  Saga saga = paid_trip();
  saga.steps[0].has_effect = false;
  saga.steps[0].compensation.clear();
  Orchestra fixture(saga);
  EXPECT_EQ(fixture.run("mail:rejected").outcome, Outcome::kFlagged);
  EXPECT_THAT(fixture.flagged(), ElementsAre("hotel", "car", "pay"));
}

TEST(OnlyLooksTest, InDoubtItLeavesNothing) {
  Orchestra fixture(trip_that_looks_first());
  EXPECT_EQ(fixture.run("look#*:reply_lost").outcome, Outcome::kCompensated);
  EXPECT_THAT(fixture.only({EventType::kLogged}), HasSubstr("logged failed look.action not done"));
}

TEST(OnlyLooksTest, InDoubtItMayBeLookedUpElsewhere) {
  Saga saga = trip_that_looks_first();
  saga.steps[0].fallback = "look_elsewhere";
  Orchestra fixture(saga);
  EXPECT_EQ(fixture.run("look#*:reply_lost").outcome, Outcome::kCompleted);
  EXPECT_THAT(fixture.only({EventType::kSent}), HasSubstr("sent look.fallback#1"));
  saga.steps[0].has_effect = true;
  saga.steps[0].compensation = "look_away";
  Orchestra with_effect(saga);
  EXPECT_EQ(with_effect.run("look#*:reply_lost").outcome, Outcome::kCompensated);
}

TEST(OnlyLooksTest, IsWellUnderEveryCrash) {
  Saga failing = trip_that_looks_first();
  for (const char* plan : {"none", "car:rejected"}) {
    Orchestra fixture(failing);
    Recording offered(fixture.saga(), true);
    fixture.run(offered);
    for (int crash = 1; crash <= offered.crashes; ++crash) {
      Recording choices(fixture.saga(), true, crash);
      EXPECT_EQ(fixture.run(choices).outcome, Outcome::kCompleted) << fixture.story();
    }
    EXPECT_NE(fixture.run(plan).outcome, Outcome::kFlagged);
  }
}

TEST(OnlyLooksTest, BugsLeaveItOutOrCallAPerson) {
  Orchestra left_out(trip_that_looks_first(), OrchestratorBug::kCheckLeftOut);
  left_out.run();
  EXPECT_THAT(left_out.only({EventType::kSent}), Not(HasSubstr("look")));
  Orchestra flagged(trip_that_looks_first(), OrchestratorBug::kCheckMakesItFlagged);
  EXPECT_EQ(flagged.run("car:rejected").outcome, Outcome::kFlagged);
  EXPECT_THAT(flagged.flagged(), ElementsAre("look"));
}

TEST(OnlyLooksTest, CodeNeedsNobodyEither) {
  const auto run_under = [](const char* plan, const char* fallback = "") {
    const Coordinator coordinator = imperative([](ImperativeSaga& saga) {
      for (const char* step : {"look", "flight", "hotel", "car"}) saga.execute_step(step);
      saga.commit();
    });
    Saga saga = trip_that_looks_first();
    saga.steps[0].fallback = fallback;
    runtime_test::EngineFixture fixture(saga, coordinator, [] { return std::make_unique<Honest>(); });
    return fixture.run(plan).outcome;
  };
  EXPECT_EQ(run_under("none"), Outcome::kCompleted);
  EXPECT_EQ(run_under("car:rejected"), Outcome::kCompensated);
  EXPECT_EQ(run_under("look#*:reply_lost"), Outcome::kCompensated);
  EXPECT_EQ(run_under("look#*:reply_lost", "look_elsewhere"), Outcome::kCompleted);
}

}  // namespace
}  // namespace saga_harness
