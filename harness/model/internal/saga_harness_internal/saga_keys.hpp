#pragma once

#include <array>
#include <string_view>

namespace saga_harness::internal {

/// The keys of a definition in JSON, in the order of the structs.
inline constexpr std::array<std::string_view, 4> kSagaKeys{"name", "steps", "deadline", "context"};
inline constexpr std::array<std::string_view, 13> kStepKeys{"name",
                                                            "service",
                                                            "action",
                                                            "compensation",
                                                            "fallback",
                                                            "timeout",
                                                            "retry",
                                                            "compensation_timeout",
                                                            "compensation_retry",
                                                            "idempotent",
                                                            "compensatable",
                                                            "pivot",
                                                            "after"};
inline constexpr std::array<std::string_view, 4> kRetryKeys{"attempts", "delay", "factor", "max_delay"};

}  // namespace saga_harness::internal
