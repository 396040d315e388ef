// The plans with one fault more.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "next_level.hpp"

namespace saga_harness::blackbox_test {
namespace {

using blackbox::NextLevel;
using blackbox::Node;
using blackbox::OpenQuestion;

/// A plan, and whether it is certain to strike.
using Planned = std::pair<blackbox::PlanKey, bool>;

Pick fault(StepId step) {
  return {.position = step,
          .point = {.step = step},
          .alternative = {FaultKind::kRejected, FaultDuration::kOnce},
          .answer = 1};
}

OpenQuestion question(StepId step, bool certain) {
  return {.position = step,
          .question = {{.step = step}, {{FaultKind::kRejected, FaultDuration::kOnce}}},
          .certain = certain};
}

// Three parallel steps: a run with a fault at one may meet the others before it.
void add(NextLevel& next, StepId at) {
  std::vector<OpenQuestion> questions;
  for (StepId step = 0; step < 3; ++step) {
    if (step != at) questions.push_back(question(step, step > at));
  }
  next.add(at, Node{{fault(at)}}, std::move(questions));
}

std::vector<Planned> next_after(const std::vector<StepId>& order) {
  const ExploreOptions options;
  NextLevel next(options, std::vector<bool>(kFaultKindCount, true));
  for (const StepId at : order) add(next, at);
  std::vector<Planned> planned;
  for (const Node& node : next.take()) planned.emplace_back(blackbox::key_of(node.picks), node.certain);
  return planned;
}

TEST(NextLevelTest, HasEachPlanOnceAsItsFirstParentMeetsIt) {
  const std::vector<Planned> planned = next_after({0, 1, 2});
  ASSERT_THAT(planned, testing::SizeIs(3));
  for (const auto& [key, is_certain] : planned) EXPECT_TRUE(is_certain);
}

TEST(NextLevelTest, IsTheSameInWhateverOrderTheRunsCome) {
  const std::vector<Planned> expected = next_after({0, 1, 2});
  EXPECT_EQ(next_after({2, 1, 0}), expected);
  EXPECT_EQ(next_after({1, 2, 0}), expected);
}

TEST(NextLevelTest, OfRunsOfWhichSomeAreMissingIsThatOfTheOthers) {
  EXPECT_THAT(next_after({2, 1}), testing::SizeIs(3));
  EXPECT_EQ(next_after({2, 1}), next_after({1, 2}));
}

}  // namespace
}  // namespace saga_harness::blackbox_test
