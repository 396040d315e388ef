// What the trace says of the turn, the number and the time of requests, and of what nothing forced.

#include <algorithm>

#include "facts.hpp"

namespace saga_harness {

void FactReader::note_attempt(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  const bool is_in_row = facts.sent > 1 && facts.sent_by == event.incarnation;
  facts.sent_in_row = is_in_row ? facts.sent_in_row + 1 : 1;
  if (facts.sent == 1) return;
  const SagaIndex& saga = *facts_.saga;
  const auto budget = static_cast<std::uint32_t>(saga.budget({event.step, event.operation}));
  if (facts.sent_in_row > budget) facts.over_budget = std::min(facts.over_budget, at);
  const bool is_compensation = event.operation == Operation::kCompensation;
  const Step& step = saga.step(event.step);
  if (!is_compensation && !step.idempotent && facts.sent - 1 > facts.sure_noes)
    facts.repeated = std::min(facts.repeated, at);
  if (facts.passed_on != kNever && facts.passed_on_by < event.incarnation)
    facts.resent_after_restart = std::min(facts.resent_after_restart, at);

  if (facts.failed == kNever || facts.sent_too_early != kNever || facts_.clock_jumped) return;
  const Event& failure = facts_.seen->events[facts.failed];
  // Over a wire nobody sees when a caller gives up.
  const bool is_exact = facts_.seen->tolerance == Duration::zero() || failure.type == EventType::kReceived;
  if (failure.incarnation != event.incarnation || !is_exact) return;
  const RetryPolicy& policy = is_compensation ? step.compensation_retry : step.retry;
  const Duration asked_for(failure.type == EventType::kReceived ? failure.text : 0);
  const Duration wait = std::max(backoff(policy, static_cast<int>(facts.sent_in_row)), asked_for);
  if (event.at - failure.at + facts_.seen->tolerance.count() >= wait.count()) return;
  facts.sent_too_early = at;
  facts.hurried_after = facts.failed;
}

bool FactReader::is_done(StepId step) const {
  return facts_.of(step, Operation::kAction).confirmed != kNever ||
         facts_.of(step, Operation::kFallback).confirmed != kNever ||
         facts_.steps[step].applied > facts_.steps[step].undone;
}

bool FactReader::is_under_way(const OperationFacts& facts, const Event& now) const {
  if (facts.under_way == kNever) return false;
  const Event& attempt = facts_.seen->events[facts.under_way];
  const Duration timeout = facts_.saga->timeout({attempt.step, attempt.operation});
  return attempt.incarnation == now.incarnation && now.at - attempt.at < timeout.count();
}

void FactReader::note_order(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  if (facts.out_of_turn != kNever || facts_.taken_up) return;
  for (const StepId before : waits_for_[event.step]) {
    const bool is_settled =
        facts_.saga->is_choreography() ? facts_.steps[before].applied > 0 : is_done(before);
    if (is_settled) continue;
    facts.out_of_turn = at;
    facts.out_of_turn_before = before;
    return;
  }
  if (event.operation != Operation::kFallback || facts_.saga->is_choreography()) return;
  const OperationFacts& action = facts_.of(event.step, Operation::kAction);
  if (action.sent > 0 && !is_under_way(action, event)) return;
  facts.out_of_turn = at;
  facts.out_of_turn_before = event.step;
}

// A step is asked for: what it comes after has been settled, and is known to be.
void FactReader::note_passing_on(const Event& event, Position at) {
  const bool is_compensation = event.operation == Operation::kCompensation;
  const auto pass = [&](StepId step, Operation operation) {
    OperationFacts& facts = facts_.operations[static_cast<std::size_t>(step) * kOperationCount +
                                              static_cast<std::size_t>(operation)];
    if (facts.confirmed == kNever || facts.confirmed_by != event.incarnation) return;
    facts.passed_on = at;
    facts.passed_on_by = event.incarnation;
  };
  if (is_compensation) {
    for (const StepId after : facts_.saga->successors(event.step)) pass(after, Operation::kCompensation);
    return;
  }
  for (const StepId before : waits_for_[event.step]) {
    pass(before, Operation::kAction);
    pass(before, Operation::kFallback);
  }
}

void FactReader::note_time_out(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  facts_.any_time_out = true;
  if (facts.under_way == kNever || facts.timed_out_wrongly != kNever) return;
  const Event& attempt = facts_.seen->events[facts.under_way];
  if (attempt.call != event.call || facts_.clock_jumped) return;
  const std::int64_t due = attempt.at + facts_.saga->timeout({event.step, event.operation}).count();
  if (event.at == due) return;
  const auto deadline = facts_.saga->saga().deadline;
  const bool is_cut =
      deadline && event.operation != Operation::kCompensation && event.at >= deadline->count();
  if (event.at < due && is_cut) return;
  // Whoever was busy with something else comes late to what is over.
  const bool was_busy = at > 0 && facts_.seen->events[at - 1].at > due;
  if (event.at > due && was_busy) return;
  facts.timed_out_wrongly = at;
  facts.wrongly_awaited = facts.under_way;
}

void FactReader::note_undoing_in_flight(const Event& event, Position at) {
  StepFacts& step = facts_.steps[event.step];
  for (const Operation operation : {Operation::kAction, Operation::kFallback}) {
    const OperationFacts& facts = facts_.of(event.step, operation);
    if (step.undone_in_flight != kNever || !is_under_way(facts, event)) continue;
    step.undone_in_flight = at;
    step.in_flight = facts.under_way;
  }
}

// By the participant itself: no fault has struck that could be the cause.
void FactReader::refused(const Event& event, Position at) {
  if (event.text != 0) return;  // what a copy is answered, nobody hears
  if (facts_.faults == 0) facts_.refused = std::min(facts_.refused, at);
  if (event.operation != Operation::kCompensation || facts_.struck_beside_steps) return;
  StepFacts& step = facts_.steps[event.step];
  const bool is_to_undo = step.applied > step.undone && facts_of(event).sent == 1;
  if (is_to_undo && !step.struck) step.undoing_refused = std::min(step.undoing_refused, at);
}

// Who goes on from an answer has had the time to ask whether the saga is cancelled.
void FactReader::heard_cancel(const Event& event, Position at) {
  if (facts_.cancel_heard != kNever) return;
  if (facts_.seen->events[facts_.cancelled].incarnation != event.incarnation) return;
  const StepId pivot = facts_.saga->pivot();
  const bool is_too_late = pivot != kNoStep && (facts_.of(pivot, Operation::kAction).sent > 0 ||
                                                facts_.of(pivot, Operation::kAction).first_logged != kNever);
  if (!is_too_late) facts_.cancel_heard = at;
}

}  // namespace saga_harness
