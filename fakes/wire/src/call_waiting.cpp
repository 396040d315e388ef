// How a fault that takes its time strikes: what is held back, left waiting, or killed.

#include <algorithm>
#include <utility>

#include "call_server.hpp"

namespace saga_harness::wire {
namespace {

constexpr int kMostIncarnations = 64;

Duration earlier(Duration timeout, int part) {
  const Duration margin = std::max<Duration>(timeout / part, std::chrono::milliseconds(20));
  return std::max(timeout - margin, Duration::zero());
}

// Who sends again by then has given up: clocks differ a little.
Duration just_before(Duration timeout) { return earlier(timeout, 8); }

// When a slow participant answers: a busy machine has so much time left to hand the answer on.
Duration well_before(Duration timeout) { return earlier(timeout, 4); }

// Who gives up ends the connection, and with it the waiting. Who has not by then, because its machine stood
// still, would still hear us.
Duration well_after(Duration timeout) {
  return timeout + std::max<Duration>(timeout, std::chrono::seconds(1));
}

}  // namespace

void CallServer::perform_held(const CallPtr& call, HoldUntil until, Lock& lock) {
  switch (until) {
    case HoldUntil::kNothing:
      deliver(*call, false);
      return answer(call, lock);
    case HoldUntil::kAnswerBeforeTimeout:
    case HoldUntil::kAnswerAtTimeout:
    case HoldUntil::kAnswerAfterTimeout:
    case HoldUntil::kAnswerAfterDeadline:
      return call->ordered.wire ? perform_slow(call, lock) : perform_delayed(call, until, lock);
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

// Of requests that are sent side by side either may come first, as threads run: one that comes just after
// another is as good as overtaken by it.
bool CallServer::came_beside_another(const Call& call) const {
  const auto [step, operation] = call.operation;
  const bool goes_back = operation == Operation::kCompensation;
  for (StepId other = 0; other < run_.saga.step_count(); ++other) {
    if (other == step || run_.saga.precedes(other, step) || run_.saga.precedes(step, other)) continue;
    for (const Operation beside : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
      if ((beside == Operation::kCompensation) != goes_back) continue;
      const Clock::time_point came = last_came_[index_of({other, beside})];
      if (came != Clock::time_point() && call.came - came < call.timeout / 4) return true;
    }
  }
  return false;
}

// Waits for another request of the saga to overtake it, as long as the sender does.
void CallServer::perform_reordered(const CallPtr& call, Lock& lock) {
  if (came_beside_another(*call)) {
    deliver(*call, false);
    return answer(call, lock);
  }
  hold(call, false, HoldUntil::kNextRequest);
  hang(call, lock, well_after(call->timeout));
  if (call->delivered && !call->timed_out) return answer(call, lock);
  run_.time_out(*call);
  note(*call, Delivered::kClosed, 0);
  lock.unlock();
  call->serving->exchange.cut();
}

// The effect at once, the answer slowly.
void CallServer::perform_slow(const CallPtr& call, Lock& lock) {
  deliver(*call, false);
  const bool comes_in_pieces = call->ordered.wire == WireKind::kSlowBody;
  if (!comes_in_pieces && pause(*call, lock, call->ordered.delay) == Waited::kPeerGone) {
    call->timeout = Duration::zero();
    return fall_silent(call, lock, false);
  }
  answer(call, lock);
}

// A slow participant: what it does, it does shortly before the sender gives up.
void CallServer::perform_delayed(const CallPtr& call, HoldUntil until, Lock& lock) {
  Duration time = well_before(call->timeout);
  if (until == HoldUntil::kAnswerAfterDeadline) {
    const Duration left = run_.saga.saga().deadline.value_or(Duration::zero()) - Duration(run_.trace.now());
    time = std::max(left, Duration::zero());
  }
  if (!claim_key(*call)) return answer(call, lock);
  run_.slow.push_back({call, until});
  const Waited waited = pause(*call, lock, time);
  no_longer_slow(call);
  deliver(*call, false);
  if (waited == Waited::kPeerGone) {
    call->timeout = Duration::zero();
    return fall_silent(call, lock, false);
  }
  if (until == HoldUntil::kAnswerAfterTimeout) return answer_late(call, lock);
  answer(call, lock);
}

// The sender has given up when the answer comes.
void CallServer::answer_late(const CallPtr& call, Lock& lock) {
  hang(call, lock, well_after(call->timeout));
  run_.time_out(*call);
  answer(call, lock);
}

// The sender hears nothing: it is left waiting if it is known how long it does, else the connection ends.
void CallServer::fall_silent(const CallPtr& call, Lock& lock, bool delivers_afterwards) {
  Delivered delivered = Delivered::kClosed;
  if (delivers_afterwards) run_.slow.push_back({call, HoldUntil::kTimeout});
  if (call->timeout > Duration::zero()) {
    const bool is_exact = call->ordered.wire == WireKind::kHang;
    const Duration time = is_exact ? call->timeout : well_after(call->timeout);
    if (hang(call, lock, time) == Waited::kPeerGone) delivered = Delivered::kGone;
  }
  run_.time_out(*call);
  no_longer_slow(call);
  if (delivers_afterwards && !call->delivered) deliver(*call, false);
  if (strikes_coordinator(Instant::kAfterCall, call->operation, call->attempt))
    return crash_coordinator(*call->serving, call.get(), lock);
  note(*call, delivered, 0);
  lock.unlock();
  call->serving->exchange.cut();
}

void CallServer::no_longer_slow(const CallPtr& call) {
  std::erase_if(run_.slow, [&call](const Held& each) { return each.call == call; });
}

Waited CallServer::hang(const CallPtr& call, Lock& lock, Duration time) {
  call->hangs = true;
  hanging_.push_back(call);
  const Waited waited = pause(*call, lock, time);
  std::erase(hanging_, call);
  call->hangs = false;
  return waited;
}

Waited CallServer::pause(Call& call, Lock& lock, Duration time) {
  Exchange* const exchange = &call.serving->exchange;
  run_.rests_on_time = true;
  note(call, Delivered::kWaiting, 0);
  if (run_.closed || call.number <= drained_calls_) return Waited::kWoken;
  waiters_.push_back(exchange);
  lock.unlock();
  const Waited waited = exchange->hold(time);
  lock.lock();
  std::erase(waiters_, exchange);
  call.sender_gone = call.sender_gone || waited == Waited::kPeerGone;
  return waited;
}

// Who sends again has given up waiting, even if its connection is still open, or nobody has seen its end yet:
// what was to arrive after that comes before whatever is sent next, whichever thread is the faster.
void CallServer::note_overdue(OperationId operation) {
  for (const CallPtr& call : hanging_) {
    const bool is_same = call->operation == operation;
    if (!is_same && Clock::now() < call->came + just_before(call->timeout)) continue;
    run_.time_out(*call);
    const auto slow = std::ranges::find(run_.slow, call, &Held::call);
    if (slow != run_.slow.end() && slow->until == HoldUntil::kTimeout && !call->delivered)
      deliver(*call, false);
  }
}

bool CallServer::strikes_coordinator(Instant instant, OperationId operation, std::uint32_t attempt) {
  if (run_.closed || run_.trace.incarnation() >= kMostIncarnations) return false;
  const Point point{operation.step, operation.operation, instant, attempt_in_trace(attempt)};
  if (!run_.faults.at_coordinator(point)) return false;
  Event& fault = run_.trace.emit(EventType::kFault);
  fault.step = point.step;
  fault.operation = point.operation;
  fault.attempt = point.attempt;
  fault.detail = static_cast<std::uint8_t>(FaultKind::kCoordinatorCrash);
  fault.text = pack(instant, FaultDuration::kOnce);
  return true;
}

void CallServer::crash_coordinator(const Serving& serving, Call* call, Lock& lock) {
  run_.trace.emit(EventType::kCrashed);
  run_.trace.begin_incarnation();
  run_.trace.emit(EventType::kStarted).detail = static_cast<std::uint8_t>(StartCause::kAfterCrash);
  if (call != nullptr) {
    note(*call, Delivered::kClosed, 0);
  } else {
    JournalEntry entry = journal_entry(serving.request, serving.request.facts);
    entry.numbers.fault = name_of(FaultKind::kCoordinatorCrash);
    entry.numbers.delivered = Delivered::kClosed;
    serving.around.journal.add(entry);
  }
  lock.unlock();
  run_.options.crash();
  serving.exchange.cut();
}

}  // namespace saga_harness::wire
