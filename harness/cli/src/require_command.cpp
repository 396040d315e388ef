#include <fmt/format.h>

#include <saga_harness/scenario.hpp>
#include <saga_harness/search_reports.hpp>

#include "commands.hpp"
#include "kinds.hpp"
#include "terminal.hpp"

namespace saga_harness::cli {

ExitCode run_require(const RequireArguments& arguments) {
  const Scenario scenario = load_scenario(arguments.scenario);
  Experiment reference = experiment(scenario, arguments.coordinator);
  reference.source = arguments.scenario;
  const std::vector<GuaranteeRemoval> all = guarantee_removals(scenario, arguments.coordinator);
  const ExploreOptions options{.max_faults = arguments.max_faults,
                               .kinds = parse_kinds(arguments.kinds),
                               .windows = arguments.windows,
                               .max_schedules = arguments.max_schedules};
  Progress progress;
  const GuaranteeDependencies dependencies =
      relies_on(reference, all, options, [&](const GuaranteeDependencies& so_far) {
        progress.show(fmt::format("{} of {} guarantees tried, {} needed", so_far.rows.size(), all.size(),
                                  so_far.count(Need::kNeeded)));
      });
  progress.clear();
  print(arguments.look.json ? require_json(reference, options, dependencies)
                            : require_report(reference, options, dependencies, style_for(arguments.look)));
  return exit_code_of(dependencies);
}

}  // namespace saga_harness::cli
