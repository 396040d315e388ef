#include <algorithm>
#include <array>

#include <saga_harness/scenario.hpp>

namespace saga_harness {
namespace {

constexpr std::string_view kOrder = "order_processing";
constexpr std::string_view kShortStock = "order_processing_short_stock";
constexpr std::string_view kSecondOrder = "order_processing_second_order";
constexpr std::string_view kTravel = "travel_booking";
constexpr std::string_view kWiki = "wiki_generation";
constexpr std::string_view kLastItem = "last_item";
constexpr std::string_view kTrip = "trip_with_options";
constexpr std::string_view kGift = "order_with_gift";
constexpr std::string_view kCheck = "order_with_check";
constexpr std::string_view kHold = "order_with_hold";
constexpr std::string_view kAudit = "trade_audit";
constexpr std::string_view kResults = "order_with_results";
constexpr std::string_view kSecondResults = "order_with_results_second_order";
constexpr std::string_view kChoreography = "order_choreography";
constexpr std::string_view kParallel = "order_choreography_parallel";
constexpr std::string_view kTwoOrders = "order_choreography_two_orders";

constexpr Mutant forward(std::string_view name, Rule predicted, int faults, std::string_view bug,
                         std::string_view scenario = kOrder) {
  return {name, "forward", bug, predicted, faults, false, scenario};
}
constexpr Mutant compensation(std::string_view name, Rule predicted, int faults, std::string_view bug,
                              std::string_view scenario = kOrder) {
  return {name, "compensation", bug, predicted, faults, false, scenario};
}
constexpr Mutant recovery(std::string_view name, Rule predicted, int faults, std::string_view bug,
                          std::string_view scenario = kOrder) {
  return {name, "recovery", bug, predicted, faults, false, scenario};
}
constexpr Mutant data(std::string_view name, int faults, std::string_view bug,
                      std::string_view scenario = kResults) {
  return {name, "data", bug, Rule::kRightData, faults, false, scenario};
}
constexpr Mutant together(std::string_view name, Rule predicted, int faults, std::string_view bug,
                          std::string_view scenario = kLastItem) {
  Mutant mutant = recovery(name, predicted, faults, bug, scenario);
  mutant.together = true;
  return mutant;
}
constexpr Mutant participant(std::string_view name, Rule predicted, int faults, std::string_view bug,
                             std::string_view scenario = kOrder) {
  return {name, "participant", bug, predicted, faults, true, scenario};
}
constexpr Mutant choreography(std::string_view name, Rule predicted, int faults, std::string_view bug,
                              std::string_view scenario = kParallel) {
  Mutant mutant{name, "choreography", bug, predicted, faults, false, scenario};
  mutant.choreography = true;
  return mutant;
}

constexpr std::array kMutants{
    forward("ambiguous_not_compensated", Rule::kTruthfulOutcome, 1,
            "A step that never answered is taken as not done and is left out of the compensation."),
    forward("ambiguity_cleared_by_rejection", Rule::kTruthfulOutcome, 2,
            "A rejection makes it forget that an earlier attempt of the same step may have worked."),
    forward("timeout_is_success", Rule::kTruthfulOutcome, 1, "A call that timed out is taken as done."),
    forward("corrupt_is_success", Rule::kTruthfulOutcome, 1,
            "An answer that cannot be read is taken as done."),
    forward("corrupt_is_failure", Rule::kTruthfulOutcome, 1,
            "An answer that cannot be read is taken as certainly not done."),
    forward("mismatched_is_success", Rule::kTruthfulOutcome, 1,
            "The answer to somebody else's request is taken for its own."),
    forward("error_body_is_success", Rule::kTruthfulOutcome, 1,
            "A rejection that comes with a status of success is taken as done."),
    forward("timeout_not_retried", Rule::kTransientFaultsMasked, 1,
            "The first timeout fails the saga, whatever is left of the retry budget."),
    forward("transient_is_final", Rule::kTransientFaultsMasked, 1,
            "The first 503 fails the saga, whatever is left of the retry budget."),
    forward("retry_after_ignored", Rule::kTransientFaultsMasked, 1,
            "It asks again before the time is up that a rate limit gave, until its budget is spent."),
    forward("rejection_retried", Rule::kRejectionIsFinal, 1, "A definite rejection is asked for again."),
    forward("unbounded_retry", Rule::kTerminates, 1, "It retries for as long as the failure lasts."),
    forward("no_idempotency_key", Rule::kStableIdempotencyKey, 0, "Requests carry no idempotency key."),
    forward("key_per_attempt", Rule::kStableIdempotencyKey, 1, "Every attempt has a key of its own."),
    forward("key_per_incarnation", Rule::kStableIdempotencyKey, 1,
            "After a restart the same action goes out with another key."),
    forward("key_without_saga", Rule::kTruthfulOutcome, 0,
            "The keys of one saga are those of another: what the other did counts as done.", kSecondOrder),
    forward("last_failure_ignored", Rule::kTruthfulOutcome, 1,
            "When the last step fails, the saga is reported as completed all the same."),
    forward("condition_ignored", Rule::kTruthfulOutcome, 0,
            "A step is done though its condition does not hold.", kTrip),
    forward("skips_what_follows", Rule::kTruthfulOutcome, 0,
            "What waits for a step that is skipped is skipped as well.", kTrip),

    forward("pivot_first", Rule::kOrderRespected, 0, "The pivot is asked for before what it comes after."),
    forward("join_on_any", Rule::kOrderRespected, 1,
            "A step that comes after several is done once the first of them is.", kTravel),
    forward("irreversible_early", Rule::kOrderRespected, 0,
            "A step that cannot be undone is asked for before the pivot that it waits for.", kWiki),
    forward("forward_order_reversed", Rule::kOrderRespected, 0,
            "Actions run from the last step to the first, compensations the other way."),
    forward("one_attempt_too_many", Rule::kBudgetRespected, 1,
            "An action is tried once more than its budget allows."),
    forward("backoff_ignored", Rule::kTimingKept, 1, "What failed is asked for again at once."),
    forward("timeout_not_kept", Rule::kTimingKept, 1,
            "An answer that is declared to take ten seconds is waited for a day."),
    forward("repeats_not_idempotent", Rule::kNotIdempotentNotRepeated, 1,
            "A step declared not idempotent is asked for again though it may have worked.", kTravel),
    forward("flags_always", Rule::kFlaggedOnlyWhenNeeded, 0,
            "A person is called however the saga has ended."),
    forward("flags_on_first_refusal", Rule::kFlaggedOnlyWhenNeeded, 1,
            "A person is called as soon as a step is refused, though all could be undone."),
    forward("compensates_every_success", Rule::kCompensatedThoughNothingFailed, 0,
            "A saga that is done is compensated.", kTravel),
    forward("cancel_ignored", Rule::kCancelHeeded, 1, "A request to cancel changes nothing."),
    forward("completion_credited_in_order_asked", Rule::kTruthfulOutcome, 1,
            "The first answer is taken for that of the step that was asked for first.", kTravel),

    forward("sleeps_out_deadline", Rule::kTransientFaultsMasked, 1,
            "Instead of asking again it waits until the deadline has passed.", kTravel),
    forward("choice_without_answer", Rule::kTruthfulOutcome, 0,
            "Which step is done that depends on an answer is decided as if there were none.", kAudit),
    forward("optional_failure_fails_saga", Rule::kCompensatedThoughNothingFailed, 1,
            "The failure of a step that the saga can do without fails the saga.", kGift),
    forward("optional_left_out", Rule::kTruthfulOutcome, 0,
            "A step that the saga can do without is never asked for.", kGift),
    forward("check_left_out", Rule::kTruthfulOutcome, 0, "A step that only looks is never asked for.",
            kCheck),
    compensation(
        "optional_failure_forgotten", Rule::kTruthfulOutcome, 2,
        "An optional step that was given up is not undone with the others, though it may have been done.",
        kGift),
    compensation("check_makes_it_flagged", Rule::kFlaggedOnlyWhenNeeded, 1,
                 "A person is called because a step that only looks cannot be undone.", kCheck),
    compensation("refused_not_compensated", Rule::kTruthfulOutcome, 2,
                 "A step that is to be compensated though it was refused is left out.", kHold),
    compensation("completed_told_early", Rule::kTruthfulOutcome, 1,
                 "The caller is told that all is done, and that all is undone later."),

    compensation("one_compensation_too_many", Rule::kBudgetRespected, 2,
                 "A compensation is tried once more than its budget allows."),
    compensation("retry_after_ignored_undoing", Rule::kTimingKept, 2,
                 "A compensation is asked for again before the time is up that a rate limit gave."),
    compensation("compensates_in_flight", Rule::kNotUndoneInFlight, 1,
                 "A step is undone while its action is still under way.", kTravel),
    compensation("forward_order", Rule::kReverseOrder, 1,
                 "Compensations run from the first step to the last."),
    compensation("skips_first", Rule::kTruthfulOutcome, 1,
                 "Compensation stops one short: the first step is left."),
    compensation("skips_last", Rule::kTruthfulOutcome, 1,
                 "Compensation starts one too far: the last step that was done is left."),
    compensation("undoes_all_at_once", Rule::kReverseOrder, 1,
                 "Parallel compensation waits for nothing: what others stand on is undone beside them.",
                 kTrip),
    compensation("compensates_unattempted", Rule::kNoUnintendedCompensation, 1,
                 "Steps that were never attempted are compensated as well."),
    compensation("failure_swallowed", Rule::kTruthfulOutcome, 2,
                 "A compensation that failed for good is counted as done."),
    compensation("corrupt_compensation_is_done", Rule::kTruthfulOutcome, 2,
                 "An answer to a compensation that cannot be read is taken as done."),
    compensation("context_lost", Rule::kContextTravels, 1,
                 "Compensations go out without correlation id and auth token."),
    compensation("cancel_skips_compensation", Rule::kTruthfulOutcome, 1,
                 "A cancelled saga stops where it stands and is reported as compensated."),
    compensation("cancel_stops_compensation", Rule::kTruthfulOutcome, 2,
                 "A request to cancel that comes while the saga is compensated ends it where it stands."),
    compensation("stops_at_first_failure", Rule::kTruthfulOutcome, 2,
                 "After a compensation that failed, the others are neither tried nor named."),
    compensation("compensation_not_retried", Rule::kCompensationRetriedToBudget, 2,
                 "A compensation is given up at its first transient failure."),
    compensation("compensation_key_per_incarnation", Rule::kStableIdempotencyKey, 2,
                 "After a restart the same compensation goes out with another key."),
    compensation("flag_not_reported", Rule::kReportMatchesLog, 1,
                 "The log says that a person is needed, the caller hears that all was compensated."),
    compensation("past_pivot", Rule::kPivotRespected, 1,
                 "Steps before a pivot that is or may be done are compensated."),
    compensation("register_after_success", Rule::kTruthfulOutcome, 1,
                 "A step is due for compensation only once its action has answered."),
    compensation("rolled_back_before_rollback", Rule::kSilenceAfterEnd, 1,
                 "The caller is told of the rollback before a single compensation has run."),

    recovery("choice_forgotten_on_resume", Rule::kTruthfulOutcome, 1,
             "After a restart, what was answered before does not count in a choice.", kAudit),
    recovery("intent_after_call", Rule::kWriteAheadLog, 0, "The intent is written down after the call."),
    recovery("done_before_call", Rule::kSilenceAfterEnd, 0,
             "An action is written down as done before it is called."),
    recovery("undone_before_call", Rule::kSilenceAfterEnd, 1,
             "A compensation is written down as done before it is called."),
    recovery("end_before_compensating", Rule::kSilenceAfterEnd, 1,
             "The end is written down, and only then do the compensations run."),
    recovery("in_doubt_not_compensated", Rule::kTruthfulOutcome, 2,
             "After a restart, a step whose outcome is unknown is left out of the compensation."),
    recovery("resume_reexecutes_done", Rule::kAtMostOnce, 1,
             "After a restart, steps that were done run again under new keys."),
    recovery("resume_goes_forward", Rule::kNoActionAfterCompensationBegan, 2,
             "A saga that was compensating goes forward again after a restart."),
    recovery("resume_recompensates", Rule::kSilenceAfterEnd, 2,
             "After a restart, compensations that were done run again."),
    recovery("resume_refuses_compensating", Rule::kTerminates, 2,
             "A saga that crashed while compensating is never taken up again."),
    recovery("resume_ignores_end", Rule::kSilenceAfterEnd, 0,
             "Recovery of a finished saga starts to work on it."),
    recovery("write_error_ignored", Rule::kWriteAheadLog, 1,
             "A write to the log that failed goes unnoticed."),
    recovery("no_fencing", Rule::kSilenceAfterEnd, 1,
             "A coordinator that was suspended goes on, though another has taken over and ended the saga."),
    recovery("duplicated_start", Rule::kAtMostOnce, 1,
             "A second request to start the same saga runs it a second time, with keys of its own."),
    recovery("resume_counts_records", Rule::kTruthfulOutcome, 2,
             "After a restart, as many steps are taken for done as there are records of steps done."),
    recovery("deadline_ignored", Rule::kTerminates, 1, "The saga's deadline does nothing.", kTravel),

    together("two_sagas_swap_state", Rule::kTruthfulOutcome, 1,
             "Recovery of several sagas gives each the state of another."),

    data("undo_at_current_value", 1, "A compensation names the amount of now, not the one that was charged."),
    data("undo_of_another_id", 1, "A compensation names what another step was answered."),
    data("undo_without_body", 1, "A compensation carries nothing."),
    data("stale_result", 1,
         "What the first attempt was answered is the result, whatever a retry is answered."),
    data("result_lost_on_resume", 1, "After a restart, requests carry the context in place of results."),
    data("result_of_other_branch", 0, "Two steps side by side get each other's results."),
    data("fallback_result_ignored", 1, "What a fallback is answered is not what later requests carry."),
    data("default_for_missing", 1, "A result that is missing becomes zero, and is used."),
    data("other_sagas_result", 0, "Results are kept by step for all sagas: those of the first count.",
         kSecondResults),
    data("result_by_name_clash", 0, "Of two results of one name, the later one counts for both."),

    participant(markers::kNoDedup, Rule::kAtMostOnce, 1,
                "A request with a key seen before takes effect again."),
    participant(markers::kNoTombstone, Rule::kTruthfulOutcome, 1,
                "An action that arrives after its own compensation takes effect."),
    participant(markers::kNullCompensationFails, Rule::kNullCompensationIsSafe, 1,
                "Compensating an action that never took effect is refused."),
    participant(markers::kCompensationNotIdempotent, Rule::kAtMostOnce, 2,
                "A compensation that arrives twice undoes twice."),
    participant(markers::kDedupNotDurable, Rule::kAtMostOnce, 1,
                "After a crash it does not know the keys any more that it had seen."),
    participant(markers::kPromiseNotRecalled, Rule::kTruthfulOutcome, 1,
                "What it has said is done it does, though its compensation has come before it."),
    participant(
        markers::kEffectBeforeKey, Rule::kAtMostOnce, 1,
        "It keeps what it does before it keeps that it knows the request: after a crash between the two "
        "it does it again."),
    participant(markers::kPartialBatch, Rule::kTruthfulOutcome, 0,
                "A reservation of several items that is refused half-way keeps the items before.",
                kShortStock),

    choreography("ack_before_effect", Rule::kTerminates, 1,
                 "An event is acknowledged before it is handled, so nobody delivers it again."),
    choreography("commit_without_publish", Rule::kTerminates, 1,
                 "What is to be published is not kept with the effect: after a crash nobody hears of it."),
    choreography("publish_without_commit", Rule::kSilenceAfterEnd, 0,
                 "Success is published before there is an effect."),
    choreography("duplicate_applied_twice", Rule::kAtMostOnce, 1,
                 "An event that is delivered again is handled again."),
    choreography("failure_without_subscriber", Rule::kTruthfulOutcome, 1,
                 "Nobody listens to the failure of one step."),
    choreography("handler_error_swallowed", Rule::kTerminates, 1,
                 "An event whose handling failed counts as handled."),
    choreography("timeout_compensates_completed", Rule::kSilenceAfterEnd, 0,
                 "The timer goes off though the saga is done, and undoes it.", kChoreography),
    choreography("compensation_overtakes", Rule::kTruthfulOutcome, 2,
                 "An action whose compensation has come before it is done all the same."),
    choreography("late_parallel_success", Rule::kTruthfulOutcome, 2,
                 "A branch that is not done yet forgets about the failure of the other, and succeeds later."),
    choreography("sibling_rerun", Rule::kAtMostOnce, 1,
                 "To be tried again, an event is published again: every branch handles it."),
    choreography("event_context_lost", Rule::kContextTravels, 0,
                 "What is emitted does not carry on correlation id and auth token."),
    choreography(
        "handled_before_told", Rule::kTerminates, 1,
        "An event counts as handled before what it brought about is to be told: a crash between the two "
        "loses the event."),
    choreography("done_in_memory", Rule::kTruthfulOutcome, 2,
                 "What is done is remembered in memory alone: a service that starts again does not know it."),
    choreography("facts_without_saga", Rule::kTruthfulOutcome, 0,
                 "What is known of a step is not kept apart by saga: what one has done counts for another.",
                 kTwoOrders),
    choreography("one_correlation_for_all", Rule::kContextTravels, 0,
                 "Every event goes out with the correlation id of the first saga that its service heard of.",
                 kTwoOrders),
    choreography("acts_on_anything", Rule::kAtMostOnce, 1,
                 "Whatever comes to a subscription is taken for the event that is due."),
    choreography("gives_up_at_once", Rule::kTransientFaultsMasked, 1,
                 "What failed once is laid aside as a dead letter, whatever is left of its budget."),
    choreography("refusal_laid_aside", Rule::kRejectionIsFinal, 1,
                 "An action that is refused becomes a dead letter: nobody is told of the failure."),
    choreography("deadline_untold", Rule::kTerminates, 1, "The timer goes off, and nobody is told of it.",
                 kChoreography),
};

}  // namespace

std::span<const Mutant> mutants() { return kMutants; }

const Mutant* find_mutant(std::string_view name) {
  const auto found = std::find_if(kMutants.begin(), kMutants.end(),
                                  [name](const Mutant& mutant) { return mutant.name == name; });
  return found == kMutants.end() ? nullptr : &*found;
}

}  // namespace saga_harness
