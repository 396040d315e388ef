#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include <saga_harness/explore.hpp>

namespace saga_harness {

/// A fault as it was picked: where in the run, what was asked, what was answered.
struct Pick {
  std::uint32_t position = 0;  // among the questions of its run
  Point point = {};
  Alternative alternative = {};
  std::uint16_t answer = 0;
};

/// A question of a run that may be answered otherwise in another.
struct Branch {
  std::uint32_t position = 0;
  Point point = {};
  std::span<const Alternative> legal = {};  // lives as long as the engine
};

/// Where a schedule stands in the exhaustive sequence: fewer faults come first, then the earlier question,
/// then the earlier answer. Known without running what comes before.
struct ScheduleOrder {
  struct Answer {
    std::uint32_t position = 0;
    std::uint16_t answer = 0;
    friend auto operator<=>(const Answer&, const Answer&) = default;
  };
  std::vector<Answer> answers = {};

  friend bool operator==(const ScheduleOrder&, const ScheduleOrder&) = default;
  friend std::strong_ordering operator<=>(const ScheduleOrder& a, const ScheduleOrder& b) {
    if (const auto order = a.answers.size() <=> b.answers.size(); order != 0) return order;
    for (std::size_t i = 0; i < a.answers.size(); ++i) {
      if (const auto order = a.answers[i] <=> b.answers[i]; order != 0) return order;
    }
    return std::strong_ordering::equal;
  }
};

[[nodiscard]] inline ScheduleOrder order_of(std::span<const Pick> picks) {
  ScheduleOrder order;
  for (const Pick& pick : picks) order.answers.push_back({pick.position, pick.answer});
  return order;
}

[[nodiscard]] inline FaultPlan plan_of(std::span<const Pick> picks, const SagaIndex& saga) {
  FaultPlan plan;
  for (const Pick& pick : picks) plan.faults.push_back(fault_at(pick.point, pick.alternative, saga));
  return plan;
}

}  // namespace saga_harness
