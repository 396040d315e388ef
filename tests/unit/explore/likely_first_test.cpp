// What is tried before all else, and what that does to a search.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <saga_harness/replay.hpp>

#include <fmt/format.h>

#include <saga_harness_internal/input_file.hpp>

#include "likely_first.hpp"
#include "results.hpp"
#include "subject.hpp"
#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr std::uint64_t kAll = 1'000'000;

/// The schedules that are tried of `saga`, as texts.
std::vector<std::string> tried(const Saga& saga, ExploreOptions options,
                               std::span<const LikelyFault> likely = likely_faults(),
                               std::uint64_t seed = LikelyFirst::kSeed) {
  const Experiment experiment = subject(saga);
  options.kinds = kinds_in_scope(experiment, options.kinds);
  Engine engine(setup_of(experiment));
  LikelyFirst schedules(engine.saga(), options, likely, seed);
  std::vector<std::string> plans;
  static_cast<void>(runs_until(engine, schedules, kAll, [&](const Observation&, std::span<const Pick> picks) {
    plans.push_back(to_string(plan_of(picks, engine.saga())));
    return false;
  }));
  return plans;
}

/// The schedules of a whole search.
std::vector<std::string> searched(const Saga& saga, ExploreOptions options) {
  std::vector<std::string> plans;
  options.on_schedule = [&](const Schedule& schedule) { plans.push_back(to_string(schedule.plan)); };
  static_cast<void>(explore(subject(saga), options));
  return plans;
}

bool are_among(std::vector<std::string> some, std::vector<std::string> all) {
  std::ranges::sort(some);
  std::ranges::sort(all);
  return std::ranges::includes(all, some);
}

ExploreOptions up_to_first(int max_faults, bool likely_first = true) {
  return {.max_faults = max_faults, .stop_at_first_violation = true, .likely_first = likely_first};
}

TEST(LikelyFirstTest, TriesTheTableInItsOrderAfterTheRunWithoutFaults) {
  const std::vector<LikelyFault> table{{FaultKind::kReplyLost, Operation::kAction, SagaPart::kLast},
                                       {FaultKind::kRejected, Operation::kAction, SagaPart::kFirst},
                                       {FaultKind::kReplyLost, Operation::kAction, SagaPart::kLast},
                                       {FaultKind::kRejected, Operation::kCompensation, SagaPart::kFirst}};
  std::vector<std::string> plans = tried(small_saga(), {.max_faults = 1, .windows = false}, table);
  plans.resize(3);
  EXPECT_THAT(plans, ElementsAre("none", "pay.action#1:reply_lost", "reserve.action#1:rejected"));
  plans = tried(small_saga(), {.max_faults = 1}, table);
  ASSERT_GT(plans.size(), 4U);
  EXPECT_THAT(plans[3], testing::HasSubstr("pay.action#1..")) << "the next place of the same";
}

TEST(LikelyFirstTest, NoScheduleComesTwiceAndEachIsOneOfTheSearch) {
  const std::vector<std::string> plans = tried(small_saga(), {.max_faults = 2});
  EXPECT_EQ(std::set<std::string>(plans.begin(), plans.end()).size(), plans.size());
  EXPECT_TRUE(are_among(plans, searched(small_saga(), {.max_faults = 2})));
  EXPECT_GT(plans.size(), 200U);
}

TEST(LikelyFirstTest, ComesToEverySingleFault) {
  std::vector<std::string> plans = tried(small_saga(), {.max_faults = 1});
  std::vector<std::string> all = searched(small_saga(), {.max_faults = 1});
  std::ranges::sort(plans);
  std::ranges::sort(all);
  EXPECT_EQ(plans, all);
}

TEST(LikelyFirstTest, KeepsToTheKindsWindowsAndFaultsThatAreAskedFor) {
  const ExploreOptions options{
      .max_faults = 2, .kinds = {FaultKind::kRejected, FaultKind::kReplyLost}, .windows = false};
  const std::vector<std::string> plans = tried(small_saga(), options);
  EXPECT_TRUE(are_among(plans, searched(small_saga(), options)));
  EXPECT_THAT(tried(small_saga(), {.max_faults = 0}), ElementsAre("none"));
}

TEST(LikelyFirstTest, IsTheSameEveryTimeAndAnotherWithAnotherSeed) {
  const std::vector<std::string> plans = tried(small_saga(), {.max_faults = 2});
  EXPECT_EQ(tried(small_saga(), {.max_faults = 2}), plans);
  EXPECT_NE(tried(small_saga(), {.max_faults = 2}, likely_faults(), LikelyFirst::kSeed + 1), plans);
}

TEST(LikelyFirstTest, AQuarterOfWhatIsDrawnStrikesWhereOnlyAnotherFaultLeads) {
  std::vector<std::string> plans = tried(order_saga(), {.max_faults = 2}, {});
  plans.resize(401);
  const auto compensations = std::ranges::count_if(plans, [](const std::string& plan) {
    return plan.find(", ") != std::string::npos && plan.find(".compensation#") != std::string::npos;
  });
  EXPECT_GT(compensations, 60);
}

TEST(LikelyFirstTest, FindsABugAfterFewerSchedules) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kFailureSwallowed);
  const Exploration likely = explore(experiment, up_to_first(2));
  const Exploration plain = explore(experiment, up_to_first(2, false));
  EXPECT_LT(likely.schedules * 10, plain.schedules);
  EXPECT_EQ(likely.violated_schedules, 1U);
  EXPECT_FALSE(likely.exhausted);
  EXPECT_TRUE(likely.levels[0].exhausted);
  EXPECT_FALSE(likely.levels[1].exhausted);
  EXPECT_EQ(likely.levels[0].schedules + likely.levels[1].schedules + likely.levels[2].schedules,
            likely.schedules);
  ASSERT_THAT(likely.findings, SizeIs(1));
  EXPECT_EQ(likely.findings[0].rule, plain.findings[0].rule);
  EXPECT_THAT(likely.findings[0].plan.faults, SizeIs(plain.findings[0].plan.size()));
}

TEST(LikelyFirstTest, WhatIsFoundCannotDoWithFewerFaults) {
  for (const OrchestratorBug bug : {OrchestratorBug::kFailureSwallowed, OrchestratorBug::kResumeGoesForward,
                                    OrchestratorBug::kAmbiguousNotCompensated}) {
    const Experiment experiment = subject(order_saga(), bug);
    const Exploration found = explore(experiment, up_to_first(2));
    ASSERT_FALSE(found.findings.empty());
    const Finding& finding = found.findings.front();
    EXPECT_EQ(
        finding.explanation,
        run_plan(experiment, finding.plan).verdicts[static_cast<std::size_t>(finding.rule)].explanation);
    for (std::size_t i = 0; i < finding.plan.size(); ++i) {
      FaultPlan fewer = finding.plan;
      fewer.faults.erase(fewer.faults.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_NE(run_plan(experiment, fewer).verdicts[static_cast<std::size_t>(finding.rule)].status,
                VerdictStatus::kViolated)
          << to_string(finding.plan);
    }
  }
}

TEST(LikelyFirstTest, WhatIsFoundIsAsSimpleAsInPlainOrder) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  const Exploration likely = explore(experiment, up_to_first(2));
  const Exploration plain = explore(experiment, up_to_first(2, false));
  ASSERT_THAT(likely.findings.at(0).plan.faults, SizeIs(1));
  EXPECT_EQ(likely.findings[0].plan.faults[0].kind, plain.findings.at(0).plan.faults[0].kind);
  EXPECT_EQ(likely.findings[0].plan.faults[0].window, FaultDuration::kOnce);
}

TEST(LikelyFirstTest, LeavesNothingBehindWhereItFindsNothing) {
  for (const Saga& saga : {small_saga(), order_saga()}) {
    const std::string one = scratch("likely");
    const std::string other = scratch("plain");
    std::string records;
    std::string plain_records;
    const auto search = [&](bool likely_first, const std::string& tally, std::string& into) {
      ExploreOptions options = up_to_first(1, likely_first);
      options.tally = tally;
      options.on_schedule = [&](const Schedule& schedule) {
        into += fmt::format("{} {}\n", schedule.number, to_string(schedule.plan));
      };
      return all_of(explore(subject(saga), options));
    };
    EXPECT_EQ(search(true, one, records), search(false, other, plain_records));
    EXPECT_EQ(records, plain_records);
    EXPECT_EQ(internal::read_file(one), internal::read_file(other));
  }
}

TEST(LikelyFirstTest, IsNotForASearchThatGoesOnAfterAViolation) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kFailureSwallowed);
  ExploreOptions options{.max_faults = 2, .max_schedules = 300};
  const std::string likely = all_of(explore(experiment, options));
  options.likely_first = false;
  EXPECT_EQ(all_of(explore(experiment, options)), likely);
}

TEST(LikelyFirstTest, KeepsToABoundOfSchedules) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kFailureSwallowed);
  const std::uint64_t needed = explore(experiment, up_to_first(2)).schedules;
  ExploreOptions options = up_to_first(2);
  options.max_schedules = needed;
  EXPECT_EQ(explore(experiment, options).violated_schedules, 1U);
  options.max_schedules = needed - 1;
  const Exploration bounded = explore(experiment, options);
  EXPECT_EQ(bounded.violated_schedules, 0U);
  EXPECT_EQ(bounded.schedules, needed - 1);
}

TEST(LikelyFirstTest, ShowsWhoLooksOnlyWhatCounts) {
  std::vector<std::uint64_t> numbers;
  ExploreOptions options = up_to_first(2);
  options.on_schedule = [&](const Schedule& schedule) { numbers.push_back(schedule.number); };
  const Exploration found = explore(subject(order_saga(), OrchestratorBug::kFailureSwallowed), options);
  ASSERT_EQ(numbers.size(), found.schedules);
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], i + 1);
}

TEST(LikelyFirstTest, AShardGoesInPlainOrder) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kFailureSwallowed);
  const auto part = [&](bool likely_first) {
    ExploreOptions options = up_to_first(2, likely_first);
    options.shard = {1, 3};
    return explore(experiment, options);
  };
  EXPECT_EQ(part(true).schedules, part(false).schedules);
  EXPECT_GT(part(true).violated_schedules, 0U);
}

TEST(LikelyFirstTest, ASearchThatHasFoundSomethingIsNotGoneOnWith) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kFailureSwallowed);
  ExploreOptions options = up_to_first(2);
  options.resume = scratch("state");
  const std::string first = all_of(explore(experiment, options));
  EXPECT_EQ(all_of(explore(experiment, options)), first);
}

}  // namespace
}  // namespace saga_harness::explore_test
