#include "struck.hpp"

#include <algorithm>

namespace saga_harness {
namespace {

bool lasts_until(const Fault& begun, Fault later) {
  if (begun.window == FaultDuration::kOnce || later.attempt < begun.attempt) return false;
  later.attempt = begun.attempt;
  return later == begun;
}

}  // namespace

FaultPlan struck_in(std::span<const Event> events, const SagaIndex& saga) {
  FaultPlan plan;
  for (const Event& event : events) {
    if (event.type != EventType::kFault) continue;
    const Point point{event.step, event.operation, instant_of(event), event.attempt};
    const Fault fault = fault_at(point, {static_cast<FaultKind>(event.detail), window_of(event)}, saga);
    const bool is_known = std::ranges::any_of(
        plan.faults, [&](const Fault& begun) { return begun == fault || lasts_until(begun, fault); });
    if (!is_known) plan.faults.push_back(fault);
  }
  return plan;
}

}  // namespace saga_harness
