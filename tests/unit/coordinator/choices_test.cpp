// The reference orchestrator and sagas written as code, where steps depend on what others were answered.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/imperative.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace coordinator_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The hotel is done if the flight was answered with this id: `flight`, as a rule.
Saga hotel_for(const char* id, Saga saga = trip()) {
  for (Step& step : saga.steps) {
    if (step.name == "flight") step.result = {{"id"}};
    if (step.name == "hotel")
      step.only_if =
          Condition{.pointer = "/results/flight/id", .comparison = Comparison::kEquals, .value = id};
  }
  return saga;
}

TEST(ChosenTest, TheAnswerDecides) {
  Orchestra with(hotel_for("flight"));
  EXPECT_EQ(with.run().outcome, Outcome::kCompleted);
  EXPECT_THAT(with.net_effects(), ElementsAre(1, 1, 1));
  Orchestra without(hotel_for("train"));
  EXPECT_EQ(without.run().outcome, Outcome::kCompleted);
  EXPECT_THAT(without.net_effects(), ElementsAre(1, 0, 1));
  EXPECT_THAT(without.only({EventType::kLogged}), Not(HasSubstr("hotel")));
}

TEST(ChosenTest, AnAnswerWithoutItIsAskedForAgain) {
  Saga saga = hotel_for("flight");
  saga.steps[0].retry.attempts = 2;
  Orchestra fixture(saga);
  EXPECT_EQ(fixture.run("flight:result_missing").outcome, Outcome::kCompleted);
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 1, 1));
}

TEST(ChosenTest, NothingOfWhatWasNotChosenIsUndone) {
  Orchestra fixture(hotel_for("train"));
  EXPECT_EQ(fixture.run("car:rejected").outcome, Outcome::kCompensated);
  EXPECT_THAT(fixture.only({EventType::kSent}), Not(HasSubstr("hotel")));
}

TEST(ChosenTest, WhatFailedThoughOptionalWasNotAnswered) {
  Saga saga = hotel_for("flight");
  saga.steps[0].optional = true;
  Orchestra fixture(saga);
  EXPECT_EQ(fixture.run("flight:rejected").outcome, Outcome::kCompleted);
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 1));
}

TEST(ChosenTest, ItIsTheSameAfterEveryCrash) {
  for (const char* id : {"flight", "train"}) {
    Orchestra fixture(hotel_for(id));
    Recording offered(fixture.saga(), true);
    fixture.run(offered);
    for (int crash = 1; crash <= offered.crashes; ++crash) {
      Recording choices(fixture.saga(), true, crash);
      EXPECT_EQ(fixture.run(choices).outcome, Outcome::kCompleted);
      EXPECT_THAT(fixture.net_effects(), ElementsAre(1, std::string_view(id) == "flight" ? 1 : 0, 1))
          << fixture.story();
    }
    EXPECT_GT(offered.crashes, 5);
  }
}

TEST(ChosenTest, BugsTakeAnAnswerForNone) {
  Orchestra without(hotel_for("flight"), OrchestratorBug::kChoiceWithoutAnswer);
  without.run();
  EXPECT_THAT(without.net_effects(), ElementsAre(1, 0, 1));
  Orchestra forgotten(hotel_for("flight"), OrchestratorBug::kChoiceForgottenOnResume);
  forgotten.run();
  EXPECT_THAT(forgotten.net_effects(), ElementsAre(1, 1, 1));
  forgotten.run("flight@after_result:coordinator_crash");
  EXPECT_THAT(forgotten.net_effects(), ElementsAre(1, 0, 1));
}

std::vector<int> effects_of_code(const char* id, const std::function<void(ImperativeSaga&)>& body,
                                 const char* plan = "none") {
  runtime_test::EngineFixture fixture(hotel_for(id), imperative(body),
                                      [] { return std::make_unique<Honest>(); });
  EXPECT_EQ(fixture.run(plan).outcome, Outcome::kCompleted);
  std::vector<int> effects;
  for (const Effect& effect : fixture.engine().observation().effects) effects.push_back(effect.net());
  return effects;
}

TEST(ChosenTest, CodeChoosesAsTheDefinitionDeclares) {
  const auto all = [](ImperativeSaga& saga) {
    for (const char* step : {"flight", "hotel", "car"}) EXPECT_TRUE(saga.execute_step(step).ok());
    saga.commit();
  };
  EXPECT_THAT(effects_of_code("flight", all), ElementsAre(1, 1, 1));
  EXPECT_THAT(effects_of_code("train", all), ElementsAre(1, 0, 1));
  EXPECT_THAT(effects_of_code("train", all, "flight@after_result:coordinator_crash"), ElementsAre(1, 0, 1));
  EXPECT_THAT(effects_of_code("flight", all, "flight@after_result:coordinator_crash"), ElementsAre(1, 1, 1));
}

TEST(ChosenTest, CodeAsksWithTheAnswer) {
  const auto asks = [](ImperativeSaga& saga) {
    const Reply reply = saga.execute_step("flight");
    if (!saga.runtime().is_skipped("hotel", reply.body)) saga.execute_step("hotel");
    saga.execute_step("car");
    saga.commit();
  };
  EXPECT_THAT(effects_of_code("train", asks), ElementsAre(1, 0, 1));
  const auto forgets = [](ImperativeSaga& saga) {
    saga.execute_step("flight");
    static_cast<void>(saga.runtime().is_skipped("hotel"));
  };
  try {
    effects_of_code("train", forgets);
    FAIL() << "was told";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("give is_skipped() the answer, too"));
  }
}

}  // namespace
}  // namespace saga_harness
