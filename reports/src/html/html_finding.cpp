#include <algorithm>

#include <fmt/format.h>

#include "html/html.hpp"
#include "text/drawing.hpp"
#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness::reports {

namespace {

std::string effects_table(const ReportFinding& finding) {
  if (finding.effects.empty()) return {};
  std::string text =
      table_head("The participants' ledgers at the end", {"step", "service", "applied", "undone", "left"});
  for (const ReportEffect& each : finding.effects) {
    const std::int64_t left = std::int64_t{each.applied} - std::int64_t{each.undone};
    text += table_row({code(each.step), code(each.service), fmt::format("{}", each.applied),
                       fmt::format("{}", each.undone),
                       left == 0 ? std::string("0") : fmt::format("<strong>{}</strong>", left)});
  }
  return text + "</tbody></table></div>\n";
}

std::string quantities_table(const ReportFinding& finding) {
  if (finding.quantities.empty()) return {};
  std::string text =
      table_head("Quantities of the participants", {"quantity", "is to be", "at the start", "at the end"});
  for (const Quantity& each : finding.quantities) {
    const bool differs = each.at_start != each.at_end;
    text += table_row(
        {xml(each.name), std::string(name_of(each.rule)), fmt::format("{}", each.at_start),
         differs ? fmt::format("<strong>{}</strong>", each.at_end) : fmt::format("{}", each.at_end)});
  }
  return text + "</tbody></table></div>\n";
}

std::string outcome_sentence(const ReportFinding& finding) {
  std::string text = fmt::format("{}, shown by {}; the run ended <strong>{}</strong>",
                                 counted(static_cast<std::uint64_t>(finding.faults), "fault"),
                                 counted(finding.runs, "run"), name_of(finding.outcome));
  for (std::size_t i = 0; i < finding.flagged_steps.size(); ++i)
    text += (i == 0 ? ", naming " : ", ") + code(finding.flagged_steps[i]);
  return "<p>" + text + ".</p>\n";
}

}  // namespace

std::string html_drawing(const ReportFinding& finding, const SagaReport& saga, std::size_t most,
                         std::size_t& left_out) {
  left_out = 0;
  if (!finding.has_trace) return {};
  return fmt::format(
      "<div class=\"scroll drawing\" tabindex=\"0\" role=\"group\" aria-label=\"Sequence of "
      "{}\">\n{}</div>\n",
      xml(title_of(finding, saga)), sequence_svg(saga, finding, most, &left_out));
}

std::string html_evidence(const ReportFinding& finding, std::string_view drawing) {
  std::string text = "<p>The smallest plan, and how to repeat it:</p>\n" + copyable(finding.plan, "plan") +
                     copyable(finding.command, "command");
  text += drawing;
  text += effects_table(finding) + quantities_table(finding);
  if (!finding.token.empty()) text += "<p>Token:</p>\n" + copyable(finding.token, "token");
  if (!finding.test_case.empty()) text += "<p>As a test:</p>\n" + copyable(finding.test_case, "test case");
  return text;
}

std::string html_finding(const ReportFinding& finding, const SagaReport& saga, std::string_view drawing) {
  std::string text =
      fmt::format("<article class=\"finding\" id=\"{}\" tabindex=\"-1\"><h4><span>✗</span> {}</h4>\n",
                  finding_anchor(finding, saga), xml(title_of(finding, saga)));
  if (!finding.explanation.empty()) text += "<p>" + xml(finding.explanation) + "</p>\n";
  if (const std::string notes = notes_of(finding); !notes.empty()) text += "<p>" + xml(notes) + "</p>\n";
  text += outcome_sentence(finding);
  return text + html_evidence(finding, drawing) + "</article>\n";
}

}  // namespace saga_harness::reports
