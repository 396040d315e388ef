#include <saga_harness/plans.hpp>

#include <algorithm>
#include <utility>

#include <saga_harness/fault_plans.hpp>
#include <saga_harness/harness.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {
namespace {

bool is_plain(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_';
}

std::string plain(const std::string& name) {
  std::string text = name;
  std::replace_if(
      text.begin(), text.end(), [](char letter) { return !is_plain(letter); }, '_');
  return text;
}

std::string case_name(const Fault& fault) {
  std::string text = fault.step.empty() ? std::string("saga")
                                        : plain(fault.step).append("_").append(name_of(fault.operation));
  text += "_" + std::to_string(fault.attempt);
  if (fault.window != FaultDuration::kOnce) text.append("_").append(name_of(fault.window));
  if (fault.instant != Instant::kCall) text.append("_").append(name_of(fault.instant));
  return text.append("_").append(name_of(fault.kind));
}

}  // namespace

std::vector<FaultPlan> striking_plans(const Experiment& experiment) {
  std::vector<FaultPlan> plans;
  ExploreOptions options{.max_faults = 1};
  options.on_schedule = [&plans](const Schedule& schedule) {
    if (!schedule.plan.empty()) plans.push_back(schedule.plan);
  };
  static_cast<void>(explore(experiment, options));
  return plans;
}

std::vector<FaultPlan> striking_plans(const Saga& saga) {
  return striking_plans(SagaTestHarness(saga).experiment());
}

FaultPlanSource SingleFaultPlans(const Saga& saga) { return testing::ValuesIn(striking_plans(saga)); }
FaultPlanSource SingleFaultPlans(const Scenario& scenario) {
  return testing::ValuesIn(striking_plans(experiment(scenario)));
}
FaultPlanSource SingleFaultPlans(const Experiment& experiment) {
  return testing::ValuesIn(striking_plans(experiment));
}

FaultPlanSource CompensationFaultPlans(const Saga& saga) {
  return testing::ValuesIn(compensation_fault_plans(SagaIndex(saga)));
}

std::string case_name(const FaultPlan& plan) {
  std::string text;
  for (const Fault& fault : plan.faults) text.append(text.empty() ? "" : "_and_").append(case_name(fault));
  return text.empty() ? "no_faults" : text;
}

std::string PlanName::operator()(const testing::TestParamInfo<FaultPlan>& info) const {
  std::string name = case_name(info.param);
  const bool exact = std::all_of(info.param.faults.begin(), info.param.faults.end(), [](const Fault& fault) {
    return std::all_of(fault.step.begin(), fault.step.end(), is_plain);
  });
  return exact ? name : name + "_" + std::to_string(info.index);
}

}  // namespace saga_harness
