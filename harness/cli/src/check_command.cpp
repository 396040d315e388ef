#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <saga_harness/engine.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/choices.hpp>

#include "commands.hpp"
#include "terminal.hpp"

namespace saga_harness::cli {

namespace {

/// What is wrong with a scenario; empty if nothing is.
std::string problem_of(const std::string& path, Saga& saga) {
  try {
    const Scenario scenario = load_scenario(path);
    const Engine engine(experiment(scenario).setup);
    saga = scenario.saga;
    return {};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kMisuse) throw;
    return error.what();
  }
}

/// Events of a choreography that lead nowhere or come from nowhere; empty if there are none.
std::string loose_events_of(const std::string& path, const Saga& saga) {
  std::string text;
  for (const Problem& problem : find_loose_events(saga)) {
    text += fmt::format("{}{}: /saga{}: {}; {}", text.empty() ? "" : "\n", path, problem.pointer,
                        problem.message, problem.fix);
  }
  return text;
}

/// What each conditional step depends on, and whether it is skipped in the scenario's own context.
nlohmann::ordered_json conditions_of(const Saga& saga) {
  nlohmann::ordered_json conditions = nlohmann::ordered_json::array();
  const std::vector<std::uint8_t> skipped = skipped_steps(saga, saga.context);
  for (std::size_t step = 0; step < saga.steps.size(); ++step) {
    if (!saga.steps[step].only_if) continue;
    conditions.push_back({{"step", saga.steps[step].name},
                          {"only_if", to_string(*saga.steps[step].only_if)},
                          {"skipped", !skipped.empty() && skipped[step] != 0}});
    const auto place = internal::result_place(*saga.steps[step].only_if);
    if (place) conditions.back()["decided_by"] = place->step;
  }
  return conditions;
}

nlohmann::ordered_json names_of(const Saga& saga, bool (*is_named)(const Step& step)) {
  nlohmann::ordered_json names = nlohmann::ordered_json::array();
  for (const Step& step : saga.steps) {
    if (is_named(step)) names.push_back(step.name);
  }
  return names;
}

nlohmann::ordered_json optional_steps_of(const Saga& saga) {
  return names_of(saga, [](const Step& step) { return step.optional; });
}
nlohmann::ordered_json compensated_if_refused_of(const Saga& saga) {
  return names_of(saga, [](const Step& step) { return step.compensated_if_refused; });
}
nlohmann::ordered_json checks_of(const Saga& saga) {
  return names_of(saga, [](const Step& step) { return !step.has_effect; });
}

std::string entry_text(const std::string& path, const Saga& saga) {
  std::string text = fmt::format("{}: ok, saga {}, {} step{}\n", printable(path), printable(saga.name),
                                 saga.steps.size(), saga.steps.size() == 1 ? "" : "s");
  for (const auto& condition : conditions_of(saga)) {
    text += fmt::format("  {}: only if {}{}\n", printable(condition["step"].get_ref<const std::string&>()),
                        printable(condition["only_if"].get_ref<const std::string&>()),
                        condition.contains("decided_by")   ? ", which its answer decides"
                        : condition["skipped"].get<bool>() ? ", which does not hold: skipped"
                                                           : ", which holds");
  }
  for (const auto& name : optional_steps_of(saga))
    text += fmt::format("  {}: optional\n", printable(name.get_ref<const std::string&>()));
  for (const auto& name : checks_of(saga))
    text += fmt::format("  {}: no effect, nothing to undo\n", printable(name.get_ref<const std::string&>()));
  for (const auto& name : compensated_if_refused_of(saga))
    text += fmt::format("  {}: compensated even if refused\n", printable(name.get_ref<const std::string&>()));
  return text;
}

}  // namespace

ExitCode run_check(const CheckArguments& arguments) {
  nlohmann::ordered_json document = nlohmann::ordered_json::array();
  ExitCode code = ExitCode::kUpheld;
  for (const std::string& path : arguments.scenarios) {
    Saga saga;
    std::string problem = problem_of(path, saga);
    if (problem.empty()) problem = loose_events_of(path, saga);
    document.push_back({{"file", path}, {"ok", problem.empty()}});
    if (!problem.empty()) {
      code = ExitCode::kUsage;
      document.back()["problem"] = problem;
      complain(problem);
      continue;
    }
    if (auto conditions = conditions_of(saga); !conditions.empty())
      document.back()["conditions"] = std::move(conditions);
    if (auto optional = optional_steps_of(saga); !optional.empty())
      document.back()["optional"] = std::move(optional);
    if (auto checks = checks_of(saga); !checks.empty()) document.back()["no_effect"] = std::move(checks);
    if (auto refused = compensated_if_refused_of(saga); !refused.empty())
      document.back()["compensated_if_refused"] = std::move(refused);
    if (!arguments.look.json) {
      print(entry_text(path, saga));
    }
  }
  if (arguments.look.json) {
    print(document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n');
  }
  return code;
}

}  // namespace saga_harness::cli
