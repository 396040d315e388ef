// The search over real runs, with runs of the virtual-time engine in place of real ones.

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>

#include "virtual_runs.hpp"

namespace saga_harness::blackbox_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> plans_of(const Exploration& exploration) {
  std::vector<std::string> plans;
  for (const Finding& finding : exploration.findings) {
    plans.push_back(std::string(name_of(finding)) + " " + finding.step + ": " + to_string(finding.plan));
  }
  std::ranges::sort(plans);
  return plans;
}

std::vector<Cell> cells_tried(const Exploration& exploration) {
  std::vector<Cell> cells = exploration.cells;
  std::erase_if(cells, [](const Cell& cell) { return std::ranges::find(kKinds, cell.kind) == kKinds.end(); });
  return cells;
}

TEST(RealSearchTest, FindsWhatTheSearchInVirtualTimeFinds) {
  for (const char* coordinator : {"reference", "ambiguous_not_compensated", "skips_last"}) {
    SCOPED_TRACE(coordinator);
    const Experiment experiment = subject(coordinator);
    Exploration expected = explore(experiment, bounds(2));
    const Exploration found = search(experiment, bounds(2, 4)).exploration;
    EXPECT_EQ(found.schedules, expected.schedules);
    EXPECT_EQ(found.outcomes, expected.outcomes);
    EXPECT_EQ(found.violated_schedules, expected.violated_schedules);
    EXPECT_EQ(plans_of(found), plans_of(expected));
    EXPECT_TRUE(cells_tried(found) == cells_tried(expected));
    EXPECT_TRUE(found.exhausted);
    EXPECT_THAT(found.nondeterministic, IsEmpty());
  }
}

TEST(RealSearchTest, JudgesStepsThatAreToBeSkipped) {
  for (const char* coordinator : {"reference", "condition_ignored"}) {
    SCOPED_TRACE(coordinator);
    Experiment experiment = saga_harness::experiment(
        load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/trip_with_options.json"), coordinator);
    experiment.setup.durable = false;
    experiment.claims = {.retries = true};
    const Exploration expected = explore(experiment, bounds(1));
    const Exploration found = search(experiment, bounds(1)).exploration;
    EXPECT_EQ(found.violated_schedules, expected.violated_schedules);
    EXPECT_EQ(plans_of(found), plans_of(expected));
    EXPECT_EQ(found.violated_schedules == 0, coordinator == kReference);
  }
}

TEST(RealSearchTest, TheResultDoesNotDependOnHowManyRunAtATime) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const TargetExploration one = search(experiment, bounds(2, 1));
  const TargetExploration many = search(experiment, bounds(2, 8));
  EXPECT_EQ(one.exploration.schedules, many.exploration.schedules);
  EXPECT_EQ(one.exploration.outcomes, many.exploration.outcomes);
  EXPECT_EQ(one.exploration.cells, many.exploration.cells);
  EXPECT_EQ(one.exploration.verdict, many.exploration.verdict);
  EXPECT_EQ(plans_of(one.exploration), plans_of(many.exploration));
  EXPECT_EQ(one.examples, many.examples);
}

TEST(RealSearchTest, FewerFaultsAreRunFirstAndNoSetTwice) {
  const Experiment experiment = subject("reference");
  std::vector<std::size_t> sizes;
  std::set<std::string> plans;
  ExploreOptions options = bounds(2);
  std::uint64_t runs = 0;
  const RunPlan run = [&](const FaultPlan& plan) {
    ++runs;
    sizes.push_back(plan.size());
    plans.insert(to_string(plan));
    return run_in_virtual_time(experiment, plan);
  };
  const Exploration found = search(experiment, options, run).exploration;
  EXPECT_TRUE(std::ranges::is_sorted(sizes));
  EXPECT_EQ(plans.size(), found.schedules);
  EXPECT_EQ(runs, found.schedules + 1);  // the run without faults is run twice
}

TEST(RealSearchTest, ASubjectThatDrawsAtRandomIsNondeterministicAndNotViolated) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const Experiment good = subject("reference");
  std::atomic<int> toss = 0;
  const RunPlan run = [&](const FaultPlan& plan) {
    return run_in_virtual_time(toss++ % 2 == 0 ? experiment : good, plan);
  };
  const Exploration found = search(experiment, bounds(1), run).exploration;
  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_EQ(found.violated_schedules, 0U);
  ASSERT_FALSE(found.nondeterministic.empty());
  EXPECT_THAT(found.nondeterministic.front().difference, HasSubstr("I1"));
  EXPECT_EQ(word_of(found.verdict), "error");
}

TEST(RealSearchTest, AFindingIsAsSmallAsItCanBe) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const Experiment good = subject("reference");
  std::atomic<int> singles = 0;
  // Single faults go well as long as the search comes by, so that only pairs show the bug at first.
  std::atomic<bool> pairs = false;
  const RunPlan run = [&](const FaultPlan& plan) {
    pairs = pairs || plan.size() == 2;
    singles += plan.size() == 1 ? 1 : 0;
    return run_in_virtual_time(pairs ? experiment : good, plan);
  };
  const TargetExploration found = search(experiment, bounds(2), run);
  ASSERT_FALSE(found.exploration.findings.empty());
  for (std::size_t i = 0; i < found.examples.size(); ++i) {
    EXPECT_EQ(found.exploration.findings[i].plan, found.examples[i].plan);
    EXPECT_THAT(found.examples[i].violations(), testing::Not(IsEmpty()));
  }
  EXPECT_EQ(found.exploration.findings.front().plan.size(), 1U);
  EXPECT_GT(singles.load(), 0);
}

TEST(RealSearchTest, ARunThatNeverEndsHasNoChildren) {
  const Experiment experiment = subject("reference");
  const RunPlan run = [&](const FaultPlan& plan) {
    ObservedRun seen = run_in_virtual_time(experiment, plan);
    if (plan.size() != 1) return seen;
    seen.trace.texts.emplace_back("the bound of 3 calls");
    seen.trace.events.push_back(
        {.text = static_cast<std::uint32_t>(seen.trace.texts.size() - 1), .type = EventType::kGaveUp});
    return seen;
  };
  const Exploration found = search(experiment, bounds(2), run).exploration;
  ASSERT_THAT(found.levels, SizeIs(3));
  EXPECT_EQ(found.levels[2].schedules, 0U);
  ASSERT_THAT(found.findings, SizeIs(3));  // by what they said before
  for (const Finding& finding : found.findings) EXPECT_EQ(finding.rule, Rule::kTerminates);
}

TEST(RealSearchTest, WhatRestsOnTimeSaysSo) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const RunPlan run = [&](const FaultPlan& plan) {
    ObservedRun seen = run_in_virtual_time(experiment, plan);
    seen.rests_on_time = !plan.empty();
    return seen;
  };
  const TargetExploration found = search(experiment, bounds(1), run);
  EXPECT_EQ(found.exploration.timed_schedules, found.exploration.schedules - 1);
  ASSERT_FALSE(found.exploration.findings.empty());
  EXPECT_TRUE(found.exploration.findings[0].rests_on_time);
  EXPECT_THAT(found.exploration.findings[0].explanation, HasSubstr("rests on a timeout of real time"));
  EXPECT_THAT(found.examples[0].violations()[0].explanation, HasSubstr("rests on a timeout of real time"));
}

TEST(RealSearchTest, TokensAreThoseOfVirtualTime) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const TargetExploration found = search(experiment, bounds(1));
  ASSERT_FALSE(found.exploration.findings.empty());
  const Finding& finding = found.exploration.findings[0];
  const Experiment reference = subject("reference");
  EXPECT_EQ(finding.token, run_plan(reference, finding.plan).token);
}

TEST(RealSearchTest, AnErrorOfARunEndsTheSearch) {
  const Experiment experiment = subject("reference");
  const RunPlan run = [&](const FaultPlan& plan) -> ObservedRun {
    if (!plan.empty()) throw Error("the target is gone");
    return run_in_virtual_time(experiment, plan);
  };
  EXPECT_THROW(static_cast<void>(search(experiment, bounds(2, 4), run)), Error);
}

TEST(RealSearchTest, ABoundOnSchedulesStopsItNotExhausted) {
  ExploreOptions options = bounds(2, 4);
  options.max_schedules = 10;
  const Exploration found = search(subject("reference"), options).exploration;
  EXPECT_EQ(found.schedules, 10U);
  EXPECT_FALSE(found.exhausted);
  EXPECT_EQ(word_of(found.verdict), "inconclusive");
}

TEST(RealSearchTest, WhatCannotBeHadOfATargetIsRefused) {
  ExploreOptions options = bounds(1);
  options.swarm = Swarm{.seed = "x"};
  EXPECT_THROW(static_cast<void>(search(subject("reference"), options)), Error);
}

}  // namespace
}  // namespace saga_harness::blackbox_test
