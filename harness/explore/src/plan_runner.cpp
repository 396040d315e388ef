#include "plan_runner.hpp"

#include <algorithm>

#include "subject.hpp"

namespace saga_harness {

std::vector<Strike> strikes_of(const FaultPlan& plan, const SagaIndex& saga) {
  std::vector<Strike> strikes;
  for (const Fault& fault : plan.faults) {
    strikes.push_back({point_of(fault, saga), {fault.kind, fault.window}});
  }
  return strikes;
}

void Strikes::plan(std::span<const Strike> strikes) {
  planned_.clear();
  for (const Strike& strike : strikes) planned_.push_back({strike});
}

std::size_t Strikes::pick(const Point& point, std::span<const Alternative> legal) {
  for (Planned& planned : planned_) {
    if (planned.fired || planned.strike.point != point) continue;
    const auto found = std::ranges::find(legal, planned.strike.alternative);
    if (found == legal.end()) continue;
    planned.fired = true;
    return static_cast<std::size_t>(found - legal.begin()) + 1;
  }
  return 0;
}

PlanRunner::PlanRunner(const Experiment& experiment)
    : engine_(setup_of(experiment)),
      judge_(experiment.setup.saga, judged_claims(experiment), experiment.switched_off, experiment.invariants,
             experiment.setup.expects) {}

const std::vector<Violation>& PlanRunner::run(std::span<const Strike> strikes) {
  strikes_.plan(strikes);
  const Observation& observation = engine_.run(strikes_);
  violations_.clear();
  collect_violations(judge_.judge(observation), judge_, violations_);
  return violations_;
}

void collect_violations(const Judgement& judgement, const Judge& judge, std::vector<Violation>& into) {
  for (std::size_t i = 0; i < judgement.size(); ++i) {
    if (judgement[i] == VerdictStatus::kViolated) into.push_back({static_cast<Rule>(i), judge.culprit(i)});
  }
}

}  // namespace saga_harness
