#include <algorithm>
#include <utility>

#include "orchestration.hpp"

namespace saga_harness {

void Orchestration::go_forward() {
  find_ready();
  for (;;) {
    if (!failing_ && is_cancelled()) failing_ = cancelled_ = true;
    if (!failing_) launch_ready();
    // Once failing, what is under way is still heard out, but nothing is tried again.
    if (failing_) give_up_retries();
    if (active_.empty() || is_over_) return;
    if (failing_ && has(OrchestratorBug::kCompensatesInFlight)) return leave_in_flight();
    await_progress();
  }
}

// It is taken for what may be done.
void Orchestration::leave_in_flight() {
  for (const StepId id : active_) progress_[id].maybe_done = true;
  active_.clear();
}

// In writing: whoever takes over would otherwise hold for possible what is known not to have been done.
void Orchestration::give_up_retries() {
  for (std::size_t i = active_.size(); i-- > 0;) {
    const StepId id = active_[i];
    if (progress_[id].phase == Phase::kBackingOff) give_up(id);
  }
}

void Orchestration::find_ready() {
  for (const StepId id : index_.order()) {
    Progress& progress = progress_[id];
    if (has(OrchestratorBug::kForwardOrderReversed)) {
      progress.missing = static_cast<int>(index_.successors(id).size());
    } else {
      for (const StepId before : index_.predecessors(id)) progress.missing += !is_past(before);
    }
    if (progress.missing > 0 && starts_early(id)) progress.missing = 0;
    if (progress.missing == 0 && progress.phase == Phase::kWaiting && !is_skipped(id)) ready_.push_back(id);
  }
}

// Some bugs do not wait for what comes before.
bool Orchestration::starts_early(StepId id) {
  if (id == index_.pivot()) return has(OrchestratorBug::kPivotFirst);
  const bool waits_for_pivot = index_.pivot() != kNoStep && index_.precedes(index_.pivot(), id);
  return waits_for_pivot && step(id).compensation.empty() && has(OrchestratorBug::kIrreversibleEarly);
}

bool Orchestration::goes_on_after_any(StepId id) {
  const Progress& progress = progress_[id];
  return progress.phase == Phase::kWaiting && !progress.intended &&
         std::ranges::find(ready_, id) == ready_.end() && has(OrchestratorBug::kJoinOnAny);
}

bool Orchestration::is_skipped(StepId id) {
  if (index_.has_choices() ? is_ruled_out(id) : runtime_.is_skipped(id))
    return !has(OrchestratorBug::kConditionIgnored);
  return bug_ != OrchestratorBug::kNone && is_wrongly_skipped(id);
}

// By what is in the log: whoever asks has all before it settled.
bool Orchestration::is_ruled_out(StepId id) {
  if (runtime_.is_skipped(id)) return true;
  const bool is_ruled_out = runtime_.is_skipped(id, results_);
  if (bug_ == OrchestratorBug::kNone || runtime_.is_skipped(id, {}) == is_ruled_out) return is_ruled_out;
  const bool takes_none = has(OrchestratorBug::kChoiceWithoutAnswer) ||
                          (resumed_ && has(OrchestratorBug::kChoiceForgottenOnResume));
  return takes_none ? !is_ruled_out : is_ruled_out;
}

bool Orchestration::is_wrongly_skipped(StepId id) {
  if (step(id).optional && has(OrchestratorBug::kOptionalLeftOut)) return true;
  if (!step(id).has_effect && has(OrchestratorBug::kCheckLeftOut)) return true;
  return bug_ == OrchestratorBug::kSkipsWhatFollows &&
         std::ranges::any_of(index_.predecessors(id), [this](StepId before) { return is_skipped(before); }) &&
         has(OrchestratorBug::kSkipsWhatFollows);
}

// By its own failure.
bool Orchestration::fails_saga(StepId id) {
  return !step(id).optional || has(OrchestratorBug::kOptionalFailureFailsSaga);
}

// Of those before `id`, it must be known whether anything is missing.
bool Orchestration::is_past(StepId id) {
  const Progress& progress = progress_[id];
  if (progress.phase == Phase::kDone) return true;
  if (progress.phase == Phase::kFailed) return !fails_saga(id);
  return progress.missing == 0 && is_skipped(id);
}

void Orchestration::launch_ready() {
  for (std::size_t i = 0; i < ready_.size() && !failing_ && !is_over_; ++i) {
    const StepId id = ready_[i];
    Progress& progress = progress_[id];
    if (remaining() <= Duration::zero()) {
      failing_ = true;
      break;
    }
    if (!progress.intended) {
      progress.intended = true;
      if (!has(OrchestratorBug::kIntentAfterCall)) log(LogKind::kIntent, id, progress.operation);
    }
    if (has(OrchestratorBug::kDoneBeforeCall)) log(LogKind::kDone, id, progress.operation);
    active_.push_back(id);
    attempt(id);
  }
  ready_.clear();
}

void Orchestration::retire(StepId id) { std::erase(active_, id); }

Duration Orchestration::remaining() const {
  return deadline_ == Time::max() ? Duration::max() : deadline_ - runtime_.now();
}

// By an open circuit breaker: it has to wait.
bool Orchestration::is_held_back(StepId id, Phase Progress::*phase) {
  const Time open = breakers_.may_send(step(id).service, runtime_.now());
  if (open <= runtime_.now()) return false;
  progress_[id].*phase = Phase::kBackingOff;
  progress_[id].wake = open;
  return true;
}

void Orchestration::attempt(StepId id) {
  Progress& progress = progress_[id];
  const OperationId operation{id, progress.operation};
  if (remaining() <= Duration::zero()) {  // the deadline has passed while the log was being written
    give_up(id);
    return;
  }
  if (is_over_ || is_held_back(id, &Progress::phase)) return;
  ++progress.attempts;
  progress.phase = Phase::kInFlight;
  make_sure_of_lead();
  if (is_over_) return;
  const Duration timeout =
      has(OrchestratorBug::kTimeoutNotKept) ? std::chrono::hours(24) : index_.timeout(operation);
  progress.pending =
      runtime_.start(request(id, progress.operation, progress.attempts, std::min(timeout, remaining())));
  is_over_ = runtime_.has_ended();
}

std::optional<Orchestration::Arrival> Orchestration::await_any(Phase Progress::*phase) {
  pending_.clear();
  pending_steps_.clear();
  Time wake = Time::max();
  for (const StepId id : active_) {
    const Progress& progress = progress_[id];
    if (progress.*phase == Phase::kInFlight) {
      pending_.push_back(progress.pending);
      pending_steps_.push_back(id);
    } else {
      wake = std::min(wake, progress.wake);
    }
  }
  auto completion = runtime_.wait_any(pending_, wake);
  is_over_ = runtime_.has_ended();
  if (!completion || is_over_) return std::nullopt;
  return Arrival{pending_steps_[completion->index], std::move(completion->reply)};
}

// As if answers came in the order in which they were asked for.
void Orchestration::credit_in_order_asked(Arrival& arrival) {
  const StepId first = pending_steps_.front();
  if (arrival.step == first || !has(OrchestratorBug::kCompletionCreditedInOrderAsked)) return;
  std::swap(progress_[arrival.step].pending, progress_[first].pending);
  arrival.step = first;
}

void Orchestration::await_progress() {
  if (auto arrival = await_any(&Progress::phase)) {
    credit_in_order_asked(*arrival);
    settle(arrival->step, arrival->reply);
    return;
  }
  if (is_over_) return;
  for (std::size_t i = 0; i < active_.size(); ++i) {
    const StepId id = active_[i];
    if (progress_[id].phase != Phase::kBackingOff || progress_[id].wake > runtime_.now()) continue;
    if (remaining() > Duration::zero()) {
      attempt(id);
      continue;
    }
    give_up(id);
    return;
  }
}

void Orchestration::settle(StepId id, const Reply& reply) {
  Progress& progress = progress_[id];
  const bool gives_results = !step(id).result.empty();
  ReplyStatus status = meaning_of(reply);
  if (gives_results && status == ReplyStatus::kOk) status = usable(id, reply);
  breakers_.heard(step(id).service, status, runtime_.now());
  if (gives_results) note_first_answer(id, reply);
  progress.answered = progress.answered || status != ReplyStatus::kTimeout;
  progress.retry_after = wait_asked_for(reply);
  if (progress.attempts == 1 && has(OrchestratorBug::kIntentAfterCall))
    log(LogKind::kIntent, id, progress.operation);
  switch (status) {
    case ReplyStatus::kOk:
      if (gives_results) keep_result(id, reply);
      mark_done(id);
      return;
    case ReplyStatus::kRejected:
    case ReplyStatus::kUnauthorized:
    case ReplyStatus::kConflict:
      if (progress.maybe_done && has(OrchestratorBug::kAmbiguityClearedByRejection))
        progress.maybe_done = false;
      refused_ = true;
      retry_or_give_up(id, has(OrchestratorBug::kRejectionRetried));
      return;
    case ReplyStatus::kUnavailable:
    case ReplyStatus::kRateLimited:
      progress.maybe_done = true;  // this attempt did nothing, but a copy of it may be accepted
      if (index_.saga().deadline && has(OrchestratorBug::kSleepsOutDeadline))
        runtime_.sleep(std::max(deadline_ - runtime_.now(), Duration::zero()));
      retry_or_give_up(id, !has(OrchestratorBug::kTransientIsFinal));
      return;
    case ReplyStatus::kCorrupt:
      if (has(OrchestratorBug::kCorruptIsSuccess)) {
        mark_done(id);
        return;
      }
      if (!has(OrchestratorBug::kCorruptIsFailure)) progress.maybe_done = true;
      retry_or_give_up(id, may_repeat(id));
      return;
    case ReplyStatus::kMismatched:
    case ReplyStatus::kError:
      progress.maybe_done = true;
      retry_or_give_up(id, may_repeat(id));
      return;
    case ReplyStatus::kTimeout:
      if (has(OrchestratorBug::kTimeoutIsSuccess)) {
        mark_done(id);
        return;
      }
      progress.maybe_done = true;
      retry_or_give_up(id, may_repeat(id) && !has(OrchestratorBug::kTimeoutNotRetried));
      return;
  }
}

bool Orchestration::may_repeat(StepId id) {
  return step(id).idempotent || has(OrchestratorBug::kRepeatsNotIdempotent);
}

// By an attempt that did not succeed.
bool Orchestration::may_be_left(StepId id) const { return progress_[id].maybe_done && step(id).has_effect; }

void Orchestration::mark_done(StepId id) {
  progress_[id].phase = Phase::kDone;
  retire(id);
  let_go_on_after(id);
  if (has(OrchestratorBug::kDoneBeforeCall)) return;
  write({.kind = LogKind::kDone,
         .step = step(id).name,
         .operation = progress_[id].operation,
         .note = known_result(id)});
}

void Orchestration::let_go_on_after(StepId id) {
  const bool is_reversed = has(OrchestratorBug::kForwardOrderReversed);
  for (const StepId after : is_reversed ? index_.predecessors(id) : index_.successors(id)) {
    Progress& progress = progress_[after];
    if (--progress.missing != 0 && !goes_on_after_any(after)) continue;
    if (is_skipped(after)) {
      let_go_on_after(after);
    } else if (progress.phase == Phase::kWaiting) {
      ready_.push_back(after);
    }
  }
}

void Orchestration::retry_or_give_up(StepId id, bool retry_helps) {
  Progress& progress = progress_[id];
  const int budget = index_.budget({id, progress.operation});
  const bool is_left = progress.attempts < budget ||
                       (progress.attempts == budget && has(OrchestratorBug::kOneAttemptTooMany)) ||
                       has(OrchestratorBug::kUnboundedRetry);
  if (retry_helps && !failing_ && is_left) {
    const Duration wait = has(OrchestratorBug::kBackoffIgnored)
                              ? Duration::zero()
                              : backoff(step(id).retry, progress.attempts + 1);
    progress.wake = runtime_.now() + std::max(wait, progress.retry_after);
    if (progress.wake < deadline_) {  // else compensation would only wait for an attempt that comes too late
      progress.phase = Phase::kBackingOff;
      return;
    }
  }
  // Forward recovery is taken only when it is certain that the action left nothing: else both might take
  // effect.
  const bool has_fallback = progress.operation == Operation::kAction && !step(id).fallback.empty();
  if (has_fallback && !may_be_left(id) && !failing_ && remaining() > Duration::zero()) {
    progress.operation = Operation::kFallback;
    progress.attempts = 0;
    log(LogKind::kIntent, id, Operation::kFallback);
    attempt(id);
    return;
  }
  give_up(id);
}

void Orchestration::give_up(StepId id) {
  if (id == index_.order().back() && has(OrchestratorBug::kLastFailureIgnored)) {
    mark_done(id);
    return;
  }
  note_failed(id);
  if (!failing_) let_go_on_after(id);
}

void Orchestration::note_failed(StepId id) {
  Progress& progress = progress_[id];
  progress.phase = Phase::kFailed;
  failing_ = failing_ || fails_saga(id);
  retire(id);
  write({.kind = LogKind::kFailed,
         .step = step(id).name,
         .operation = progress.operation,
         .maybe_done = may_be_left(id)});
}

}  // namespace saga_harness
