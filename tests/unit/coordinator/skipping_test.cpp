// The reference orchestrator and sagas written as code, where the conditions of steps do not hold.

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

/// Each of the steps named is done only if the context has a member of its name.
Saga only_on_demand(Saga saga, std::initializer_list<std::string_view> steps) {
  for (const std::string_view name : steps) {
    for (Step& step : saga.steps) {
      if (step.name == name) step.only_if = Condition{.pointer = "/" + step.name};
    }
  }
  return saga;
}

TEST(SkippingTest, NothingIsCalledOrLoggedOfASkippedStep) {
  Orchestra fixture(only_on_demand(trip(), {"hotel"}));
  fixture.run();
  EXPECT_EQ(fixture.only({EventType::kLogged, EventType::kSent, EventType::kReported}), R"(
0.000ms logged started
0.000ms logged intent flight.action
0.000ms sent flight.action#1
2.000ms logged done flight.action
2.000ms logged intent car.action
2.000ms sent car.action#1
4.000ms logged done car.action
4.000ms logged end completed
4.000ms reported completed
)");
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 0, 1));
}

TEST(SkippingTest, AStepWhoseConditionHoldsIsDone) {
  Saga saga = only_on_demand(trip(), {"hotel"});
  saga.context = Context{{"hotel", "Ritz"}};
  Orchestra fixture(saga);
  EXPECT_EQ(fixture.run().outcome, Outcome::kCompleted);
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 1, 1));
}

TEST(SkippingTest, TheFirstTheLastAndAllStepsCanBeSkipped) {
  Orchestra ends(only_on_demand(trip(), {"flight", "car"}));
  EXPECT_EQ(ends.run().outcome, Outcome::kCompleted);
  EXPECT_THAT(ends.net_effects(), ElementsAre(0, 1, 0));
  Orchestra all(only_on_demand(trip(), {"flight", "hotel", "car"}));
  EXPECT_EQ(all.run().outcome, Outcome::kCompleted);
  EXPECT_EQ(all.count(EventType::kSent), 0U);
}

TEST(SkippingTest, ThoseAfterItWaitForThoseBeforeIt) {
  Orchestra fixture(only_on_demand(diamond(), {"flight", "hotel"}));
  fixture.run();
  EXPECT_EQ(fixture.only({EventType::kSent, EventType::kReceived}), R"(
0.000ms sent plan.action#1
2.000ms received plan.action#1 ok
2.000ms sent car.action#1
4.000ms received car.action#1 ok
)");
}

TEST(SkippingTest, OneBranchIsSkippedAndTheOtherIsWaitedFor) {
  Orchestra fixture(only_on_demand(diamond(), {"flight"}));
  fixture.run("hotel#1:unavailable");
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 0, 1, 1));
  EXPECT_THAT(fixture.only({EventType::kSent}),
              HasSubstr("104.000ms sent hotel.action#2\n106.000ms sent car.action#1"));
}

TEST(SkippingTest, NothingOfItIsUndone) {
  Orchestra fixture(only_on_demand(trip(), {"hotel"}));
  EXPECT_EQ(fixture.run("car:rejected").outcome, Outcome::kCompensated);
  EXPECT_THAT(fixture.only({EventType::kSent}), Not(HasSubstr("hotel")));
  EXPECT_THAT(fixture.net_effects(), ElementsAre(0, 0, 0));
}

TEST(SkippingTest, ItIsWellUnderEveryCrash) {
  for (const Saga& saga : {only_on_demand(trip(), {"hotel"}), only_on_demand(diamond(), {"flight"}),
                           only_on_demand(paid_trip(), {"flight", "mail"})}) {
    Orchestra fixture(saga);
    Recording offered(fixture.saga(), true);
    fixture.run(offered);
    for (int crash = 1; crash <= offered.crashes; ++crash) {
      Recording choices(fixture.saga(), true, crash);
      EXPECT_EQ(fixture.run(choices).outcome, Outcome::kCompleted);
      const Observation& seen = fixture.engine().observation();
      for (StepId step = 0; step < seen.effects.size(); ++step)
        EXPECT_EQ(seen.effects[step].net(), seen.is_skipped(step) ? 0 : 1)
            << saga.name << step << fixture.story();
    }
    EXPECT_GT(offered.crashes, 5);
  }
}

TEST(SkippingTest, ConditionIgnoredDoesTheStepAllTheSame) {
  Orchestra fixture(only_on_demand(trip(), {"hotel"}), OrchestratorBug::kConditionIgnored);
  EXPECT_EQ(fixture.run().outcome, Outcome::kCompleted);
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 1, 1));
}

TEST(SkippingTest, SkipsWhatFollowsLeavesOutMoreThanItShould) {
  Orchestra fixture(only_on_demand(trip(), {"hotel"}), OrchestratorBug::kSkipsWhatFollows);
  EXPECT_EQ(fixture.run().outcome, Outcome::kCompleted);
  EXPECT_THAT(fixture.net_effects(), ElementsAre(1, 0, 0));
}

TEST(SkippingTest, CodeSkipsWhatTheDefinitionDeclares) {
  const auto run_with = [](Context context) {
    ImperativeStatus status;
    const Coordinator coordinator = imperative([&status](ImperativeSaga& saga) {
      for (const char* step : {"flight", "hotel", "car"}) EXPECT_TRUE(saga.execute_step(step).ok());
      status = saga.get_status();
      saga.commit();
    });
    runtime_test::EngineFixture fixture(only_on_demand(trip(), {"hotel"}), coordinator,
                                        [] { return std::make_unique<Honest>(); },
                                        {.context = std::move(context)});
    EXPECT_EQ(fixture.run().outcome, Outcome::kCompleted);
    EXPECT_EQ(fixture.engine().observation().effects[1].applied,
              fixture.engine().observation().skipped.empty());
    return status.completed_steps;
  };
  EXPECT_EQ(run_with({}), 2);
  EXPECT_EQ(run_with({{"hotel", "Ritz"}}), 3);
}

TEST(SkippingTest, CodeAsksWhatToSkip) {
  const Coordinator coordinator = imperative([](ImperativeSaga& saga) {
    saga.execute_step("flight");
    if (!saga.runtime().is_skipped("hotel")) saga.execute_step("hotel");
    saga.execute_step("car");
    saga.commit();
  });
  runtime_test::EngineFixture fixture(only_on_demand(trip(), {"hotel"}), coordinator,
                                      [] { return std::make_unique<Honest>(); });
  EXPECT_EQ(fixture.run().outcome, Outcome::kCompleted);
  EXPECT_EQ(fixture.engine().observation().effects[1].applied, 0U);
}

}  // namespace
}  // namespace saga_harness
