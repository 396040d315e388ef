#include <array>

#include <saga_harness/orchestrator.hpp>

namespace saga_harness {

std::string_view name_of(OrchestratorBug bug) {
  switch (bug) {
    case OrchestratorBug::kNone:
      return "reference";
    case OrchestratorBug::kAmbiguousNotCompensated:
      return "ambiguous_not_compensated";
    case OrchestratorBug::kAmbiguityClearedByRejection:
      return "ambiguity_cleared_by_rejection";
    case OrchestratorBug::kTimeoutIsSuccess:
      return "timeout_is_success";
    case OrchestratorBug::kCorruptIsSuccess:
      return "corrupt_is_success";
    case OrchestratorBug::kCorruptIsFailure:
      return "corrupt_is_failure";
    case OrchestratorBug::kMismatchedIsSuccess:
      return "mismatched_is_success";
    case OrchestratorBug::kTimeoutNotRetried:
      return "timeout_not_retried";
    case OrchestratorBug::kTransientIsFinal:
      return "transient_is_final";
    case OrchestratorBug::kRetryAfterIgnored:
      return "retry_after_ignored";
    case OrchestratorBug::kRejectionRetried:
      return "rejection_retried";
    case OrchestratorBug::kUnboundedRetry:
      return "unbounded_retry";
    case OrchestratorBug::kNoIdempotencyKey:
      return "no_idempotency_key";
    case OrchestratorBug::kKeyPerAttempt:
      return "key_per_attempt";
    case OrchestratorBug::kKeyPerIncarnation:
      return "key_per_incarnation";
    case OrchestratorBug::kKeyWithoutSaga:
      return "key_without_saga";
    case OrchestratorBug::kLastFailureIgnored:
      return "last_failure_ignored";
    case OrchestratorBug::kErrorBodyIsSuccess:
      return "error_body_is_success";
    case OrchestratorBug::kContextLost:
      return "context_lost";
    case OrchestratorBug::kForwardOrder:
      return "forward_order";
    case OrchestratorBug::kSkipsFirst:
      return "skips_first";
    case OrchestratorBug::kSkipsLast:
      return "skips_last";
    case OrchestratorBug::kUndoesAllAtOnce:
      return "undoes_all_at_once";
    case OrchestratorBug::kCompensatesUnattempted:
      return "compensates_unattempted";
    case OrchestratorBug::kFailureSwallowed:
      return "failure_swallowed";
    case OrchestratorBug::kCorruptCompensationIsDone:
      return "corrupt_compensation_is_done";
    case OrchestratorBug::kStopsAtFirstFailure:
      return "stops_at_first_failure";
    case OrchestratorBug::kCompensationNotRetried:
      return "compensation_not_retried";
    case OrchestratorBug::kCompensationKeyPerIncarnation:
      return "compensation_key_per_incarnation";
    case OrchestratorBug::kFlagNotReported:
      return "flag_not_reported";
    case OrchestratorBug::kPastPivot:
      return "past_pivot";
    case OrchestratorBug::kRegisterAfterSuccess:
      return "register_after_success";
    case OrchestratorBug::kRolledBackBeforeRollback:
      return "rolled_back_before_rollback";
    case OrchestratorBug::kCancelSkipsCompensation:
      return "cancel_skips_compensation";
    case OrchestratorBug::kIntentAfterCall:
      return "intent_after_call";
    case OrchestratorBug::kDoneBeforeCall:
      return "done_before_call";
    case OrchestratorBug::kUndoneBeforeCall:
      return "undone_before_call";
    case OrchestratorBug::kEndBeforeCompensating:
      return "end_before_compensating";
    case OrchestratorBug::kWriteErrorIgnored:
      return "write_error_ignored";
    case OrchestratorBug::kInDoubtNotCompensated:
      return "in_doubt_not_compensated";
    case OrchestratorBug::kResumeReexecutesDone:
      return "resume_reexecutes_done";
    case OrchestratorBug::kResumeGoesForward:
      return "resume_goes_forward";
    case OrchestratorBug::kResumeRecompensates:
      return "resume_recompensates";
    case OrchestratorBug::kResumeRefusesCompensating:
      return "resume_refuses_compensating";
    case OrchestratorBug::kResumeIgnoresEnd:
      return "resume_ignores_end";
    case OrchestratorBug::kNoFencing:
      return "no_fencing";
    case OrchestratorBug::kDuplicatedStart:
      return "duplicated_start";
    case OrchestratorBug::kDeadlineIgnored:
      return "deadline_ignored";
    case OrchestratorBug::kConditionIgnored:
      return "condition_ignored";
    case OrchestratorBug::kSkipsWhatFollows:
      return "skips_what_follows";
    case OrchestratorBug::kPivotFirst:
      return "pivot_first";
    case OrchestratorBug::kJoinOnAny:
      return "join_on_any";
    case OrchestratorBug::kIrreversibleEarly:
      return "irreversible_early";
    case OrchestratorBug::kForwardOrderReversed:
      return "forward_order_reversed";
    case OrchestratorBug::kOneAttemptTooMany:
      return "one_attempt_too_many";
    case OrchestratorBug::kOneCompensationTooMany:
      return "one_compensation_too_many";
    case OrchestratorBug::kBackoffIgnored:
      return "backoff_ignored";
    case OrchestratorBug::kTimeoutNotKept:
      return "timeout_not_kept";
    case OrchestratorBug::kRepeatsNotIdempotent:
      return "repeats_not_idempotent";
    case OrchestratorBug::kFlagsAlways:
      return "flags_always";
    case OrchestratorBug::kFlagsOnFirstRefusal:
      return "flags_on_first_refusal";
    case OrchestratorBug::kCompensatesEverySuccess:
      return "compensates_every_success";
    case OrchestratorBug::kCancelIgnored:
      return "cancel_ignored";
    case OrchestratorBug::kRetryAfterIgnoredUndoing:
      return "retry_after_ignored_undoing";
    case OrchestratorBug::kCompensatesInFlight:
      return "compensates_in_flight";
    case OrchestratorBug::kCompletionCreditedInOrderAsked:
      return "completion_credited_in_order_asked";
    case OrchestratorBug::kCancelStopsCompensation:
      return "cancel_stops_compensation";
    case OrchestratorBug::kResumeCountsRecords:
      return "resume_counts_records";
    case OrchestratorBug::kCompletedToldEarly:
      return "completed_told_early";
    case OrchestratorBug::kSleepsOutDeadline:
      return "sleeps_out_deadline";
    case OrchestratorBug::kUndoAtCurrentValue:
      return "undo_at_current_value";
    case OrchestratorBug::kUndoOfAnotherId:
      return "undo_of_another_id";
    case OrchestratorBug::kUndoWithoutBody:
      return "undo_without_body";
    case OrchestratorBug::kStaleResult:
      return "stale_result";
    case OrchestratorBug::kResultLostOnResume:
      return "result_lost_on_resume";
    case OrchestratorBug::kResultOfOtherBranch:
      return "result_of_other_branch";
    case OrchestratorBug::kFallbackResultIgnored:
      return "fallback_result_ignored";
    case OrchestratorBug::kDefaultForMissing:
      return "default_for_missing";
    case OrchestratorBug::kOtherSagasResult:
      return "other_sagas_result";
    case OrchestratorBug::kResultByNameClash:
      return "result_by_name_clash";
    case OrchestratorBug::kOptionalFailureFailsSaga:
      return "optional_failure_fails_saga";
    case OrchestratorBug::kOptionalFailureForgotten:
      return "optional_failure_forgotten";
    case OrchestratorBug::kOptionalLeftOut:
      return "optional_left_out";
    case OrchestratorBug::kChoiceWithoutAnswer:
      return "choice_without_answer";
    case OrchestratorBug::kChoiceForgottenOnResume:
      return "choice_forgotten_on_resume";
    case OrchestratorBug::kTwoSagasSwapState:
      return "two_sagas_swap_state";
  }
  return "";
}

std::span<const OrchestratorBug> all_orchestrator_bugs() {
  static constexpr auto kFirst = static_cast<std::size_t>(OrchestratorBug::kAmbiguousNotCompensated);
  static constexpr auto kLast = static_cast<std::size_t>(OrchestratorBug::kTwoSagasSwapState);
  static constexpr auto kAll = [] {
    std::array<OrchestratorBug, kLast - kFirst + 1> all = {};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<OrchestratorBug>(kFirst + i);
    return all;
  }();
  return kAll;
}

}  // namespace saga_harness
