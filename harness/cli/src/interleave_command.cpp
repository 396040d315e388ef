#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving_reports.hpp>
#include <saga_harness_internal/legal_kinds.hpp>

#include "commands.hpp"
#include "kinds.hpp"
#include "max_time.hpp"
#include "record_files.hpp"
#include "terminal.hpp"
#include "today.hpp"

namespace saga_harness::cli {
namespace {

Scenario scenario_of(const InterleaveArguments& arguments) {
  Scenario scenario = load_scenario(arguments.scenario);
  bool has_some = false;
  for (auto& [service, spec] : scenario.participants) {
    if (spec.fake != FakeKind::kSharedValues) continue;
    has_some = true;
    for (const std::string& name : arguments.without) flag_of(spec.countermeasures, name) = false;
  }
  if (!arguments.without.empty() && !has_some)
    throw Error(ErrorText{.source = arguments.scenario,
                          .message = "there are no countermeasures that could be switched off: no "
                                     "participant has the fake \"shared_values\"",
                          .fix = "leave out --without"});
  return scenario;
}

std::string command_of(const InterleaveArguments& arguments) {
  std::string command = fmt::format("saga-harness interleave {}", arguments.scenario);
  if (arguments.coordinator != kReference) command += fmt::format(" --coordinator {}", arguments.coordinator);
  if (arguments.participant != kReference) command += fmt::format(" --participant {}", arguments.participant);
  if (!arguments.without.empty()) command += fmt::format(" --without {}", fmt::join(arguments.without, ","));
  return command;
}

}  // namespace

ExitCode run_interleave(const InterleaveArguments& arguments) {
  const ConcurrentExperiment experiment =
      concurrent_experiment(scenario_of(arguments), arguments.coordinator, arguments.participant);
  const InterleavingSubject subject{experiment, command_of(arguments), arguments.scenario};
  const Style style = style_for(arguments.look);
  if (arguments.plan) {
    const ConcurrentRun run = run_concurrently(experiment, parse_concurrent_plan(*arguments.plan));
    print(arguments.look.json ? concurrent_run_json(subject, run)
                              : concurrent_run_report(subject, run, style));
    return exit_code_of(run);
  }
  const InterleavingOptions options{.max_faults = arguments.max_faults,
                                    .kinds = parse_kinds(arguments.kinds),
                                    .windows = arguments.windows,
                                    .max_schedules = arguments.max_schedules,
                                    .max_time = parse_max_time(arguments.max_time),
                                    .sample_ok = arguments.sample_ok,
                                    .today = day_asked_for(arguments.today)};
  for (const Experiment& saga : experiment.sagas)
    internal::expect_legal_somewhere(saga, options.kinds, "--kinds");
  std::optional<Swarm> swarm;
  if (arguments.swarm) swarm = Swarm{.seed = *arguments.swarm, .schedules = arguments.schedules};
  StudyRecords records(arguments.out, study_of(subject, options, swarm ? &*swarm : nullptr));
  Interleavings found = swarm ? sample_interleavings(experiment, options, swarm->seed, swarm->schedules)
                              : explore_interleavings(experiment, options);
  const std::string lost =
      records.finish([&](Study study) { return concluded(std::move(study), subject, found); },
                     [&] { return interleavings_json(subject, found); });
  if (!lost.empty()) found.verdict.error = lost;
  print(arguments.look.json ? interleavings_json(subject, found)
                            : interleavings_report(subject, found, style));
  return exit_code_of(found);
}

}  // namespace saga_harness::cli
