// How a fault that takes its time strikes: what is held back, left waiting, or killed.

#include <algorithm>
#include <utility>

#include "wire_run.hpp"

namespace saga_harness::http {
namespace {

constexpr int kMostIncarnations = 64;

Duration just_before(Duration timeout) {
  const Duration margin = std::max<Duration>(timeout / 8, std::chrono::milliseconds(20));
  return std::max(timeout - margin, Duration::zero());
}

// Who gives up ends the connection, and with it the waiting. Who has not by then, because its machine stood
// still, would still hear us.
Duration well_after(Duration timeout) {
  return timeout + std::max<Duration>(timeout, std::chrono::seconds(1));
}

}  // namespace

void WireRun::perform_held(const CallPtr& call, HoldUntil until, Lock& lock) {
  switch (until) {
    case HoldUntil::kNothing:
      deliver(*call, false);
      return answer(call, lock);
    case HoldUntil::kAnswerBeforeTimeout:
    case HoldUntil::kAnswerAtTimeout:
    case HoldUntil::kAnswerAfterTimeout:
    case HoldUntil::kAnswerAfterDeadline:
      return call->admin.wire ? perform_slow(call, lock) : perform_delayed(call, until, lock);
    case HoldUntil::kTimeout:
      return fall_silent(call, lock, true);
    case HoldUntil::kNextRequest:
      return perform_reordered(call, lock);
    case HoldUntil::kCompensated:
    case HoldUntil::kEnd:
      hold(call, false, until);
      return fall_silent(call, lock, false);
  }
}

// Waits for another request of the saga to overtake it, as long as the caller does.
void WireRun::perform_reordered(const CallPtr& call, Lock& lock) {
  hold(call, false, HoldUntil::kNextRequest);
  call->hangs = true;
  hanging_.push_back(call);
  pause(*call, lock, well_after(call->timeout));
  std::erase(hanging_, call);
  call->hangs = false;
  if (call->delivered && !call->timed_out) return answer(call, lock);
  time_out(*call);
  note(*call, Delivered::kClosed, 0);
  lock.unlock();
  call->routed->exchange.close();
}

// The effect at once, the answer slowly.
void WireRun::perform_slow(const CallPtr& call, Lock& lock) {
  deliver(*call, false);
  if (call->admin.wire == WireKind::kSlowBody) {
    call->ending = Ending::kSlowBody;
  } else if (pause(*call, lock, call->admin.delay) == Waited::kPeerGone) {
    call->timeout = Duration::zero();
    return fall_silent(call, lock, false);
  }
  answer(call, lock);
}

// A slow participant: what it does, it does shortly before the caller gives up.
void WireRun::perform_delayed(const CallPtr& call, HoldUntil until, Lock& lock) {
  Duration time = just_before(call->timeout);
  if (until == HoldUntil::kAnswerAfterDeadline) {
    const Duration left = saga_.saga().deadline.value_or(Duration::zero()) - Duration(now());
    time = std::max(left, Duration::zero());
  }
  if (!claim_key(*call)) return answer(call, lock);
  const Waited waited = pause(*call, lock, time);
  deliver(*call, false);
  if (waited == Waited::kPeerGone) {
    call->timeout = Duration::zero();
    return fall_silent(call, lock, false);
  }
  if (until == HoldUntil::kAnswerAfterTimeout) return answer_late(call, lock);
  answer(call, lock);
}

// The caller has given up when the answer comes.
void WireRun::answer_late(const CallPtr& call, Lock& lock) {
  call->hangs = true;
  hanging_.push_back(call);
  pause(*call, lock, well_after(call->timeout));
  std::erase(hanging_, call);
  call->hangs = false;
  time_out(*call);
  answer(call, lock);
}

// The caller hears nothing: it is left waiting if it is known how long it does, else the connection ends.
void WireRun::fall_silent(const CallPtr& call, Lock& lock, bool delivers_afterwards) {
  Delivered delivered = Delivered::kClosed;
  if (call->timeout > Duration::zero()) {
    call->hangs = true;
    hanging_.push_back(call);
    const bool is_exact = call->admin.wire == WireKind::kHang;
    if (pause(*call, lock, is_exact ? call->timeout : well_after(call->timeout)) == Waited::kPeerGone)
      delivered = Delivered::kGone;
    std::erase(hanging_, call);
    call->hangs = false;
  }
  time_out(*call);
  if (delivers_afterwards) deliver(*call, false);
  if (strikes_coordinator(Instant::kAfterCall, call->operation, call->attempt))
    return crash_coordinator(*call->routed, call.get(), lock);
  note(*call, delivered, 0);
  lock.unlock();
  call->routed->exchange.close();
}

Waited WireRun::pause(Call& call, Lock& lock, Duration time) {
  WireExchange* const exchange = &call.routed->exchange;
  rests_on_time_ = true;
  note(call, Delivered::kWaiting, 0);
  if (closed_ || call.number <= drained_calls_) return Waited::kWoken;
  waiters_.push_back(exchange);
  lock.unlock();
  const Waited waited = exchange->wait(time);
  lock.lock();
  std::erase(waiters_, exchange);
  call.peer_gone = call.peer_gone || waited == Waited::kPeerGone;
  return waited;
}

void WireRun::time_out(Call& call) {
  if (std::exchange(call.timed_out, true)) return;
  emit(EventType::kTimedOut, call).detail = static_cast<std::uint8_t>(ReplyStatus::kTimeout);
}

// Who sends again has given up waiting, even if its connection is still open.
void WireRun::note_overdue(const RoutedRequest& routed) {
  for (const CallPtr& call : hanging_) {
    const bool is_same = call->operation == routed.operation;
    if (is_same || Clock::now() >= call->came + just_before(call->timeout)) time_out(*call);
  }
}

bool WireRun::strikes_coordinator(Instant instant, OperationId operation, std::uint16_t attempt) {
  if (healed_ || closed_ || at_crash_.empty() || incarnation_ >= kMostIncarnations) return false;
  const Point point{operation.step, operation.operation, instant, attempt};
  if (ask(point, at_crash_) == nullptr) return false;
  Event& fault = emit(EventType::kFault);
  fault.step = point.step;
  fault.operation = point.operation;
  fault.attempt = point.attempt;
  fault.detail = static_cast<std::uint8_t>(FaultKind::kCoordinatorCrash);
  fault.text = pack(instant, FaultDuration::kOnce);
  return true;
}

void WireRun::crash_coordinator(const RoutedRequest& routed, Call* call, Lock& lock) {
  emit(EventType::kCrashed);
  ++incarnation_;
  emit(EventType::kStarted).detail = static_cast<std::uint8_t>(StartCause::kAfterCrash);
  if (call != nullptr) {
    note(*call, Delivered::kClosed, 0);
  } else {
    JournalEntry entry = journal_entry(routed, routed.facts);
    entry.numbers.fault = name_of(FaultKind::kCoordinatorCrash);
    entry.numbers.delivered = Delivered::kClosed;
    routed.journal.add(entry);
  }
  lock.unlock();
  options_.crash();
  routed.exchange.close();
}

}  // namespace saga_harness::http
