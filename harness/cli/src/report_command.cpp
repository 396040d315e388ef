#include <optional>

#include <fmt/format.h>

#include <saga_harness/report.hpp>

#include "commands.hpp"
#include "record_files.hpp"
#include "terminal.hpp"
#include "today.hpp"

namespace saga_harness::cli {

namespace {

std::string written(const Report& report, const ReportArguments& arguments, const Baseline* baseline,
                    const std::string& day) {
  switch (arguments.format) {
    case ReportFormat::kTerminal:
      return report_json(report);
    case ReportFormat::kJson:
      return report_json(report, {.written_at = now(), .host = host(), .today = day});
    case ReportFormat::kHtml:
      return html_report(report, baseline);
  }
  return {};
}

}  // namespace

ExitCode run_report(const ReportArguments& arguments) {
  const std::string day = arguments.today.empty() ? today() : arguments.today;
  const Report report = merge_record_files(arguments.records, {.today = day});
  std::optional<Baseline> baseline;
  if (!arguments.baseline.empty())
    baseline = read_baseline(read_whole(arguments.baseline), arguments.baseline);
  const std::string text = written(report, arguments, baseline ? &*baseline : nullptr, day);
  if (arguments.output.empty()) {
    print(text);
  } else {
    OutputFile file(arguments.output);
    file.write(text);
    file.close();
  }
  return exit_code_of(report);
}

}  // namespace saga_harness::cli
