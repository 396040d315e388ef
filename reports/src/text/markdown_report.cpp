#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/report_writers.hpp>

#include "text/drawing.hpp"
#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

using reports::clean;
using reports::counted;
using reports::markdown;

constexpr std::size_t kReserve = 512;  // for the sentence about what was left out
constexpr std::size_t kLongestMatrix = 200'000;

std::string_view glyph_of(CellStatus status) {
  switch (status) {
    case CellStatus::kHeld:
      return "✅";
    case CellStatus::kViolated:
      return "❌";
    case CellStatus::kVacuous:
      return "❔";
    case CellStatus::kNotFired:
      return "⚪";
    case CellStatus::kNotReached:
      return "⬜";
    case CellStatus::kExcluded:
      return "➖";
    case CellStatus::kUnreachable:
      return "🚫";
  }
  return "";
}

/// Text in a code span or block, whose fence is longer than any in it.
std::string fenced(std::string_view text, std::string_view language) {
  std::string body = reports::clean_lines(text);
  while (body.ends_with('\n')) body.pop_back();
  std::size_t longest = 0;
  std::size_t row = 0;
  for (const char c : body) longest = std::max(longest, row = c == '`' ? row + 1 : 0);
  const std::string fence(std::max<std::size_t>(longest + 1, 3), '`');
  return fmt::format("{}{}\n{}\n{}\n\n", fence, language, body, fence);
}

std::string title(std::string_view text, int level) {
  return std::string(static_cast<std::size_t>(level), '#') + ' ' + markdown(text, 300) + "\n\n";
}

std::string sagas_table(const Report& report) {
  std::string text =
      "| saga | verdict | runs | cells | fired | held | violated | findings |\n"
      "|---|---|--:|--:|--:|--:|--:|--:|\n";
  for (const SagaReport& saga : report.sagas) {
    const CellCounts& counts = saga.counts;
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", markdown(reports::subject_name(saga), 200),
                    verdict_word(exit_code_of(saga)), saga.runs, counts.denominator,
                    reports::share_text(counts.fired, counts.denominator),
                    reports::share_text(counts.held, counts.denominator),
                    counts.by_status[static_cast<std::size_t>(CellStatus::kViolated)], saga.findings.size());
  }
  return text + '\n';
}

std::string studies_table(const Report& report) {
  if (report.studies.empty()) return {};
  std::string text = "| study | verdict | extent | findings |\n|---|---|---|--:|\n";
  for (const Study& study : report.studies) {
    text +=
        fmt::format("| {} | {} | {} | {} |\n", markdown(study.name, 200), verdict_word(exit_code_of(study)),
                    markdown(reports::extent_of(study), 500), study.findings.size());
  }
  text += '\n';
  for (const Study& study : report.studies) {
    for (const std::string& missed : study.missed)
      text += fmt::format("- {} survived\n", markdown(missed, 300));
    for (const auto& [name, value] : study.facts)
      text += fmt::format("- {}: {}\n", markdown(name, 300), markdown(value, 300));
  }
  return text + '\n';
}

std::string study_finding_text(const Study& study, const StudyFinding& finding) {
  std::string text = title(study.name + ": " + reports::title_of(finding), 3);
  if (!finding.explanation.empty()) text += markdown(finding.explanation) + "\n\n";
  text += fmt::format("Shown by {}. The plan:\n\n", counted(finding.schedules, "schedule"));
  text += fenced(finding.plan, "text");
  if (!finding.story.empty()) text += fenced(fmt::format("{}", fmt::join(finding.story, "\n")), "text");
  if (!finding.command.empty()) text += "To repeat it:\n\n" + fenced(finding.command, "sh");
  return text;
}

std::string gate_table(const Gate& gate) {
  std::string text = "### Gate\n\n| | rule | required | actual |\n|---|---|---|---|\n";
  for (const GateRule& rule : gate.rules) {
    text += fmt::format("| {} | {} | {} | {} |\n", rule.passed ? "✅ passed" : "❌ failed",
                        markdown(rule.name, 300), markdown(rule.required), markdown(rule.actual));
  }
  text += '\n';
  constexpr std::size_t kMost = 20;
  for (const GateRule& rule : gate.rules) {
    if (rule.passed || rule.cells.empty()) continue;
    text += fmt::format("{}:\n\n", markdown(rule.name, 300));
    for (std::size_t i = 0; i < std::min(rule.cells.size(), kMost); ++i)
      text += "- " + markdown(rule.cells[i], 600) + '\n';
    if (rule.cells.size() > kMost) text += fmt::format("- and {} more\n", rule.cells.size() - kMost);
    text += '\n';
  }
  return text;
}

/// A row per kind of fault and instant, a column per operation.
std::string matrix(const SagaReport& saga) {
  const std::vector<reports::PlaceRow> places = reports::rows_of(saga);
  std::string text = "| fault |";
  std::string rule = "|---|";
  for (const reports::PlaceRow& place : places) {
    text += ' ' + markdown(place.name) + " |";
    rule += ":-:|";
  }
  text += '\n' + rule + '\n';
  for (const reports::InstantRow& row : reports::instants_of(saga, places)) {
    text +=
        fmt::format("| {}{} |", name_of(row.kind),
                    row.instant == Instant::kCall ? std::string() : fmt::format(" {}", name_of(row.instant)));
    for (const ReportCell* cell : row.cells)
      text += cell == nullptr ? std::string("  |") : fmt::format(" {} |", glyph_of(cell->status));
    text += '\n';
  }
  return text + '\n';
}

std::string legend() {
  std::string text;
  for (std::size_t i = 0; i < kCellStatusCount; ++i) {
    const auto status = static_cast<CellStatus>(i);
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", glyph_of(status), name_of(status));
  }
  return text + ", blank: not legal\n\n";
}

std::string saga_head(const SagaReport& saga) {
  std::string text = title(reports::subject_name(saga), 2);
  for (const ReportSearch& search : saga.searches) text += "- " + markdown(reports::extent_of(search)) + '\n';
  if (saga.has_single_runs) text += "- plans chosen by tests\n";
  for (const std::string& condition : reports::conditions_of(saga))
    text += "- " + markdown(condition, 1500) + '\n';
  for (const ReportExclusion& each : saga.exclusions) {
    text += fmt::format("- {} {}: {}, {}, until {}{}\n", each.expired ? "expired exclusion of" : "excluded",
                        markdown(each.exclusion.cells, 400), markdown(each.exclusion.reason),
                        markdown(each.exclusion.owner, 300), markdown(each.exclusion.expires, 40),
                        each.fired.empty()
                            ? std::string()
                            : fmt::format(", though {} fired", counted(each.fired.size(), "cell")));
  }
  for (const ReportCell& cell : saga.undeclared)
    text += "- met, but not foreseen by the definition: " + markdown(cell.name, 600) + '\n';
  return text + '\n';
}

std::string compensation_table(const SagaReport& saga) {
  if (saga.compensations.empty()) return {};
  std::string text =
      "| compensation | of step | expected | called | missing | unexpected | requests | most in a run | out "
      "of "
      "order |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const CompensationCount& count : saga.compensations) {
    const Step& step = saga.definition.steps[count.step];
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", markdown(step.compensation),
                        markdown(step.name), count.expected, count.called, count.missing, count.unexpected,
                        count.requests, count.most, count.out_of_order);
  }
  return text + '\n';
}

std::string finding_text(const ReportFinding& finding, const SagaReport& saga) {
  std::string text = title(reports::title_of(finding, saga), 3);
  if (!finding.explanation.empty()) text += markdown(finding.explanation) + "\n\n";
  if (const std::string notes = reports::notes_of(finding); !notes.empty()) text += markdown(notes) + "\n\n";
  text += fmt::format("{}, outcome {}, shown by {}. The smallest plan:\n\n",
                      counted(static_cast<std::uint64_t>(finding.faults), "fault"), name_of(finding.outcome),
                      counted(finding.runs, "run"));
  text += fenced(finding.plan, "text");
  text += "To repeat it:\n\n" + fenced(finding.command, "sh");
  return text;
}

std::string test_text(const ReportFinding& finding) {
  if (finding.test_case.empty()) return {};
  return "<details><summary>As a test</summary>\n\n" + fenced(finding.test_case, "cpp") + "</details>\n\n";
}

/// Text up to a budget. What is most wanted is to be added first; it is written in the order of the places.
class MarkdownPage {
 public:
  explicit MarkdownPage(std::size_t budget) : left_(budget > kReserve ? budget - kReserve : 0) {}

  [[nodiscard]] std::size_t place() {
    parts_.emplace_back();
    return parts_.size() - 1;
  }
  /// False if it did not fit.
  bool fill(std::size_t place, std::string text) {
    if (text.size() > left_) return false;
    left_ -= text.size();
    parts_[place] = std::move(text);
    return true;
  }
  [[nodiscard]] std::string text() const { return fmt::format("{}", fmt::join(parts_, "")); }

 private:
  std::size_t left_;
  std::vector<std::string> parts_;
};

struct OmittedSections {
  std::size_t sagas = 0;
  std::size_t matrices = 0;
  std::size_t findings = 0;
  std::size_t diagrams = 0;
  std::size_t tests = 0;
  std::size_t events = 0;

  [[nodiscard]] std::string text(std::size_t budget) const {
    std::vector<std::string> words;
    const auto add = [&words](std::size_t count, std::string_view one, std::string_view many) {
      if (count > 0) words.push_back(fmt::format("{} {}", count, count == 1 ? one : many));
    };
    add(sagas, "saga", "sagas");
    add(findings, "finding", "findings");
    add(matrices, "matrix or table", "matrices and tables");
    add(diagrams, "diagram", "diagrams");
    add(tests, "test case", "test cases");
    add(events, "event of a diagram", "events of diagrams");
    if (words.empty()) return {};
    return fmt::format("Left out to stay within {} bytes: {}.\n", budget, fmt::join(words, ", "));
  }
};

std::string diagram_text(const ReportFinding& finding, const SagaReport& saga, std::size_t budget,
                         std::size_t& left_out) {
  left_out = 0;
  if (!finding.has_trace) return {};
  return "```mermaid\n" + sequence_mermaid(saga, finding, budget, &left_out) + "```\n\n";
}

struct FindingPlaces {
  const SagaReport* saga = nullptr;
  const ReportFinding* finding = nullptr;
  std::size_t text = 0;
  std::size_t diagram = 0;
  std::size_t test = 0;
};

struct SagaPlaces {
  const SagaReport* saga = nullptr;
  std::size_t head = 0;
  std::size_t matrix = 0;
  std::size_t compensations = 0;
};

std::string top(const Report& report, const Gate* gate) {
  const ExitCode code = shown_code(report, gate);
  std::string text = fmt::format("# Failures of sagas: {}\n\n{}\n\n", markdown(verdict_word(code)),
                                 markdown(reports::headline(report)));
  constexpr std::size_t kMost = 20;
  for (std::size_t i = 0; i < std::min(report.incomplete.size(), kMost); ++i)
    text += "- incomplete: " + markdown(report.incomplete[i]) + '\n';
  if (report.incomplete.size() > kMost)
    text += fmt::format("- and {} more that is missing\n", report.incomplete.size() - kMost);
  for (std::size_t i = 0; i < std::min(report.errors.size(), kMost); ++i)
    text += "- no verdict: " + markdown(report.errors[i]) + '\n';
  for (const std::string& doubt : doubts_of(report)) text += "- " + markdown(doubt) + '\n';
  for (std::size_t i = 0; i < std::min(report.contradictions.size(), kMost); ++i)
    text += "- not deterministic: " + markdown(report.contradictions[i].plan) + '\n';
  if (report.contradictions.size() > kMost)
    text += fmt::format("- and {} more that are not\n", report.contradictions.size() - kMost);
  return text + '\n';
}

}  // namespace

std::string markdown_report(const Report& report, const Gate* gate, const MarkdownOptions& options) {
  MarkdownPage page(options.budget);
  OmittedSections omitted;
  const std::size_t top_place = page.place();
  const std::size_t table_place = page.place();
  const std::size_t studies_place = page.place();
  const std::size_t gate_place = page.place();
  std::vector<SagaPlaces> sagas;
  std::vector<FindingPlaces> findings;
  for (const SagaReport& saga : report.sagas) {
    sagas.push_back({&saga, page.place(), page.place(), page.place()});
    for (const ReportFinding& finding : saga.findings)
      findings.push_back({&saga, &finding, page.place(), page.place(), page.place()});
  }
  std::vector<std::pair<std::size_t, std::string>> of_studies;
  for (const Study& study : report.studies) {
    for (const StudyFinding& finding : study.findings)
      of_studies.emplace_back(page.place(), study_finding_text(study, finding));
  }
  page.fill(top_place, top(report, gate));
  if (!page.fill(table_place, sagas_table(report))) ++omitted.matrices;
  if (!page.fill(studies_place, studies_table(report))) ++omitted.matrices;
  if (gate != nullptr && !page.fill(gate_place, gate_table(*gate))) ++omitted.matrices;
  for (const SagaPlaces& places : sagas)
    omitted.sagas += page.fill(places.head, saga_head(*places.saga)) ? 0 : 1;
  for (const FindingPlaces& places : findings)
    omitted.findings += page.fill(places.text, finding_text(*places.finding, *places.saga)) ? 0 : 1;
  for (auto& [place, text] : of_studies) omitted.findings += page.fill(place, std::move(text)) ? 0 : 1;
  for (const SagaPlaces& places : sagas) {
    std::string text = matrix(*places.saga) + legend();
    const bool fits = text.size() <= kLongestMatrix && page.fill(places.matrix, std::move(text));
    omitted.matrices += fits ? 0 : 1;
    omitted.matrices += page.fill(places.compensations, compensation_table(*places.saga)) ? 0 : 1;
  }
  for (const FindingPlaces& places : findings) {
    std::size_t left_out = 0;
    std::string text = diagram_text(*places.finding, *places.saga, options.diagram_budget, left_out);
    const bool fits = page.fill(places.diagram, std::move(text));
    omitted.diagrams += fits ? 0 : 1;
    omitted.events += fits ? left_out : 0;
    omitted.tests += page.fill(places.test, test_text(*places.finding)) ? 0 : 1;
  }
  return page.text() + omitted.text(options.budget);
}

}  // namespace saga_harness
