#pragma once

#include <cstdint>
#include <span>

#include <saga_harness/fault.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness {

/// Where in its saga the step stands that a fault strikes.
enum class SagaPart : std::uint8_t { kFirst, kMiddle, kLast, kWhole };

/// All that is known of a fault before any run: neither saga nor step has a part in it.
struct LikelyFault {
  FaultKind kind = FaultKind::kRejected;
  Operation operation = Operation::kAction;
  SagaPart part = SagaPart::kFirst;

  friend auto operator<=>(const LikelyFault&, const LikelyFault&) = default;
};

[[nodiscard]] LikelyFault likely_fault_of(const Point& point, Alternative alternative, const SagaIndex& saga);

/// The faults by which most known bugs show soonest, the likeliest first. One that stands there several times
/// is to be tried at as many places. Written by tests/bench/likely_faults.sh.
[[nodiscard]] std::span<const LikelyFault> likely_faults();

}  // namespace saga_harness
