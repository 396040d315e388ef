#pragma once

#include <algorithm>
#include <array>

#include <saga_harness/verdict.hpp>

#include "trace_summary.hpp"

namespace saga_harness {

/// What a rule says of a run. `culprit` and `explanation` only where it is violated; words only where asked
/// for.
struct Ruling {
  VerdictStatus status = VerdictStatus::kUnknown;
  StepId culprit = kNoStep;
};

/// Where a rule puts its sentence and evidence; nullptr while searching, when nobody reads them.
using Explanation = Verdict*;

// The rules themselves: pure functions of the facts.
Ruling truthful_outcome(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling reverse_order(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling no_unintended_compensation(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling no_action_after_compensation_began(const TraceSummary& summary, const Claims& claims,
                                          Explanation explanation);
Ruling at_most_once(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling terminates(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling report_matches_log(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling stable_idempotency_key(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling silence_after_end(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling compensation_retried_to_budget(const TraceSummary& summary, const Claims& claims,
                                      Explanation explanation);
Ruling context_travels(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling write_ahead_log(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling pivot_respected(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling rejection_is_final(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling transient_faults_masked(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling null_compensation_is_safe(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling order_respected(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling budget_respected(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling flagged_only_when_needed(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling not_idempotent_not_repeated(const TraceSummary& summary, const Claims& claims,
                                   Explanation explanation);
Ruling right_data(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling cancel_heeded(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling timing_kept(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling not_undone_in_flight(const TraceSummary& summary, const Claims& claims, Explanation explanation);
Ruling refused_though_nothing_failed(const TraceSummary& summary, const Claims& claims,
                                     Explanation explanation);
Ruling compensated_though_nothing_failed(const TraceSummary& summary, const Claims& claims,
                                         Explanation explanation);

/// Why a definition leaves a rule nothing to judge; empty if it does not.
using NothingToJudge = std::string_view (*)(const SagaIndex& saga, Outcome expects);
std::string_view no_pivot(const SagaIndex& saga, Outcome expects);
std::string_view no_coordinator(const SagaIndex& saga, Outcome expects);
std::string_view all_idempotent(const SagaIndex& saga, Outcome expects);
std::string_view no_bindings(const SagaIndex& saga, Outcome expects);
std::string_view expects_failure(const SagaIndex& saga, Outcome expects);

/// What judges a rule of kRuleCatalogue.
struct RuleFunction {
  Rule rule;
  Ruling (*judge)(const TraceSummary& summary, const Claims& claims, Explanation explanation);
  NothingToJudge nothing_to_judge = nullptr;
};

/// By Rule, as kRuleCatalogue is.
inline constexpr std::array kRuleFunctions{
    RuleFunction{Rule::kTruthfulOutcome, truthful_outcome},
    RuleFunction{Rule::kReverseOrder, reverse_order},
    RuleFunction{Rule::kNoUnintendedCompensation, no_unintended_compensation},
    RuleFunction{Rule::kNoActionAfterCompensationBegan, no_action_after_compensation_began},
    RuleFunction{Rule::kAtMostOnce, at_most_once},
    RuleFunction{Rule::kTerminates, terminates},
    RuleFunction{Rule::kReportMatchesLog, report_matches_log},
    RuleFunction{Rule::kStableIdempotencyKey, stable_idempotency_key},
    RuleFunction{Rule::kSilenceAfterEnd, silence_after_end},
    RuleFunction{Rule::kCompensationRetriedToBudget, compensation_retried_to_budget},
    RuleFunction{Rule::kContextTravels, context_travels},
    RuleFunction{Rule::kWriteAheadLog, write_ahead_log},
    RuleFunction{Rule::kPivotRespected, pivot_respected, no_pivot},
    RuleFunction{Rule::kRejectionIsFinal, rejection_is_final},
    RuleFunction{Rule::kTransientFaultsMasked, transient_faults_masked},
    RuleFunction{Rule::kNullCompensationIsSafe, null_compensation_is_safe},
    RuleFunction{Rule::kOrderRespected, order_respected},
    RuleFunction{Rule::kBudgetRespected, budget_respected, no_coordinator},
    RuleFunction{Rule::kFlaggedOnlyWhenNeeded, flagged_only_when_needed, no_coordinator},
    RuleFunction{Rule::kNotIdempotentNotRepeated, not_idempotent_not_repeated, all_idempotent},
    RuleFunction{Rule::kRightData, right_data, no_bindings},
    RuleFunction{Rule::kCancelHeeded, cancel_heeded, no_coordinator},
    RuleFunction{Rule::kTimingKept, timing_kept, no_coordinator},
    RuleFunction{Rule::kNotUndoneInFlight, not_undone_in_flight, no_coordinator},
    RuleFunction{Rule::kRefusedThoughNothingFailed, refused_though_nothing_failed, expects_failure},
    RuleFunction{Rule::kCompensatedThoughNothingFailed, compensated_though_nothing_failed, expects_failure},
};
static_assert(std::ranges::equal(kRuleFunctions, kRuleCatalogue, {}, &RuleFunction::rule, &RuleRow::rule),
              "each rule of the catalogue has its function, in the same place");

/// Is `rule` to be judged of this subject and this definition at all? If not, `why` says so.
[[nodiscard]] bool applies(Rule rule, const Claims& claims, const SagaIndex& saga, Outcome expects,
                           std::string* why);

[[nodiscard]] inline Ruling apply_rule(Rule rule, const TraceSummary& summary, const Claims& claims,
                                       Explanation explanation) {
  return kRuleFunctions[static_cast<std::size_t>(rule)].judge(summary, claims, explanation);
}

inline constexpr Ruling kHeldRuling = {VerdictStatus::kHeld, kNoStep};
inline constexpr Ruling kUnknownRuling = {VerdictStatus::kUnknown, kNoStep};
[[nodiscard]] inline Ruling violated(StepId culprit) { return {VerdictStatus::kViolated, culprit}; }

}  // namespace saga_harness
