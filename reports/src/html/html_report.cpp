#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/report_writers.hpp>

#include "html/html.hpp"
#include "html/html_assets.hpp"
#include "text/drawing.hpp"
#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

using reports::counted;
using reports::xml;

constexpr std::size_t kReserveForOmitted = 1024;  // for the sentence about what was left out
constexpr std::size_t kFrameOfSaga = 100;         // the titles within a section, and its end

std::string_view glyph_of(ExitCode code) {
  switch (code) {
    case ExitCode::kUpheld:
      return "✓";
    case ExitCode::kViolated:
    case ExitCode::kInternal:
      return "✗";
    case ExitCode::kCoverageMissed:
    case ExitCode::kInconclusive:
    case ExitCode::kUsage:
      return "?";
  }
  return "";
}

std::string words_of(ExitCode code) {
  std::string words(verdict_word(code));
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::string verdict_mark(ExitCode code) {
  return fmt::format("<strong class=\"verdict {}\"><span>{}</span> {}</strong>", verdict_word(code),
                     glyph_of(code), words_of(code));
}

std::string share_cell(std::uint64_t part, std::uint64_t whole) {
  return xml(reports::share_text(part, whole));
}

std::string page_head(ExitCode code) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; "
      "script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Failures of sagas: {}</title>\n"
      "<style>{}</style></head>\n<body>\n",
      reports::style_hash(), reports::script_hash(), words_of(code), reports::style_text());
}

std::string status_list(const CellCounts& counts) {
  std::string text;
  for (const CellStatus status : reports::worst_first()) {
    const std::uint64_t number = counts.by_status[static_cast<std::size_t>(status)];
    if (status == CellStatus::kViolated || number == 0) continue;
    text += fmt::format("<li><span>{}</span> {} {}</li>\n", reports::look_of(status).glyph, number,
                        reports::look_of(status).word);
  }
  return text.empty() ? "<p>Nothing: every cell is held or violated.</p>\n" : "<ul>\n" + text + "</ul>\n";
}

std::string worst_finding(const Report& report) {
  for (const SagaReport& saga : report.sagas) {
    if (saga.findings.empty()) continue;
    const ReportFinding& worst = saga.findings.front();
    return fmt::format("<p><a href=\"#{}\">{}: {}</a></p>\n", reports::finding_anchor(worst, saga),
                       xml(reports::subject_name(saga)), xml(reports::title_of(worst, saga))) +
           reports::copyable(worst.command, "command that repeats the worst finding");
  }
  for (const Study& study : report.studies) {
    if (study.findings.empty()) continue;
    const StudyFinding& worst = study.findings.front();
    return fmt::format("<p>{}: {}</p>\n", xml(study.name), xml(reports::title_of(worst))) +
           reports::copyable(worst.command, "command that repeats the worst finding");
  }
  return "<p>No finding.</p>\n";
}

std::string tried(const Report& report) {
  constexpr std::size_t kMost = 6;
  std::vector<std::string> items;
  for (const SagaReport& saga : report.sagas) {
    for (const ReportSearch& search : saga.searches) items.push_back(reports::extent_of(search));
    if (saga.has_single_runs) items.emplace_back("plans chosen by tests");
  }
  for (const Study& study : report.studies) items.push_back(study.name + ", " + reports::extent_of(study));
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
  std::string text = fmt::format("<p>{} of {}</p>\n<ul>\n", counted(report.runs, "run"),
                                 counted(report.sagas.size(), "saga"));
  for (std::size_t i = 0; i < std::min(items.size(), kMost); ++i) text += "<li>" + xml(items[i]) + "</li>\n";
  if (items.size() > kMost) text += fmt::format("<li>and {} more</li>\n", items.size() - kMost);
  return text + "</ul>\n";
}

std::string happened(const Report& report) {
  std::array<std::uint64_t, 4> outcomes = {};
  for (const SagaReport& saga : report.sagas) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += saga.outcomes[i];
  }
  std::string text = fmt::format("<p>{} in {}</p>\n<ul>\n", counted(report.findings, "finding"),
                                 counted(report.violated_runs, "violated run"));
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    text += fmt::format("<li>{} {}</li>\n", outcomes[i], name_of(static_cast<Outcome>(i)));
  return text + "</ul>\n";
}

/// What a reader wants to know in ten seconds.
std::string overview(const Report& report, ExitCode code) {
  const CellCounts& counts = report.counts;
  return fmt::format(
      "<header><h1>Failures of sagas: {}</h1>\n<p>{}</p>\n<div id=\"tools\" hidden></div></header>\n"
      "<main>\n<section class=\"cards\" aria-label=\"In short\">\n"
      "<div><h2>What was tried</h2>\n{}</div>\n<div><h2>What happened</h2>\n{}</div>\n"
      "<div><h2>What is not covered</h2>\n<p>fired {}, held {}</p>\n{}</div>\n"
      "<div><h2>How to repeat the worst</h2>\n{}</div>\n</section>\n",
      verdict_mark(code), xml(reports::headline(report)), tried(report), happened(report),
      share_cell(counts.fired, counts.denominator), share_cell(counts.held, counts.denominator),
      status_list(counts), worst_finding(report));
}

std::string problems(const Report& report) {
  constexpr std::size_t kMost = 50;
  std::string text;
  const auto add = [&](std::string_view title, const std::vector<std::string>& items) {
    if (items.empty()) return;
    text += fmt::format("<h2>{}</h2>\n<ul class=\"problems\">\n", title);
    for (std::size_t i = 0; i < std::min(items.size(), kMost); ++i) text += "<li>" + items[i] + "</li>\n";
    if (items.size() > kMost) text += fmt::format("<li>and {} more</li>\n", items.size() - kMost);
    text += "</ul>\n";
  };
  std::vector<std::string> incomplete;
  for (const std::string& each : report.incomplete) incomplete.push_back(xml(each));
  for (const std::string& each : doubts_of(report)) incomplete.push_back(xml(each));
  std::vector<std::string> contradictions;
  for (const Contradiction& each : report.contradictions)
    contradictions.push_back(reports::code(each.plan) + " came out differently when it was run again");
  std::vector<std::string> errors;
  for (const std::string& each : report.errors) errors.push_back(xml(each));
  add("Why there is no verdict", errors);
  add("What is missing", incomplete);
  add("What is not deterministic", contradictions);
  return text;
}

std::string gate_section(const Gate& gate) {
  constexpr std::size_t kMost = 20;
  std::string text =
      "<section aria-label=\"Gate\"><h2>Gate</h2>\n" +
      reports::table_head("What the report must be like", {"rule", "verdict", "required", "actual"});
  for (const GateRule& rule : gate.rules) {
    std::string actual = xml(rule.actual);
    if (!rule.passed && !rule.cells.empty()) {
      actual += "<ul>";
      for (std::size_t i = 0; i < std::min(rule.cells.size(), kMost); ++i)
        actual += "<li>" + reports::code(rule.cells[i]) + "</li>";
      if (rule.cells.size() > kMost) actual += fmt::format("<li>and {} more</li>", rule.cells.size() - kMost);
      actual += "</ul>";
    }
    text += reports::table_row({xml(rule.name, 300),
                                rule.passed ? "✓ passed" : "<strong class=\"bad\">✗ failed</strong>",
                                xml(rule.required), actual});
  }
  return text + "</tbody></table></div></section>\n";
}

std::string sagas_section(const Report& report) {
  std::string text = "<section aria-label=\"Sagas\"><h2>Sagas</h2>\n" +
                     reports::table_head("Sagas", {"saga", "verdict", "runs", "cells", "fired", "held",
                                                   "violated", "findings"});
  for (const SagaReport& saga : report.sagas) {
    const CellCounts& counts = saga.counts;
    text += reports::table_row(
        {fmt::format("<a href=\"#{}\">{}</a>", reports::saga_anchor(saga), xml(reports::subject_name(saga))),
         verdict_mark(exit_code_of(saga)), fmt::format("{}", saga.runs),
         fmt::format("{}", counts.denominator), share_cell(counts.fired, counts.denominator),
         share_cell(counts.held, counts.denominator),
         fmt::format("{}", counts.by_status[static_cast<std::size_t>(CellStatus::kViolated)]),
         fmt::format("{}", saga.findings.size())});
  }
  return text + "</tbody></table></div></section>\n";
}

std::string study_section(const Study& study) {
  std::string text = fmt::format("<section class=\"study\" aria-label=\"{0}\">\n<h2>{0} {1}</h2>\n<ul>\n",
                                 xml(study.name), verdict_mark(exit_code_of(study)));
  const auto item = [&text](std::string_view line) { text += "<li>" + xml(line) + "</li>\n"; };
  for (const std::string& subject : study.subjects) item(subject);
  item(reports::extent_of(study));
  for (const auto& [name, value] : study.facts) item(name + ": " + value);
  for (const std::string& missed : study.missed) item(missed + " survived");
  text += "</ul>\n";
  for (const StudyFinding& finding : study.findings) {
    text += fmt::format("<article><h3>{}</h3>\n<p>{}</p>\n<p>plan {}, shown by {}</p>\n<ol>\n",
                        xml(reports::title_of(finding)), xml(finding.explanation),
                        reports::code(finding.plan), counted(finding.schedules, "schedule"));
    for (const std::string& line : finding.story) item(line);
    text += "</ol>\n";
    if (!finding.command.empty()) text += reports::copyable(finding.command, "command that repeats it");
    text += "</article>\n";
  }
  return text + "</section>\n";
}

std::string saga_head_section(const SagaReport& saga) {
  std::string text =
      fmt::format("<section class=\"saga\" id=\"{}\" aria-label=\"{}\">\n<h2>{} {}</h2>\n<ul>\n",
                  reports::saga_anchor(saga), xml(reports::subject_name(saga)),
                  xml(reports::subject_name(saga)), verdict_mark(exit_code_of(saga)));
  for (const ReportSearch& search : saga.searches)
    text += "<li>" + xml(reports::extent_of(search)) + "</li>\n";
  if (saga.has_single_runs) text += "<li>plans chosen by tests</li>\n";
  text += fmt::format("<li>definition {:016x}, run by saga-harness {}</li>\n", saga.definition_hash,
                      xml(saga.version));
  for (const std::string& condition : reports::conditions_of(saga))
    text += "<li>" + xml(condition, 1500) + "</li>\n";
  text += "</ul>\n";
  if (!saga.undeclared.empty()) {
    text += "<p class=\"bad\">Met, but not foreseen by the definition:</p>\n<ul>\n";
    for (const ReportCell& cell : saga.undeclared) text += "<li>" + reports::code(cell.name) + "</li>\n";
    text += "</ul>\n";
  }
  return text;
}

/// Text up to a budget: what does not fit is counted.
class Budget {
 public:
  explicit Budget(std::size_t bytes) : left_(bytes > kReserveForOmitted ? bytes - kReserveForOmitted : 0) {}

  /// What must be there, fits or not.
  void take(std::size_t bytes) { left_ -= std::min(left_, bytes); }

  [[nodiscard]] bool takes(std::string_view text) {
    if (text.size() > left_) return false;
    left_ -= text.size();
    return true;
  }

 private:
  std::size_t left_;
};

struct OmittedParts {
  std::size_t parts = 0;
  std::size_t cells = 0;
  std::size_t findings = 0;
  std::size_t drawings = 0;
  std::size_t events = 0;

  [[nodiscard]] std::string text(std::size_t budget) const {
    std::vector<std::string> words;
    const auto add = [&words](std::size_t count, std::string_view noun) {
      if (count > 0) words.push_back(counted(count, noun));
    };
    add(parts, "table");
    add(findings, "finding");
    add(drawings, "drawing");
    add(events, "event");
    add(cells, "cell");
    if (words.empty()) return {};
    return fmt::format(
        "<p class=\"omitted\">Left out to stay within {} bytes, and a drawing within bounds: {}. The "
        "records have them all.</p>\n",
        budget, fmt::join(words, ", "));
  }
};

/// What a saga's section consists of, by what is wanted most.
struct SagaParts {
  std::string head;
  std::string matrix;
  std::string tables;
  std::vector<std::string> findings;
  std::string cells;
};

class HtmlPage {
 public:
  HtmlPage(const Report& report, const HtmlOptions& options)
      : report_(report), options_(options), budget_(options.budget), parts_(report.sagas.size()) {}

  /// Findings of all sagas come before the tables of any, and those before what is known of single cells.
  /// `frame`: bytes of what stands around.
  [[nodiscard]] std::string sagas(std::size_t frame) {
    budget_.take(frame);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      parts_[i].head = saga_head_section(report_.sagas[i]);
      budget_.take(parts_[i].head.size() + kFrameOfSaga);
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) add_findings(report_.sagas[i], parts_[i]);
    for (std::size_t i = 0; i < parts_.size(); ++i) add_tables(report_.sagas[i], parts_[i]);
    for (std::size_t i = 0; i < parts_.size(); ++i) add_cells(report_.sagas[i], parts_[i]);
    std::string text;
    for (const SagaParts& saga : parts_) {
      text += saga.head + saga.matrix;
      if (!saga.findings.empty()) text += "<h3>Findings</h3>\n";
      for (const std::string& finding : saga.findings) text += finding;
      text += saga.tables;
      if (!saga.cells.empty()) text += "<div class=\"cells\"><h3>Cells</h3>\n" + saga.cells + "</div>\n";
      text += "</section>\n";
    }
    return text + omitted_.text(options_.budget);
  }

 private:
  void add_findings(const SagaReport& saga, SagaParts& parts) {
    for (const ReportFinding& finding : saga.findings) {
      std::size_t left_out = 0;
      const std::string drawing = reports::html_drawing(finding, saga, options_.most_events, left_out);
      if (std::string whole = reports::html_finding(finding, saga, drawing); budget_.takes(whole)) {
        omitted_.events += left_out;
        parts.findings.push_back(std::move(whole));
      } else if (std::string bare = reports::html_finding(finding, saga, ""); budget_.takes(bare)) {
        ++omitted_.drawings;
        parts.findings.push_back(std::move(bare));
      } else {
        ++omitted_.findings;
      }
    }
  }

  void add_tables(const SagaReport& saga, SagaParts& parts) {
    const auto add = [this](std::string text, std::string& into) {
      if (!budget_.takes(text)) {
        ++omitted_.parts;
        return;
      }
      into += text;
    };
    add(reports::html_matrix(saga), parts.matrix);
    if (options_.baseline != nullptr)
      add(reports::html_trend(saga, options_.baseline->find(saga)), parts.tables);
    add(reports::html_compensations(saga), parts.tables);
    add(reports::html_invariants(saga), parts.tables);
    add(reports::html_exclusions(saga), parts.tables);
  }

  void add_cells(const SagaReport& saga, SagaParts& parts) {
    for (const std::vector<ReportCell>* cells : {&saga.cells, &saga.undeclared}) {
      for (const ReportCell& cell : *cells) {
        add_cell(cell, saga, parts.cells);
      }
    }
  }

  void add_cell(const ReportCell& cell, const SagaReport& saga, std::string& cells) {
    std::size_t left_out = 0;
    std::string drawing;
    if (cell.example)
      drawing = reports::html_drawing(saga.examples[*cell.example], saga, options_.most_events, left_out);
    if (std::string whole = reports::html_cell(cell, saga, drawing); budget_.takes(whole)) {
      omitted_.events += left_out;
      cells += whole;
    } else if (std::string bare = reports::html_cell(cell, saga, "");
               !drawing.empty() && budget_.takes(bare)) {
      ++omitted_.drawings;
      cells += bare;
    } else {
      ++omitted_.cells;
    }
  }

  const Report& report_;
  const HtmlOptions& options_;
  Budget budget_;
  std::vector<SagaParts> parts_;
  OmittedParts omitted_;
};

}  // namespace

std::string html_report(const Report& report, const Gate* gate, const HtmlOptions& options) {
  const ExitCode code = shown_code(report, gate);
  std::string text = page_head(code) + overview(report, code) + problems(report);
  if (gate != nullptr) text += gate_section(*gate);
  text += sagas_section(report);
  for (const Study& study : report.studies) text += study_section(study);
  const std::string tail =
      fmt::format("</main>\n<script>{}</script>\n</body></html>\n", reports::script_text());
  text += HtmlPage(report, options).sagas(text.size() + tail.size());
  return text + tail;
}

}  // namespace saga_harness
