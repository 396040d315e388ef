// A run as its requests see it: which fault strikes, what the participant does, and what is answered when.

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "wire_run.hpp"

namespace saga_harness::http {
namespace {

constexpr std::string_view kDone = R"({"ok":true})";  // of a fake without business
constexpr std::string_view kDoneBody = R"({"ok":true,"success":true})";
constexpr std::string_view kErrorBody = R"({"error":"internal error"})";
constexpr std::string_view kCallCapBody =
    R"({"error":"this saga has sent more requests than its run allows"})";
constexpr std::string_view kClosedBody = R"({"error":"the run of this saga is over"})";
constexpr std::string_view kRateLimitedBody = R"({"error":"too many requests"})";
constexpr std::string_view kForeignCorrelationId = "somebody-else";
constexpr std::string_view kCallCap = "the bound on calls";
constexpr Duration kRetryAfter = std::chrono::seconds(1);
constexpr Duration kBrake = std::chrono::milliseconds(200);  // on who goes on when nobody listens any more
constexpr int kMostIncarnations = 64;

/// What is answered in place of a participant, where it is always the same.
struct Instead {
  FaultKind fault;
  ReplyStatus status;
  std::string_view body;
};
constexpr std::array kInstead{
    Instead{FaultKind::kRejected, ReplyStatus::kRejected, R"({"error":"rejected"})"},
    Instead{FaultKind::kRejectedInBody, ReplyStatus::kOk, R"({"success":false,"error":"rejected"})"},
    Instead{FaultKind::kUnauthorized, ReplyStatus::kUnauthorized, R"({"error":"unauthorized"})"},
    Instead{FaultKind::kConflict, ReplyStatus::kConflict, R"({"error":"conflict"})"},
    Instead{FaultKind::kUnavailable, ReplyStatus::kUnavailable, R"({"error":"unavailable"})"},
    Instead{FaultKind::kRateLimited, ReplyStatus::kRateLimited, kRateLimitedBody},
    Instead{FaultKind::kParticipantCrashBefore, ReplyStatus::kError, {}},
    Instead{FaultKind::kReplyMismatched, ReplyStatus::kOk, kDoneBody},
    Instead{FaultKind::kReplyCorruptWithoutEffect, ReplyStatus::kCorrupt, {}}};

std::uint8_t byte_of(ReplyStatus status) { return static_cast<std::uint8_t>(status); }

bool is_header_value(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) != 0x7F;
  });
}

}  // namespace

void WireRun::serve(const Visit& visit) {
  Lock lock(mutex_);
  ++in_flight_;
  last_activity_ = Clock::now();
  try {
    serve_locked(visit, lock);
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    visit.exchange.close();
  }
  if (!lock.owns_lock()) lock.lock();
  --in_flight_;
  last_activity_ = Clock::now();
  quiet_.notify_all();
}

void WireRun::serve_locked(const Visit& visit, Lock& lock) {
  if (refuse_call(visit, lock)) return;
  note_overdue(visit);
  const std::size_t index = index_of(visit.operation);
  if (!healed_ && !at_crash_.empty() &&
      strikes_coordinator(Where::kBeforeCall, visit.operation, ++crash_offers_[index])) {
    note_attempt(visit);
    return crash_coordinator(visit.exchange, lock);
  }
  const CallPtr call = begin_call(visit);
  choose_fault(*call);
  perform(call, lock);
}

bool WireRun::refuse_call(const Visit& visit, Lock& lock) {
  if (closed_) {
    lock.unlock();
    static_cast<void>(visit.exchange.wait(kBrake));
    visit.exchange.reply({.status = 410, .body = kClosedBody});
    return true;
  }
  if (is_open_ended_ || calls_ < options_.max_calls) return false;
  const bool is_first = !std::exchange(hit_call_cap_, true);
  if (is_first) emit(EventType::kGaveUp).text = text_number(kCallCap);
  lock.unlock();
  if (is_first && options_.capped) options_.capped();
  static_cast<void>(visit.exchange.wait(kBrake));
  visit.exchange.reply({.status = 503, .body = kCallCapBody});
  return true;
}

// The subject did send it, whether or not it is counted: what it tried it may compensate.
void WireRun::note_attempt(const Visit& visit) {
  Event& sent = emit(EventType::kSent);
  sent.call = static_cast<std::uint32_t>(++calls_);
  sent.step = visit.operation.step;
  sent.operation = visit.operation.operation;
  sent.attempt = static_cast<std::uint16_t>(attempts_[index_of(visit.operation)] + 1);
  sent.text = text_number(visit.facts.key);
}

WireRun::CallPtr WireRun::begin_call(const Visit& visit) {
  const auto call = std::make_shared<Call>();
  call->number = static_cast<std::uint32_t>(++calls_);
  call->index = index_of(visit.operation);
  call->operation = visit.operation;
  call->endpoint = &visit.endpoint;
  call->attempt = ++attempts_[call->index];
  call->came = Clock::now();
  call->key = visit.facts.key;
  call->correlation_id = visit.facts.correlation_id;
  call->token = visit.facts.token;
  call->payload = visit.body;
  call->exchange = &visit.exchange;
  Event& sent = emit(EventType::kSent, *call);
  sent.text = text_number(call->key);
  if (sent.text != 0 && options_.keys) {
    const std::uint64_t place = std::uint64_t{sent.text} << 32U | call->index;
    call->key_number =
        key_numbers_.try_emplace(place, static_cast<std::uint32_t>(key_numbers_.size() + 1)).first->second;
  }
  note_context(*call, sent);
  return call;
}

void WireRun::note_context(const Call& call, Event& sent) {
  if (first_correlation_id_.empty()) first_correlation_id_ = call.correlation_id;
  const bool is_known = call.correlation_id == first_correlation_id_ || call.correlation_id == saga_id_;
  if (call.correlation_id.empty() || !is_known) sent.detail |= kWithoutCorrelation;
  if (call.token.empty()) sent.detail |= kWithoutToken;
}

// What strikes at this point, if anything does.
const Alternative* WireRun::ask(const Point& point, const std::vector<Alternative>& legal) {
  if (!is_open_ended_ && !legal.empty()) questions_.push_back({point, legal});
  for (Planned& planned : planned_) {
    if (planned.fired || planned.point != point) continue;
    planned.fired = true;
    return &planned.alternative;
  }
  return nullptr;
}

void WireRun::choose_fault(Call& call) {
  ActiveWindow& window = windows_[call.index];
  Window lasting = window.window;
  if (window.active && call.attempt <= window.last_attempt) {
    call.fault = window.kind;
  } else {
    if (healed_) return;
    const Alternative* picked = ask(
        {call.operation.step, call.operation.operation, Where::kCall, call.attempt}, at_call_[call.index]);
    if (picked == nullptr) return;
    call.fault = picked->kind;
    lasting = picked->window;
    const auto budget = static_cast<std::uint32_t>(saga_.budget(call.operation));
    window = {.active = lasting != Window::kOnce,
              .kind = picked->kind,
              .window = lasting,
              .last_attempt = lasting == Window::kBudget ? call.attempt + budget - 1 : 0xFFFFFFFFU};
  }
  call.struck = true;
  Event& fault = emit(EventType::kFault, call);
  fault.detail = static_cast<std::uint8_t>(call.fault);
  fault.text = pack(Where::kCall, lasting);
}

void WireRun::perform(const CallPtr& call, Lock& lock) {
  if (!call->struck) {
    deliver(*call, false);
    return answer(call, lock);
  }
  switch (call->fault) {
    case FaultKind::kRequestLost:
      return fall_silent(call, lock, false);
    case FaultKind::kRequestLate:
      return fall_silent(call, lock, true);
    case FaultKind::kRequestLateAfterCompensation:
      return perform_held(call, Until::kCompensated, lock);
    case FaultKind::kRequestLateAfterEnd:
      return perform_held(call, Until::kEnd, lock);
    case FaultKind::kRequestReordered:
      return perform_reordered(call, lock);
    case FaultKind::kReplyMismatched:
      answer_instead(*call);
      call->foreign = kForeignCorrelationId;
      return answer(call, lock);
    case FaultKind::kDelayUnderTimeout:
    case FaultKind::kDelayOverTimeout:
    case FaultKind::kDelayPastDeadline:
      return perform_delayed(call, lock);
    case FaultKind::kRequestDuplicated:
      deliver(*call, false);
      deliver(*call, true);
      return answer(call, lock);
    case FaultKind::kRequestDuplicatedLater:
      held_.push_back({call, true, Until::kCompensated});
      deliver(*call, false);
      return answer(call, lock);
    case FaultKind::kReplyLost:
      deliver(*call, false);
      return fall_silent(call, lock, false);
    case FaultKind::kReplyLate:
      deliver(*call, false);
      return answer_late(call, lock);
    case FaultKind::kReplyCorrupt:
      deliver(*call, false);
      call->ending = Ending::kCutBody;
      call->meaning = ReplyStatus::kCorrupt;
      return answer(call, lock);
    case FaultKind::kReplyCorruptWithoutEffect:
      deliver(*call, false);
      call->ending = Ending::kCutHead;
      return answer(call, lock);
    case FaultKind::kParticipantCrashBefore:
    case FaultKind::kParticipantCrashAfter:
      deliver(*call, false);
      call->ending = Ending::kReset;
      return answer(call, lock);
    case FaultKind::kRejected:
    case FaultKind::kRejectedInBody:
    case FaultKind::kUnauthorized:
    case FaultKind::kConflict:
    case FaultKind::kUnavailable:
    case FaultKind::kRateLimited:
    case FaultKind::kErrorAfterEffect:
    case FaultKind::kParticipantForgets:
    case FaultKind::kReplyDuplicated:
    case FaultKind::kDelayAtTimeout:
    case FaultKind::kCoordinatorCrash:
    case FaultKind::kTakeover:
    case FaultKind::kCancel:
    case FaultKind::kStartDuplicated:
    case FaultKind::kClockForward:
    case FaultKind::kClockBack:
    case FaultKind::kLogWriteError:
    case FaultKind::kLogWriteTorn:
    case FaultKind::kLogWriteLost:
    case FaultKind::kLogReadStale:
      deliver(*call, false);
      return answer(call, lock);
  }
}

void WireRun::perform_held(const CallPtr& call, Until until, Lock& lock) {
  held_.push_back({call, false, until});
  fall_silent(call, lock, false);
}

// Waits for another request of the saga to overtake it, as long as the caller does.
void WireRun::perform_reordered(const CallPtr& call, Lock& lock) {
  held_.push_back({call, false, Until::kNextRequest});
  call->hangs = true;
  hanging_.push_back(call);
  pause(*call, lock, well_after_timeout());
  std::erase(hanging_, call);
  call->hangs = false;
  if (call->delivered && !call->timed_out) return answer(call, lock);
  time_out(*call);
  lock.unlock();
  call->exchange->close();
}

// A slow participant: what it does, it does shortly before the caller gives up.
void WireRun::perform_delayed(const CallPtr& call, Lock& lock) {
  Duration time = just_before_timeout();
  if (call->fault == FaultKind::kDelayPastDeadline) {
    const Duration left = saga_.saga().deadline.value_or(Duration::zero()) - Duration(now());
    time = std::max(left, Duration::zero());
  }
  const Waited waited = pause(*call, lock, time);
  deliver(*call, false);
  if (waited == Waited::kPeerGone) return fall_silent(call, lock, false);
  if (call->fault == FaultKind::kDelayOverTimeout) return answer_late(call, lock);
  answer(call, lock);
}

// What is answered in place of a participant that the request does not reach. False: it does reach it.
bool WireRun::answer_instead(Call& call) {
  const Clock::time_point now = Clock::now();
  Clock::time_point& limit = limited_until_[call.index];
  const bool is_kept_away = call.struck && keeps_from_participant(call.fault);
  if (now < limit && !is_kept_away) {
    call.status = call.meaning = ReplyStatus::kRateLimited;
    call.body = kRateLimitedBody;
    call.retry_after = std::chrono::duration_cast<Duration>(limit - now);
    return true;
  }
  if (!is_kept_away) return false;
  const auto found = std::ranges::find(kInstead, call.fault, &Instead::fault);
  if (found == kInstead.end()) return false;
  call.status = found->status;
  call.body = found->body;
  call.meaning = call.fault == FaultKind::kRejectedInBody    ? ReplyStatus::kRejected
                 : call.fault == FaultKind::kReplyMismatched ? ReplyStatus::kMismatched
                                                             : call.status;
  if (call.fault == FaultKind::kParticipantCrashBefore)
    participants_[stage_->service_of_step[call.operation.step]]->crash();
  if (call.fault == FaultKind::kRateLimited) {
    limit = now + kRetryAfter;
    call.retry_after = kRetryAfter;
  }
  return true;
}

void WireRun::deliver(Call& call, bool is_duplicate) {
  if (closed_) return;
  emit(EventType::kDelivered, call).detail = is_duplicate ? 1 : 0;
  release(Until::kNextRequest, kNoStep, call.number);
  if (!is_duplicate) {
    call.delivered = true;
    if (answer_instead(call)) return answered(call);
  }
  Participant& participant = *participants_[stage_->service_of_step[call.operation.step]];
  const bool is_struck = call.struck && !is_duplicate;
  if (is_struck && call.fault == FaultKind::kParticipantForgets) participant.forget();
  const Delivery delivery{.saga_id = saga_id_,
                          .service = call.endpoint->service,
                          .action = call.endpoint->action,
                          .step = saga_.step(call.operation.step).name,
                          .idempotency_key = call.key,
                          .payload = call.payload,
                          .correlation_id = call.correlation_id,
                          .auth_token = call.token,
                          .operation = call.operation,
                          .key_number = call.key_number,
                          .attempt = call.attempt};
  Books books(*this);
  Reply reply;
  try {
    reply = participant.handle(delivery, books);
  } catch (...) {
    reply = {ReplyStatus::kError, kErrorBody};
  }
  if (call.operation.operation == Operation::kCompensation)
    release(Until::kCompensated, call.operation.step, 0);
  if (is_duplicate) {  // nobody waits for the answer to a copy
    Event& event = emit(EventType::kAnswered, call);
    event.detail = byte_of(reply.status);
    event.text = 1;
    return deliver_due();
  }
  if (is_struck && call.fault == FaultKind::kErrorAfterEffect) reply = {ReplyStatus::kError, kErrorBody};
  if (is_struck && call.fault == FaultKind::kParticipantCrashAfter) {
    participant.crash();
    reply = {ReplyStatus::kError, {}};
  }
  call.status = reply.status;
  call.retry_after = reply.retry_after;
  call.body = reply.ok() && reply.body == kDone ? kDoneBody : reply.body;
  call.meaning = reply.ok() && says_failure(call.body) ? ReplyStatus::kRejected : reply.status;
  answered(call);
}

void WireRun::answered(Call& call) {
  const bool is_foreign = call.struck && call.fault == FaultKind::kReplyMismatched;
  if (!is_foreign) emit(EventType::kAnswered, call).detail = byte_of(call.meaning);
  deliver_due();
}

void WireRun::release(Until until, StepId step, std::uint32_t before_call) {
  for (auto at = held_.begin(); at != held_.end();) {
    const Call& call = *at->call;
    const bool is_due = at->until == until && (until == Until::kCompensated ? call.operation.step == step
                                                                            : call.number < before_call);
    if (!is_due) {
      ++at;
      continue;
    }
    due_.push_back(std::move(*at));
    at = held_.erase(at);
  }
}

void WireRun::deliver_due() {
  while (!due_.empty()) {
    const Held held = std::move(due_.front());
    due_.erase(due_.begin());
    deliver(*held.call, held.is_duplicate);
    if (held.call->hangs) held.call->exchange->wake();
  }
}

void WireRun::answer(const CallPtr& call, Lock& lock) {
  if (!call->timed_out) {
    Event& event = emit(EventType::kReceived, *call);
    event.detail = byte_of(call->meaning);
    if (call->meaning == ReplyStatus::kRateLimited)
      event.text = static_cast<std::uint32_t>(call->retry_after.count());
  }
  if (strikes_coordinator(Where::kAfterCall, call->operation, call->attempt))
    return crash_coordinator(*call->exchange, lock);
  lock.unlock();
  write(*call);
}

// The caller has given up when it comes.
void WireRun::answer_late(const CallPtr& call, Lock& lock) {
  call->hangs = true;
  hanging_.push_back(call);
  pause(*call, lock, well_after_timeout());
  std::erase(hanging_, call);
  call->hangs = false;
  time_out(*call);
  if (strikes_coordinator(Where::kAfterCall, call->operation, call->attempt))
    return crash_coordinator(*call->exchange, lock);
  emit(EventType::kDropped, *call);
  lock.unlock();
  write(*call);
}

void WireRun::write(const Call& call) {
  const auto route = call.endpoint->route.replies.find(call.status);
  const HttpReply* special = route == call.endpoint->route.replies.end() ? nullptr : &route->second;
  const bool is_own = special == nullptr || special->body.empty() || call.fault == FaultKind::kRejectedInBody;
  WireReply reply{
      .status = special == nullptr || special->status == 0 ? usual_http_status(call.status) : special->status,
      .body = is_own ? std::string_view(call.body) : std::string_view(special->body)};
  std::string headers;
  const std::string_view correlation = call.foreign.empty() ? call.correlation_id : call.foreign;
  if (is_header_value(correlation)) headers.append("X-Correlation-ID: ").append(correlation).append("\r\n");
  if (call.meaning == ReplyStatus::kRateLimited) {
    const double seconds = std::ceil(std::chrono::duration<double>(call.retry_after).count());
    fmt::format_to(std::back_inserter(headers), "Retry-After: {}\r\n", static_cast<int>(seconds));
  }
  if (special != nullptr) {
    for (const auto& [name, value] : special->headers)
      headers.append(name).append(": ").append(value).append("\r\n");
  }
  reply.headers = headers;
  switch (call.ending) {
    case Ending::kAnswer:
      call.exchange->reply(reply);
      return;
    case Ending::kCutBody: {
      const std::string bytes = call.exchange->bytes_of(reply);
      call.exchange->send(std::string_view(bytes).substr(0, bytes.size() - reply.body.size() / 2 - 1));
      return call.exchange->close();
    }
    case Ending::kCutHead:
      call.exchange->send("HTTP/1.1 20");
      return call.exchange->close();
    case Ending::kReset:
      return call.exchange->reset();
    case Ending::kSilence:
      return call.exchange->close();
  }
}

// The caller hears nothing: it is left waiting if it is known how long it does, else the connection ends.
void WireRun::fall_silent(const CallPtr& call, Lock& lock, bool delivers_afterwards) {
  if (options_.timeout > Duration::zero()) {
    call->hangs = true;
    hanging_.push_back(call);
    pause(*call, lock, well_after_timeout());
    std::erase(hanging_, call);
    call->hangs = false;
  }
  time_out(*call);
  if (delivers_afterwards) deliver(*call, false);
  if (strikes_coordinator(Where::kAfterCall, call->operation, call->attempt))
    return crash_coordinator(*call->exchange, lock);
  lock.unlock();
  call->exchange->close();
}

Waited WireRun::pause(Call& call, Lock& lock, Duration time) {
  rests_on_time_ = true;
  waiters_.push_back(call.exchange);
  lock.unlock();
  const Waited waited = call.exchange->wait(time);
  lock.lock();
  std::erase(waiters_, call.exchange);
  return waited;
}

void WireRun::time_out(Call& call) {
  if (!std::exchange(call.timed_out, true)) emit(EventType::kTimedOut, call).detail = 0;
}

// Who sends again has given up waiting, even if its connection is still open.
void WireRun::note_overdue(const Visit& visit) {
  for (const CallPtr& call : hanging_) {
    const bool is_same = call->operation == visit.operation;
    if (is_same || Clock::now() >= call->came + just_before_timeout()) time_out(*call);
  }
}

bool WireRun::strikes_coordinator(Where where, OperationId operation, std::uint16_t attempt) {
  if (healed_ || closed_ || at_crash_.empty() || incarnation_ >= kMostIncarnations) return false;
  const Point point{operation.step, operation.operation, where, attempt};
  if (ask(point, at_crash_) == nullptr) return false;
  Event& fault = emit(EventType::kFault);
  fault.step = point.step;
  fault.operation = point.operation;
  fault.attempt = point.attempt;
  fault.detail = static_cast<std::uint8_t>(FaultKind::kCoordinatorCrash);
  fault.text = pack(where, Window::kOnce);
  return true;
}

void WireRun::crash_coordinator(WireExchange& exchange, Lock& lock) {
  emit(EventType::kCrashed);
  ++incarnation_;
  emit(EventType::kStarted).detail = static_cast<std::uint8_t>(StartCause::kAfterCrash);
  lock.unlock();
  options_.crash();
  exchange.close();
}

Duration WireRun::just_before_timeout() const {
  const Duration margin = std::max<Duration>(options_.timeout / 8, std::chrono::milliseconds(20));
  return std::max(options_.timeout - margin, Duration::zero());
}

Duration WireRun::well_after_timeout() const {
  return options_.timeout + std::max<Duration>(options_.timeout / 4, std::chrono::milliseconds(100));
}

}  // namespace saga_harness::http
