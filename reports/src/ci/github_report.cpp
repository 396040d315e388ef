#include <fmt/format.h>

#include <saga_harness/report_writers.hpp>

#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

/// A command of a GitHub workflow ends with its line; `%` starts an escape, and in a property `:` and `,` end
/// it.
std::string escaped(std::string_view text, bool in_property) {
  std::string result;
  for (const char c : reports::clean_lines(text)) {
    switch (c) {
      case '%':
        result += "%25";
        break;
      case '\n':
        result += "%0A";
        break;
      case ':':
        result += in_property ? "%3A" : ":";
        break;
      case ',':
        result += in_property ? "%2C" : ",";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string command(std::string_view level, std::string_view file, std::string_view title,
                    std::string_view message) {
  std::string text = fmt::format("::{} ", level);
  if (!file.empty()) text += fmt::format("file={},line=1,", escaped(file, true));
  return text + fmt::format("title={}::{}\n", escaped(title, true), escaped(message, false));
}

}  // namespace

std::string github_report(const Report& report, const Gate* gate) {
  std::string text;
  for (const SagaReport& saga : report.sagas) {
    for (const ReportFinding& finding : saga.findings) {
      text += command(
          "error", saga.source, reports::subject_name(saga) + ": " + reports::title_of(finding, saga),
          fmt::format("{}\nplan: {}\nrepeat: {}", finding.explanation, finding.plan, finding.command));
    }
    for (const ReportSearch& search : saga.searches) {
      for (const std::string& note : search.notes)
        text += command("notice", saga.source, reports::subject_name(saga), note);
    }
  }
  for (const Study& study : report.studies) {
    for (const StudyFinding& finding : study.findings) {
      text += command(
          "error", study.source, study.name + ": " + reports::title_of(finding),
          fmt::format("{}\nplan: {}\nrepeat: {}", finding.explanation, finding.plan, finding.command));
    }
    for (const std::string& missed : study.missed)
      text += command("error", study.source, study.name, missed + " survived");
  }
  for (const std::string& error : report.errors) text += command("error", "", "no verdict", error);
  for (const std::string& reason : report.incomplete) text += command("error", "", "incomplete", reason);
  for (const std::string& doubt : doubts_of(report)) text += command("error", "", "stale", doubt);
  for (const Contradiction& each : report.contradictions)
    text += command("error", "", "not deterministic", "run " + each.run + ": " + each.plan);
  if (gate != nullptr) {
    for (const GateRule& rule : gate->rules) {
      if (rule.passed) continue;
      std::string message = fmt::format("required {}, is {}", rule.required, rule.actual);
      constexpr std::size_t kMost = 10;
      for (std::size_t i = 0; i < rule.cells.size() && i < kMost; ++i) message += '\n' + rule.cells[i];
      if (rule.cells.size() > kMost) message += fmt::format("\nand {} more", rule.cells.size() - kMost);
      text += command("error", "", "gate: " + rule.name, message);
    }
  }
  return text + command("notice", "", "saga-harness", reports::headline(report));
}

}  // namespace saga_harness
