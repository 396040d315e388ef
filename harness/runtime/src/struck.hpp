#pragma once

#include <span>

#include <saga_harness/fault.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness {

/// The faults that struck in a run, as a plan: one that lasts stands there once, by its first attempt.
[[nodiscard]] FaultPlan struck_in(std::span<const Event> events, const SagaIndex& saga);

}  // namespace saga_harness
