#include "drawn_subjects.hpp"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/orchestrator.hpp>
#include <saga_harness/random_plans.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace saga_harness::property_test {
namespace {

void only_flags(Runtime& runtime) { runtime.report(Outcome::kFlagged); }
void only_completes(Runtime& runtime) { runtime.report(Outcome::kCompleted); }

const std::vector<FaultKind> kTwoKinds{FaultKind::kReplyLost, FaultKind::kUnavailable};

template <class Value>
const Value& one_of(std::span<const Value> values, Numbers& numbers) {
  return values[numbers.below(values.size())];
}

void draw_coordinator(Experiment& experiment, Numbers& numbers) {
  Setup& setup = experiment.setup;
  switch (numbers.below(6)) {
    case 0:
      setup.coordinator = only_flags;
      experiment.claims = {};
      break;
    case 1:
      setup.coordinator = only_completes;
      break;
    case 2:
    case 3:
      setup.coordinator = orchestrator(one_of(all_orchestrator_bugs(), numbers));
      break;
    default:
      break;  // the reference
  }
}

void draw_extent(ExploreOptions& options, Numbers& numbers) {
  if (numbers.one_in(6)) options.max_schedules = 1 + numbers.below(20);
  if (numbers.one_in(6)) options.stop_at_first_violation = true;
  if (numbers.one_in(6)) {
    options.swarm = Swarm{.seed = "agreement", .schedules = 20};
    options.sample_ok = numbers.one_in(2);
  }
}

const Scenario& scenario_named(std::string_view name) {
  static std::map<std::string, Scenario, std::less<>> read;
  const auto found = read.find(name);
  if (found != read.end()) return found->second;
  const std::string path = std::string(SAGA_HARNESS_SCENARIOS_DIR "/").append(name).append(".json");
  return read.emplace(name, load_scenario(path)).first->second;
}

}  // namespace

DrawnSearch draw_search(Numbers& numbers) {
  const Saga saga = draw_saga({.max_steps = 3, .max_attempts = 2, .conditions = true}, std::ref(numbers));
  DrawnSearch drawn{.experiment = SagaTestHarness(saga).experiment()};
  drawn.experiment.setup.context = saga.context;
  draw_coordinator(drawn.experiment, numbers);
  if (numbers.one_in(8)) {
    for (const Rule rule : {Rule::kTruthfulOutcome, Rule::kAtMostOnce, Rule::kTerminates})
      drawn.experiment.switched_off.push_back({.rule = rule, .reason = "drawn"});
  }
  drawn.options.max_faults = static_cast<int>(numbers.below(2));
  if (numbers.one_in(2)) drawn.options.kinds = kTwoKinds;
  draw_extent(drawn.options, numbers);
  return drawn;
}

DrawnSearch draw_mutant(Numbers& numbers) {
  std::vector<Mutant> alone(mutants().begin(), mutants().end());  // without those that take several sagas
  std::erase_if(alone, [](const Mutant& each) { return each.together; });
  const Mutant mutant = one_of(std::span<const Mutant>(alone), numbers);
  const Scenario& scenario = scenario_named(mutant.scenario);
  DrawnSearch drawn{.experiment = experiment(scenario, mutant.participant ? kReference : mutant.name,
                                             mutant.participant ? mutant.name : kReference)};
  drawn.options.max_faults = static_cast<int>(numbers.below(2));
  drawn.options.kinds = {one_of(std::span<const FaultKind>(kTwoKinds), numbers), FaultKind::kRejected,
                         FaultKind::kRequestDuplicated};
  draw_extent(drawn.options, numbers);
  return drawn;
}

DrawnOrders draw_orders(Numbers& numbers) {
  Scenario scenario = scenario_named("two_payments");
  ParticipantSpec& bank = scenario.participants.at("bank");
  for (const char* countermeasure : {"semantic_lock", "commutative_update", "reread"})
    flag_of(bank.countermeasures, countermeasure) = numbers.one_in(2);
  bank.amounts["savings"] = static_cast<std::int64_t>(60 + 10 * numbers.below(4));
  const auto bugs = all_orchestrator_bugs();
  const std::string_view coordinator = numbers.one_in(4) ? name_of(one_of(bugs, numbers)) : kReference;
  DrawnOrders drawn{.experiment = concurrent_experiment(scenario, coordinator)};
  drawn.options.max_faults = static_cast<int>(numbers.below(2));
  drawn.options.kinds = {FaultKind::kRejected};
  if (numbers.one_in(4)) drawn.options.max_schedules = 1 + numbers.below(10);
  return drawn;
}

DrawnDependencies draw_dependencies(Numbers& numbers) {
  DrawnDependencies drawn;
  drawn.scenario.saga = draw_saga({.max_steps = 2, .max_attempts = 2}, std::ref(numbers));
  const auto bugs = all_orchestrator_bugs();
  const std::string coordinator(numbers.one_in(3) ? name_of(one_of(bugs, numbers)) : kReference);
  drawn.reference = experiment(drawn.scenario, coordinator);
  drawn.options.max_faults = static_cast<int>(numbers.below(2));
  drawn.options.kinds = {FaultKind::kRequestDuplicated, FaultKind::kRejected};
  if (numbers.one_in(4)) drawn.options.max_schedules = 1 + numbers.below(5);
  return drawn;
}

DrawnBugs draw_bugs(Numbers& numbers) {
  DrawnBugs drawn;
  const Scenario& scenario = scenario_named("order_processing");
  for (std::size_t i = 0; i < 2; ++i) {
    const OrchestratorBug bug = one_of(all_orchestrator_bugs(), numbers);
    drawn.cases.push_back(mutant_case(*find_mutant(name_of(bug)), scenario));
    drawn.cases.back().name += "/" + std::to_string(i);  // the same one may be drawn twice
  }
  if (numbers.one_in(3)) {
    const OrchestratorBug bug = one_of(all_orchestrator_bugs(), numbers);
    drawn.cases.back().reference = experiment(scenario, name_of(bug));
  }
  drawn.options = {.explore = {.max_faults = static_cast<int>(numbers.below(2)),
                               .kinds = {FaultKind::kRejected, FaultKind::kReplyLost}},
                   .as_far_as_predicted = false,
                   .ablation = false,
                   .swarm_seeds = 0};
  return drawn;
}

}  // namespace saga_harness::property_test
