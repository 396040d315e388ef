// What the trace says of the order in which requests went out.

#include <algorithm>

#include "trace_summary.hpp"

namespace saga_harness {

void FactReader::sent_compensation(const Event& event, Position at) {
  OperationSummary& summary = summary_of(event);
  const bool is_at_once = has_optional_ && may_be_undone_at_once(event);
  if (is_at_once) {
    note_undone_at_once(event);
  } else {
    rollback_began_ = true;
    if (summary_.compensating_logged == kNever) note(Rule::kWriteAheadLog, summary.sent_without_intent, at);
  }
  summary_.compensation_began = std::min(summary_.compensation_began, at);
  summary.under_way = at;
  if (summary.sent > 1) return;
  note_passing_on(event, at);
  note_undoing_in_flight(event, at);

  ++summary_.compensated_steps;
  StepSummary& step = summary_.steps[event.step];
  const OperationSummary& action = summary_.of(event.step, Operation::kAction);
  const OperationSummary& fallback = summary_.of(event.step, Operation::kFallback);
  if (action.sent + fallback.sent == 0 && action.first_logged == kNever && fallback.first_logged == kNever) {
    step.unintended = at;
  }
  const SagaIndex& saga = *summary_.saga;
  for (std::size_t word = 0; word < words_; ++word) {
    if ((related_sets_[event.step * words_ + word] & compensated_[word]) != 0) {
      summary_.ordered_compensations = true;
    }
    const std::uint64_t early = predecessor_sets_[event.step * words_ + word] & compensated_[word];
    if (early == 0) continue;
    step.out_of_order = at;
    step.overtaken_by = static_cast<StepId>(word * 64 + static_cast<std::size_t>(__builtin_ctzll(early)));
    break;
  }
  for (const StepId after : unsettled_) {
    if (!saga.precedes(event.step, after)) continue;
    if (summary.missing_result == kNoStep) {
      note(Rule::kWriteAheadLog, summary.sent_without_results, at);
      summary.missing_result = after;
    }
    const Position under_way = summary_.of(after, Operation::kCompensation).under_way;
    StepSummary& later = summary_.steps[after];
    if (under_way == kNever || later.joined_answered != kNever) continue;
    later.joined_sent = under_way;
    later.joined_by = event.step;
    later.joined_at = at;
  }
  if (summary.settled == kNever) unsettled_.push_back(event.step);
  compensated_[event.step / 64] |= std::uint64_t{1} << event.step % 64;
}

void FactReader::sent_forward(const Event& event, Position at) {
  OperationSummary& summary = summary_of(event);
  if (!undone_at_once_.empty()) went_on_after_undoing_at_once();
  const auto deadline = summary_.saga->saga().deadline;
  if (deadline && event.at >= summary_.started_at + deadline->count()) {
    summary_.sent_past_deadline = std::min(summary_.sent_past_deadline, at);
  }
  if (summary_.compensation_began != kNever || summary_.compensating_logged != kNever) {
    summary_.went_on = std::min(summary_.went_on, at);
  }
  if (summary.first_logged == kNever) note(Rule::kWriteAheadLog, summary.sent_without_intent, at);
  summary.under_way = at;
  if (is_spared(event)) note_optional_asked_again(event);
  if (summary.sent > 1) return;
  if (event.operation == Operation::kAction && !summary_.saga->predecessors(event.step).empty())
    summary_.any_successor_sent = true;
  note_order(event, at);
  note_passing_on(event, at);
  const bool is_begun_late = summary_.cancel_heard != kNever && event.operation == Operation::kAction &&
                             summary_.seen->events[summary_.cancel_heard].incarnation == event.incarnation;
  if (is_begun_late) summary_.begun_after_cancel = std::min(summary_.begun_after_cancel, at);
  for (const StepId before : waits_for_[event.step]) {
    if (summary_.of(before, Operation::kAction).settled != kNever) continue;
    if (summary_.of(before, Operation::kFallback).settled != kNever) continue;
    note(Rule::kWriteAheadLog, summary.sent_without_results, at);
    summary.missing_result = before;
    return;
  }
}

// Over a wire nobody sees when a subject stops to wait: only an answer that it still heard shows that it did.
void FactReader::answer_heard(const Event& event, Position at) {
  StepSummary& step = summary_.steps[event.step];
  if (!ends_waiting(event)) return;
  const bool was_joined = step.joined_sent != kNever && step.joined_answered == kNever;
  if (was_joined && summary_.seen->events[step.joined_sent].call == event.call) step.joined_answered = at;
}

// True for the attempt that was sent last.
bool FactReader::ends_waiting(const Event& event) {
  Position& under_way = summary_of(event).under_way;
  if (under_way == kNever || summary_.seen->events[under_way].call != event.call) return false;
  under_way = kNever;
  return true;
}

}  // namespace saga_harness
