// What a run knows of steps whose condition does not hold in the context it starts with.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using testing::HasSubstr;

Saga conditional() {
  Saga saga = two_steps();
  saga.steps[1].only_if = Condition{.pointer = "/weight", .comparison = Comparison::kAbove, .value = 0};
  saga.context = Context{{"weight", 7}};
  return saga;
}

TEST(ConditionalRunTest, TellsTheCoordinatorWhatToSkip) {
  std::vector<bool> told;
  const Coordinator coordinator = [&told](Runtime& runtime) {
    told = {runtime.is_skipped("pay"), runtime.is_skipped("ship"), runtime.is_skipped(StepId{1})};
  };
  EngineFixture by_definition(conditional(), coordinator);
  EXPECT_TRUE(by_definition.run().skipped.empty());
  EXPECT_EQ(told, (std::vector{false, false, false}));
  EngineFixture light(conditional(), coordinator, participant_from(naive),
                      {.context = Context{{"weight", 0}}});
  EXPECT_THAT(light.run().skipped, testing::ElementsAre(0, 1));
  EXPECT_EQ(told, (std::vector{false, true, true}));
}

TEST(ConditionalRunTest, SaysSoToEveryIncarnation) {
  int asked = 0;
  EngineFixture fixture(conditional(),
                        [&asked](Runtime& runtime) {
                          asked += runtime.is_skipped("ship") ? 1 : 0;
                          static_cast<void>(runtime.append({.kind = LogKind::kStarted}));
                        },
                        participant_from(naive), {.context = Context{{"weight", -1}}});
  fixture.run("saga@after_started:coordinator_crash");
  EXPECT_EQ(asked, 4) << "once before and once after the crash, and in both recoveries";
}

TEST(ConditionalRunTest, AnUnknownStepIsNamedWithTheNearest) {
  EngineFixture fixture(conditional(),
                        [](Runtime& runtime) { static_cast<void>(runtime.is_skipped("shop")); });
  EXPECT_THAT(error_of([&] { return fixture.run().outcome; }), HasSubstr("did you mean \"ship\"?"));
}

TEST(ConditionalRunTest, AConditionThatCannotBeJudgedStopsBeforeAnythingRuns) {
  const auto make = [] {
    EngineFixture fixture(conditional(), [](Runtime&) {}, participant_from(naive),
                          {.context = Context{{"weight", "heavy"}}});
    return 0;
  };
  EXPECT_THAT(error_of(make), HasSubstr("step \"ship\": the condition \"/weight above 0\" needs a number"));
}

}  // namespace
}  // namespace saga_harness
