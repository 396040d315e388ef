#pragma once

#include <iosfwd>

#include <saga_harness/explore.hpp>
#include <saga_harness/run.hpp>

namespace saga_harness {

// How gtest, gmock and RapidCheck show our values: found by argument-dependent lookup, no gtest needed.

void PrintTo(Outcome outcome, std::ostream* out);           ///< `compensated`
void PrintTo(ReplyStatus status, std::ostream* out);        ///< `timeout`
void PrintTo(Operation operation, std::ostream* out);       ///< `action`
void PrintTo(Instant instant, std::ostream* out);           ///< `after_call`
void PrintTo(FaultKind kind, std::ostream* out);            ///< `reply_lost`
void PrintTo(FaultDuration window, std::ostream* out);      ///< `forever`
void PrintTo(Rule rule, std::ostream* out);                 ///< `I1 truthful outcome`
void PrintTo(VerdictStatus status, std::ostream* out);      ///< `violated`
void PrintTo(CellStatus status, std::ostream* out);         ///< `not_reached`
void PrintTo(const Fault& fault, std::ostream* out);        ///< `process_payment.action#1:reply_lost`
void PrintTo(const FaultPlan& plan, std::ostream* out);     ///< the same, separated by commas, or `none`
void PrintTo(const Effect& effect, std::ostream* out);      ///< `applied 1, undone 1`
void PrintTo(const Quantity& quantity, std::ostream* out);  ///< `stock: 10 -> 8`
void PrintTo(const Verdict& verdict, std::ostream* out);    ///< `I1 truthful outcome: violated: …`
/// How it ended and under what plan, in one line.
void PrintTo(const Run& run, std::ostream* out);
/// How much was searched and what was found, in one line.
void PrintTo(const Exploration& exploration, std::ostream* out);
/// The definition as JSON.
void PrintTo(const Saga& saga, std::ostream* out);

/// RapidCheck's spelling of the same.
void showValue(const FaultPlan& plan, std::ostream& out);  // NOLINT(readability-identifier-naming)
void showValue(const Saga& saga, std::ostream& out);       // NOLINT(readability-identifier-naming)

}  // namespace saga_harness
