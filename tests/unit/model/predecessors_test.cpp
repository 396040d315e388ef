#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/saga.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness {
namespace {

Saga two_steps(Step second) {
  second.name = "b";
  second.service = "y";
  second.compensation = "undo_b";
  return {.name = "s", .steps = {{.name = "a", .service = "x", .compensation = "undo_a"}, std::move(second)}};
}

bool waits(const Saga& saga) { return SagaIndex(saga).precedes(0, 1); }

TEST(PredecessorsTest, UnlessTheyAreSaidAStepWaitsForThePreviousOne) {
  EXPECT_TRUE(waits(two_steps({})));
  EXPECT_TRUE(waits(two_steps({.after = kPreviousStep})));
}

TEST(PredecessorsTest, EmptyBracesMeanNone) {
  EXPECT_FALSE(waits(two_steps({.after = {}})));
  EXPECT_FALSE(waits(two_steps({.after = kNoPredecessors})));
  EXPECT_FALSE(waits(two_steps({.after = std::vector<std::string>{}})));
  EXPECT_EQ(Predecessors{}, Predecessors(kNoPredecessors));
  EXPECT_NE(Predecessors{}, Predecessors(kPreviousStep));
}

TEST(PredecessorsTest, AreNamedWithOneOrTwoPairsOfBraces) {
  const std::string name = "a";
  EXPECT_EQ(Predecessors({"a", "b"}).names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ((Step{.after = {name, "b"}}.after.names()), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ((Step{.after = {{"a", "b"}}}.after.names()), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(waits(two_steps({.after = {"a"}})));
}

TEST(PredecessorsTest, MeanTheSameInJson) {
  const auto after = [](const std::string& json) {
    return parse_saga(R"({"name": "s", "steps": [{"name": "a", "service": "x", "compensation": "ua"},
                          {"name": "b", "service": "y", "compensation": "ub")" +
                          json + "}]}",
                      "s.json")
        .steps[1]
        .after;
  };
  EXPECT_EQ(after(R"(, "after": [])"), Predecessors{});
  EXPECT_EQ(after(R"(, "after": null)"), Predecessors(kPreviousStep));
  EXPECT_EQ(after(""), Predecessors(kPreviousStep));
  EXPECT_EQ(after(R"(, "after": ["a"])"), Predecessors{"a"});
  for (const Predecessors& each : {Predecessors{}, Predecessors(kPreviousStep), Predecessors{"a"}}) {
    const Saga saga = two_steps({.after = each});
    EXPECT_EQ(parse_saga(to_json(saga), "s.json"), saga);
  }
}

}  // namespace
}  // namespace saga_harness
