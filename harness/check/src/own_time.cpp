#include "own_time.hpp"

#include <algorithm>

#include <saga_harness/trace.hpp>

namespace saga_harness {
namespace {

bool is_forward(const Event& event) { return event.operation != Operation::kCompensation; }

Duration wait_after(const Event& event, const SagaIndex& saga) {
  const Step& step = saga.step(event.step);
  const Duration back_off =
      backoff(is_forward(event) ? step.retry : step.compensation_retry, event.attempt + 1);
  // Retry-After; the trace of a choreography has none.
  const bool is_asked = event.type == EventType::kReceived && !saga.is_choreography();
  return is_asked ? std::max(back_off, Duration(event.text)) : back_off;
}

bool is_failure(const Event& event) {
  if (event.type == EventType::kTimedOut) return true;
  return event.type == EventType::kReceived && static_cast<ReplyStatus>(event.detail) != ReplyStatus::kOk;
}

// What is done from here on says nothing of why the forward work was given up.
bool gives_up(const Event& event, const SagaIndex& saga) {
  if (event.type == EventType::kReported) return true;
  if (saga.is_choreography()) {
    return event.type == EventType::kPublished &&
           static_cast<EventRole>(event.detail) == EventRole::kDeadline;
  }
  // What is undone of an optional step need not mean that the saga has failed.
  if (event.type == EventType::kSent) return !is_forward(event) && !saga.step(event.step).optional;
  return event.type == EventType::kLogged && static_cast<LogKind>(event.detail) == LogKind::kCompensating;
}

}  // namespace

void OwnTime::reset() {
  waits_.clear();
  is_away_ = is_unpublished_ = false;
  now_ = own_ = 0;
}

void OwnTime::pass_to(std::int64_t time, Duration tolerance) {
  std::int64_t explained = now_;
  for (const Wait& wait : waits_) explained = std::max(explained, wait.until);
  if (!is_away_ && !is_unpublished_) own_ += std::max<std::int64_t>(0, time - explained - tolerance.count());
  now_ = std::max(now_, time);
}

void OwnTime::sent(const Event& event, const SagaIndex& saga, bool is_exact) {
  const OperationId operation{event.step, event.operation};
  std::erase_if(waits_, [&](const Wait& wait) { return wait.is_back_off && wait.operation == operation; });
  Duration wait = saga.timeout(operation);
  if (!is_exact) wait += wait_after(event, saga);  // over a wire nobody sees when a caller gives up
  waits_.push_back({.call = event.call, .operation = operation, .until = event.at + wait.count()});
}

void OwnTime::failed(const Event& event, const SagaIndex& saga) {
  over(event.call);
  waits_.push_back({.call = event.call,
                    .operation = {event.step, event.operation},
                    .until = event.at + wait_after(event, saga).count(),
                    .is_back_off = true});
}

void OwnTime::over(std::uint32_t call) {
  std::erase_if(waits_, [call](const Wait& wait) { return wait.call == call; });
}

void OwnTime::take(const Event& event, const SagaIndex& saga, bool is_exact) {
  switch (event.type) {
    case EventType::kSent:
      return sent(event, saga, is_exact);
    case EventType::kReceived:
    case EventType::kTimedOut:
      return is_failure(event) ? failed(event, saga) : over(event.call);
    case EventType::kDeadLettered:
      return over(event.call);
    case EventType::kCrashed:
    case EventType::kReturned:
      is_away_ = true;
      return waits_.clear();
    case EventType::kStarted:
    case EventType::kWokeUp:
      is_away_ = false;
      return;
    case EventType::kFault:
      if (saga.is_choreography() &&
          (instant_of(event) == Instant::kPublish || instant_of(event) == Instant::kCommit))
        is_unpublished_ = true;
      return;
    case EventType::kPublished:
      is_unpublished_ = false;
      return;
    case EventType::kDelivered:
    case EventType::kAnswered:
    case EventType::kDropped:
    case EventType::kApplied:
    case EventType::kUndone:
    case EventType::kLogged:
    case EventType::kNotLogged:
    case EventType::kLoggedStep:
    case EventType::kReported:
    case EventType::kReportedStep:
    case EventType::kThrew:
    case EventType::kGaveUp:
    case EventType::kHealed:
    case EventType::kMarked:
      return;
  }
}

bool OwnTime::explains_deadline(const Observation& observation, const SagaIndex& saga) {
  const std::optional<Duration>& deadline = saga.saga().deadline;
  if (!deadline) return false;
  reset();
  for (const Event& event : observation.events) {
    pass_to(event.at, observation.tolerance);
    const bool may_be_tried_again = is_failure(event) && is_forward(event) && !saga.is_choreography();
    if (may_be_tried_again && event.at - own_ + wait_after(event, saga).count() >= deadline->count())
      return true;
    if (gives_up(event, saga)) return event.at - own_ >= deadline->count();
    take(event, saga, observation.tolerance == Duration::zero());
  }
  return false;
}

}  // namespace saga_harness
