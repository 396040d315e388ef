#include "planned_turns.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness {

PlannedTurns::PlannedTurns(const ConcurrentExperiment& experiment, const ConcurrentPlan& plan)
    : turns_(plan.turns) {
  const std::size_t count = experiment.sagas.size();
  if (plan.faults.size() > count)
    throw Error(ErrorText{
        .message = fmt::format("the plan has faults for {} sagas: there are {}", plan.faults.size(), count)});
  for (const std::uint8_t saga : turns_) {
    if (saga >= count)
      throw Error(
          ErrorText{.message = fmt::format("the plan has a turn of saga {}: there are {}", saga + 1, count)});
  }
  faults_.resize(count);
  for (std::size_t saga = 0; saga < plan.faults.size(); ++saga) {
    const SagaIndex& index = *experiment.sagas[saga].setup.saga;
    for (const Fault& fault : resolve(plan.faults[saga], index).faults)
      faults_[saga].push_back({fault, point_of(fault, index)});
  }
}

std::size_t PlannedTurns::turn(std::span<const Waiting> waiting) {
  const auto place_of = [waiting](std::size_t saga) {
    return static_cast<std::size_t>(std::ranges::find(waiting, saga, &Waiting::saga) - waiting.begin());
  };
  std::size_t place = waiting.size();
  if (next_ < turns_.size()) place = place_of(turns_[next_++]);
  if (place == waiting.size() && !taken_.empty()) place = place_of(taken_.back());
  if (place == waiting.size()) place = 0;
  taken_.push_back(static_cast<std::uint8_t>(waiting[place].saga));
  return place;
}

std::size_t PlannedTurns::fault(std::size_t saga, const Point& point, std::span<const Alternative> legal) {
  for (Planned& planned : faults_[saga]) {
    if (planned.fired || planned.point != point) continue;
    const auto found = std::ranges::find(legal, Alternative{planned.fault.kind, planned.fault.window});
    if (found == legal.end()) continue;
    planned.fired = true;
    return static_cast<std::size_t>(found - legal.begin()) + 1;
  }
  return 0;
}

FaultPlan PlannedTurns::unfired() const {
  FaultPlan plan;
  for (const std::vector<Planned>& of_saga : faults_) {
    for (const Planned& planned : of_saga) {
      if (!planned.fired) plan.faults.push_back(planned.fault);
    }
  }
  return plan;
}

}  // namespace saga_harness
