#pragma once

#include <string>

namespace saga_harness::cli {

/// The day by the clock of this machine, in UTC: `2026-11-21`.
[[nodiscard]] std::string today();
/// What --today says; if nothing, what the clock does. @throws Error if that is no day.
[[nodiscard]] std::string day_asked_for(const std::string& today);
/// This second: `2026-11-21T16:20:00Z`.
[[nodiscard]] std::string now();
/// What this machine is called; empty if it does not say.
[[nodiscard]] std::string host();

}  // namespace saga_harness::cli
