// What the trace says of the turn, the number and the time of requests, and of what nothing forced.

#include <algorithm>

#include "operations.hpp"
#include "trace_summary.hpp"

namespace saga_harness {

void FactReader::note_attempt(const Event& event, Position at) {
  OperationSummary& summary = summary_of(event);
  const bool is_in_row = summary.sent > 1 && summary.sent_by == event.incarnation;
  summary.sent_in_row = is_in_row ? summary.sent_in_row + 1 : 1;
  if (summary.sent == 1) return;
  summary_.any_sent_again = true;
  const SagaIndex& saga = *summary_.saga;
  const auto budget = static_cast<std::uint32_t>(saga.budget({event.step, event.operation}));
  if (summary.sent_in_row > budget) note(Rule::kBudgetRespected, summary.over_budget, at);
  const bool is_compensation = event.operation == Operation::kCompensation;
  const Step& step = saga.step(event.step);
  if (!is_compensation && !step.idempotent && summary.sent - 1 > summary.sure_noes)
    summary.repeated = std::min(summary.repeated, at);
  if (summary.passed_on != kNever && summary.passed_on_by < event.incarnation)
    note(Rule::kSilenceAfterEnd, summary.resent_after_restart, at);

  if (summary.failed == kNever || summary.sent_too_early != kNever || summary_.clock_jumped) return;
  const Event& failure = summary_.seen->events[summary.failed];
  // Over a wire nobody sees when a caller gives up.
  const bool is_exact = summary_.seen->tolerance == Duration::zero() || failure.type == EventType::kReceived;
  if (failure.incarnation != event.incarnation || !is_exact) return;
  const RetryPolicy& policy = is_compensation ? step.compensation_retry : step.retry;
  const Duration asked_for(failure.type == EventType::kReceived ? failure.text : 0);
  const Duration wait = std::max(backoff(policy, static_cast<int>(summary.sent_in_row)), asked_for);
  if (event.at - failure.at + summary_.seen->tolerance.count() >= wait.count()) return;
  note(Rule::kTimingKept, summary.sent_too_early, at);
  summary.hurried_after = summary.failed;
}

bool FactReader::is_done(StepId step) const {
  return was_answered(summary_, step) || summary_.steps[step].applied > summary_.steps[step].undone;
}

bool FactReader::is_under_way(const OperationSummary& summary, const Event& now) const {
  if (summary.under_way == kNever) return false;
  const Event& attempt = summary_.seen->events[summary.under_way];
  const Duration timeout = summary_.saga->timeout({attempt.step, attempt.operation});
  return attempt.incarnation == now.incarnation && now.at - attempt.at < timeout.count();
}

void FactReader::note_order(const Event& event, Position at) {
  OperationSummary& summary = summary_of(event);
  if (summary.out_of_turn != kNever || summary_.taken_up) return;
  for (const StepId before : waits_for_[event.step]) {
    const bool is_settled = summary_.saga->is_choreography()
                                ? summary_.steps[before].applied > 0
                                : is_done(before) || is_passed_over(before, event);
    if (is_settled) continue;
    note(Rule::kOrderRespected, summary.out_of_turn, at);
    summary.out_of_turn_before = before;
    return;
  }
  if (event.operation != Operation::kFallback || summary_.saga->is_choreography()) return;
  const OperationSummary& action = summary_.of(event.step, Operation::kAction);
  if (action.sent > 0 && !is_under_way(action, event)) return;
  note(Rule::kOrderRespected, summary.out_of_turn, at);
  summary.out_of_turn_before = event.step;
}

// A step is asked for: what it comes after has been settled, and is known to be.
void FactReader::note_passing_on(const Event& event, Position at) {
  const bool is_compensation = event.operation == Operation::kCompensation;
  const auto pass = [&](StepId step, Operation operation) {
    OperationSummary& summary = summary_.operations[static_cast<std::size_t>(step) * kOperationCount +
                                                    static_cast<std::size_t>(operation)];
    if (summary.confirmed == kNever || summary.confirmed_by != event.incarnation) return;
    summary.passed_on = at;
    summary.passed_on_by = event.incarnation;
  };
  if (is_compensation) {
    for (const StepId after : summary_.saga->successors(event.step)) pass(after, Operation::kCompensation);
    return;
  }
  for (const StepId before : waits_for_[event.step]) {
    pass(before, Operation::kAction);
    pass(before, Operation::kFallback);
  }
}

void FactReader::note_time_out(const Event& event, Position at) {
  OperationSummary& summary = summary_of(event);
  summary_.any_time_out = true;
  if (summary.under_way == kNever || summary.timed_out_wrongly != kNever) return;
  const Event& attempt = summary_.seen->events[summary.under_way];
  if (attempt.call != event.call || summary_.clock_jumped) return;
  const std::int64_t due = attempt.at + summary_.saga->timeout({event.step, event.operation}).count();
  if (event.at == due) return;
  const auto deadline = summary_.saga->saga().deadline;
  const bool is_cut =
      deadline && event.operation != Operation::kCompensation && event.at >= deadline->count();
  if (event.at < due && is_cut) return;
  // Whoever was busy with something else comes late to what is over.
  const bool was_busy = at > 0 && summary_.seen->events[at - 1].at > due;
  if (event.at > due && was_busy) return;
  note(Rule::kTimingKept, summary.timed_out_wrongly, at);
  summary.wrongly_awaited = summary.under_way;
}

void FactReader::note_worked(const Event& event) {
  if (static_cast<ReplyStatus>(event.detail) == ReplyStatus::kOk) summary_of(event).worked = true;
}

// Whoever waits longer than declared hears what comes late over a wire.
void FactReader::dropped(const Event& event) {
  const bool is_over_wire = summary_.seen->tolerance > Duration::zero();
  if (!is_over_wire || event.step >= summary_.step_count()) return;
  OperationSummary& summary = summary_of(event);
  summary.told_late = summary.told_late || summary.worked;
}

void FactReader::note_undoing_in_flight(const Event& event, Position at) {
  StepSummary& step = summary_.steps[event.step];
  for (const Operation operation : {Operation::kAction, Operation::kFallback}) {
    const OperationSummary& summary = summary_.of(event.step, operation);
    if (step.undone_in_flight != kNever || !is_under_way(summary, event)) continue;
    step.undone_in_flight = at;
    step.in_flight = summary.under_way;
  }
}

// By the participant itself: no fault has struck that could be the cause.
void FactReader::refused(const Event& event, Position at) {
  if (event.text != 0) return;  // what a copy is answered, nobody hears
  if (summary_.faults == 0 && !is_spared(event)) summary_.refused = std::min(summary_.refused, at);
  if (event.operation != Operation::kCompensation || summary_.struck_beside_steps) return;
  StepSummary& step = summary_.steps[event.step];
  const bool is_to_undo = step.applied > step.undone && summary_of(event).sent == 1;
  if (is_to_undo && !step.struck) note(Rule::kRefusedThoughNothingFailed, step.undoing_refused, at);
}

// Who goes on from an answer has had the time to ask whether the saga is cancelled.
void FactReader::heard_cancel(const Event& event, Position at) {
  if (summary_.cancel_heard != kNever) return;
  if (summary_.seen->events[summary_.cancelled].incarnation != event.incarnation) return;
  const StepId pivot = summary_.saga->pivot();
  const bool is_too_late =
      pivot != kNoStep && (summary_.of(pivot, Operation::kAction).sent > 0 ||
                           summary_.of(pivot, Operation::kAction).first_logged != kNever);
  if (!is_too_late) summary_.cancel_heard = at;
}

}  // namespace saga_harness
