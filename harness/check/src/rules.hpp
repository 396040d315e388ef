#pragma once

#include <algorithm>
#include <array>

#include <saga_harness/verdict.hpp>

#include "facts.hpp"

namespace saga_harness {

/// What a rule says of a run. `culprit` and `words` only where it is violated; words only where asked for.
struct Ruling {
  VerdictStatus status = VerdictStatus::kUnknown;
  StepId culprit = kNoStep;
};

/// Where a rule puts its sentence and evidence; nullptr while searching, when nobody reads them.
using Words = Verdict*;

// The rules themselves: pure functions of the facts.
Ruling truthful_outcome(const Facts& facts, const Claims& claims, Words words);
Ruling reverse_order(const Facts& facts, const Claims& claims, Words words);
Ruling no_unintended_compensation(const Facts& facts, const Claims& claims, Words words);
Ruling no_action_after_compensation_began(const Facts& facts, const Claims& claims, Words words);
Ruling at_most_once(const Facts& facts, const Claims& claims, Words words);
Ruling terminates(const Facts& facts, const Claims& claims, Words words);
Ruling report_matches_log(const Facts& facts, const Claims& claims, Words words);
Ruling stable_idempotency_key(const Facts& facts, const Claims& claims, Words words);
Ruling silence_after_end(const Facts& facts, const Claims& claims, Words words);
Ruling compensation_retried_to_budget(const Facts& facts, const Claims& claims, Words words);
Ruling context_travels(const Facts& facts, const Claims& claims, Words words);
Ruling write_ahead_log(const Facts& facts, const Claims& claims, Words words);
Ruling pivot_respected(const Facts& facts, const Claims& claims, Words words);
Ruling rejection_is_final(const Facts& facts, const Claims& claims, Words words);
Ruling transient_faults_masked(const Facts& facts, const Claims& claims, Words words);
Ruling null_compensation_is_safe(const Facts& facts, const Claims& claims, Words words);
Ruling order_respected(const Facts& facts, const Claims& claims, Words words);
Ruling budget_respected(const Facts& facts, const Claims& claims, Words words);
Ruling flagged_only_when_needed(const Facts& facts, const Claims& claims, Words words);
Ruling not_idempotent_not_repeated(const Facts& facts, const Claims& claims, Words words);
Ruling cancel_heeded(const Facts& facts, const Claims& claims, Words words);
Ruling timing_kept(const Facts& facts, const Claims& claims, Words words);
Ruling not_undone_in_flight(const Facts& facts, const Claims& claims, Words words);
Ruling refused_though_nothing_failed(const Facts& facts, const Claims& claims, Words words);
Ruling compensated_though_nothing_failed(const Facts& facts, const Claims& claims, Words words);

/// Why a definition leaves a rule nothing to judge; empty if it does not.
using NothingToJudge = std::string_view (*)(const SagaIndex& saga, Outcome expects);
std::string_view no_pivot(const SagaIndex& saga, Outcome expects);
std::string_view no_coordinator(const SagaIndex& saga, Outcome expects);
std::string_view all_idempotent(const SagaIndex& saga, Outcome expects);
std::string_view expects_failure(const SagaIndex& saga, Outcome expects);

/// What judges a rule of kRuleCatalogue.
struct RuleFunction {
  Rule rule;
  Ruling (*judge)(const Facts& facts, const Claims& claims, Words words);
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

[[nodiscard]] inline Ruling apply_rule(Rule rule, const Facts& facts, const Claims& claims, Words words) {
  return kRuleFunctions[static_cast<std::size_t>(rule)].judge(facts, claims, words);
}

inline constexpr Ruling kHeldRuling = {VerdictStatus::kHeld, kNoStep};
inline constexpr Ruling kUnknownRuling = {VerdictStatus::kUnknown, kNoStep};
[[nodiscard]] inline Ruling violated(StepId culprit) { return {VerdictStatus::kViolated, culprit}; }

}  // namespace saga_harness
