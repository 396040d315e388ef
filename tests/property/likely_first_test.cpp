// The order in which schedules are tried: what depends on it, over all scenarios and all mutants.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <saga_harness/replay.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/search_reports.hpp>

#include "properties.hpp"

namespace saga_harness::property_test {
namespace {

Experiment mutated(const Mutant& mutant) {
  const Scenario scenario =
      load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/" + std::string(mutant.scenario) + ".json");
  return mutant_case(mutant, scenario).mutated;
}

/// All that a search gives away: its records, its report, its JSON.
std::string outputs(const Experiment& experiment, ExploreOptions options) {
  const ExploreOptions asked = options;
  RunRecords records(experiment, asked);
  std::string text = records.header();
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  const Exploration exploration = explore(experiment, options);
  return text + records.end(exploration) + explore_json(experiment, asked, exploration) +
         explore_report(experiment, asked, exploration, {}, {});
}

void expect_alike_of_every_scenario(int max_faults) {
  std::size_t scenarios = 0;
  for (const auto& file : std::filesystem::directory_iterator(SAGA_HARNESS_SCENARIOS_DIR)) {
    if (file.path().extension() != ".json") continue;
    SCOPED_TRACE(file.path().filename());
    ++scenarios;
    const Experiment reference = experiment(load_scenario(file.path()));
    ExploreOptions options{.max_faults = max_faults, .stop_at_first_violation = true};
    const std::string likely = outputs(reference, options);
    options.likely_first = false;
    EXPECT_TRUE(outputs(reference, options) == likely);
  }
  EXPECT_GT(scenarios, 5U);
}

TEST(OrderOfSearchTest, HeavyNoByteOfAnExhaustedSearchDependsOnIt) { expect_alike_of_every_scenario(1); }

TEST(OrderOfSearchHeavyTest, NoByteOfAnExhaustedSearchOfTwoFaultsDependsOnIt) {
  expect_alike_of_every_scenario(2);
}

TEST(OrderOfSearchHeavyTest, NoByteOfAnExhaustedSearchOfAMutantDependsOnIt) {
  for (const Mutant& mutant : mutants()) {
    if (mutant.together) continue;
    SCOPED_TRACE(mutant.name);
    const Experiment subject = mutated(mutant);
    ExploreOptions options{.max_faults = 1};
    const std::string likely = outputs(subject, options);
    options.likely_first = false;
    EXPECT_TRUE(outputs(subject, options) == likely);
  }
}

bool violates(const Experiment& subject, const FaultPlan& plan, const Finding& finding) {
  if (finding.rule == kOwnRule) return false;
  const Run run = run_plan(subject, plan);
  return run.verdicts[static_cast<std::size_t>(finding.rule)].status == VerdictStatus::kViolated;
}

TEST(OrderOfSearchHeavyTest, WhatIsFoundFirstOfAMutantShowsAgainAndNeedsAllItsFaults) {
  for (const Mutant& mutant : mutants()) {
    if (mutant.together || !mutant.equivalent.empty()) continue;
    SCOPED_TRACE(mutant.name);
    const Experiment subject = mutated(mutant);
    const Exploration found = explore(subject, {.max_faults = 2, .stop_at_first_violation = true});
    ASSERT_FALSE(found.findings.empty());
    EXPECT_EQ(found.violated_schedules, 1U);
    for (const Finding& finding : found.findings) {
      if (finding.rule == kOwnRule) continue;
      EXPECT_TRUE(violates(subject, finding.plan, finding)) << to_string(finding.plan);
      for (std::size_t i = 0; i < finding.plan.size(); ++i) {
        FaultPlan fewer = finding.plan;
        fewer.faults.erase(fewer.faults.begin() + static_cast<std::ptrdiff_t>(i));
        const std::vector<Verdict> verdicts = run_plan(subject, fewer).verdicts;
        const Verdict& verdict = verdicts[static_cast<std::size_t>(finding.rule)];
        EXPECT_FALSE(verdict.status == VerdictStatus::kViolated && verdict.explanation == finding.explanation)
            << to_string(finding.plan);
      }
    }
  }
}

}  // namespace
}  // namespace saga_harness::property_test
