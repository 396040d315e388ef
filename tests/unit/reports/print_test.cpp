#include <gtest/gtest.h>

#include <saga_harness/exit_code.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness/study.hpp>
#include <saga_harness/test_records.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintReportsTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(ExitCode::kViolated), "violated");
  EXPECT_EQ(PrintToString(CellStatus::kViolated), "violated");
  EXPECT_EQ(PrintToString(JUnitDialect::kGitLab), "gitlab");
  EXPECT_EQ(PrintToString(ReplayStatus::kUpheld), "upheld");
  EXPECT_EQ(PrintToString(StudyKind::kGuarantees), "guarantees");
  EXPECT_EQ(PrintToString(TestResult::kSkipped), "skipped");
}

TEST(PrintReportsTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(RunSample{.id = "some text"}), "RunSample{.id = \"some text\"}");
  EXPECT_EQ(PrintToString(ReportCell{.name = "some text"}), "ReportCell{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(CompensationCount{.step = 7}), "CompensationCount{.step = 7}");
  EXPECT_EQ(PrintToString(ReportEvent{.type = "some text"}), "ReportEvent{.type = \"some text\"}");
  EXPECT_EQ(PrintToString(ReportEffect{.step = "some text"}), "ReportEffect{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(ReportFinding{.step = "some text"}), "ReportFinding{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(ReportInvariant{.id = "some text"}), "ReportInvariant{.id = \"some text\"}");
  EXPECT_EQ(PrintToString(ReportExclusion{.cells = 7}), "ReportExclusion{.cells = 7}");
  EXPECT_EQ(PrintToString(ReportKnown{.schedules = 7}), "ReportKnown{.schedules = 7}");
  EXPECT_EQ(PrintToString(ReportSearch{.max_faults = 7}), "ReportSearch{.max_faults = 7}");
  EXPECT_EQ(PrintToString(ReportLevel{.faults = 7}), "ReportLevel{.faults = 7}");
  EXPECT_EQ(PrintToString(CellCounts{.legal = 7}), "CellCounts{.legal = 7}");
  EXPECT_EQ(PrintToString(SagaReport{.id = "some text"}), "SagaReport{.id = \"some text\"}");
  EXPECT_EQ(PrintToString(Contradiction{.saga = "some text"}), "Contradiction{.saga = \"some text\"}");
  EXPECT_EQ(PrintToString(Report{.runs = 7}), "Report{.runs = 7}");
  EXPECT_EQ(PrintToString(RecordText{.name = "some text"}), "RecordText{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(MergeOptions{.today = "some text"}), "MergeOptions{.today = \"some text\"}");
  EXPECT_EQ(PrintToString(Volatile{.written_at = "some text"}), "Volatile{.written_at = \"some text\"}");
  EXPECT_EQ(PrintToString(BaselineSaga{.name = "some text"}), "BaselineSaga{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(Baseline{.sagas = {BaselineSaga{}}}), "Baseline{.sagas = [BaselineSaga{}]}");
  EXPECT_EQ(PrintToString(Study{.name = "some text"}), "Study{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(StudyFinding{.rule = "some text"}), "StudyFinding{.rule = \"some text\"}");
  EXPECT_EQ(PrintToString(GateOptions{.max_violations = 7}), "GateOptions{.max_violations = 7}");
  EXPECT_EQ(PrintToString(GateRule{.name = "some text"}), "GateRule{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(Gate{.rules = {{.name = "violations"}}}),
            "Gate{.rules = [GateRule{.name = \"violations\"}]}");
  EXPECT_EQ(PrintToString(Style{.width = 7}), "Style{.width = 7}");
  EXPECT_EQ(PrintToString(CoverageCounts{.denominator = 7}), "CoverageCounts{.denominator = 7}");
  EXPECT_EQ(PrintToString(FindingDetail{.gtest_case = "some text"}),
            "FindingDetail{.gtest_case = \"some text\"}");
  EXPECT_EQ(PrintToString(Listing{.headings = {"name"}}), "Listing{.headings = [\"name\"]}");
  EXPECT_EQ(PrintToString(RecordOrigin{.scope = "some text"}), "RecordOrigin{.scope = \"some text\"}");
}

}  // namespace
}  // namespace saga_harness
