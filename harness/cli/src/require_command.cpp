#include <string>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/scenario.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/legal_kinds.hpp>

#include "commands.hpp"
#include "kinds.hpp"
#include "max_time.hpp"
#include "record_files.hpp"
#include "terminal.hpp"
#include "today.hpp"

namespace saga_harness::cli {

namespace {

std::string command_of(const RequireArguments& arguments) {
  std::string command = "saga-harness require " + arguments.scenario;
  if (arguments.coordinator != kReference) command += " --coordinator " + arguments.coordinator;
  return command + fmt::format(" -k {}", arguments.max_faults);
}

}  // namespace

ExitCode run_require(const RequireArguments& arguments) {
  const Scenario scenario = load_scenario(arguments.scenario);
  Experiment reference = experiment(scenario, arguments.coordinator);
  reference.source = arguments.scenario;
  const std::vector<GuaranteeRemoval> all = guarantee_removals(scenario, arguments.coordinator);
  const ExploreOptions options{.max_faults = arguments.max_faults,
                               .kinds = parse_kinds(arguments.kinds),
                               .windows = arguments.windows,
                               .max_schedules = arguments.max_schedules,
                               .max_time = parse_max_time(arguments.max_time),
                               .today = day_asked_for(arguments.today)};
  internal::expect_legal_somewhere(reference, options.kinds, "--kinds");
  StudyRecords records(arguments.out, study_of(reference, options, command_of(arguments)));
  Progress progress;
  GuaranteeDependencies dependencies =
      relies_on(reference, all, options, [&](const GuaranteeDependencies& so_far) {
        progress.show(fmt::format("{} of {} guarantees tried, {} needed", so_far.rows.size(), all.size(),
                                  so_far.count(Need::kNeeded)));
      });
  progress.clear();
  const std::string lost =
      records.finish([&](Study study) { return concluded(std::move(study), reference, dependencies); },
                     [&] { return require_json(reference, options, dependencies); });
  if (!lost.empty()) dependencies.verdict.error = lost;
  print(arguments.look.json ? require_json(reference, options, dependencies)
                            : require_report(reference, options, dependencies, style_for(arguments.look)));
  return exit_code_of(dependencies);
}

}  // namespace saga_harness::cli
