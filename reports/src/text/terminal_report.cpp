#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/report_writers.hpp>

#include "text/drawing.hpp"
#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

using reports::clean;
using reports::counted;
using reports::fitted;
using reports::Ink;
using reports::inked;
using reports::InkedText;

constexpr std::size_t kWorstCells = 10;
constexpr std::size_t kFindingsShown = 10;
constexpr std::size_t kCellsOfARule = 5;

Ink ink_of(ExitCode code) {
  if (code == ExitCode::kUpheld) return Ink::kGood;
  return code == ExitCode::kViolated || code == ExitCode::kInternal ? Ink::kBad : Ink::kDoubt;
}

std::string upper(std::string_view word) {
  std::string text(word);
  std::ranges::transform(text, text.begin(), [](char c) {
    if (c == '_') return ' ';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

/// `text` broken into lines that fit, each after the first indented by `indent`.
std::string wrapped(std::string_view text, std::size_t indent, const Style& style) {
  std::vector<std::string> words;
  for (const std::string& word : reports::words_of(clean(text)))
    words.push_back(fitted(word, style.width - indent));
  return reports::draw_list(std::string(indent, ' '), words, "", style);
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  const std::optional<int> parts = percent(part, whole);
  return parts ? fmt::format("{}/{} {}%", part, whole, *parts) : std::string("-");
}

std::string draw_studies(const Report& report, const Style& style) {
  constexpr std::size_t kOtherColumns = 46;
  const std::size_t name_width = std::max<std::size_t>(style.width, kOtherColumns + 12) - kOtherColumns;
  if (report.studies.empty()) return {};
  std::vector<std::vector<InkedText>> rows;
  auto& head = rows.emplace_back();
  for (const char* title : {"study", "verdict", "schedules", "findings"})
    head.push_back({title, Ink::kFaint});
  for (const Study& study : report.studies) {
    const ExitCode code = exit_code_of(study);
    rows.push_back({{fitted(study.name, name_width)},
                    {std::string(verdict_word(code)), ink_of(code)},
                    {fmt::format("{}", study.schedules)},
                    {fmt::format("{}", study.findings.size())}});
  }
  return reports::draw_rows(rows, 2, style);
}

std::string draw_sagas(const Report& report, const Style& style) {
  if (report.sagas.empty() && !report.studies.empty()) return {};
  constexpr std::size_t kOtherColumns = 58;
  const std::size_t name_width = std::max<std::size_t>(style.width, kOtherColumns + 12) - kOtherColumns;
  std::vector<std::vector<InkedText>> rows;
  auto& head = rows.emplace_back();
  for (const char* title : {"saga", "verdict", "runs", "fired", "held", "findings"})
    head.push_back({title, Ink::kFaint});
  for (const SagaReport& saga : report.sagas) {
    const ExitCode code = exit_code_of(saga);
    const std::string word(verdict_word(code));
    rows.push_back({{fitted(reports::subject_name(saga), name_width)},
                    {word, ink_of(code)},
                    {fmt::format("{}", saga.runs)},
                    {share(saga.counts.fired, saga.counts.denominator)},
                    {share(saga.counts.held, saga.counts.denominator)},
                    {fmt::format("{}", saga.findings.size())}});
  }
  return reports::draw_rows(rows, 2, style);
}

/// Each cell by itself where a run has shown something; of those that nothing was tried on, the first few.
std::string draw_status(const Report& report, CellStatus status, const Style& style) {
  const bool tells = status == CellStatus::kViolated || status == CellStatus::kVacuous;
  const std::size_t most = tells ? kWorstCells : kCellsOfARule;
  std::string result;
  std::size_t all = 0;
  for (const SagaReport& saga : report.sagas) {
    for (const ReportCell& cell : saga.cells) {
      if (cell.status != status || ++all > most) continue;
      const std::string of = report.sagas.size() > 1 ? reports::subject_name(saga) + ": " : std::string();
      result += "    " + fitted(of + cell.name, style.width - 4) + '\n';
      if (tells) result += "      " + fitted(reports::why(cell, saga), style.width - 6) + '\n';
    }
  }
  if (all == 0) return {};
  if (all > most) result += fmt::format("    and {} more\n", all - most);
  return fmt::format("  {} {}\n", inked(name_of(status), ink_of(status), style), all) + result;
}

std::string draw_worst(const Report& report, const Style& style) {
  std::string result;
  for (const CellStatus status : reports::worst_first()) result += draw_status(report, status, style);
  return result.empty() ? result : reports::title("Cells that are not held, the worst first", style) + result;
}

/// On one line; where that is too long, the subject is cut, not what was violated.
std::string finding_title(std::size_t number, std::string_view subject, const std::string& violated,
                          const Style& style) {
  constexpr std::size_t kLeastOfASubject = 12;
  const std::string head = fmt::format("Finding {}: ", number);
  const std::size_t taken = head.size() + 2 + violated.size();
  const std::size_t left = taken < style.width ? style.width - taken : 0;
  const std::string whole = head + fitted(subject, std::max(left, kLeastOfASubject)) + ": " + violated;
  return reports::title(fitted(whole, style.width), style);
}

std::string draw_findings(const Report& report, const Style& style) {
  std::string result;
  std::size_t number = 0;
  for (const SagaReport& saga : report.sagas) {
    for (const ReportFinding& finding : saga.findings) {
      if (++number > kFindingsShown) continue;
      result += finding_title(number, reports::subject_name(saga), reports::title_of(finding, saga), style);
      if (!finding.explanation.empty()) result += wrapped(finding.explanation, 2, style);
      if (const std::string notes = reports::notes_of(finding); !notes.empty())
        result += wrapped(notes, 2, style);
      result +=
          wrapped(fmt::format("plan: {}, shown by {}", finding.plan, counted(finding.runs, "run")), 2, style);
      result += "  repeat: " + clean(finding.command, std::string::npos) + '\n';
    }
  }
  for (const Study& study : report.studies) {
    for (const StudyFinding& finding : study.findings) {
      if (++number > kFindingsShown) continue;
      result += finding_title(number, study.name, reports::title_of(finding), style);
      if (!finding.explanation.empty()) result += wrapped(finding.explanation, 2, style);
      result +=
          wrapped(fmt::format("plan: {}, shown by {}", finding.plan, counted(finding.schedules, "schedule")),
                  2, style);
      for (const std::string& line : finding.story) result += "    " + fitted(line, style.width - 4) + '\n';
      result += "  repeat: " + clean(finding.command, std::string::npos) + '\n';
    }
  }
  if (number > kFindingsShown)
    result += fmt::format("\n  and {} more\n", counted(number - kFindingsShown, "finding"));
  return result;
}

std::string draw_gate(const Gate& gate, const Style& style) {
  std::string result = reports::title("Gate", style);
  for (const GateRule& rule : gate.rules) {
    result += "  " + inked(rule.passed ? "passed " : "FAILED ", rule.passed ? Ink::kGood : Ink::kBad, style) +
              fitted(fmt::format("{}: required {}, is {}", rule.name, rule.required, rule.actual),
                     style.width - 9) +
              '\n';
    if (rule.passed) continue;
    for (std::size_t i = 0; i < std::min(rule.cells.size(), kCellsOfARule); ++i)
      result += "         " + fitted(rule.cells[i], style.width - 9) + '\n';
    if (rule.cells.size() > kCellsOfARule)
      result += fmt::format("         and {} more\n", rule.cells.size() - kCellsOfARule);
  }
  return result;
}

std::string draw_doubts(const Report& report, const Style& style) {
  std::string result;
  for (const std::string& reason : report.incomplete) result += wrapped(reason, 2, style);
  for (const std::string& doubt : doubts_of(report)) result += wrapped(doubt, 2, style);
  if (!result.empty()) result = reports::title("Incomplete", style) + result;
  if (!report.errors.empty()) result += reports::title("No verdict", style);
  for (const std::string& error : report.errors) result += wrapped(error, 2, style);
  if (report.contradictions.empty()) return result;
  result += reports::title("The same run, with different results: not deterministic", style);
  for (std::size_t i = 0; i < std::min(report.contradictions.size(), kFindingsShown); ++i)
    result += wrapped("run " + report.contradictions[i].run + ": " + report.contradictions[i].plan, 2, style);
  if (report.contradictions.size() > kFindingsShown)
    result += fmt::format("  and {} more\n", report.contradictions.size() - kFindingsShown);
  return result;
}

std::string draw_extents(const Report& report, const Style& style) {
  std::string result = reports::title("Searched", style);
  for (const SagaReport& saga : report.sagas) {
    for (const ReportSearch& search : saga.searches)
      result += wrapped(reports::subject_name(saga) + ": " + reports::extent_of(search), 2, style);
    if (saga.has_single_runs)
      result += wrapped(reports::subject_name(saga) + ": plans chosen by tests", 2, style);
  }
  for (const Study& study : report.studies) {
    result += wrapped(study.name + ": " + reports::extent_of(study), 2, style);
    for (const auto& [name, value] : study.facts)
      result += "    " + fitted(name + ": " + value, style.width - 4) + '\n';
    for (const std::string& missed : study.missed)
      result += "    " + fitted(missed + " survived", style.width - 4) + '\n';
  }
  return result;
}

}  // namespace

std::string terminal_report(const Report& report, const Gate* gate, const Style& style) {
  const ExitCode code = shown_code(report, gate);
  std::string result = inked(upper(verdict_word(code)), ink_of(code), style) + "\n" +
                       wrapped(reports::headline(report), 2, style);
  result += '\n' + draw_sagas(report, style) + draw_studies(report, style);
  result += draw_extents(report, style);
  result += draw_worst(report, style);
  result += draw_findings(report, style);
  result += draw_doubts(report, style);
  if (gate != nullptr) result += draw_gate(*gate, style);
  return result;
}

}  // namespace saga_harness
