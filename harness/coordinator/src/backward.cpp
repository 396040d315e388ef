#include <algorithm>

#include "orchestration.hpp"

namespace saga_harness {

using Bug = OrchestratorBug;

bool Orchestration::needs_undoing(StepId id) {
  const Progress& progress = progress_[id];
  if (progress.undone) return false;
  if (progress.phase == Phase::kDone) return true;
  if (!progress.maybe_done) return !step(id).compensation.empty() && has(Bug::kCompensatesUnattempted);
  if (has(Bug::kAmbiguousNotCompensated)) return false;
  if (!progress.answered && has(Bug::kRegisterAfterSuccess)) return false;
  if (resumed_ && has(Bug::kInDoubtNotCompensated)) return false;
  return true;
}

void Orchestration::go_backward() {
  if (!compensating_) {
    if (has(Bug::kEndBeforeCompensating)) write({.kind = LogKind::kEnd, .outcome = Outcome::kCompensated});
    if (has(Bug::kRolledBackBeforeRollback)) runtime_.report(Outcome::kCompensated);
    write({.kind = LogKind::kCompensating});
  }
  const std::span<const StepId> order = index_.order();
  const bool is_forward = order.size() > 1 && has(Bug::kForwardOrder);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const StepId id = is_forward ? order[i] : order[order.size() - 1 - i];
    if (!needs_undoing(id)) continue;
    if (id == order.front() && has(Bug::kSkipsFirst)) continue;
    const bool is_last_done = std::ranges::none_of(order, [&](StepId other) {
      return other != id && index_.precedes(id, other) && progress_[other].phase == Phase::kDone;
    });
    if (is_last_done && has(Bug::kSkipsLast)) continue;
    if (undo(id)) continue;
    if (has(Bug::kStopsAtFirstFailure)) break;
  }
  if (!flagged_.empty() && has(Bug::kFailureSwallowed)) flagged_.clear();
  end(flagged_.empty() ? Outcome::kCompensated : Outcome::kFlagged);
}

bool Orchestration::undo(StepId id) {
  Progress& progress = progress_[id];
  if (step(id).compensation.empty() || progress.stuck) {
    flagged_.push_back(step(id).name);
    return false;
  }
  if (has(Bug::kUndoneBeforeCall)) log(LogKind::kUndone, id, Operation::kCompensation);
  const int budget = index_.budget({id, Operation::kCompensation});
  for (int attempt = 1;; ++attempt) {
    const Reply reply = try_compensation(id, attempt);
    const ReplyStatus status = meaning_of(reply);
    if (status == ReplyStatus::kOk ||
        (status == ReplyStatus::kCorrupt && has(Bug::kCorruptCompensationIsDone))) {
      progress.undone = true;
      if (!has(Bug::kUndoneBeforeCall)) log(LogKind::kUndone, id, Operation::kCompensation);
      return true;
    }
    if (is_definite_refusal(status) || attempt >= budget || has(Bug::kCompensationNotRetried)) break;
    runtime_.sleep(std::max(backoff(step(id).compensation_retry, attempt + 1), wait_asked_for(reply)));
  }
  progress.stuck = true;
  flagged_.push_back(step(id).name);
  log(LogKind::kStuck, id, Operation::kCompensation);
  return false;
}

Reply Orchestration::try_compensation(StepId id, int attempt) {
  for (Time open; (open = breakers_.may_send(step(id).service, runtime_.now())) > runtime_.now();)
    runtime_.sleep(open - runtime_.now());
  make_sure_of_lead();
  const Reply reply =
      runtime_.call(request(id, Operation::kCompensation, attempt, step(id).compensation_timeout));
  if (breakers_.are_there()) breakers_.heard(step(id).service, meaning_of(reply), runtime_.now());
  return reply;
}

}  // namespace saga_harness
