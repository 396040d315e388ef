// A violation that gets lost on its way from a search to its records, or in them, is an error, not a green.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <saga_harness/error.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/scenario.hpp>

#include "drawn_subjects.hpp"

namespace saga_harness::property_test {
namespace {

using testing::HasSubstr;

DrawnSearch violated_order(std::string_view coordinator = "ambiguous_not_compensated") {
  const Scenario scenario = load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json");
  return {.experiment = experiment(scenario, coordinator),
          .options = {.max_faults = 1, .kinds = {FaultKind::kReplyLost, FaultKind::kErrorAfterEffect}}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    lines.push_back(text.substr(at, text.find('\n', at) + 1 - at));
  return lines;
}

std::vector<std::string> recorded(const DrawnSearch& search) {
  RunRecords records(search.experiment, search.options);
  std::string text = records.header();
  ExploreOptions options = search.options;
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  const Exploration found = explore(search.experiment, options);
  return lines_of(text + records.end(found));
}

Report report_of(const std::vector<std::string>& lines, std::size_t without) {
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text += i == without ? std::string() : lines[i];
  const std::vector<RecordText> texts{{"runs.jsonl", text}};
  return merge_records(texts);
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was said";
}

TEST(LostViolationTest, ARunThatRecordsDoNotGetIsMissedAtTheirEnd) {
  const DrawnSearch search = violated_order();
  RunRecords records(search.experiment, search.options);
  ExploreOptions options = search.options;
  bool is_lost = false;
  options.on_schedule = [&](const Schedule& schedule) {
    if (!is_lost && !schedule.violations.empty()) {
      is_lost = true;
      return;
    }
    static_cast<void>(records.record(schedule));
  };
  const Exploration found = explore(search.experiment, options);
  ASSERT_TRUE(is_lost);
  EXPECT_THAT(message_of([&] { static_cast<void>(records.end(found)); }),
              HasSubstr("the records of this search are not what it found"));
}

TEST(LostViolationTest, ARunWhoseViolationIsNotHandedOnIsRefused) {
  const DrawnSearch search = violated_order();
  RunRecords records(search.experiment, search.options);
  ExploreOptions options = search.options;
  options.on_schedule = [&](const Schedule& schedule) {
    Schedule doctored = schedule;
    doctored.violations = {};
    static_cast<void>(records.record(schedule.violations.empty() ? schedule : doctored));
  };
  EXPECT_THAT(message_of([&] { static_cast<void>(explore(search.experiment, options)); }),
              HasSubstr("but 0 violations were given"));
}

// A coordinator that keeps something from run to run: what it once did stays found.
TEST(LostViolationTest, AFindingWhosePlanDoesNotShowItAgainIsToldAllTheSame) {
  const DrawnSearch search = violated_order();
  RunRecords records(search.experiment, search.options);
  std::string text = records.header();
  ExploreOptions options = search.options;
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  Exploration found = explore(search.experiment, options);
  found.findings.front().plan = {};
  text += records.end(found);
  const Report report = report_of({text}, 1);
  EXPECT_EQ(report.findings, found.findings.size());
  EXPECT_EQ(exit_code_of(report), ExitCode::kViolated);
}

/// What the report of records says of their findings, a line each.
std::vector<std::string> findings_in(const Report& report) {
  std::vector<std::string> findings;
  for (const SagaReport& saga : report.sagas) {
    for (const ReportFinding& each : saga.findings) {
      findings.push_back(fmt::format("{} at {}: {}, {}, by {}", saga.invariants[each.invariant].name,
                                     each.step, name_of(each.outcome), each.cause, each.plan));
    }
  }
  std::ranges::sort(findings);
  return findings;
}

// Whatever line is lost: the records are refused, the report says that something is missing, or it was needed
// for nothing that is told.
TEST(LostViolationTest, HeavyALineThatRecordsLoseIsMissedByTheirReader) {
  for (const char* coordinator : {"ambiguous_not_compensated", "skips_first", "no_idempotency_key"}) {
    const std::vector<std::string> lines = recorded(violated_order(coordinator));
    const Report whole = report_of(lines, lines.size());
    ASSERT_EQ(exit_code_of(whole), ExitCode::kViolated);
    std::size_t missed = 0;
    for (std::size_t lost = 0; lost < lines.size(); ++lost) {
      SCOPED_TRACE(lines[lost].substr(0, 200));
      try {
        const Report rest = report_of(lines, lost);
        const bool says_so = !rest.incomplete.empty();
        missed += says_so ? 1 : 0;
        EXPECT_NE(exit_code_of(rest), ExitCode::kUpheld);
        if (says_so) continue;
        EXPECT_EQ(rest.violated_runs, whole.violated_runs);
        EXPECT_EQ(findings_in(rest), findings_in(whole));
      } catch (const Error&) {
        ++missed;
      }
    }
    EXPECT_GT(missed, whole.violated_runs) << "of every violated run, and of more";
  }
}

}  // namespace
}  // namespace saga_harness::property_test
