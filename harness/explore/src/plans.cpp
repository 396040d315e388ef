#include <saga_harness/explore.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/fault_plans.hpp>
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
  void add(OperationId operation, Instant instant, bool crashes = true) {
    for (const Alternative& alternative : legal_alternatives(instant, operation, saga_)) {
      if (!is_in_scope(alternative.kind, claims_)) continue;
      if (fate_of(alternative.kind).coordinator == CoordinatorFate::kCrashes && !crashes) continue;
      if (alternative.window != FaultDuration::kOnce && alternative.window != FaultDuration::kForever)
        continue;
      const Point point{.step = operation.step, .operation = operation.operation, .instant = instant};
      plans.push_back({{fault_at(point, alternative, saga_)}});
    }
  }

  /// Only handlers: participants in several transactions are rare.
  void add_commit(OperationId operation) {
    if (saga_.is_choreography()) add(operation, Instant::kCommit);
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
  return {
      .step = saga.step(step).name, .window = FaultDuration::kForever, .kind = FaultKind::kErrorAfterEffect};
}

}  // namespace

std::vector<FaultPlan> single_fault_plans(const SagaIndex& saga, const Claims& claims) {
  PlansOfOneFault of_one(saga, claims);
  const OperationId saga_itself{kNoStep, Operation::kAction};
  of_one.add(saga_itself, Instant::kBeforeStarted);
  of_one.add(saga_itself, Instant::kAfterStarted);
  const std::vector<std::uint8_t> skipped = internal::skipped_by_definition(saga.saga());
  for (const StepId step : saga.order()) {
    if (internal::is_skipped(skipped, step)) continue;
    const OperationId action{step, Operation::kAction};
    of_one.add(action, Instant::kBeforeIntent, false);
    of_one.add(action, Instant::kAfterIntent);
    of_one.add(action, Instant::kCall);
    of_one.add(action, Instant::kDuringCall);
    of_one.add(action, Instant::kAfterCall);
    of_one.add(action, Instant::kBeforeResult, false);
    of_one.add(action, Instant::kAfterResult);
    of_one.add(action, Instant::kPublish);
    of_one.add_commit(action);
  }
  of_one.add(saga_itself, Instant::kBeforeEnd, false);
  of_one.add(saga_itself, Instant::kAfterEnd);
  return std::move(of_one.plans);
}

std::vector<FaultPlan> compensation_fault_plans(const SagaIndex& saga, const Claims& claims) {
  std::vector<FaultPlan> plans;
  const std::vector<std::uint8_t> skipped = internal::skipped_by_definition(saga.saga());
  for (const StepId step : saga.order()) {
    if (internal::is_skipped(skipped, step)) continue;
    PlansOfOneFault of_one(saga, claims);
    of_one.add({step, Operation::kCompensation}, Instant::kCall);
    of_one.add({step, Operation::kCompensation}, Instant::kDuringCall);
    of_one.add({step, Operation::kCompensation}, Instant::kPublish);
    of_one.add_commit({step, Operation::kCompensation});
    const Fault trigger = trigger_of(step, saga);
    for (FaultPlan& plan : of_one.plans) {
      plan.faults.insert(plan.faults.begin(), trigger);
      plans.push_back(std::move(plan));
    }
  }
  return plans;
}

}  // namespace saga_harness
