// A search that runs one fault of those that the subject treats alike (ExploreOptions::classes).

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/error.hpp>

#include "virtual_runs.hpp"

namespace saga_harness::blackbox_test {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

ExploreOptions by_classes(int faults, int workers = 1) {
  ExploreOptions options = bounds(faults, workers);
  options.classes = true;
  return options;
}

/// Every plan that was run once, and how the search ended.
struct Searched {
  Exploration exploration;
  std::set<std::string> plans;
};
Searched searched(const Experiment& experiment, const ExploreOptions& options, const RunPlan& run) {
  Searched result;
  result.exploration = search(experiment, options, [&](const FaultPlan& plan) {
                         result.plans.insert(to_string(plan));
                         return run(plan);
                       }).exploration;
  return result;
}
Searched searched(const Experiment& experiment, const ExploreOptions& options) {
  return searched(experiment, options,
                  [&](const FaultPlan& plan) { return run_in_virtual_time(experiment, plan); });
}

using Broken = std::tuple<Rule, std::string, std::string>;
std::set<Broken> broken_in(const Exploration& exploration) {
  std::set<Broken> broken;
  for (const Finding& finding : exploration.findings)
    broken.emplace(finding.rule, finding.step, finding.cause);
  return broken;
}

std::size_t pairs_with(FaultKind kind, const std::set<std::string>& plans) {
  return static_cast<std::size_t>(std::ranges::count_if(plans, [&](const std::string& plan) {
    return plan.find(std::string(":") + std::string(name_of(kind))) != std::string::npos &&
           plan.find(',') != std::string::npos;
  }));
}

TEST(ClassedLevelsTest, OfFaultsThatAreTreatedAlikeOneIsCombined) {
  const Experiment experiment = subject("reference");
  const Searched all = searched(experiment, bounds(2));
  const Searched some = searched(experiment, by_classes(2));
  ASSERT_TRUE(some.exploration.classes.has_value());
  const ClassCount& classes = *some.exploration.classes;
  EXPECT_EQ(classes.of, all.exploration.schedules);
  EXPECT_EQ(classes.run, some.plans.size());
  EXPECT_LT(classes.run, classes.of * 3 / 4);
  EXPECT_GT(classes.audited, 0U);
  EXPECT_EQ(classes.unlike, 0U);
  EXPECT_TRUE(std::ranges::includes(all.plans, some.plans));
}

TEST(ClassedLevelsTest, TheVerdictSaysSoAndTheSearchIsNotCalledExhausted) {
  const Exploration found = searched(subject("reference"), by_classes(2)).exploration;
  EXPECT_EQ(found.verdict.word, VerdictWord::kUpheld);
  EXPECT_THAT(found.verdict.lacks, IsEmpty());
  EXPECT_EQ(found.verdict.scope, describe(*found.classes, 2));
  EXPECT_FALSE(found.exhausted);
  ASSERT_EQ(found.levels.size(), 3U);
  EXPECT_TRUE(found.levels[1].exhausted);
  EXPECT_FALSE(found.levels[2].exhausted);
}

TEST(ClassedLevelsTest, BeyondPairsNobodyKnowsHowManyThereAre) {
  EXPECT_EQ(describe(ClassCount{.run = 7, .of = 9}, 2), "exhausted up to classes, 7 of 9 plans run");
  EXPECT_EQ(describe(ClassCount{.run = 7, .of = 9}, 3), "exhausted up to classes, 7 of at least 9 plans run");
}

TEST(ClassedLevelsTest, SingleFaultsAreAllRun) {
  const Exploration found = searched(subject("reference"), by_classes(1)).exploration;
  EXPECT_TRUE(found.exhausted);
  EXPECT_EQ(found.classes, std::nullopt);
  EXPECT_EQ(found.verdict.scope, "");
}

TEST(ClassedLevelsTest, WhatASearchFindsItFindsByClasses) {
  for (const char* coordinator : {"ambiguous_not_compensated", "skips_last", "transient_is_final"}) {
    SCOPED_TRACE(coordinator);
    const Experiment experiment = subject(coordinator);
    const Exploration all = searched(experiment, bounds(2)).exploration;
    const Exploration some = searched(experiment, by_classes(2)).exploration;
    ASSERT_FALSE(all.findings.empty());
    EXPECT_EQ(broken_in(some), broken_in(all));
    EXPECT_EQ(some.verdict.word, VerdictWord::kViolated);
  }
}

/// Nothing is promised of a bug that only a pair of faults shows, each of which alone looks like another; of
/// those we know, none is missed.
TEST(ClassedLevelsTest, HeavyEveryKnownBugIsFoundByClassesToo) {
  std::size_t found = 0;
  for (const OrchestratorBug bug : all_orchestrator_bugs()) {
    if (bug == OrchestratorBug::kTwoSagasSwapState) continue;  // takes two sagas
    SCOPED_TRACE(name_of(bug));
    const Experiment experiment = subject(name_of(bug));
    const Exploration all = searched(experiment, bounds(2)).exploration;
    if (all.findings.empty()) continue;  // not in this scenario, or not by these kinds
    ++found;
    EXPECT_FALSE(searched(experiment, by_classes(2)).exploration.findings.empty());
  }
  EXPECT_GT(found, 20U);
}

TEST(ClassedLevelsTest, AFaultThatGoesOtherwiseThanItsClassIsTriedByItself) {
  const Experiment good = subject("reference");
  const Experiment bad = subject("skips_last");
  const std::set<std::string> all = searched(good, bounds(2)).plans;
  const std::set<std::string> alike = searched(good, by_classes(2)).plans;
  std::size_t differing = 0;
  for (const FaultKind kind : kKinds) {  // which of them stands for the others is not for us to know
    SCOPED_TRACE(name_of(kind));
    const Searched found = searched(good, by_classes(2), [&](const FaultPlan& plan) {
      const bool is_it = plan.size() == 2 && std::ranges::any_of(plan.faults, [&](const Fault& fault) {
                           return fault.kind == kind && fault.window == FaultDuration::kOnce;
                         });
      return run_in_virtual_time(is_it ? bad : good, plan);
    });
    EXPECT_FALSE(found.exploration.findings.empty());
    if (found.exploration.classes && found.exploration.classes->unlike == 0) continue;
    ++differing;
    EXPECT_GT(pairs_with(kind, found.plans), pairs_with(kind, alike));
    EXPECT_LE(found.plans.size(), all.size());
  }
  EXPECT_GT(differing, 0U);
}

TEST(ClassedLevelsTest, TheResultDoesNotDependOnHowManyRunAtATime) {
  const Searched one = searched(subject("ambiguous_not_compensated"), by_classes(2));
  const TargetExploration many = search(subject("ambiguous_not_compensated"), by_classes(2, 8));
  EXPECT_EQ(one.exploration.classes, many.exploration.classes);
  EXPECT_EQ(one.exploration.schedules, many.exploration.schedules);
  EXPECT_EQ(one.exploration.cells, many.exploration.cells);
  EXPECT_EQ(one.exploration.verdict, many.exploration.verdict);
  EXPECT_EQ(broken_in(one.exploration), broken_in(many.exploration));
}

TEST(ClassedLevelsTest, AStoppedSearchIsNotExhaustedUpToAnything) {
  ExploreOptions options = by_classes(2);
  options.max_schedules = 60;
  const Exploration found = searched(subject("reference"), options).exploration;
  EXPECT_EQ(found.classes, std::nullopt);
  EXPECT_EQ(found.verdict.word, VerdictWord::kInconclusive);
  EXPECT_THAT(found.verdict.lacks, Contains(Field(&LackFound::lack, Lack::kNotExhausted)));
}

TEST(ClassedLevelsTest, InVirtualTimeTheyAreRefused) {
  try {
    (void)explore(subject("reference"), by_classes(1));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("classes"));
  }
}

}  // namespace
}  // namespace saga_harness::blackbox_test
