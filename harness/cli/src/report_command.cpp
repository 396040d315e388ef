#include <optional>

#include <fmt/format.h>

#include <saga_harness/observability.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness_internal/input_file.hpp>
#include <saga_harness_internal/output_file.hpp>

#include "commands.hpp"
#include "terminal.hpp"
#include "today.hpp"

namespace saga_harness::cli {

namespace {

constexpr std::size_t kTerminalWidth = 80;

JUnitDialect dialect_of(const ReportArguments& arguments) {
  if (arguments.dialect == "jenkins") return JUnitDialect::kJenkins;
  return arguments.dialect == "gitlab" ? JUnitDialect::kGitLab : JUnitDialect::kGitHub;
}

Style style_of(const ReportArguments& arguments) {
  Style style = style_for(arguments.look);
  style.width = kTerminalWidth;
  if (!arguments.output.empty() && arguments.look.colour == ColourChoice::kAuto) style.colour = false;
  return style;
}

std::string written(const Report& report, const Gate* gate, const Baseline* baseline,
                    const ReportArguments& arguments, const std::string& day) {
  MarkdownOptions markdown;
  HtmlOptions html{.baseline = baseline};
  if (arguments.budget > 0) markdown.budget = html.budget = arguments.budget;
  switch (arguments.look.json ? ReportFormat::kJson : arguments.format) {
    case ReportFormat::kTerminal:
      return terminal_report(report, gate, style_of(arguments));
    case ReportFormat::kJson:
      return report_json(report, {.written_at = now(), .host = host(), .today = day});
    case ReportFormat::kMarkdown:
      return markdown_report(report, gate, markdown);
    case ReportFormat::kHtml:
      return html_report(report, gate, html);
    case ReportFormat::kJUnit:
      return junit_report(report, dialect_of(arguments));
    case ReportFormat::kGitHub:
      return github_report(report, gate);
    case ReportFormat::kTimeline:
      return timeline_report(report);
    case ReportFormat::kDiagram:
      return diagram_mermaid(report);
    case ReportFormat::kDiagramSvg:
      return diagram_svg(report);
    case ReportFormat::kBadge:
      return badge_svg(report);
    case ReportFormat::kPrometheus:
      return prometheus_text(report);
  }
  return {};
}

/// Whatever is written, a rule that is not met is said where a person looks.
void complain_of(const Gate& gate) {
  for (const std::string& line : gate_complaints(gate)) complain("gate: " + line);
}

}  // namespace

ExitCode run_report(const ReportArguments& arguments) {
  if (!arguments.output.empty()) internal::expect_writable(arguments.output);
  const std::string day = day_asked_for(arguments.today);
  const Report report = merge_record_files(arguments.records, {.today = day});
  std::optional<Baseline> baseline;
  if (!arguments.baseline.empty())
    baseline = read_baseline(
        internal::read_file(arguments.baseline, {.fix = "name what report --format json wrote"}),
        arguments.baseline);
  std::optional<Gate> gate;
  if (arguments.gate.enabled) {
    gate = judge_gate(report, {.max_violations = arguments.gate.max_violations,
                               .max_stale = arguments.gate.max_stale,
                               .min_rules = arguments.gate.min_rules,
                               .min_fired = arguments.gate.min_fired,
                               .min_held = arguments.gate.min_held,
                               .max_excluded = arguments.gate.max_excluded,
                               .exhausted = arguments.gate.exhausted,
                               .baseline = baseline});
  }
  const std::string text =
      written(report, gate ? &*gate : nullptr, baseline ? &*baseline : nullptr, arguments, day);
  if (arguments.output.empty()) {
    print(text);
  } else {
    internal::replace_file(arguments.output, text);
  }
  const bool shows_gate = arguments.output.empty() && arguments.format == ReportFormat::kTerminal;
  if (gate && !shows_gate) complain_of(*gate);
  return gate ? gate->exit_code() : exit_code_of(report);
}

}  // namespace saga_harness::cli
