#pragma once

#include "rules.hpp"

namespace saga_harness {

inline constexpr Operation kAllOperations[] = {Operation::kAction, Operation::kFallback,
                                               Operation::kCompensation};

/// Violated by the first operation that was asked for and of which `rule` says so.
template <class Rule>
Ruling for_each_operation(const TraceSummary& summary, Rule rule) {
  for (StepId step = 0; step < summary.step_count(); ++step) {
    for (const Operation operation : kAllOperations) {
      const OperationSummary& now = summary.of(step, operation);
      if (now.sent == 0) continue;
      if (rule(step, operation, now)) return violated(step);
    }
  }
  return kHeldRuling;
}

/// As far as the incarnation that reported first can know.
[[nodiscard]] bool may_be_done(const TraceSummary& summary, const OperationSummary& now);
/// A pivot that was sent and not definitely refused may have been done.
[[nodiscard]] bool pivot_may_be_done(const TraceSummary& summary);

/// To the incarnation that reported: it was told, or found it in the log.
[[nodiscard]] bool is_known_done(const TraceSummary& summary, StepId step);
/// With success, to any incarnation: its action, or its fallback.
[[nodiscard]] bool was_answered(const TraceSummary& summary, StepId step);
/// Its action or fallback was asked for, or was to be.
[[nodiscard]] bool was_begun(const TraceSummary& summary, StepId step);

/// Its compensation could not be asked for: it needs what the answer to its action gave, and nobody was told.
[[nodiscard]] bool lacks_own_result(const TraceSummary& summary, StepId step);

}  // namespace saga_harness
