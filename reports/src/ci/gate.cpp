#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <saga_harness/report_writers.hpp>

#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

using reports::subject_name;

/// `95`, `99.5`: no more digits than it takes.
std::string number_text(double number) { return fmt::format("{:g}", number); }

GateRule at_most(std::string name, std::uint64_t most, std::uint64_t actual, ExitCode code) {
  return {.name = std::move(name),
          .required = fmt::format("at most {}", most),
          .actual = fmt::format("{}", actual),
          .passed = actual <= most,
          .exit_code = code};
}

GateRule at_least(std::string name, double least, std::uint64_t part, std::uint64_t whole) {
  const std::optional<int> share = percent(part, whole);
  return {.name = std::move(name),
          .required = fmt::format("at least {} %", number_text(least)),
          .actual = share ? fmt::format("{} of {} cells, {} %", part, whole, *share) : "there are no cells",
          .passed = whole > 0 && static_cast<double>(part) * 100 >= least * static_cast<double>(whole)};
}

/// The verdict of the report, but for what other rules bound by number: its findings and its stale runs.
GateRule verdict_rule(const Report& report) {
  const ExitCode rest = exit_code_besides_counted(report);
  return {.name = "verdict, besides findings and stale runs",
          .required = "upheld",
          .actual = std::string(verdict_word(rest)),
          .passed = rest == ExitCode::kUpheld,
          .exit_code = rest};
}

/// Rules that never judged a run have shown nothing.
GateRule enough_rules(const SagaReport& saga, std::uint64_t least) {
  const auto judged = static_cast<std::uint64_t>(std::ranges::count_if(
      saga.invariants, [](const ReportInvariant& rule) { return rule.exercised() > 0; }));
  return {.name = "rules judged, " + subject_name(saga),
          .required = fmt::format("at least {}", least),
          .actual = fmt::format("{} of {}", judged, saga.invariants.size()),
          .passed = judged >= least};
}

void add_records_rules(const Report& report, std::vector<GateRule>& rules) {
  GateRule contradictions =
      at_most("runs that contradict each other", 0, report.contradictions.size(), ExitCode::kInternal);
  GateRule missing = at_most("what is missing", 0, report.incomplete.size(), ExitCode::kInconclusive);
  const bool is_empty = report.runs == 0 && report.studies.empty();
  missing.passed = missing.passed && !is_empty;
  if (is_empty) missing.actual = "there is no run";
  rules.push_back(std::move(contradictions));
  if (!report.errors.empty()) {
    rules.push_back(at_most("errors, instead of a verdict", 0, report.errors.size(), ExitCode::kInternal));
    rules.back().cells = report.errors;
  }
  rules.push_back(std::move(missing));
  GateRule undeclared = at_most("points that the definition does not foresee", 0, 0, ExitCode::kInconclusive);
  for (const SagaReport& saga : report.sagas) {
    for (const ReportCell& cell : saga.undeclared)
      undeclared.cells.push_back(subject_name(saga) + ": " + cell.name);
  }
  undeclared.actual = fmt::format("{}", undeclared.cells.size());
  undeclared.passed = undeclared.cells.empty();
  rules.push_back(std::move(undeclared));
}

void add_exclusion_rules(const Report& report, const GateOptions& options, std::vector<GateRule>& rules) {
  if (options.max_excluded) {
    const auto excluded = report.counts.by_status[static_cast<std::size_t>(CellStatus::kExcluded)];
    rules.push_back(at_most("excluded cells", *options.max_excluded, excluded, ExitCode::kCoverageMissed));
  }
  GateRule fired = at_most("excluded cells that fired all the same", 0, 0, ExitCode::kCoverageMissed);
  GateRule expired = at_most("exclusions that have expired", 0, 0, ExitCode::kCoverageMissed);
  bool has_exclusions = false;
  for (const SagaReport& saga : report.sagas) {
    for (const ReportExclusion& each : saga.exclusions) {
      has_exclusions = true;
      for (const std::string& cell : each.fired) fired.cells.push_back(subject_name(saga) + ": " + cell);
      if (each.expired)
        expired.cells.push_back(fmt::format("{}: {} ({}, {})", subject_name(saga), each.exclusion.cells,
                                            each.exclusion.expires, each.exclusion.owner));
    }
  }
  if (!has_exclusions) return;
  for (GateRule* rule : {&fired, &expired}) {
    rule->actual = fmt::format("{}", rule->cells.size());
    rule->passed = rule->cells.empty();
    rules.push_back(std::move(*rule));
  }
}

void add_coverage_rules(const Report& report, const GateOptions& options, std::vector<GateRule>& rules) {
  for (const SagaReport& saga : report.sagas) {
    const CellCounts& counts = saga.counts;
    if (options.min_fired)
      rules.push_back(
          at_least("fired, " + subject_name(saga), *options.min_fired, counts.fired, counts.denominator));
    if (options.min_held)
      rules.push_back(
          at_least("held, " + subject_name(saga), *options.min_held, counts.held, counts.denominator));
    if (options.min_rules) rules.push_back(enough_rules(saga, *options.min_rules));
    if (!options.exhausted) continue;
    const auto all = static_cast<std::uint64_t>(saga.searches.size());
    const auto done =
        static_cast<std::uint64_t>(std::ranges::count_if(saga.searches, &ReportSearch::exhausted));
    rules.push_back({.name = "searches exhausted, " + subject_name(saga),
                     .required = all == 0 ? std::string("a search") : fmt::format("all {}", all),
                     .actual = all == 0 ? std::string("there is none") : fmt::format("{}", done),
                     .passed = done == all && all > 0,
                     .exit_code = all == 0 ? ExitCode::kCoverageMissed : ExitCode::kInconclusive});
  }
}

void compare(const BaselineSaga& before, const SagaReport* now, GateRule& rule) {
  for (const auto& [name, status] : before.cells) {
    if (status != CellStatus::kHeld) continue;
    if (now == nullptr) {
      rule.cells.push_back(fmt::format("{}: {} is not in the report", before.name, name));
      continue;
    }
    const auto cell = std::ranges::find(now->cells, name, &ReportCell::name);
    if (cell == now->cells.end()) {
      // Of another definition it may be gone for good.
      if (now->definition_hash == before.definition_hash)
        rule.cells.push_back(fmt::format("{}: {} is no cell any more", before.name, name));
    } else if (cell->status != CellStatus::kHeld) {
      rule.cells.push_back(fmt::format("{}: {} is {}", before.name, name, name_of(cell->status)));
    }
  }
}

GateRule ratchet(const Report& report, const Baseline& baseline) {
  GateRule rule{.name = "cells held in the baseline", .required = "held still"};
  for (const BaselineSaga& before : baseline.sagas) {
    const auto now = std::ranges::find_if(report.sagas, [&](const SagaReport& saga) {
      return Baseline{.sagas = {before}}.find(saga) != nullptr;
    });
    compare(before, now == report.sagas.end() ? nullptr : &*now, rule);
  }
  rule.passed = rule.cells.empty();
  rule.actual = rule.passed ? "all are" : fmt::format("{} not", rule.cells.size());
  return rule;
}

}  // namespace

bool Gate::passed() const { return std::ranges::all_of(rules, &GateRule::passed); }

ExitCode Gate::exit_code() const {
  for (const ExitCode code : {ExitCode::kInternal, ExitCode::kViolated, ExitCode::kInconclusive}) {
    if (std::ranges::any_of(rules,
                            [code](const GateRule& rule) { return !rule.passed && rule.exit_code == code; }))
      return code;
  }
  return passed() ? ExitCode::kUpheld : ExitCode::kCoverageMissed;
}

ExitCode shown_code(const Report& report, const Gate* gate) {
  const ExitCode code = exit_code_of(report);
  return gate != nullptr && code == ExitCode::kUpheld ? gate->exit_code() : code;
}

Gate judge_gate(const Report& report, const GateOptions& options) {
  Gate gate;
  gate.rules.push_back(at_most("violations", options.max_violations, report.findings, ExitCode::kViolated));
  std::uint64_t stale = 0;
  for (const SagaReport& saga : report.sagas) stale += saga.stale_runs;
  gate.rules.push_back(
      at_most("runs whose faults did not all strike", options.max_stale, stale, ExitCode::kInconclusive));
  gate.rules.push_back(verdict_rule(report));
  add_records_rules(report, gate.rules);
  add_coverage_rules(report, options, gate.rules);
  add_exclusion_rules(report, options, gate.rules);
  if (options.baseline) gate.rules.push_back(ratchet(report, *options.baseline));
  return gate;
}

std::vector<std::string> gate_complaints(const Gate& gate) {
  std::vector<std::string> lines;
  for (const GateRule& rule : gate.rules) {
    if (rule.passed) continue;
    lines.push_back(
        reports::clean(fmt::format("{}: required {}, is {}", rule.name, rule.required, rule.actual)));
  }
  return lines;
}

}  // namespace saga_harness
