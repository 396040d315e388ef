#include <algorithm>

#include <saga_harness_internal/bound_data.hpp>

#include "orchestration.hpp"

namespace saga_harness {

bool Orchestration::needs_undoing(StepId id) {
  const Progress& progress = progress_[id];
  if (progress.undone) return false;
  if (progress.phase != Phase::kDone && !progress.maybe_done) {
    if (index_.compensates_refused() && step(id).compensated_if_refused && progress.phase == Phase::kFailed)
      return !has(OrchestratorBug::kRefusedNotCompensated);
    return !step(id).compensation.empty() && has(OrchestratorBug::kCompensatesUnattempted);
  }
  if (index_.has_checks() && !step(id).has_effect) return has(OrchestratorBug::kCheckMakesItFlagged);
  if (progress.phase == Phase::kDone) return true;
  if (has(OrchestratorBug::kAmbiguousNotCompensated)) return false;
  if (step(id).optional && has(OrchestratorBug::kOptionalFailureForgotten)) return false;
  if (!progress.answered && has(OrchestratorBug::kRegisterAfterSuccess)) return false;
  if (resumed_ && has(OrchestratorBug::kInDoubtNotCompensated)) return false;
  return true;
}

bool Orchestration::is_left_out(StepId id) {
  const std::span<const StepId> order = index_.order();
  if (id == order.front() && has(OrchestratorBug::kSkipsFirst)) return true;
  if (bug_ != OrchestratorBug::kSkipsLast) return false;
  const bool is_last_done = std::ranges::none_of(order, [&](StepId other) {
    return other != id && index_.precedes(id, other) && progress_[other].phase == Phase::kDone;
  });
  return is_last_done && has(OrchestratorBug::kSkipsLast);
}

void Orchestration::go_backward() {
  if (!compensating_) {
    if (has(OrchestratorBug::kEndBeforeCompensating))
      write({.kind = LogKind::kEnd, .outcome = Outcome::kCompensated});
    if (!is_over_ && has(OrchestratorBug::kRolledBackBeforeRollback)) runtime_.report(Outcome::kCompensated);
    if (!is_over_ && has(OrchestratorBug::kCompletedToldEarly)) runtime_.report(Outcome::kCompleted);
    write({.kind = LogKind::kCompensating});
  }
  find_undoable();
  const bool was_cancelled = runtime_.cancel_requested();
  for (;;) {
    if (!was_cancelled && runtime_.cancel_requested() && has(OrchestratorBug::kCancelStopsCompensation))
      break;
    launch_undoing();
    if (is_over_) return;
    if (active_.empty()) break;
    await_undoing();
    if (is_over_) return;
  }
  if (!flagged_.empty() && has(OrchestratorBug::kFailureSwallowed)) flagged_.clear();
  end(flagged_.empty() ? Outcome::kCompensated : Outcome::kFlagged);
}

// In a sequence: all of them, one after the other. In parallel: those that no other comes after; each of the
// rest as soon as those after it are settled.
void Orchestration::find_undoable() {
  ready_.clear();
  const std::span<const StepId> order = index_.order();
  if (index_.saga().parallel_compensation) {
    for (std::size_t i = order.size(); i-- > 0;) {
      auto successors = static_cast<int>(index_.successors(order[i]).size());
      if (successors > 0 && has(OrchestratorBug::kUndoesAllAtOnce)) successors = 0;
      progress_[order[i]].missing = successors;
      if (successors == 0) ready_.push_back(order[i]);
    }
    return;
  }
  ready_.assign(order.begin(), order.end());
  const bool is_forward = order.size() > 1 && (has(OrchestratorBug::kForwardOrder) ||
                                               bug_ == OrchestratorBug::kForwardOrderReversed);
  if (!is_forward) std::ranges::reverse(ready_);
}

void Orchestration::launch_undoing() {
  const bool is_parallel = index_.saga().parallel_compensation;
  while (launched_ < ready_.size() && !stopped_undoing_ && !is_over_ && (is_parallel || active_.empty()))
    undo(ready_[launched_++]);
}

void Orchestration::undo(StepId id) {
  Progress& progress = progress_[id];
  if (!needs_undoing(id) || is_left_out(id)) return let_go_on_before(id);
  if (step(id).compensation.empty() || progress.stuck) return flag(id);
  // Nobody could tell the service what to undo.
  const bool is_named = step(id).compensates_without_result || !known_result(id).empty();
  if (!is_named && internal::needs_own_result(step(id))) return flag(id);
  if (has(OrchestratorBug::kUndoneBeforeCall)) log(LogKind::kUndone, id, Operation::kCompensation);
  progress.attempts = 0;
  active_.push_back(id);
  attempt_undoing(id);
}

void Orchestration::attempt_undoing(StepId id) {
  Progress& progress = progress_[id];
  if (is_over_ || is_held_back(id, &Progress::undoing)) return;
  ++progress.attempts;
  progress.undoing = Phase::kInFlight;
  make_sure_of_lead();
  if (is_over_) return;
  progress.pending =
      runtime_.start(request(id, Operation::kCompensation, progress.attempts, step(id).compensation_timeout));
  is_over_ = runtime_.has_ended();
}

void Orchestration::await_undoing() {
  if (const auto arrival = await_any(&Progress::undoing)) {
    settle_undoing(arrival->step, arrival->reply);
    return;
  }
  if (is_over_) return;
  for (const StepId id : active_) {
    if (progress_[id].undoing == Phase::kBackingOff && progress_[id].wake <= runtime_.now())
      attempt_undoing(id);
  }
}

void Orchestration::settle_undoing(StepId id, const Reply& reply) {
  Progress& progress = progress_[id];
  const ReplyStatus status = meaning_of(reply);
  breakers_.heard(step(id).service, status, runtime_.now());
  if (status == ReplyStatus::kOk ||
      (status == ReplyStatus::kCorrupt && has(OrchestratorBug::kCorruptCompensationIsDone))) {
    return mark_undone(id);
  }
  const int budget = index_.budget({id, Operation::kCompensation});
  const bool is_left = progress.attempts < budget ||
                       (progress.attempts == budget && has(OrchestratorBug::kOneCompensationTooMany));
  if (!is_definite_refusal(status) && is_left && !has(OrchestratorBug::kCompensationNotRetried)) {
    const Duration wait = backoff(step(id).compensation_retry, progress.attempts + 1);
    progress.undoing = Phase::kBackingOff;
    const bool heeds =
        reply.retry_after == Duration::zero() || !has(OrchestratorBug::kRetryAfterIgnoredUndoing);
    progress.wake = runtime_.now() + std::max(wait, heeds ? wait_asked_for(reply) : Duration::zero());
    return;
  }
  retire(id);
  progress.stuck = true;
  log(LogKind::kStuck, id, Operation::kCompensation);
  flag(id);
}

void Orchestration::mark_undone(StepId id) {
  retire(id);
  progress_[id].undone = true;
  if (!has(OrchestratorBug::kUndoneBeforeCall)) log(LogKind::kUndone, id, Operation::kCompensation);
  let_go_on_before(id);
}

void Orchestration::flag(StepId id) {
  flagged_.push_back(step(id).name);
  stopped_undoing_ = stopped_undoing_ || has(OrchestratorBug::kStopsAtFirstFailure);
  let_go_on_before(id);
}

// There is nothing more to be done about this step: those before it need not wait for it.
void Orchestration::let_go_on_before(StepId id) {
  if (!index_.saga().parallel_compensation) return;
  const std::span<const StepId> before = index_.predecessors(id);
  for (std::size_t i = before.size(); i-- > 0;) {
    if (--progress_[before[i]].missing == 0) ready_.push_back(before[i]);
  }
}

}  // namespace saga_harness
