// What records and reports make of a search over real runs.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/search_reports.hpp>

#include "unit/blackbox/virtual_runs.hpp"

namespace saga_harness::blackbox_test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

/// A search, and a report on its records.
struct Reported {
  Exploration exploration;
  Report report;
};

/// `experiment` is what the records are told of: a target, which nothing but the wire can run.
Reported reported(Experiment experiment, const RunPlan& run, int faults) {
  experiment.target = "target.json";
  experiment.setup.coordinator = [](Runtime&) { throw Error("a target cannot be run in virtual time"); };
  ExploreOptions options = bounds(faults);
  RunRecords records(experiment, options);
  std::string text = records.header();
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  TargetExploration found = search(experiment, options, run);
  text += records.end(found.exploration, found.examples);
  const std::vector<RecordText> texts{{"runs.jsonl", text}};
  return {std::move(found.exploration), merge_records(texts)};
}

TEST(RecordsOfARealSearchTest, HeavyReportWhatItFoundOfEveryCoordinator) {
  std::vector<std::string_view> coordinators{kReference};
  for (const Mutant& mutant : mutants()) {
    if (!mutant.participant && !mutant.choreography && !mutant.together) coordinators.push_back(mutant.name);
  }
  ASSERT_GT(coordinators.size(), 20U);
  for (const std::string_view coordinator : coordinators) {
    SCOPED_TRACE(coordinator);
    const Experiment experiment = subject(coordinator);
    const auto [found, report] = reported(
        experiment, [&](const FaultPlan& plan) { return run_in_virtual_time(experiment, plan); }, 1);
    ASSERT_THAT(report.sagas, SizeIs(1));
    const SagaReport& saga = report.sagas[0];
    EXPECT_EQ(saga.runs, found.schedules);
    EXPECT_EQ(saga.violated_runs, found.violated_schedules);
    EXPECT_EQ(exit_code_of(report), exit_code_of(found));
    EXPECT_EQ(judge_gate(report, {}).exit_code(), exit_code_of(found));
    ASSERT_EQ(saga.findings.size(), found.findings.size());
    for (const Finding& finding : found.findings) {
      const auto same = std::ranges::find_if(saga.findings, [&](const ReportFinding& each) {
        return saga.invariants[each.invariant].name == name_of(finding) && each.step == finding.step &&
               each.outcome == finding.outcome && each.cause == finding.cause;
      });
      ASSERT_NE(same, saga.findings.end()) << name_of(finding);
      EXPECT_EQ(same->plan, to_string(finding.plan));
      EXPECT_EQ(same->token, finding.token);
      EXPECT_EQ(same->runs, finding.schedules);
      EXPECT_TRUE(same->has_trace);
      EXPECT_EQ(same->command,
                "saga-harness replay " + experiment.source + " " + finding.token + " --target target.json");
    }
    for (const Cell& cell : found.cells) {
      const auto same =
          std::ranges::find(saga.cells, cell_name(cell, *experiment.setup.saga), &ReportCell::name);
      ASSERT_NE(same, saga.cells.end());
      EXPECT_EQ(same->status, cell.status) << same->name;
      EXPECT_EQ(same->reached, cell.reached) << same->name;
      EXPECT_EQ(same->fired, cell.fired) << same->name;
      EXPECT_EQ(same->violated, cell.violated) << same->name;
    }
  }
}

TEST(RecordsOfARealSearchTest, ReportWhatWasNotAlikeTwice) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const Experiment good = subject("reference");
  int toss = 0;
  const auto [found, report] = reported(
      experiment,
      [&](const FaultPlan& plan) { return run_in_virtual_time(toss++ % 2 == 0 ? experiment : good, plan); },
      1);
  ASSERT_EQ(report.contradictions.size(), found.nondeterministic.size());
  EXPECT_THAT(report.contradictions.front().difference, HasSubstr("only sometimes"));
  EXPECT_EQ(exit_code_of(report), ExitCode::kInternal);
  EXPECT_EQ(exit_code_of(found), ExitCode::kInternal);
}

TEST(RecordsOfARealSearchTest, RefuseAScheduleWithoutItsViolation) {
  Experiment experiment = subject("ambiguous_not_compensated");
  experiment.target = "target.json";
  ExploreOptions options = bounds(1);
  RunRecords records(experiment, options);
  options.on_schedule = [&](const Schedule& schedule) {
    Schedule lossy = schedule;
    lossy.violations = {};
    static_cast<void>(records.record(lossy));
  };
  try {
    static_cast<void>(search(experiment, options,
                             [&](const FaultPlan& plan) { return run_in_virtual_time(experiment, plan); }));
    FAIL() << "was recorded";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("violates 1 rules, but 0 violations were given"));
    EXPECT_EQ(error.kind(), ErrorKind::kInternal);
  }
}

TEST(RecordsOfARealSearchTest, RefuseToEndWithoutWhatTheSearchFound) {
  Experiment experiment = subject("ambiguous_not_compensated");
  experiment.target = "target.json";
  ExploreOptions options = bounds(1);
  RunRecords records(experiment, options);
  options.on_schedule = [&](const Schedule& schedule) {
    if (schedule.violations.empty()) static_cast<void>(records.record(schedule));
  };
  const TargetExploration found = search(
      experiment, options, [&](const FaultPlan& plan) { return run_in_virtual_time(experiment, plan); });
  EXPECT_THROW(static_cast<void>(records.end(found.exploration, found.examples)), Error);
}

TEST(RecordsOfARealSearchTest, AreAnAnswerUpToClassesOnlyOfASearchByClasses) {
  Experiment experiment = subject("reference");
  experiment.target = "target.json";
  ExploreOptions by_classes = bounds(2);
  by_classes.classes = true;
  const auto code_if_told_as = [&](const ExploreOptions& told) {
    RunRecords records(experiment, told);
    std::string text = records.header();
    ExploreOptions options = by_classes;
    options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
    const TargetExploration found = search(
        experiment, options, [&](const FaultPlan& plan) { return run_in_virtual_time(experiment, plan); });
    EXPECT_TRUE(found.exploration.classes.has_value());
    text += records.end(found.exploration, found.examples);
    const std::vector<RecordText> texts{{"runs.jsonl", text}};
    return exit_code_of(merge_records(texts));
  };
  EXPECT_EQ(code_if_told_as(by_classes), ExitCode::kUpheld);
  EXPECT_EQ(code_if_told_as(bounds(2)), ExitCode::kInconclusive);
}

TEST(ReportOfARealSearchTest, TellsTheErrorThatEndedItAndWhatWasFoundBefore) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const RunPlan run = [&](const FaultPlan& plan) {
    if (plan.size() == 2) throw Error("somebody answers where nobody should", ErrorKind::kInternal);
    return run_in_virtual_time(experiment, plan);
  };
  const Exploration found = search(experiment, bounds(2, 3), run).exploration;
  const std::string report = explore_report(experiment, bounds(2, 3), found, {}, Style{});
  EXPECT_EQ(exit_code_of(found), ExitCode::kInternal);
  EXPECT_THAT(report, HasSubstr("ERROR: somebody answers where nobody should; before that, "));
}

TEST(ReportOfARealSearchTest, DoesNotDependOnHowManyRunAtATime) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  EXPECT_EQ(explore_json(experiment, bounds(2), search(experiment, bounds(2, 1)).exploration),
            explore_json(experiment, bounds(2), search(experiment, bounds(2, 8)).exploration));
}

TEST(ReportOfARealSearchTest, IsTheSameToTheByteInLikelyOrderWhereNothingIsFound) {
  const Experiment experiment = subject("reference");
  for (const int workers : {1, 4}) {
    const Exploration plain = search(experiment, bounds(2, workers)).exploration;
    ExploreOptions options = bounds(2, workers);
    options.stop_at_first_violation = true;
    EXPECT_EQ(explore_json(experiment, bounds(2), search(experiment, options).exploration),
              explore_json(experiment, bounds(2), plain));
  }
}

}  // namespace
}  // namespace saga_harness::blackbox_test
