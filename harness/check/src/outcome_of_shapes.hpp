#pragma once

#include <string>

#include "rules.hpp"

namespace saga_harness {

/// The last time that the step's effect was applied or undone; kNever.
[[nodiscard]] Position last_effect(const TraceSummary& summary, StepId step);
/// How often its effect was applied and undone, in words.
[[nodiscard]] std::string how_often(const StepSummary& step);

/// Of a saga that completed: it has tried what is optional, and keeps what of it was done.
[[nodiscard]] Ruling optional_truthful(const TraceSummary& summary, Explanation explanation);
/// What only looks leaves nothing, and a saga that completed has been told what it saw.
[[nodiscard]] Ruling checks_truthful(const TraceSummary& summary, Explanation explanation);
/// Of a saga that was compensated: so was what is compensated though it was refused.
[[nodiscard]] Ruling refused_compensated(const TraceSummary& summary, Explanation explanation);

}  // namespace saga_harness
