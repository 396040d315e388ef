#include <saga_harness/explore.hpp>

namespace saga_harness {
namespace {

bool is_single(Alternative alternative) {
  return alternative.window == Window::kOnce || alternative.window == Window::kForever;
}

Fault crash(const std::string& step, Where where) {
  return {.step = step, .where = where, .kind = FaultKind::kCoordinatorCrash};
}

}  // namespace

std::vector<FaultPlan> single_fault_plans(const SagaIndex& saga) {
  std::vector<FaultPlan> plans;
  const auto add = [&](Fault fault) { plans.push_back({{std::move(fault)}}); };
  add(crash("", Where::kBeforeStarted));
  add(crash("", Where::kAfterStarted));
  for (const StepId step : saga.order()) {
    const std::string& name = saga.step(step).name;
    add(crash(name, Where::kAfterIntent));
    for (const Alternative& alternative :
         legal_alternatives(Where::kCall, {step, Operation::kAction}, saga)) {
      if (is_single(alternative)) add({.step = name, .window = alternative.window, .kind = alternative.kind});
    }
    add(crash(name, Where::kAfterCall));
    add(crash(name, Where::kAfterResult));
  }
  add(crash("", Where::kAfterEnd));
  return plans;
}

std::vector<FaultPlan> compensation_fault_plans(const SagaIndex& saga) {
  std::vector<FaultPlan> plans;
  for (const StepId step : saga.order()) {
    const OperationId compensation{step, Operation::kCompensation};
    const Fault trigger = {
        .step = saga.step(step).name, .window = Window::kForever, .kind = FaultKind::kErrorAfterEffect};
    for (const Alternative& alternative : legal_alternatives(Where::kCall, compensation, saga)) {
      if (!is_single(alternative)) continue;
      plans.push_back({{trigger,
                        {.step = trigger.step,
                         .operation = Operation::kCompensation,
                         .window = alternative.window,
                         .kind = alternative.kind}}});
    }
  }
  return plans;
}

}  // namespace saga_harness
