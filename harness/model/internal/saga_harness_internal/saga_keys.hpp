#pragma once

#include <array>
#include <string_view>

namespace saga_harness::internal {

/// The keys of a definition in JSON, in the order of the structs.
inline constexpr std::array<std::string_view, 7> kSagaKeys{
    "name", "steps", "deadline", "parallel_compensation", "context", "mask", "choreography"};
inline constexpr std::array<std::string_view, 24> kStepKeys{"name",
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
                                                            "has_effect",
                                                            "optional",
                                                            "compensated_if_refused",
                                                            "after",
                                                            "only_if",
                                                            "input",
                                                            "compensation_input",
                                                            "result",
                                                            "compensates_without_result",
                                                            "on_event",
                                                            "emits",
                                                            "compensate_on"};
inline constexpr std::array<std::string_view, 6> kConditionKeys{"pointer", "equals",  "differs_from",
                                                                "above",   "at_most", "present"};
inline constexpr std::array<std::string_view, 3> kEmitsKeys{"success", "failure", "compensated"};
inline constexpr std::array<std::string_view, 3> kChoreographyKeys{"starts_with", "at_deadline", "unless"};
inline constexpr std::array<std::string_view, 4> kRetryKeys{"attempts", "delay", "factor", "max_delay"};

}  // namespace saga_harness::internal
