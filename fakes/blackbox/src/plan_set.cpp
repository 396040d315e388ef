#include "plan_set.hpp"

#include <algorithm>
#include <bit>

namespace saga_harness::blackbox {
namespace {

std::uint64_t number_of(const Pick& pick) {
  return std::uint64_t{pick.point.step} << 48U | std::uint64_t{pick.point.attempt} << 32U |
         static_cast<std::uint64_t>(pick.point.operation) << 24U |
         static_cast<std::uint64_t>(pick.point.instant) << 16U |
         static_cast<std::uint64_t>(pick.alternative.kind) << 8U |
         static_cast<std::uint64_t>(pick.alternative.window);
}

}  // namespace

PlanKey key_of(std::span<const Pick> picks) {
  PlanKey key;
  for (const Pick& pick : picks) key.push_back(number_of(pick));
  std::ranges::sort(key);
  return key;
}

void Shown::note(std::span<const Pick> picks, std::vector<CausedViolation> violations) {
  if (!violations.empty()) by_plan_.emplace(key_of(picks), std::move(violations));
}

const std::vector<CausedViolation>* Shown::shown_by(std::span<const Pick> picks, std::uint32_t chosen) const {
  std::vector<Pick> part;
  for (std::size_t i = 0; i < picks.size(); ++i) {
    if ((chosen >> i & 1U) != 0) part.push_back(picks[i]);
  }
  const auto shown = by_plan_.find(key_of(part));
  return shown == by_plan_.end() ? nullptr : &shown->second;
}

// A part whose faults do not all strike does what a smaller part does, so looking up is enough.
std::vector<Violation> Shown::unexplained(std::span<const Pick> picks,
                                          std::span<CausedViolation> violations) const {
  const std::uint32_t whole = (std::uint32_t{1} << picks.size()) - 1;
  std::vector<Violation> left;
  for (const CausedViolation& each : violations) left.push_back(each.violation);
  std::vector<bool> has_cause(violations.size());
  for (int size = 0; size < static_cast<int>(picks.size()); ++size) {
    for (std::uint32_t chosen = 0; chosen < whole; ++chosen) {
      const auto* const shown = std::popcount(chosen) == size ? shown_by(picks, chosen) : nullptr;
      if (shown == nullptr) continue;
      for (std::size_t i = 0; i < violations.size(); ++i) {
        const auto part = std::ranges::find(*shown, violations[i].violation, &CausedViolation::violation);
        if (part == shown->end()) continue;
        std::erase(left, violations[i].violation);
        if (has_cause[i] || !explains(part->cause, violations[i].cause.outcome)) continue;
        violations[i].cause = part->cause;
        has_cause[i] = true;
      }
    }
  }
  return left;
}

std::uint32_t place_in_order(const Point& point, const SagaIndex& saga) {
  const auto order = saga.order();
  const auto found = std::ranges::find(order, point.step);
  auto step = static_cast<std::uint32_t>(found - order.begin());
  const bool is_back = point.operation == Operation::kCompensation;
  if (is_back) step = static_cast<std::uint32_t>(order.size()) - step;
  const std::uint32_t attempt = std::min<std::uint32_t>(point.attempt, 0xFFF);
  // The instants of an attempt: before the call, the call, after it.
  std::uint32_t instant = 1;
  if (point.instant == Instant::kBeforeCall) instant = 0;
  if (point.instant == Instant::kAfterCall) instant = 3;
  if (point.instant == Instant::kDuringCall) instant = 2;
  return (is_back ? 1U : 0U) << 31U | (step & 0x3FFU) << 16U |
         (point.operation == Operation::kFallback ? 1U : 0U) << 15U | attempt << 2U | instant;
}

}  // namespace saga_harness::blackbox
