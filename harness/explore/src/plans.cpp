#include <saga_harness/explore.hpp>
#include <saga_harness_internal/events.hpp>
#include <saga_harness_internal/skipped.hpp>

namespace saga_harness {
namespace {

/// Single faults and for-ever windows, instant by instant.
class PlansOfOneFault {
 public:
  PlansOfOneFault(const SagaIndex& saga, const Claims& claims) : saga_(saga), claims_(claims) {}

  /// At the first time that this instant is reached; of coordinator crashes only if `crashes`, since the
  /// instant before something is most often the one after something else.
  void add(OperationId operation, Where where, bool crashes = true) {
    for (const Alternative& alternative : legal_alternatives(where, operation, saga_)) {
      if (!is_in_scope(alternative.kind, claims_)) continue;
      if (alternative.kind == FaultKind::kCoordinatorCrash && !crashes) continue;
      if (alternative.window != Window::kOnce && alternative.window != Window::kForever) continue;
      const Point point{.step = operation.step, .operation = operation.operation, .where = where};
      plans.push_back({{fault_at(point, alternative, saga_)}});
    }
  }

  std::vector<FaultPlan> plans;

 private:
  const SagaIndex& saga_;
  const Claims& claims_;
};

/// What makes a compensation of `step` due once its action is done.
Fault trigger_of(StepId step, const SagaIndex& saga) {
  if (saga.is_choreography()) {
    for (auto later = saga.order().rbegin(); later != saga.order().rend() && *later != step; ++later) {
      const std::string& failure = saga.step(*later).emits.failure;
      if (failure.empty() || internal::compensated_on(saga, failure).count(step) == 0) continue;
      return {.step = saga.step(*later).name, .kind = FaultKind::kRejected};
    }
  }
  return {.step = saga.step(step).name, .window = Window::kForever, .kind = FaultKind::kErrorAfterEffect};
}

}  // namespace

std::vector<FaultPlan> single_fault_plans(const SagaIndex& saga, const Claims& claims) {
  PlansOfOneFault of_one(saga, claims);
  const OperationId saga_itself{kNoStep, Operation::kAction};
  of_one.add(saga_itself, Where::kBeforeStarted);
  of_one.add(saga_itself, Where::kAfterStarted);
  const std::vector<std::uint8_t> skipped = internal::skipped_by_definition(saga.saga());
  for (const StepId step : saga.order()) {
    if (internal::is_skipped(skipped, step)) continue;
    const OperationId action{step, Operation::kAction};
    of_one.add(action, Where::kBeforeIntent, false);
    of_one.add(action, Where::kAfterIntent);
    of_one.add(action, Where::kCall);
    of_one.add(action, Where::kDuringCall);
    of_one.add(action, Where::kAfterCall);
    of_one.add(action, Where::kBeforeResult, false);
    of_one.add(action, Where::kAfterResult);
    of_one.add(action, Where::kPublish);
  }
  of_one.add(saga_itself, Where::kBeforeEnd, false);
  of_one.add(saga_itself, Where::kAfterEnd);
  return std::move(of_one.plans);
}

std::vector<FaultPlan> compensation_fault_plans(const SagaIndex& saga, const Claims& claims) {
  std::vector<FaultPlan> plans;
  const std::vector<std::uint8_t> skipped = internal::skipped_by_definition(saga.saga());
  for (const StepId step : saga.order()) {
    if (internal::is_skipped(skipped, step)) continue;
    PlansOfOneFault of_one(saga, claims);
    of_one.add({step, Operation::kCompensation}, Where::kCall);
    of_one.add({step, Operation::kCompensation}, Where::kPublish);
    const Fault trigger = trigger_of(step, saga);
    for (FaultPlan& plan : of_one.plans) {
      plan.faults.insert(plan.faults.begin(), trigger);
      plans.push_back(std::move(plan));
    }
  }
  return plans;
}

}  // namespace saga_harness
