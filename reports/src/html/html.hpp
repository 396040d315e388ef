#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <saga_harness/report_writers.hpp>

/// Parts of the HTML report. Each is static markup; foreign text in it goes through xml().
namespace saga_harness::reports {

/// How a status is shown: never by colour alone.
struct StatusLook {
  std::string_view glyph;
  std::string_view word;
  std::string_view colour;  ///< of the ground, where there is no style sheet
};
[[nodiscard]] StatusLook look_of(CellStatus status);

/// Names of places in the page that stay the same from report to report, whatever is in a name.
[[nodiscard]] std::string saga_anchor(const SagaReport& saga);
[[nodiscard]] std::string cell_anchor(const ReportCell& cell, const SagaReport& saga);
[[nodiscard]] std::string finding_anchor(const ReportFinding& finding, const SagaReport& saga);

/// `<code>` on a line, and text that is worth copying.
[[nodiscard]] std::string code(std::string_view text);
[[nodiscard]] std::string copyable(std::string_view text, std::string_view label);
/// A row of a table whose cells are markup; the first is its heading.
[[nodiscard]] std::string table_row(std::initializer_list<std::string> cells);
[[nodiscard]] std::string table_head(std::string_view caption,
                                     std::initializer_list<std::string_view> titles);

/// The heat map: a row per kind of fault and instant, a column per operation.
[[nodiscard]] std::string html_matrix(const SagaReport& saga);
/// What is known of a cell: counts, runs, and of one that is to blame a run that shows it, as drawn.
[[nodiscard]] std::string html_cell(const ReportCell& cell, const SagaReport& saga, std::string_view drawing);
/// A finding without its drawing, and the drawing.
[[nodiscard]] std::string html_finding(const ReportFinding& finding, const SagaReport& saga,
                                       std::string_view drawing);
/// What shows it: plan, command, drawing, ledgers, token, test.
[[nodiscard]] std::string html_evidence(const ReportFinding& finding, std::string_view drawing);
[[nodiscard]] std::string html_drawing(const ReportFinding& finding, const SagaReport& saga, std::size_t most,
                                       std::size_t& left_out);
[[nodiscard]] std::string html_compensations(const SagaReport& saga);
[[nodiscard]] std::string html_invariants(const SagaReport& saga);
[[nodiscard]] std::string html_exclusions(const SagaReport& saga);
/// Against what an earlier report said of this saga; nullptr: it did not know it.
[[nodiscard]] std::string html_trend(const SagaReport& saga, const BaselineSaga* before);

}  // namespace saga_harness::reports
