// What the trace says of optional steps: whose failure is no failure of the saga.

#include <algorithm>
#include <array>

#include <saga_harness/fault_catalogue.hpp>

#include "trace_summary.hpp"

namespace saga_harness {

// Then nothing else of the saga was kept from working.
bool FactReader::struck_only_optional(const Event& event) const {
  const bool is_of_attempt =
      event.call != 0 && event.step < summary_.step_count() && instant_of(event) == Instant::kCall;
  return is_of_attempt && is_spared(event) && !is_breach(static_cast<FaultKind>(event.detail));
}

// It was tried, and is not under way any more: those after it may go on without it.
bool FactReader::is_passed_over(StepId step, const Event& now) const {
  if (!has_optional_ || !summary_.saga->step(step).optional) return false;
  const OperationSummary& action = summary_.of(step, Operation::kAction);
  const bool is_begun = action.sent > 0 || action.first_logged != kNever;
  return is_begun && !is_under_way(action, now) &&
         !is_under_way(summary_.of(step, Operation::kFallback), now);
}

// Told to an incarnation that died before writing it down, a success is not known to the next.
bool FactReader::knows_it_done(const Event& event) const {
  return std::ranges::any_of(std::array{Operation::kAction, Operation::kFallback}, [&](Operation operation) {
    const OperationSummary& now = summary_.of(event.step, operation);
    const bool was_told = now.confirmed != kNever && now.confirmed_by == event.incarnation;
    return was_told || now.succeeded != kNever;
  });
}

// What is not known to be done may be undone as soon as it is given up, or with all the others.
bool FactReader::may_be_undone_at_once(const Event& event) const {
  return summary_.saga->step(event.step).optional && !rollback_began_ &&
         summary_.compensating_logged == kNever && !knows_it_done(event);
}

void FactReader::note_undone_at_once(const Event& event) {
  if (std::ranges::find(undone_at_once_, event.step) == undone_at_once_.end())
    undone_at_once_.push_back(event.step);
}

// An action is sent or intended, or a rollback written down: it was not the beginning of one.
void FactReader::went_on_after_undoing_at_once() {
  if (rollback_began_ || summary_.compensating_logged != kNever) return;
  summary_.compensation_began = kNever;
  std::ranges::fill(compensated_, std::uint64_t{0});
  for (const StepId step : undone_at_once_) std::erase(unsettled_, step);
  undone_at_once_.clear();
}

// What a record says of optional steps and of choices.
void FactReader::note_record(const Event& event) {
  const auto kind = static_cast<LogKind>(event.detail);
  if (kind == LogKind::kIntent || kind == LogKind::kCompensating) {
    if (!undone_at_once_.empty()) went_on_after_undoing_at_once();
  } else if (choices_ && (kind == LogKind::kDone || kind == LogKind::kFailed)) {
    note_choice_logged(event, kind == LogKind::kDone);
  }
}

// Whoever tries it again has not given it up: what was sent after it came too early.
void FactReader::note_optional_asked_again(const Event& event) {
  if (summary_.taken_up) return;
  for (const StepId after : summary_.saga->successors(event.step)) {
    OperationSummary& later = summary_.operations[static_cast<std::size_t>(after) * kOperationCount +
                                                  static_cast<std::size_t>(Operation::kAction)];
    if (later.sent == 0 || later.sent_by != event.incarnation || later.out_of_turn != kNever) continue;
    note(Rule::kOrderRespected, later.out_of_turn, later.first_sent);
    later.out_of_turn_before = event.step;
  }
}

}  // namespace saga_harness
