// What the trace says of the order in which requests went out.

#include <algorithm>

#include "facts.hpp"

namespace saga_harness {

void FactReader::sent_compensation(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  if (facts_.compensating_logged == kNever)
    facts.sent_without_intent = std::min(facts.sent_without_intent, at);
  facts_.compensation_began = std::min(facts_.compensation_began, at);
  facts.under_way = at;
  if (facts.sent > 1) return;
  note_passing_on(event, at);
  note_undoing_in_flight(event, at);

  ++facts_.compensated_steps;
  StepFacts& step = facts_.steps[event.step];
  const OperationFacts& action = facts_.of(event.step, Operation::kAction);
  const OperationFacts& fallback = facts_.of(event.step, Operation::kFallback);
  if (action.sent + fallback.sent == 0 && action.first_logged == kNever && fallback.first_logged == kNever) {
    step.unintended = at;
  }
  const SagaIndex& saga = *facts_.saga;
  for (std::size_t word = 0; word < words_; ++word) {
    if ((related_sets_[event.step * words_ + word] & compensated_[word]) != 0) {
      facts_.ordered_compensations = true;
    }
    const std::uint64_t early = predecessor_sets_[event.step * words_ + word] & compensated_[word];
    if (early == 0) continue;
    step.out_of_order = at;
    step.overtaken_by = static_cast<StepId>(word * 64 + static_cast<std::size_t>(__builtin_ctzll(early)));
    break;
  }
  for (const StepId after : unsettled_) {
    if (!saga.precedes(event.step, after)) continue;
    if (facts.missing_result == kNoStep) {
      facts.sent_without_results = at;
      facts.missing_result = after;
    }
    const Position under_way = facts_.of(after, Operation::kCompensation).under_way;
    StepFacts& later = facts_.steps[after];
    if (under_way == kNever || later.joined_answered != kNever) continue;
    later.joined_sent = under_way;
    later.joined_by = event.step;
    later.joined_at = at;
  }
  if (facts.settled == kNever) unsettled_.push_back(event.step);
  compensated_[event.step / 64] |= std::uint64_t{1} << event.step % 64;
}

void FactReader::sent_forward(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  const auto deadline = facts_.saga->saga().deadline;
  if (deadline && event.at >= facts_.started_at + deadline->count()) {
    facts_.sent_past_deadline = std::min(facts_.sent_past_deadline, at);
  }
  if (facts_.compensation_began != kNever || facts_.compensating_logged != kNever) {
    facts_.went_on = std::min(facts_.went_on, at);
  }
  if (facts.first_logged == kNever) facts.sent_without_intent = std::min(facts.sent_without_intent, at);
  facts.under_way = at;
  if (facts.sent > 1) return;
  note_order(event, at);
  note_passing_on(event, at);
  const bool is_begun_late = facts_.cancel_heard != kNever && event.operation == Operation::kAction &&
                             facts_.seen->events[facts_.cancel_heard].incarnation == event.incarnation;
  if (is_begun_late) facts_.begun_after_cancel = std::min(facts_.begun_after_cancel, at);
  for (const StepId before : waits_for_[event.step]) {
    if (facts_.of(before, Operation::kAction).settled != kNever) continue;
    if (facts_.of(before, Operation::kFallback).settled != kNever) continue;
    facts.sent_without_results = at;
    facts.missing_result = before;
    return;
  }
}

// Over a wire nobody sees when a subject stops to wait: only an answer that it still heard shows that it did.
void FactReader::answer_heard(const Event& event, Position at) {
  StepFacts& step = facts_.steps[event.step];
  if (!ends_waiting(event)) return;
  const bool was_joined = step.joined_sent != kNever && step.joined_answered == kNever;
  if (was_joined && facts_.seen->events[step.joined_sent].call == event.call) step.joined_answered = at;
}

// True for the attempt that was sent last.
bool FactReader::ends_waiting(const Event& event) {
  Position& under_way = facts_of(event).under_way;
  if (under_way == kNever || facts_.seen->events[under_way].call != event.call) return false;
  under_way = kNever;
  return true;
}

}  // namespace saga_harness
