#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness/saga_index.hpp>
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

void check_names(const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const Mutant& mutant : mutants()) known.push_back(mutant.name);
  for (const std::string& name : names) {
    if (find_mutant(name) != nullptr) continue;
    const std::string_view nearest = nearest_name(name, known);
    throw Error(ErrorText{
        .message =
            fmt::format("there is no mutant \"{}\"{}", name,
                        nearest.empty() ? std::string() : fmt::format(", did you mean \"{}\"?", nearest)),
        .fix = "saga-harness list names them all"});
  }
}

/// Scenarios by path, each read once.
class Scenarios {
 public:
  const Scenario& get(const std::string& path) {
    const auto found = read_.find(path);
    return found == read_.end() ? read_.emplace(path, load_scenario(path)).first->second : found->second;
  }

 private:
  std::map<std::string, Scenario> read_;
};

const Scenario& scenario_for(const Mutant& mutant, const MutantsArguments& arguments, Scenarios& scenarios) {
  if (!arguments.scenario.empty()) return scenarios.get(arguments.scenario);
  try {
    return scenarios.get(fmt::format("{}/{}.json", arguments.scenarios, mutant.scenario));
  } catch (const Error& error) {
    throw Error(ErrorText{
        .message = error.what(),
        .fix =
            fmt::format("or the folder that has the scenario which shows {} with --scenarios", mutant.name)});
  }
}

/// A choreography has no coordinator whose bugs it could have, and the other way round.
bool is_of_sort(const Mutant& mutant, const MutantsArguments& arguments, Scenarios& scenarios) {
  if (arguments.scenario.empty() || mutant.participant) return true;
  return mutant.choreography == scenarios.get(arguments.scenario).saga.choreography.has_value();
}

std::string command_of(const MutantsArguments& arguments) {
  std::string command = "saga-harness mutants";
  if (!arguments.scenario.empty()) command += " " + arguments.scenario;
  if (arguments.max_faults) command += fmt::format(" -k {}", *arguments.max_faults);
  if (!arguments.only.empty()) command += fmt::format(" --only {}", fmt::join(arguments.only, ","));
  return command;
}

/// Mutants of several scenarios are scored at once: a kind may strike in one of them alone.
void expect_legal_in_some(const std::vector<MutantCase>& cases, const std::vector<FaultKind>& kinds) {
  for (const FaultKind kind : kinds) {
    const MutantCase* last = nullptr;
    bool is_legal = false;
    for (const MutantCase& each : cases) {
      if (!each.impossible.empty()) continue;
      last = &each;
      is_legal = is_legal || internal::legal_nowhere(each.reference, {kind}).empty();
    }
    if (!is_legal && last != nullptr) internal::expect_legal_somewhere(last->reference, {kind}, "--kinds");
  }
}

}  // namespace

ExitCode run_mutants(const MutantsArguments& arguments) {
  check_names(arguments.only);
  Scenarios scenarios;
  std::vector<MutantCase> cases;
  for (const Mutant& mutant : mutants()) {
    const bool is_wanted = arguments.only.empty() ? is_of_sort(mutant, arguments, scenarios)
                                                  : std::find(arguments.only.begin(), arguments.only.end(),
                                                              mutant.name) != arguments.only.end();
    if (!is_wanted) continue;
    const Scenario& scenario = scenario_for(mutant, arguments, scenarios);
    cases.push_back(mutant.together ? concurrent_mutant_case(mutant, scenario)
                                    : mutant_case(mutant, scenario));
  }
  ScoreOptions options{.explore = {.kinds = parse_kinds(arguments.kinds),
                                   .windows = arguments.windows,
                                   .max_schedules = arguments.max_schedules,
                                   .max_time = parse_max_time(arguments.max_time),
                                   .today = day_asked_for(arguments.today)},
                       .as_far_as_predicted = !arguments.max_faults.has_value(),
                       .ablation = arguments.ablation};
  options.explore.max_faults = arguments.max_faults.value_or(options.explore.max_faults);

  expect_legal_in_some(cases, options.explore.kinds);

  std::vector<std::string> names;
  for (const MutantCase& each : cases) names.push_back(each.name);
  StudyRecords records(arguments.out, study_of(options, names, command_of(arguments)));
  Progress progress;
  Score result = score(cases, options, [&](const Score& so_far) {
    progress.show(fmt::format("{} of {} mutants tried, {} killed", so_far.mutants.size(), cases.size(),
                              so_far.killed()));
  });
  progress.clear();
  const std::string lost = records.finish([&](Study study) { return concluded(std::move(study), result); },
                                          [&] { return score_json(options, result); });
  if (!lost.empty()) result.verdict.error = lost;
  print(arguments.look.json ? score_json(options, result)
                            : score_report(options, result, style_for(arguments.look)));
  return exit_code_of(result);
}

}  // namespace saga_harness::cli
