// In what order a search over real runs that stops at the first violation runs its plans.

#include <algorithm>
#include <numeric>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness_internal/likely_faults.hpp>

#include "likely_order.hpp"
#include "virtual_runs.hpp"

namespace saga_harness::blackbox_test {
namespace {

using blackbox::likely_order;
using blackbox::Node;

Pick fault(StepId step, FaultKind kind) {
  return {.point = {.step = step}, .alternative = {kind, FaultDuration::kOnce}, .answer = 1};
}

/// The plans of one search, and what it found.
struct Search {
  std::vector<std::string> plans = {};
  Exploration found = {};
};

Search search_in(const Experiment& experiment, ExploreOptions options, bool likely_first) {
  options.stop_at_first_violation = true;
  options.likely_first = likely_first;
  Search made;
  const RunPlan run = [&](const FaultPlan& plan) {
    made.plans.push_back(to_string(plan));
    return run_in_virtual_time(experiment, plan);
  };
  made.found = search(experiment, options, run).exploration;
  return made;
}

TEST(LikelyOrderTest, BeginsWithTheSingleFaultsOfTheTableInItsOrder) {
  const Experiment experiment = subject("reference");
  const SagaIndex& saga = *experiment.setup.saga;
  std::vector<Node> level;
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (const FaultKind kind : kKinds) level.push_back({{fault(step, kind)}});
  }
  std::vector<LikelyFault> first;
  for (const std::size_t at : likely_order(level, saga))
    first.push_back(likely_fault_of(level[at].picks[0].point, level[at].picks[0].alternative, saga));
  const auto is_here = [&](const LikelyFault& each) { return std::ranges::find(first, each) != first.end(); };
  const auto begin = std::ranges::find_if(likely_faults(), is_here);
  ASSERT_NE(begin, likely_faults().end());
  EXPECT_EQ(first.front(), *begin);
  const auto next = std::find_if(begin + 1, likely_faults().end(), is_here);
  ASSERT_NE(next, likely_faults().end());
  EXPECT_EQ(first[1], *next);
}

TEST(LikelyOrderTest, HasEachPlanOnceAndIsAlwaysTheSame) {
  const Experiment experiment = subject("reference");
  const SagaIndex& saga = *experiment.setup.saga;
  std::vector<Node> level;
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (const FaultKind one : kKinds) {
      level.push_back({{fault(step, one)}});
      for (const FaultKind other : kKinds) level.push_back({{fault(step, one), fault(0, other)}});
    }
  }
  std::vector<std::size_t> order = likely_order(level, saga);
  EXPECT_EQ(likely_order(level, saga), order);
  std::ranges::sort(order);
  std::vector<std::size_t> all(level.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  EXPECT_EQ(order, all);
}

// A hundred pairs of one kind do not keep one of another waiting.
TEST(LikelyOrderTest, DrawsEachSetOfKindsAlike) {
  const Experiment experiment = subject("reference");
  const SagaIndex& saga = *experiment.setup.saga;
  std::vector<Node> level(100, Node{{fault(0, FaultKind::kRejected), fault(1, FaultKind::kRejected)}});
  level.push_back({{fault(0, FaultKind::kRejected), fault(1, FaultKind::kReplyLost)}});
  const std::vector<std::size_t> order = likely_order(level, saga);
  EXPECT_LT(std::ranges::find(order, std::size_t{100}) - order.begin(), 10);
}

TEST(LikelyOrderTest, IsTakenUntilTheFirstViolationOnly) {
  const Experiment experiment = subject("reference");
  EXPECT_NE(search_in(experiment, bounds(1), true).plans, search_in(experiment, bounds(1), false).plans);
}

TEST(LikelyOrderTest, HeavyMeetsKnownBugsSooner) {
  std::uint64_t likely = 0;
  std::uint64_t plain = 0;
  for (const Mutant& mutant : mutants()) {
    if (mutant.participant || mutant.choreography || mutant.together || mutant.scenario != "order_processing")
      continue;
    const Experiment experiment = subject(mutant.name);
    if (explore(experiment, bounds(2)).finds_no_violation()) continue;
    const Search soon = search_in(experiment, bounds(2), true);
    const Search late = search_in(experiment, bounds(2), false);
    EXPECT_EQ(soon.found.violated_schedules, 1U) << mutant.name;
    EXPECT_EQ(late.found.violated_schedules, 1U) << mutant.name;
    likely += soon.found.schedules;
    plain += late.found.schedules;
  }
  EXPECT_LT(2 * likely, plain);
}

}  // namespace
}  // namespace saga_harness::blackbox_test
