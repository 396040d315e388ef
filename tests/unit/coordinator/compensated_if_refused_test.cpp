// The reference orchestrator and sagas written as code, where a step is compensated though it was refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/imperative.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace coordinator_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(UndoneThoughRefusedTest, IsUndoneInItsTurn) {
  Orchestra fixture(trip_with_owed_car());
  EXPECT_EQ(fixture.run("car:rejected").outcome, Outcome::kCompensated);
  EXPECT_THAT(
      fixture.only({EventType::kSent}),
      HasSubstr("6.000ms sent car.compensation#1\n8.000ms sent hotel.compensation#1\n10.000ms sent flight"));
}

TEST(UndoneThoughRefusedTest, IsLeftAloneWhereItWasNeverAskedForOrTheSagaCompletes) {
  Orchestra fixture(trip_with_owed_car());
  EXPECT_EQ(fixture.run("hotel:rejected").outcome, Outcome::kCompensated);
  EXPECT_THAT(fixture.only({EventType::kSent}), Not(HasSubstr("car")));
  Saga saga = trip_with_owed_car();
  saga.steps[2].optional = true;
  Orchestra optional(saga);
  EXPECT_EQ(optional.run("car:rejected").outcome, Outcome::kCompleted);
  EXPECT_THAT(optional.only({EventType::kSent}), Not(HasSubstr("car.compensation")));
}

TEST(UndoneThoughRefusedTest, IsNamedWhereItCannotBeUndone) {
  Orchestra fixture(trip_with_owed_car());
  EXPECT_EQ(fixture.run("car:rejected, car.compensation:rejected").outcome, Outcome::kFlagged);
  EXPECT_THAT(fixture.flagged(), ElementsAre("car"));
}

TEST(UndoneThoughRefusedTest, IsUndoneAfterEveryCrash) {
  Orchestra fixture(trip_with_owed_car());
  EXPECT_EQ(fixture.run("car:rejected, car@after_result:coordinator_crash").outcome, Outcome::kCompensated);
  EXPECT_THAT(fixture.only({EventType::kSent}), HasSubstr("sent car.compensation#1"));
}

TEST(UndoneThoughRefusedTest, ABugForgetsIt) {
  Orchestra fixture(trip_with_owed_car(), OrchestratorBug::kRefusedNotCompensated);
  EXPECT_EQ(fixture.run("car:rejected").outcome, Outcome::kCompensated);
  EXPECT_THAT(fixture.only({EventType::kSent}), Not(HasSubstr("car.compensation")));
}

TEST(UndoneThoughRefusedTest, CodeUndoesItTooAndNamesIt) {
  const auto run_under = [](const char* plan) {
    const Coordinator coordinator = imperative([](ImperativeSaga& saga) {
      for (const char* step : {"flight", "hotel", "car"}) saga.execute_step(step);
      saga.commit();
    });
    runtime_test::EngineFixture fixture(trip_with_owed_car(), coordinator,
                                        [] { return std::make_unique<Honest>(); });
    const Observation& seen = fixture.run(plan);
    return std::pair(seen.outcome, fixture.story());
  };
  EXPECT_EQ(run_under("car:rejected").first, Outcome::kCompensated);
  EXPECT_THAT(run_under("car:rejected").second, HasSubstr("sent car.compensation#1"));
  EXPECT_THAT(run_under("car:rejected, car@after_result:coordinator_crash").second,
              HasSubstr("sent car.compensation#1"));
  EXPECT_EQ(run_under("car:rejected, car.compensation:rejected").first, Outcome::kFlagged);
  for (const char* before_the_car : {"hotel:rejected", "hotel@during_call:cancel"})
    EXPECT_THAT(run_under(before_the_car).second, Not(HasSubstr("sent car")));
  const std::string undone =
      run_under("car:rejected, car.compensation@after_result:coordinator_crash").second;
  EXPECT_NE(undone.find("sent car.compensation"), std::string::npos);
  EXPECT_EQ(undone.find("sent car.compensation"), undone.rfind("sent car.compensation")) << undone;
}

}  // namespace
}  // namespace saga_harness
