#pragma once

#include <string>
#include <string_view>

#include <saga_harness/fault.hpp>

namespace saga_harness::internal {

/// How plans and traces call the saga itself where a step is expected. No step may have this name.
inline constexpr std::string_view kSagaItself = "saga";

inline constexpr int kLastAttempt = 0xFFFF;

/// True for the instants of records that belong to the saga and to no step.
[[nodiscard]] bool is_about_saga(Instant instant);

/// A fault's one-line form without its kind: `process_payment.action#1..heal@after_call`.
[[nodiscard]] std::string place_of(const Fault& fault);

}  // namespace saga_harness::internal
