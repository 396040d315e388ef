// A scenario: read, made into an experiment, and, if it is small, run without faults.

#include <algorithm>

#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>

#include "fuzz.hpp"

namespace saga_harness::fuzz {
namespace {

constexpr std::size_t kMostSteps = 12;

}  // namespace

void try_input(std::string_view input) {
  const auto saga = accepted([&] { return parse_saga(input, "fuzz.json"); });
  const auto scenario = accepted([&] { return parse_scenario(input, "fuzz.json"); });
  if (saga) require(scenario && scenario->saga == *saga, "a definition is a scenario");
  if (!scenario) return;
  require(parse_saga(to_json(scenario->saga), "again.json") == scenario->saga,
          "the definition in a scenario is read back equal");
  const auto subject = accepted([&] { return experiment(*scenario); });
  require(subject.has_value(), "a scenario that was read can be run");
  if (scenario->saga.steps.size() > kMostSteps) return;
  const Run run = run_plan(*subject, {});
  require(run == run_plan(*subject, {}), "a run is repeatable");
  // Drawn data can be refused by the participants: a finding about the scenario, not about the reference.
  for (const Verdict& violation : run.violations()) {
    require(violation.rule == Rule::kRefusedThoughNothingFailed,
            "without faults the reference upholds every invariant that the data does not break");
  }
}

}  // namespace saga_harness::fuzz
