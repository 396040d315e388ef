#include "run_faults.hpp"

#include <algorithm>
#include <utility>

#include "alternatives.hpp"

namespace saga_harness::wire {

RunFaults::RunFaults(const ServedScenario& served, const ObservedRunOptions& options, bool is_open_ended)
    : saga_(*served.saga), keeps_questions_(!is_open_ended) {
  const std::size_t operations = saga_.step_count() * kOperationCount;
  at_call_.resize(operations);
  windows_.resize(operations);
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      const OperationId id{step, operation};
      if (saga_.action_of(id).empty()) continue;
      at_call_[index_of(id)] = wire_alternatives(id, saga_, served.points, options);
    }
  }
  if (options.crash && offers(options.kinds, FaultKind::kCoordinatorCrash))
    at_crash_.push_back({FaultKind::kCoordinatorCrash, FaultDuration::kOnce});
  for (const Fault& fault : resolve(options.plan, saga_).faults) {
    const Planned planned{point_of(fault, saga_), {fault.kind, fault.window}};
    check_doable(fault, planned.point, saga_, served.points, options);
    planned_.push_back(planned);
  }
}

const Alternative* RunFaults::ask(const Point& point, const std::vector<Alternative>& legal) {
  if (keeps_questions_ && !legal.empty()) questions_.push_back({point, legal});
  for (Planned& planned : planned_) {
    if (planned.fired || planned.point != point) continue;
    planned.fired = true;
    last_struck_ = Clock::now();
    return &planned.alternative;
  }
  return nullptr;
}

std::optional<Alternative> RunFaults::lasting(OperationId operation, std::uint32_t attempt) const {
  const ActiveWindow& window = windows_[index_of(operation)];
  if (!window.active || attempt > window.last_attempt) return std::nullopt;
  return Alternative{window.kind, window.window};
}

std::optional<Alternative> RunFaults::at_attempt(OperationId operation, std::uint32_t attempt) {
  if (healed_) return std::nullopt;
  const std::size_t index = index_of(operation);
  const Alternative* picked =
      ask({operation.step, operation.operation, Instant::kCall, attempt_in_trace(attempt)}, at_call_[index]);
  if (picked == nullptr) return std::nullopt;
  const auto budget = static_cast<std::uint32_t>(saga_.budget(operation));
  windows_[index] = {
      .active = picked->window != FaultDuration::kOnce,
      .kind = picked->kind,
      .window = picked->window,
      .last_attempt = picked->window == FaultDuration::kBudget ? attempt + budget - 1 : 0xFFFFFFFFU};
  return *picked;
}

bool RunFaults::at_coordinator(const Point& point) {
  return can_crash_coordinator() && ask(point, at_crash_) != nullptr;
}

bool RunFaults::stop() {
  if (std::exchange(healed_, true)) return false;
  for (ActiveWindow& window : windows_) {
    if (window.window == FaultDuration::kHeal) window.active = false;
  }
  return true;
}

std::optional<Duration> RunFaults::since_all_struck() const {
  if (!std::ranges::all_of(planned_, &Planned::fired)) return std::nullopt;
  return std::chrono::duration_cast<Duration>(Clock::now() - last_struck_);
}

void RunFaults::describe(ObservedRun& run) const {
  run.questions = questions_;
  for (const Planned& planned : planned_) {
    FaultPlan& plan = planned.fired ? run.fired : run.unfired;
    plan.faults.push_back(fault_at(planned.point, planned.alternative, saga_));
  }
}

}  // namespace saga_harness::wire
