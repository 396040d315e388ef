#include <algorithm>

#include <fmt/format.h>

#include "html/html.hpp"
#include "records/hash.hpp"
#include "text/drawing.hpp"
#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness::reports {

StatusLook look_of(CellStatus status) {
  switch (status) {
    case CellStatus::kHeld:
      return {"✓", "held", "#aceebb"};
    case CellStatus::kViolated:
      return {"✗", "violated", "#ffcecb"};
    case CellStatus::kVacuous:
      return {"?", "vacuous", "#fae17d"};
    case CellStatus::kNotFired:
      return {"·", "not fired", "#eaeef2"};
    case CellStatus::kNotReached:
      return {"–", "not reached", "#f6f8fa"};
    case CellStatus::kExcluded:
      return {"□", "excluded", "#ddf4ff"};
    case CellStatus::kUnreachable:
      return {"∅", "unreachable", "#f6f8fa"};
  }
  return {};
}

std::string saga_anchor(const SagaReport& saga) { return "s-" + saga.id; }

std::string cell_anchor(const ReportCell& cell, const SagaReport& saga) {
  return fmt::format("c-{}-{:016x}", saga.id, Hash().add(cell.name).value());
}

std::string finding_anchor(const ReportFinding& finding, const SagaReport& saga) {
  const ReportInvariant& invariant = saga.invariants[finding.invariant];
  return fmt::format("f-{}-{:016x}", saga.id,
                     Hash()
                         .add(invariant.id)
                         .add(invariant.name)
                         .add(finding.step)
                         .add(finding.cause)
                         .add(finding.cause.empty() ? std::string_view() : name_of(finding.outcome))
                         .value());
}

std::string code(std::string_view text) { return "<code>" + xml(text) + "</code>"; }

std::string copyable(std::string_view text, std::string_view label) {
  std::string body = clean_lines(text);
  while (body.ends_with('\n')) body.pop_back();
  return fmt::format("<pre class=\"copy\" tabindex=\"0\" aria-label=\"{}\"><code>{}</code></pre>\n", label,
                     xml(body, body.size()));
}

std::string table_row(std::initializer_list<std::string> cells) {
  std::string text = "<tr>";
  for (const std::string& cell : cells) {
    const bool is_first = &cell == cells.begin();
    text += is_first ? "<th scope=\"row\">" + cell + "</th>" : "<td>" + cell + "</td>";
  }
  return text + "</tr>\n";
}

std::string table_head(std::string_view caption, std::initializer_list<std::string_view> titles) {
  std::string text = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table border=\"1\" "
      "cellpadding=\"4\"><caption>{0}</caption>\n<thead><tr>",
      caption);
  for (const std::string_view title : titles) text += fmt::format("<th scope=\"col\">{}</th>", title);
  return text + "</tr></thead>\n<tbody>\n";
}

std::string html_compensations(const SagaReport& saga) {
  if (saga.compensations.empty()) return {};
  std::string text = "<h3>Compensations</h3>\n" +
                     table_head("Compensations: runs in which each was due, and runs in which it was called",
                                {"compensation", "of step", "expected", "called", "missing", "unexpected",
                                 "requests", "most in a run", "out of order"});
  for (const CompensationCount& count : saga.compensations) {
    const Step& step = saga.definition.steps[count.step];
    const auto bad = [](std::uint64_t number) {
      return number == 0 ? std::string("0") : fmt::format("<strong class=\"bad\">{}</strong>", number);
    };
    text += table_row({code(step.compensation), code(step.name), fmt::format("{}", count.expected),
                       fmt::format("{}", count.called), bad(count.missing),
                       fmt::format("{}", count.unexpected), fmt::format("{}", count.requests),
                       fmt::format("{}", count.most), bad(count.out_of_order)});
  }
  return text + "</tbody></table></div>\n";
}

std::string html_invariants(const SagaReport& saga) {
  std::string text = "<h3>Invariants</h3>\n" +
                     table_head("Invariants, and how many runs each was exercised in",
                                {"rule", "verdict", "exercised", "held", "violated", "unknown", "n/a"});
  for (const ReportInvariant& each : saga.invariants) {
    const std::string name = xml(rule_name(each));
    const std::string verdict = each.switched_off.empty() ? std::string(name_of(each.status))
                                                          : "switched off: " + xml(each.switched_off);
    const bool is_bad = each.switched_off.empty() && each.status == VerdictStatus::kViolated;
    text += table_row({name, is_bad ? "<strong class=\"bad\">✗ " + verdict + "</strong>" : verdict,
                       fmt::format("{}", each.exercised()), fmt::format("{}", each.held),
                       fmt::format("{}", each.violated), fmt::format("{}", each.unknown),
                       fmt::format("{}", each.not_applicable)});
  }
  return text + "</tbody></table></div>\n";
}

std::string html_exclusions(const SagaReport& saga) {
  if (saga.exclusions.empty()) return {};
  std::string text = "<h3>Excluded</h3>\n" +
                     table_head("Exclusions", {"cells", "reason", "owner", "expires", "matches", "state"});
  for (const ReportExclusion& each : saga.exclusions) {
    std::string state = each.expired ? "expired" : "in force";
    if (!each.fired.empty()) {
      state = fmt::format("<strong class=\"bad\">{} fired, though {} cannot</strong>",
                          counted(each.fired.size(), "cell"), each.fired.size() == 1 ? "it" : "they");
    }
    text += table_row({code(each.exclusion.cells), xml(each.exclusion.reason), xml(each.exclusion.owner),
                       xml(each.exclusion.expires), fmt::format("{}", each.cells), state});
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace saga_harness::reports
