// The reference orchestrator and sagas written as code, where steps are optional.

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

Saga with_optional(Saga saga, std::string_view name) {
  for (Step& step : saga.steps) step.optional = step.optional || step.name == name;
  return saga;
}

TEST(OptionalTest, TheSagaGoesOnWithoutWhatIsRefused) {
  Orchestra fixture(with_optional(trip(), "hotel"));
  fixture.run("hotel:rejected");
  EXPECT_EQ(fixture.only({EventType::kLogged, EventType::kSent, EventType::kReported}), R"(
0.000ms logged started
0.000ms logged intent flight.action
0.000ms sent flight.action#1
2.000ms logged done flight.action
2.000ms logged intent hotel.action
2.000ms sent hotel.action#1
4.000ms logged failed hotel.action not done
4.000ms logged intent car.action
4.000ms sent car.action#1
6.000ms logged done car.action
6.000ms logged end completed
6.000ms reported completed
)");
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 0, 1));
}

TEST(OptionalTest, ItIsTriedToItsBudgetAndByItsFallback) {
  Orchestra spent(with_optional(trip(), "hotel"));
  EXPECT_EQ(spent.run("hotel#*:reply_lost").outcome, Outcome::kCompleted);
  EXPECT_THAT(spent.only({EventType::kSent}), HasSubstr("hotel.action#3"));
  EXPECT_THAT(spent.net_effects(), ElementsAre(1, 1, 1)) << "it may stay";
  Orchestra fallback(with_optional(trip_with_fallback(), "hotel"));
  EXPECT_EQ(fallback.run("hotel:rejected").outcome, Outcome::kCompleted);
  EXPECT_THAT(fallback.only({EventType::kSent}), HasSubstr("hotel.fallback#1"));
}

TEST(OptionalTest, WhatMayBeDoneIsUndoneWhenTheSagaFailsLater) {
  Orchestra fixture(with_optional(trip(), "hotel"));
  EXPECT_EQ(fixture.run("hotel#*:reply_lost, car:rejected").outcome, Outcome::kCompensated);
  EXPECT_THAT(fixture.only({EventType::kSent}), HasSubstr("sent hotel.compensation#1"));
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0));
  Orchestra refused(with_optional(trip(), "hotel"));
  EXPECT_EQ(refused.run("hotel:rejected, car:rejected").outcome, Outcome::kCompensated);
  EXPECT_THAT(refused.only({EventType::kSent}), Not(HasSubstr("hotel.compensation")));
}

TEST(OptionalTest, WhatMayBeDoneIsNamedWhenTheSagaIsFlagged) {
  Orchestra fixture(with_optional(paid_trip(), "hotel"));
  EXPECT_EQ(fixture.run("hotel#*:reply_lost, mail:rejected").outcome, Outcome::kFlagged);
  EXPECT_THAT(fixture.flagged(), ElementsAre("flight", "hotel", "car", "pay"));
}

TEST(OptionalTest, BehindThePivotItCallsForNobody) {
  Orchestra fixture(with_optional(paid_trip(), "mail"));
  EXPECT_EQ(fixture.run("mail:rejected").outcome, Outcome::kCompleted);
}

TEST(OptionalTest, TheOtherBranchIsWaitedFor) {
  Orchestra fixture(with_optional(diamond(), "flight"));
  EXPECT_EQ(fixture.run("flight:rejected, hotel#1:unavailable").outcome, Outcome::kCompleted);
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 0, 1, 1));
}

TEST(OptionalTest, ItIsWellUnderEveryCrash) {
  Saga for_once = with_optional(trip(), "hotel");
  for_once.steps[1].idempotent = false;
  for (const Saga& saga : {with_optional(trip(), "hotel"), with_optional(diamond(), "flight"),
                           with_optional(paid_trip(), "mail"), for_once}) {
    Orchestra fixture(saga);
    Recording offered(fixture.saga(), true);
    fixture.run(offered);
    for (int crash = 1; crash <= offered.crashes; ++crash) {
      Recording choices(fixture.saga(), true, crash);
      EXPECT_EQ(fixture.run(choices).outcome, Outcome::kCompleted) << fixture.story();
    }
    EXPECT_GT(offered.crashes, 5);
  }
}

TEST(OptionalTest, AfterACrashItIsNotTriedAgain) {
  Orchestra fixture(with_optional(trip(), "hotel"));
  EXPECT_EQ(fixture.run("hotel:rejected, hotel@after_result:coordinator_crash").outcome, Outcome::kCompleted);
  EXPECT_EQ(fixture.only({EventType::kSent}).find("hotel.action#2"), std::string::npos);
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 0, 1));
}

TEST(OptionalTest, CodeGoesOnWithoutIt) {
  const auto run_under = [](const char* plan) {
    const Coordinator coordinator = imperative([](ImperativeSaga& saga) {
      for (const char* step : {"flight", "hotel", "car"}) static_cast<void>(saga.execute_step(step));
      saga.commit();
    });
    runtime_test::EngineFixture fixture(with_optional(trip(), "hotel"), coordinator,
                                        [] { return std::make_unique<Honest>(); });
    fixture.run(plan);
    std::vector<int> effects;
    for (const Effect& effect : fixture.engine().observation().effects) effects.push_back(effect.net());
    return std::pair(fixture.engine().observation().outcome, effects);
  };
  EXPECT_EQ(run_under("hotel:rejected"), std::pair(Outcome::kCompleted, std::vector<int>({1, 0, 1})));
  EXPECT_EQ(run_under("hotel#*:reply_lost"), std::pair(Outcome::kCompleted, std::vector<int>({1, 1, 1})));
  EXPECT_EQ(run_under("hotel#*:reply_lost, car:rejected"),
            std::pair(Outcome::kCompensated, std::vector<int>({0, 0, 0})));
  EXPECT_EQ(run_under("hotel#1:unavailable, hotel@during_call:cancel"),
            std::pair(Outcome::kCompensated, std::vector<int>({0, 0, 0})));
}

}  // namespace
}  // namespace saga_harness
