#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "html/html.hpp"
#include "text/drawing.hpp"
#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness::reports {

namespace {

std::string figures_of(const ReportCell& cell) {
  switch (cell.status) {
    case CellStatus::kViolated:
      return fmt::format(" <small>{}/{}</small>", cell.violated, cell.fired);
    case CellStatus::kHeld:
    case CellStatus::kVacuous:
      return fmt::format(" <small>{}</small>", cell.fired);
    case CellStatus::kNotFired:
    case CellStatus::kNotReached:
    case CellStatus::kExcluded:
    case CellStatus::kUnreachable:
      return {};
  }
  return {};
}

std::string matrix_cell(const ReportCell& cell, const SagaReport& saga) {
  const StatusLook look = look_of(cell.status);
  return fmt::format(
      "<td class=\"{}\" bgcolor=\"{}\"><a href=\"#{}\" title=\"{}: {}\"><span>{}</span> {}{}</a></td>",
      name_of(cell.status), look.colour, cell_anchor(cell, saga), xml(cell.name), xml(why(cell, saga), 300),
      look.glyph, look.word, figures_of(cell));
}

std::string column_heads(const SagaReport& saga, const std::vector<PlaceRow>& places) {
  std::string steps = "<tr><th rowspan=\"2\" scope=\"col\">fault</th>";
  std::string operations = "<tr>";
  for (std::size_t i = 0; i < places.size();) {
    std::size_t end = i;
    while (end < places.size() && places[end].step == places[i].step) ++end;
    if (places[i].step == kNoStep) {
      steps += "<th rowspan=\"2\" scope=\"col\">the saga itself</th>";
      i = end;
      continue;
    }
    steps += fmt::format("<th colspan=\"{}\" scope=\"colgroup\">{}</th>", end - i,
                         xml(saga.definition.steps[places[i].step].name, 200));
    for (; i < end; ++i) operations += fmt::format("<th scope=\"col\">{}</th>", name_of(places[i].operation));
  }
  return steps + "</tr>\n" + operations + "</tr>\n";
}

std::string rules_text(const RunSample& run, const SagaReport& saga) {
  std::vector<std::string> names;
  for (const std::size_t each : run.violated) names.push_back(rule_name(saga.invariants[each]));
  return xml(fmt::format("{}", fmt::join(names, ", ")));
}

std::string run_item(const RunSample& run, const SagaReport& saga) {
  std::string text =
      fmt::format("<li>{} <span class=\"outcome\">{}</span>", code(run.plan), name_of(run.outcome));
  if (const std::string rules = rules_text(run, saga); !rules.empty()) {
    text += fmt::format(", {} <strong class=\"bad\">{}</strong>",
                        run.blamed ? "to blame for" : "not to blame for", rules);
  }
  return text + "</li>\n";
}

/// Findings of the rules that these runs violate.
std::string finding_links(const ReportCell& cell, const SagaReport& saga) {
  std::string text;
  for (const ReportFinding& finding : saga.findings) {
    const bool is_shown = std::ranges::any_of(cell.runs, [&](const RunSample& run) {
      return run.blamed && std::ranges::find(run.violated, finding.invariant) != run.violated.end();
    });
    if (!is_shown) continue;
    text += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", finding_anchor(finding, saga),
                        xml(title_of(finding, saga)));
  }
  return text.empty() ? text : "<p>Findings of what it violates:</p>\n<ul>\n" + text + "</ul>\n";
}

}  // namespace

std::string html_matrix(const SagaReport& saga) {
  if (saga.cells.empty()) return {};
  const std::vector<PlaceRow> places = rows_of(saga);
  std::string text = fmt::format(
      "<h3>Failures</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Matrix of "
      "failures of {0}\">"
      "<table class=\"matrix\" border=\"1\" cellpadding=\"4\"><caption>What was tried, and what came of it: "
      "runs in "
      "which it struck, of a violation those it is to blame for</caption>\n<thead>{1}</thead>\n<tbody>\n",
      xml(subject_name(saga), 200), column_heads(saga, places));
  for (const InstantRow& row : instants_of(saga, places)) {
    text +=
        fmt::format("<tr><th scope=\"row\">{}{}</th>", name_of(row.kind),
                    row.instant == Instant::kCall ? std::string()
                                                  : fmt::format(" <small>{}</small>", name_of(row.instant)));
    for (const ReportCell* cell : row.cells)
      text += cell == nullptr ? std::string("<td></td>") : matrix_cell(*cell, saga);
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string html_cell(const ReportCell& cell, const SagaReport& saga, std::string_view drawing) {
  const StatusLook look = look_of(cell.status);
  std::string text = fmt::format(
      "<article class=\"cell {0}\" id=\"{1}\" tabindex=\"-1\"><h4><span>{2}</span> <code>{3}</code></h4>\n"
      "<p><strong>{4}</strong>: {5}</p>\n",
      name_of(cell.status), cell_anchor(cell, saga), look.glyph, xml(cell.name), look.word,
      xml(why(cell, saga)));
  if (cell.armed > 0 || cell.fired > 0) {
    text += fmt::format("<p>Runs: reached {}, armed {}, fired {}, judged {}, to blame {}; ended ",
                        cell.reached, cell.armed, cell.fired, cell.judged, cell.violated);
    for (std::size_t i = 0; i < cell.outcomes.size(); ++i)
      text += fmt::format("{}{} {}", i == 0 ? "" : ", ", name_of(static_cast<Outcome>(i)), cell.outcomes[i]);
    text += "</p>\n";
  }
  if (cell.example) {
    const ReportFinding& example = saga.examples[*cell.example];
    text += fmt::format("<p>{}: {}</p>\n", xml(title_of(example, saga)), xml(example.explanation)) +
            html_evidence(example, drawing) + finding_links(cell, saga);
  }
  if (!cell.runs.empty()) {
    text +=
        fmt::format("<p>{} of {}:</p>\n<ul class=\"runs\">\n", cell.runs.size(), counted(cell.fired, "run"));
    for (const RunSample& run : cell.runs) text += run_item(run, saga);
    text += "</ul>\n";
  }
  return text + "</article>\n";
}

}  // namespace saga_harness::reports
