#pragma once

#include <array>
#include <string_view>

#include <saga_harness/verdict.hpp>

namespace saga_harness::internal {

/// What a subject may claim, by name, in the order of Claims.
struct ClaimName {
  std::string_view name;
  bool Claims::*flag;
};
inline constexpr std::array kClaimNames{ClaimName{"durable_word", &Claims::durable_word},
                                        ClaimName{"idempotency_keys", &Claims::idempotency_keys},
                                        ClaimName{"silence", &Claims::silence},
                                        ClaimName{"retries", &Claims::retries},
                                        ClaimName{"write_ahead", &Claims::write_ahead},
                                        ClaimName{"honours_pivot", &Claims::honours_pivot},
                                        ClaimName{"accepts_rejection", &Claims::accepts_rejection},
                                        ClaimName{"names_flagged_steps", &Claims::names_flagged_steps},
                                        ClaimName{"survives_crashes", &Claims::survives_crashes},
                                        ClaimName{"carries_context", &Claims::carries_context},
                                        ClaimName{"reads_bodies", &Claims::reads_bodies},
                                        ClaimName{"checks_log_writes", &Claims::checks_log_writes},
                                        ClaimName{"fences", &Claims::fences},
                                        ClaimName{"starts_once", &Claims::starts_once},
                                        ClaimName{"honours_cancel", &Claims::honours_cancel}};
static_assert(sizeof(Claims) == kClaimNames.size() * sizeof(bool), "a claim has no name");

}  // namespace saga_harness::internal
