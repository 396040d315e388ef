#include "options.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include <saga_harness/error.hpp>

namespace saga_harness::cli {

namespace {

constexpr std::string_view kReportExamples = R"(Examples:
  saga-harness report records
  saga-harness report records --format html -o sagas.html
  saga-harness report nightly/*/runs.jsonl --format diagram-svg -o saga.svg
  saga-harness report records --format json -o saga-report.json
  saga-harness report records --gate --min-fired 95 --min-held 95 --baseline saga-report.json
  saga-harness report records --format markdown >> "$GITHUB_STEP_SUMMARY"

Exit codes:
   0  upheld; with --gate: every rule of it is met
   1  violated
   2  a rule of the gate about coverage is not met, or an excluded cell fired
   3  records are missing, a search was not exhausted, or met what the definition does not foresee
  70  the same run came out differently
)";

const std::map<std::string, ReportFormat>& formats() {
  static const std::map<std::string, ReportFormat> kFormats = [] {
    std::map<std::string, ReportFormat> by_name;
    for (const ReportFormatRow& row : kReportFormats) by_name.emplace(row.name, row.format);
    return by_name;
  }();
  return kFormats;
}

std::string formats_explained() {
  std::string text = "Formats:\n";
  for (const ReportFormatRow& row : kReportFormats) {
    const std::size_t padding = row.what.empty() ? 0 : 13 - row.name.size();
    text += "  " + std::string(row.name) + std::string(padding, ' ') + std::string(row.what) + '\n';
  }
  return text;
}

void add_gate(CLI::App& command, GateArguments& gate) {
  command.add_flag("--gate", gate.enabled, "Judge whether this is good enough, rule by rule");
  command.add_option("--max-violations", gate.max_violations, "… so many findings at most (0)")
      ->type_name("N");
  command.add_option("--max-stale", gate.max_stale, "… so many runs whose faults did not all strike (0)")
      ->type_name("N");
  command.add_option("--min-rules", gate.min_rules, "… so many rules of every saga judged a run")
      ->type_name("N");
  command.add_option("--min-fired", gate.min_fired, "… so many per cent of every saga's cells fired")
      ->check(CLI::Range(0.0, 100.0))
      ->type_name("P");
  command.add_option("--min-held", gate.min_held, "… so many per cent of every saga's cells held")
      ->check(CLI::Range(0.0, 100.0))
      ->type_name("P");
  command.add_option("--max-excluded", gate.max_excluded, "… so many cells excluded at most")->type_name("N");
  command.add_flag("--exhausted", gate.exhausted, "… every search has run everything within its bounds");
}

}  // namespace

void add_look(CLI::App& command, Look& look) {
  static const std::map<std::string, ColourChoice> kChoices = {
      {"auto", ColourChoice::kAuto}, {"always", ColourChoice::kAlways}, {"never", ColourChoice::kNever}};
  command.add_flag("--json", look.json, "Write JSON to standard output");
  command
      .add_option_function<std::string>(
          "--color,--colour", [&look](const std::string& word) { look.colour = kChoices.at(word); },
          "auto (on a terminal, unless NO_COLOR is set), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
  command.add_flag("--ascii", look.ascii, "Draw with ASCII only");
}

void add_judged_by(CLI::App& command, JudgedBy& judged_by) {
  command
      .add_option("--rules-as-of", judged_by.rules_as_of,
                  "Judge by the rules of this version alone, e.g. 0.1; the verdict says so (all rules)")
      ->type_name("VERSION");
}

void add_run_limit(CLI::App& command, std::string& limit) {
  command
      .add_option(
          "--run-limit", limit,
          "Processor time that one run may take, e.g. 30s, or off; one that takes more ends the search "
          "(10s)")
      ->type_name("TIME");
}

void add_today(CLI::App& command, std::string& today) {
  command
      .add_option(
          "--today", today,
          "The day that known findings and exclusions expire by, e.g. 2026-11-21 (what the clock says)")
      ->type_name("DAY");
}

void add_replay_format(CLI::App& command, ReplayFormat& format) {
  static const std::map<std::string, ReplayFormat> kFormats = {{"terminal", ReplayFormat::kTerminal},
                                                               {"json", ReplayFormat::kJson},
                                                               {"log", ReplayFormat::kLog},
                                                               {"otlp", ReplayFormat::kOtlp},
                                                               {"prometheus", ReplayFormat::kPrometheus}};
  command
      .add_option_function<std::string>(
          "--format", [&format](const std::string& word) { format = kFormats.at(word); },
          "terminal, json, log (a line per step), otlp (spans as JSON) or prometheus (metrics)")
      ->check(CLI::IsMember(kFormats))
      ->type_name("FORMAT");
}

CLI::App* add_report(CLI::App& app, ReportArguments& arguments) {
  CLI::App* command = app.add_subcommand(
      "report", "Say what was covered, what was violated and how to repeat it, from records of runs");
  command->add_option("records", arguments.records, "What explore --out wrote: directories, or files of runs")
      ->required()
      ->type_name("RECORDS");
  command
      ->add_option_function<std::string>(
          "--format", [&arguments](const std::string& word) { arguments.format = formats().at(word); },
          "How to write it (terminal)")
      ->check(CLI::IsMember(formats()))
      ->type_name("FORMAT");
  command->add_option("-o,--output", arguments.output, "Write it to FILE")->type_name("FILE");
  command->add_option("--dialect", arguments.dialect, "Of junit: github, gitlab or jenkins (github)")
      ->check(CLI::IsMember({"github", "gitlab", "jenkins"}))
      ->type_name("NAME");
  command->add_option("--budget", arguments.budget, "Of markdown and html: bytes at most (900 KiB, 16 MiB)")
      ->check(CLI::Range(std::uint64_t{2000}, std::uint64_t{1} << 30U))
      ->type_name("BYTES");
  add_gate(*command, arguments.gate);
  command
      ->add_option(
          "--baseline", arguments.baseline,
          "An earlier report (--format json): html shows the trend; with --gate, what held there must hold")
      ->type_name("FILE");
  add_today(*command, arguments.today);
  add_look(*command, arguments.look);
  command->footer(formats_explained() + "\n" + std::string(kReportExamples));
  return command;
}

void check_combination(const ReportArguments& arguments) {
  const GateArguments& gate = arguments.gate;
  const bool asks = gate.max_violations > 0 || gate.max_stale > 0 || gate.min_rules || gate.min_fired ||
                    gate.min_held || gate.max_excluded || gate.exhausted;
  if (asks && !gate.enabled) {
    throw Error(ErrorText{
        .message = "--max-violations, --max-stale, --min-rules, --min-fired, --min-held, --max-excluded and "
                   "--exhausted are rules of the gate",
        .fix = "add --gate"});
  }
}

void add_max_time(CLI::App& command, std::string& max_time, const std::string& what) {
  command.add_option("--max-time", max_time, what)->type_name("DURATION");
}

}  // namespace saga_harness::cli
