#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/report_writers.hpp>

namespace saga_harness {
namespace {

ReportCell cell(const std::string& name, CellStatus status) {
  return {.name = name, .status = status, .fired = status == CellStatus::kHeld ? 1U : 0U};
}

/// 19 of 20 cells held.
Report sample() {
  SagaReport saga;
  saga.definition.name = "parcel";
  saga.coordinator = saga.participant = "reference";
  saga.runs = 20;
  saga.searches = {{.complete = true, .exhausted = true}};
  saga.invariants.resize(kRuleCount);
  for (int i = 0; i < 19; ++i)
    saga.cells.push_back(cell("pay.action@call:kind_" + std::to_string(i), CellStatus::kHeld));
  saga.cells.push_back(cell("pay.action@call:rejected", CellStatus::kNotFired));
  saga.counts = {.legal = 20, .denominator = 20, .fired = 19, .held = 19};
  Report report{.sagas = {saga}, .runs = 20, .counts = saga.counts};
  return report;
}

const GateRule& rule(const Gate& gate, const std::string& name) {
  const auto at = std::ranges::find(gate.rules, name, &GateRule::name);
  if (at == gate.rules.end()) throw Error("there is no rule " + name);
  return *at;
}

TEST(GateTest, PassesWhereEveryRuleIsMet) {
  const Gate gate =
      judge_gate(sample(), {.min_fired = 95, .min_held = 95, .max_excluded = 0, .exhausted = true});
  EXPECT_TRUE(gate.passed());
  EXPECT_EQ(gate.exit_code(), ExitCode::kUpheld);
}

TEST(GateTest, TheShareIsNotRoundedUp) {
  EXPECT_TRUE(judge_gate(sample(), {.min_held = 95}).passed());
  const Gate gate = judge_gate(sample(), {.min_held = 95.01});
  EXPECT_EQ(gate.exit_code(), ExitCode::kCoverageMissed);
  EXPECT_EQ(rule(gate, "held, parcel").required, "at least 95.01 %");
  EXPECT_EQ(rule(gate, "held, parcel").actual, "19 of 20 cells, 95 %");
}

TEST(GateTest, NoCellsAreNoCoverage) {
  Report report = sample();
  report.sagas[0].counts = {};
  EXPECT_FALSE(judge_gate(report, {.min_fired = 0}).passed());
}

TEST(GateTest, WhatIsWorseDecidesTheExitCode) {
  Report report = sample();
  report.incomplete = {"a shard is missing"};
  EXPECT_EQ(judge_gate(report, {.min_held = 100}).exit_code(), ExitCode::kInconclusive);
  report.findings = 1;
  EXPECT_EQ(judge_gate(report, {.min_held = 100}).exit_code(), ExitCode::kViolated);
  EXPECT_EQ(judge_gate(report, {.max_violations = 1}).exit_code(), ExitCode::kInconclusive);
  report.contradictions = {{}};
  EXPECT_EQ(judge_gate(report, {}).exit_code(), ExitCode::kInternal);
}

TEST(GateTest, NoRunsAreNoProof) { EXPECT_EQ(judge_gate(Report(), {}).exit_code(), ExitCode::kInconclusive); }

TEST(GateTest, TheBaselineIsComparedCellByCell) {
  Report report = sample();
  const std::string before = report_json(report);
  report.sagas[0].cells[3].status = CellStatus::kVacuous;
  report.sagas[0].cells[19].status = CellStatus::kHeld;  // the share is the same
  const Gate gate = judge_gate(report, {.baseline = read_baseline(before, "before.json")});
  EXPECT_EQ(gate.exit_code(), ExitCode::kCoverageMissed);
  EXPECT_EQ(rule(gate, "cells held in the baseline").cells,
            std::vector<std::string>{"parcel: pay.action@call:kind_3 is vacuous"});
}

TEST(GateTest, ACellMayGoOnlyWithItsDefinition) {
  Report report = sample();
  const Baseline before = read_baseline(report_json(report), "before.json");
  report.sagas[0].cells.pop_back();
  report.sagas[0].cells.pop_back();
  EXPECT_FALSE(judge_gate(report, {.baseline = before}).passed());
  report.sagas[0].definition_hash = 7;
  EXPECT_TRUE(judge_gate(report, {.baseline = before}).passed());
  report.sagas.clear();
  EXPECT_FALSE(judge_gate(report, {.baseline = before}).passed()) << "the saga is gone";
}

TEST(GateTest, PointsThatNobodyForesawAreInconclusive) {
  Report report = sample();
  report.sagas[0].undeclared = {cell("pay.action@call:takeover", CellStatus::kHeld)};
  EXPECT_EQ(judge_gate(report, {}).exit_code(), ExitCode::kInconclusive);
}

Report with_findings(std::size_t count) {
  Report report = sample();
  report.sagas[0].findings.resize(count);
  report.findings = count;
  return report;
}

TEST(GateTest, FailsWhereverTheReportAloneWould) {
  Report stopped = sample();
  stopped.sagas[0].searches[0].exhausted = false;
  Report empty = sample();
  empty.sagas[0].runs = 0;
  Report strikes = sample();
  strikes.sagas[0].exclusions = {{.cells = 1, .fired = {"pay.action@call:rejected"}}};
  Report stale = sample();
  stale.sagas[0].stale_runs = 1;
  Report study = sample();
  study.studies = {{.complete = false}};
  Report survivor = sample();
  survivor.studies = {
      {.complete = true, .verdict = {.word = VerdictWord::kUpheld}, .missed = {"skips_first"}}};
  for (const Report& report : {stopped, empty, strikes, stale, study, survivor, with_findings(1)}) {
    EXPECT_NE(exit_code_of(report), ExitCode::kUpheld);
    EXPECT_EQ(judge_gate(report, {}).exit_code(), exit_code_of(report));
  }
}

TEST(GateTest, ToleratesFindingsByNumberAndNothingElse) {
  const Report report = with_findings(4);
  EXPECT_EQ(judge_gate(report, {.max_violations = 3}).exit_code(), ExitCode::kViolated);
  const Gate gate = judge_gate(report, {.max_violations = 4});
  EXPECT_EQ(gate.exit_code(), ExitCode::kUpheld);
  EXPECT_EQ(shown_code(report, &gate), ExitCode::kViolated) << "the word is the report's own";
  Report stopped = report;
  stopped.sagas[0].searches[0].exhausted = false;
  EXPECT_EQ(judge_gate(stopped, {.max_violations = 4}).exit_code(), ExitCode::kInconclusive);
  Report study = report;
  study.studies = {{.complete = true, .verdict = {.word = VerdictWord::kViolated}, .findings = {{}}}};
  study.findings = 5;
  EXPECT_EQ(judge_gate(study, {.max_violations = 4}).exit_code(), ExitCode::kViolated);
  EXPECT_EQ(judge_gate(study, {.max_violations = 5}).exit_code(), ExitCode::kUpheld);
}

TEST(GateTest, ToleratesStaleRunsByNumber) {
  Report report = sample();
  report.sagas[0].stale_runs = 2;
  EXPECT_EQ(judge_gate(report, {}).exit_code(), ExitCode::kInconclusive);
  EXPECT_EQ(judge_gate(report, {.max_stale = 1}).exit_code(), ExitCode::kInconclusive);
  EXPECT_EQ(judge_gate(report, {.max_stale = 2}).exit_code(), ExitCode::kUpheld);
}

TEST(GateTest, WithoutASearchNothingIsExhausted) {
  Report report = sample();
  report.sagas[0].searches.clear();
  report.sagas[0].has_single_runs = true;
  EXPECT_EQ(judge_gate(report, {}).exit_code(), ExitCode::kUpheld);
  EXPECT_EQ(judge_gate(report, {.exhausted = true}).exit_code(), ExitCode::kCoverageMissed);
}

TEST(GateTest, RulesThatNeverJudgedARunDoNotCount) {
  Report report = sample();
  report.sagas[0].invariants[0].held = 20;
  report.sagas[0].invariants[1].violated = 1;
  report.sagas[0].invariants[2].unknown = 20;
  EXPECT_EQ(judge_gate(report, {.min_rules = 2}).exit_code(), ExitCode::kUpheld);
  EXPECT_EQ(judge_gate(report, {.min_rules = 3}).exit_code(), ExitCode::kCoverageMissed);
}

}  // namespace
}  // namespace saga_harness
