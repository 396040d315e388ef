// One verdict, whoever is asked: terminal, JSON, records, every report of them, the gate, the matcher. And
// what says so does see it if one of them loses something.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/interleaving_reports.hpp>
#include <saga_harness/observability.hpp>
#include <saga_harness/over_http.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/study.hpp>
#include <saga_harness/testing.hpp>

#include "drawn_subjects.hpp"
#include "support/told.hpp"

namespace saga_harness::property_test {
namespace {

using support::Output;
using support::Part;
using support::Told;
using support::ToldFinding;

// Nothing is broken into lines.
const Style kWide{.width = 1'000'000};

using Writer = std::function<std::string(const Report&)>;
const std::map<std::string_view, Writer>& writers() {
  static const std::map<std::string_view, Writer> kWriters{
      {"terminal", [](const Report& report) { return terminal_report(report, nullptr, kWide); }},
      {"json", [](const Report& report) { return report_json(report); }},
      {"markdown", [](const Report& report) { return markdown_report(report, nullptr); }},
      {"html", [](const Report& report) { return html_report(report, nullptr); }},
      {"junit", [](const Report& report) { return junit_report(report, JUnitDialect::kGitHub); }},
      {"github", [](const Report& report) { return github_report(report, nullptr); }},
      {"timeline", [](const Report& report) { return timeline_report(report); }},
      {"badge", [](const Report& report) { return badge_svg(report); }},
      {"prometheus", [](const Report& report) { return prometheus_text(report); }}};
  return kWriters;
}

using support::disagreements;
using support::output;

template <class Found, class Matcher>
std::string matched(const Found& found, const Matcher& matcher) {
  testing::StringMatchResultListener said;
  const bool matches = testing::ExplainMatchResult(testing::Matcher<const Found&>(matcher), found, &said);
  return (matches ? "matches: " : "does not match: ") + said.str();
}

std::vector<std::string> reasons_of(const SearchVerdict& verdict) {
  std::vector<std::string> reasons;
  for (const LackFound& each : verdict.lacks) reasons.push_back(each.reason);
  return reasons;
}

ToldFinding told(const Finding& finding) {
  return {.rule = finding.rule == kOwnRule ? finding.invariant : label_of(finding.rule),
          .subject = finding.step,
          .outcome = std::string(name_of(finding.outcome)),
          .cause = finding.cause,
          .explanation = finding.explanation,
          .plan = to_string(finding.plan)};
}

Told told(const Exploration& found) {
  Told result{.word = std::string(word_of(found.verdict)), .lacks = reasons_of(found.verdict)};
  for (const Finding& each : found.findings) result.findings.push_back(told(each));
  return result;
}

/// Everything that is written of a report, and the gate.
void expect_reports(const Report& report, const Told& told, ExitCode code) {
  EXPECT_EQ(exit_code_of(report), code);
  EXPECT_EQ(report.findings, told.findings.size());
  for (const auto& [name, write] : writers())
    EXPECT_THAT(disagreements(told, output(name), write(report)), testing::IsEmpty());
  const Gate gate = judge_gate(report, {});
  EXPECT_EQ(gate.exit_code(), code);
  EXPECT_EQ(gate.rules.front().actual, std::to_string(told.findings.size()));
}

struct Searched {
  DrawnSearch subject;
  Exploration found = {};
  std::string records = {};
};

/// Searches, and writes down what happens as the command does.
Searched searched(DrawnSearch subject) {
  Searched result{.subject = std::move(subject)};
  RunRecords records(result.subject.experiment, result.subject.options);
  result.records = records.header();
  ExploreOptions options = result.subject.options;
  options.on_schedule = [&](const Schedule& schedule) { result.records += records.record(schedule); };
  result.found = explore(result.subject.experiment, options);
  result.records += records.end(result.found);
  return result;
}

Report report_of(const std::string& records) {
  const std::vector<RecordText> texts{{"runs.jsonl", records}};
  return merge_records(texts);
}

/// What a search says itself: on the terminal, as JSON, to a test.
std::map<std::string_view, std::string> said_of(const Searched& each) {
  const auto& [experiment, options] = each.subject;
  return {{"search", explore_report(experiment, options, each.found, {}, kWide)},
          {"search_json", explore_json(experiment, options, each.found)},
          {"matcher", matched(each.found, FindsNoViolation())}};
}

/// A test that asks for a sample takes it.
Told told_to_a_test(Exploration found) {
  SearchVerdict& verdict = found.verdict;
  const auto sampled =
      std::erase_if(verdict.lacks, [](const LackFound& each) { return each.lack == Lack::kSampled; });
  if (sampled > 0 && verdict.lacks.empty()) verdict.word = VerdictWord::kUpheld;
  return told(found);
}

/// Of each cell: its status, and in how many runs its instant came, it struck, was judged and was to blame.
template <class Cells, class NameOf>
std::vector<std::string> cells_told(const Cells& cells, bool with_counts, NameOf name_of_cell) {
  std::vector<std::string> told;
  for (const auto& cell : cells) {
    told.push_back(fmt::format("{} {}", name_of_cell(cell), name_of(cell.status)));
    if (with_counts)
      told.back() += fmt::format(" {} {} {} {}", cell.reached, cell.fired, cell.judged, cell.violated);
  }
  return told;
}

/// A plan that was drawn twice is one run of the records.
void expect_cells(const Exploration& found, const SagaReport& report, const SagaIndex& saga,
                  bool may_repeat_plans) {
  const auto name_of_found = [&](const Cell& cell) { return cell_name(cell, saga); };
  const auto name_of_reported = [](const ReportCell& cell) { return cell.name; };
  const bool with_counts = !may_repeat_plans;
  EXPECT_EQ(cells_told(report.cells, with_counts, name_of_reported),
            cells_told(found.cells, with_counts, name_of_found));
  EXPECT_EQ(cells_told(report.undeclared, with_counts, name_of_reported),
            cells_told(found.undeclared, with_counts, name_of_found));
  const CoverageCounts counts = coverage_of(found);
  EXPECT_EQ(report.counts.denominator, counts.denominator);
  EXPECT_EQ(report.counts.fired, counts.fired);
  EXPECT_EQ(report.counts.held, counts.held);
}

std::string expect_agreement(const Searched& each) {
  const Told expected = told(each.found);
  const ExitCode code = exit_code_of(each.found.verdict);
  EXPECT_EQ(exit_code_of(each.found), code);
  EXPECT_EQ(each.found.verdict.word == VerdictWord::kViolated, each.found.violated_schedules > 0);
  for (const auto& [name, text] : said_of(each)) {
    const Told& heard = name == "matcher" ? told_to_a_test(each.found) : expected;
    EXPECT_THAT(disagreements(heard, output(name), text), testing::IsEmpty());
  }
  const Report report = report_of(each.records);
  const bool may_repeat_plans = each.subject.options.swarm.has_value();  // which are one run
  if (!may_repeat_plans) {
    EXPECT_EQ(report.sagas.at(0).violated_runs, each.found.violated_schedules);
  }
  expect_cells(each.found, report.sagas.at(0), *each.subject.experiment.setup.saga, may_repeat_plans);
  expect_reports(report, expected, code);
  return expected.word;
}

/// Of a search over more than one saga's runs: as it says itself, and from its records.
void expect_study(const Study& study, const Told& told, const std::string& shown, const std::string& json) {
  EXPECT_EQ(nlohmann::json::parse(json).at("verdict"), told.word);
  EXPECT_EQ(nlohmann::json::parse(json).at("lacks").size(), told.lacks.size());
  EXPECT_THAT(disagreements(told, output("search_of_several"), shown), testing::IsEmpty());
  Told reported = told;
  reported.word = verdict_word(exit_code_of(study));  // survivors are missed coverage
  expect_reports(report_of(study_header(study) + study_end(study)), reported, exit_code_of(study));
}

std::string expect_agreement_on(const DrawnOrders& drawn) {
  const InterleavingSubject subject{drawn.experiment, "saga-harness interleave drawn.json", "drawn.json"};
  const Interleavings found = explore_interleavings(drawn.experiment, drawn.options);
  Told told{.word = std::string(word_of(found.verdict)), .lacks = reasons_of(found.verdict)};
  for (const ConcurrentFinding& each : found.findings) {
    told.findings.push_back({.rule = each.violation.rule,
                             .subject = "saga " + std::to_string(each.violation.saga + 1),
                             .explanation = each.violation.explanation,
                             .plan = to_string(each.plan)});
  }
  EXPECT_THAT(disagreements(told, output("matcher_of_anomalies"), matched(found, FindsNoAnomaly())),
              testing::IsEmpty());
  expect_study(concluded(study_of(subject, drawn.options, nullptr), subject, found), told,
               interleavings_report(subject, found, kWide), interleavings_json(subject, found));
  return told.word;
}

std::string in_step(const std::string& subject, const Finding& finding) {
  return finding.step.empty() ? subject : subject + ", step " + finding.step;
}

ToldFinding told_of(const Finding& finding, const std::string& subject) {
  ToldFinding result = told(finding);
  result.subject = in_step(subject, finding);
  result.outcome.clear();
  result.cause.clear();
  return result;
}

std::string expect_agreement_on(const DrawnDependencies& drawn) {
  const GuaranteeDependencies found = relies_on(
      drawn.reference, guarantee_removals(drawn.scenario, drawn.reference.coordinator_name), drawn.options);
  Told told{.word = std::string(word_of(found.verdict)), .lacks = reasons_of(found.verdict)};
  for (const Finding& each : found.findings)
    told.findings.push_back(told_of(each, "with every guarantee given"));
  expect_study(
      concluded(study_of(drawn.reference, drawn.options, "saga-harness require"), drawn.reference, found),
      told, require_report(drawn.reference, drawn.options, found, kWide),
      require_json(drawn.reference, drawn.options, found));
  return told.word;
}

std::string expect_agreement_on(const DrawnBugs& drawn) {
  const Score found = score(drawn.cases, drawn.options);
  Told told{.word = std::string(word_of(found.verdict)), .lacks = reasons_of(found.verdict)};
  for (const ReferenceScore& each : found.references) {
    if (!each.upheld) told.findings.push_back(told_of(each.finding, each.saga + " without a bug"));
  }
  std::vector<std::string> names;
  for (const MutantCase& each : drawn.cases) names.push_back(each.name);
  expect_study(concluded(study_of(drawn.options, names, "saga-harness mutants"), found), told,
               score_report(drawn.options, found, kWide), score_json(drawn.options, found));
  return told.word;
}

/// 1,000 subjects: of every ten six are drawn sagas, two mutants, one several sagas, one a study.
std::string expect_agreement_on(int number, Numbers& numbers) {
  switch (number % 10) {
    case 0:
      return expect_agreement_on(draw_orders(numbers));
    case 1:
      return number % 20 == 1 ? expect_agreement_on(draw_dependencies(numbers))
                              : expect_agreement_on(draw_bugs(numbers));
    case 2:
    case 3:
      return expect_agreement(searched(draw_mutant(numbers)));
    default:
      return expect_agreement(searched(draw_search(numbers)));
  }
}

TEST(AgreementHeavyTest, AllOutputsSayTheSameOfEverySubject) {
  constexpr int kSubjects = 1000;
  constexpr int kOfEachWord = 100;
  Numbers numbers(2026);
  std::map<std::string, int> words;
  for (int i = 0; i < kSubjects && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(i);
    ++words[expect_agreement_on(i, numbers)];
  }
  for (const char* word : {"upheld", "violated", "inconclusive"}) EXPECT_GE(words[word], kOfEachWord) << word;
}

TEST(AgreementHeavyTest, AllOutputsSayTheSameOfSubjectsWithHttpInBetween) {
  constexpr int kSubjects = 20;
  Numbers numbers(8080);
  for (int i = 0; i < kSubjects && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(i);
    DrawnSearch subject = draw_search(numbers);
    subject.experiment = over_http(subject.experiment);
    subject.options.kinds = {FaultKind::kReplyLost, FaultKind::kRejected};
    expect_agreement(searched(std::move(subject)));
  }
}

/// A coordinator that takes "no answer" for "not done", and says nothing of what is left: of several rules,
/// at several steps.
Searched violated() {
  const Scenario scenario = load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json");
  return searched(
      {.experiment = experiment(scenario, "ambiguous_not_compensated"),
       .options = {.max_faults = 1, .kinds = {FaultKind::kReplyLost, FaultKind::kErrorAfterEffect}}});
}

Searched inconclusive() {
  const Scenario scenario = load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json");
  return searched({.experiment = experiment(scenario), .options = {.max_faults = 1, .max_schedules = 9}});
}

// What follows doctors what an output is made of, one part at a time, and asks whether anybody sees it.

TEST(AgreementTest, AFindingThatAWriterLosesIsMissed) {
  const Searched each = violated();
  const Told expected = told(each.found);
  ASSERT_GT(expected.findings.size(), 2U);
  const Report report = report_of(each.records);
  for (std::size_t lost = 0; lost < expected.findings.size(); ++lost) {
    Report doctored = report;
    auto& findings = doctored.sagas.at(0).findings;
    findings.erase(findings.begin() + static_cast<std::ptrdiff_t>(lost));
    for (const auto& [name, write] : writers()) {
      if (output(name).parts.empty()) continue;  // it tells the word alone
      EXPECT_THAT(disagreements(expected, output(name), write(doctored)), testing::Not(testing::IsEmpty()))
          << name;
    }
    Searched said = each;
    said.found.findings.erase(said.found.findings.begin() + static_cast<std::ptrdiff_t>(lost));
    for (const auto& [name, text] : said_of(said))
      EXPECT_THAT(disagreements(expected, output(name), text), testing::Not(testing::IsEmpty())) << name;
  }
}

/// Something else than the finding says.
void doctor(ReportFinding& finding, SagaReport& saga, Part part) {
  switch (part) {
    case Part::kRule:
      finding.invariant = (finding.invariant + 1) % saga.invariants.size();
      break;
    case Part::kSubject:
      finding.step = finding.step == "create_order" ? "confirm_order" : "create_order";
      break;
    case Part::kOutcome:
      finding.outcome = finding.outcome == Outcome::kCompleted ? Outcome::kFlagged : Outcome::kCompleted;
      break;
    case Part::kCause:
      finding.cause = "it just happened";
      break;
    case Part::kExplanation:
      finding.explanation = "it is wrong";
      break;
    case Part::kPlan:
      finding.plan = "create_order.action#9:rejected";
      break;
  }
}

TEST(AgreementTest, HeavyAPartThatAWriterTellsOtherwiseIsSeen) {
  const Searched each = violated();
  const Told expected = told(each.found);
  const Report report = report_of(each.records);
  for (const auto& [name, write] : writers()) {
    for (const Part part : output(name).parts) {
      Report doctored = report;
      SagaReport& saga = doctored.sagas.at(0);
      doctor(saga.findings.front(), saga, part);
      EXPECT_THAT(disagreements(expected, output(name), write(doctored)), testing::Not(testing::IsEmpty()))
          << name << static_cast<int>(part);
    }
  }
}

TEST(AgreementTest, AnotherWordIsSeen) {
  const Searched bad = violated();
  const Searched open = inconclusive();
  const Report report = report_of(bad.records);
  const Told expected = told(open.found);
  for (const auto& [name, write] : writers()) {
    if (output(name).word == support::WordTold::kNot) continue;
    EXPECT_THAT(disagreements({.word = "upheld"}, output(name), write(report)),
                testing::Not(testing::IsEmpty()))
        << name;
    EXPECT_THAT(disagreements(expected, output(name), write(report)), testing::Not(testing::IsEmpty()))
        << name;
  }
  for (const auto& [name, text] : said_of(bad))
    EXPECT_THAT(disagreements(expected, output(name), text), testing::Not(testing::IsEmpty())) << name;
}

TEST(AgreementTest, ALackThatAWriterLosesIsMissed) {
  const Searched each = inconclusive();
  const Told expected = told(each.found);
  ASSERT_GE(expected.lacks.size(), 2U);
  Report report = report_of(each.records);
  std::erase_if(report.incomplete, [&expected](const std::string& reason) {
    return reason.find(expected.lacks.back()) != std::string::npos;
  });
  for (const auto& [name, write] : writers()) {
    if (!output(name).names_lacks) continue;
    EXPECT_THAT(disagreements(expected, output(name), write(report)), testing::Not(testing::IsEmpty()))
        << name;
  }
  Searched said = each;
  said.found.verdict.lacks.pop_back();
  for (const auto& [name, text] : said_of(said))
    EXPECT_THAT(disagreements(expected, output(name), text), testing::Not(testing::IsEmpty())) << name;
}

TEST(AgreementTest, WhatThereIsNoWriterOfIsNoOutput) {
  for (const Output& each : support::outputs()) {
    const bool is_report = !each.name.starts_with("search") && !each.name.starts_with("matcher");
    EXPECT_EQ(writers().contains(each.name), is_report) << each.name;
  }
}

}  // namespace
}  // namespace saga_harness::property_test
