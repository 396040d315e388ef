#pragma once

#include <array>
#include <string_view>
#include <utility>

#include <saga_harness/verdict.hpp>

namespace saga_harness::reports {

/// What a subject may claim, by name, in the order of Claims.
inline constexpr std::array<std::pair<std::string_view, bool Claims::*>, 15> kClaimNames{{
    {"durable_word", &Claims::durable_word},
    {"idempotency_keys", &Claims::idempotency_keys},
    {"silence", &Claims::silence},
    {"retries", &Claims::retries},
    {"write_ahead", &Claims::write_ahead},
    {"honours_pivot", &Claims::honours_pivot},
    {"accepts_rejection", &Claims::accepts_rejection},
    {"names_flagged_steps", &Claims::names_flagged_steps},
    {"survives_crashes", &Claims::survives_crashes},
    {"carries_context", &Claims::carries_context},
    {"reads_bodies", &Claims::reads_bodies},
    {"checks_log_writes", &Claims::checks_log_writes},
    {"fences", &Claims::fences},
    {"starts_once", &Claims::starts_once},
    {"honours_cancel", &Claims::honours_cancel},
}};

}  // namespace saga_harness::reports
