#include "choreography_end.hpp"

#include <algorithm>

namespace saga_harness {

ChoreographyEnd::ChoreographyEnd(const SagaIndex& saga) : saga_(saga) {
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    if (saga_.successors(step).empty()) last_steps_.push_back(step);
  }
}

void ChoreographyEnd::reset() {
  succeeded_.assign(saga_.step_count(), false);
  dead_compensations_.assign(saga_.step_count(), false);
  dead_action_ = failed_ = completed_ = false;
}

bool ChoreographyEnd::note_event(EventRole role, StepId step) {
  if (role == EventRole::kFailure || role == EventRole::kDeadline) failed_ = true;
  if (role != EventRole::kSuccess || step == kNoStep || failed_ || completed_) return false;
  succeeded_[step] = true;
  completed_ = std::ranges::all_of(last_steps_, [this](StepId last) { return succeeded_[last]; });
  return completed_;
}

void ChoreographyEnd::note_dead_letter(OperationId id) {
  if (id.operation == Operation::kAction) {
    dead_action_ = true;
  } else {
    dead_compensations_[id.step] = true;
  }
}

bool ChoreographyEnd::has_dead_letters() const {
  return dead_action_ || std::ranges::find(dead_compensations_, true) != dead_compensations_.end();
}

std::optional<Outcome> ChoreographyEnd::outcome() const {
  if (has_dead_letters()) return Outcome::kFlagged;
  if (failed_) return Outcome::kCompensated;
  return std::nullopt;
}

std::vector<bool> ChoreographyEnd::accounted_for() const {
  std::vector<bool> those(saga_.step_count(), dead_action_);
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    if (dead_compensations_[step]) account_for(step, those);
  }
  return those;
}

void ChoreographyEnd::account_for(StepId step, std::vector<bool>& those) const {
  if (those[step]) return;
  those[step] = true;
  const std::string& event = saga_.step(step).emits.compensated;
  if (event.empty()) return;
  const auto waits_for_it = [&event](const std::vector<std::string>& events) {
    return std::ranges::find(events, event) != events.end();
  };
  for (StepId other = 0; other < saga_.step_count(); ++other) {
    const Step& each = saga_.step(other);
    if (waits_for_it(each.on_event) || waits_for_it(each.compensate_on)) account_for(other, those);
  }
}

}  // namespace saga_harness
