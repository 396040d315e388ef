#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <saga_harness/engine.hpp>
#include <saga_harness/reports.hpp>
#include <saga_harness/scenario.hpp>

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
    if (error.exit_code() != ExitCode::kUsage) throw;
    return error.what();
  }
}

/// Events of a choreography that lead nowhere or come from nowhere; empty if there are none.
std::string loose_events_of(const std::string& path, const Saga& saga) {
  std::string text;
  for (const Problem& problem : find_loose_events(saga)) {
    text += fmt::format("{}{}: /saga{}: {}; {}", text.empty() ? "" : "\n", path, problem.pointer,
                        problem.message, problem.mend);
  }
  return text;
}

std::string entry_text(const std::string& path, const Saga& saga) {
  return fmt::format("{}: ok, saga {}, {} step{}\n", printable(path), printable(saga.name), saga.steps.size(),
                     saga.steps.size() == 1 ? "" : "s");
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
    } else if (!arguments.look.json) {
      print(entry_text(path, saga));
    }
  }
  if (arguments.look.json) {
    print(document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n');
  }
  return code;
}

}  // namespace saga_harness::cli
