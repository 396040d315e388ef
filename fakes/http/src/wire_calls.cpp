// A run as its requests see it: which fault strikes, what the participant does, and what is answered when.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "wire_run.hpp"

namespace saga_harness::http {
namespace {

constexpr std::string_view kCallCapBody =
    R"({"error":"this saga has sent more requests than its run allows"})";
constexpr std::string_view kClosedBody = R"({"error":"the run of this saga is over"})";
constexpr std::string_view kForeignCorrelationId = "somebody-else";
constexpr std::string_view kCallCap = "the bound on calls";
constexpr std::size_t kMostKeys = 200'000;  // more than a trace has room for

}  // namespace

JournalEntry journal_entry(const RoutedRequest& routed, const RequestSummary& facts) {
  JournalEntry entry{.numbers = {.connection = routed.request.connection,
                                 .body_bytes = routed.request.body.size(),
                                 .operation = routed.operation.operation}};
  const auto put = [&entry](JournalText which, std::string_view text) {
    entry.texts[static_cast<std::size_t>(which)] = text;
  };
  put(JournalText::kMethod, routed.request.method);
  put(JournalText::kPath, routed.request.path);
  put(JournalText::kSagaId, facts.saga_id);
  put(JournalText::kKey, facts.key);
  put(JournalText::kAttemptSaid, facts.attempt);
  put(JournalText::kBody, routed.request.body);
  if (routed.endpoint == nullptr) return entry;
  put(JournalText::kService, routed.endpoint->service);
  put(JournalText::kAction, routed.endpoint->action);
  return entry;
}

void WireRun::serve(const RoutedRequest& routed) {
  Lock lock(mutex_);
  ++in_flight_;
  last_activity_ = Clock::now();
  try {
    serve_locked(routed, lock);
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    routed.exchange.close();
  }
  if (!lock.owns_lock()) lock.lock();
  if (--in_flight_ == 0) quiet_.notify_all();
  last_activity_ = Clock::now();
}

void WireRun::serve_locked(const RoutedRequest& routed, Lock& lock) {
  if (refuse_call(routed, lock)) return;
  if (has_bus()) return serve_own(routed, lock);
  note_overdue(routed);
  const std::size_t index = index_of(routed.operation);
  if (!healed_ && !at_crash_.empty() &&
      strikes_coordinator(Instant::kBeforeCall, routed.operation, ++crash_offers_[index])) {
    note_attempt(routed);
    return crash_coordinator(routed, nullptr, lock);
  }
  const CallPtr call = begin_call(routed);
  choose_fault(*call);
  perform(call, lock);
  if (!lock.owns_lock()) lock.lock();
  call->routed = nullptr;
}

bool WireRun::refuse_call(const RoutedRequest& routed, Lock& lock) {
  const bool is_over = !is_open_ended_ && calls_ >= options_.max_calls;
  if (!closed_ && !is_over) return false;
  const int status = closed_ ? 410 : 503;
  const bool is_first = !closed_ && !std::exchange(hit_call_cap_, true);
  if (is_first) emit(EventType::kGaveUp).text = text_number(kCallCap);
  JournalEntry entry = journal_entry(routed, routed.facts);
  entry.numbers.status = static_cast<std::int16_t>(status);
  entry.numbers.delivered = Delivered::kWhole;
  routed.journal.add(entry);
  lock.unlock();
  if (is_first && options_.capped) options_.capped();
  static_cast<void>(routed.exchange.wait(kBrake));
  routed.exchange.reply({.status = status, .body = status == 410 ? kClosedBody : kCallCapBody});
  return true;
}

// The subject did send it, whether or not it is counted: what it tried it may compensate.
void WireRun::note_attempt(const RoutedRequest& routed) {
  Event& sent = emit(EventType::kSent);
  sent.call = static_cast<std::uint32_t>(++calls_);
  sent.step = routed.operation.step;
  sent.operation = routed.operation.operation;
  sent.attempt = static_cast<std::uint16_t>(attempts_[index_of(routed.operation)] + 1);
  sent.text = text_number(routed.facts.key);
}

WireRun::CallPtr WireRun::begin_call(const RoutedRequest& routed) {
  const auto call = std::make_shared<Call>();
  call->number = static_cast<std::uint32_t>(++calls_);
  call->index = index_of(routed.operation);
  call->operation = routed.operation;
  call->endpoint = routed.endpoint;
  call->attempt = ++attempts_[call->index];
  call->timeout = options_.timeout;
  call->came = Clock::now();
  call->facts = std::move(routed.facts);
  call->payload = routed.request.body;
  call->routed = &routed;
  const std::uint32_t key = text_number(call->facts.key);
  Event& sent = emit(EventType::kSent, *call);
  sent.text = key;
  call->key_number = number_of_key(*call);
  note_context(*call, sent);
  return call;
}

std::uint32_t WireRun::number_of_key(const Call& call) {
  const std::string& key = call.facts.key;
  if (key.empty() || !options_.keys) return 0;
  TextNumbers& numbers = key_numbers_[call.index];
  if (const auto known = numbers.find(key); known != numbers.end()) return known->second;
  if (key_count_ == kMostKeys) forget_keys();
  return numbers.emplace(key, static_cast<std::uint32_t>(++key_count_)).first->second;
}

// A saga that is never reset and never sends the same key again would fill the memory. Its trace is no more
// whole: nothing is said of it any more.
void WireRun::forget_keys() {
  for (TextNumbers& numbers : key_numbers_) numbers.clear();
  key_states_.clear();
  key_count_ = 0;
  ++dropped_events_;
  for (const auto& participant : participants_) participant->forget();
}

void WireRun::note_context(const Call& call, Event& sent) {
  const std::string& id = call.facts.correlation_id;
  if (first_correlation_id_.empty()) first_correlation_id_ = id;
  const bool is_known = id == first_correlation_id_ || id == saga_id_;
  if (id.empty() || !is_known) sent.detail |= kWithoutCorrelation;
  // A token is missing only where the saga has one: not every service that passes an id on knows of tokens.
  has_token_ = has_token_ || !call.facts.token.empty();
  if (has_token_ && call.facts.token.empty()) sent.detail |= kWithoutToken;
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
  FaultDuration lasting = window.window;
  if (window.active && call.attempt <= window.last_attempt) {
    call.fault = window.kind;
  } else {
    if (call.routed != nullptr && choose_admin_fault(call)) return;
    if (healed_) return;
    const Alternative* picked = ask(
        {call.operation.step, call.operation.operation, Instant::kCall, call.attempt}, at_call_[call.index]);
    if (picked == nullptr) return;
    call.fault = picked->kind;
    lasting = picked->window;
    const auto budget = static_cast<std::uint32_t>(saga_.budget(call.operation));
    window = {.active = lasting != FaultDuration::kOnce,
              .kind = picked->kind,
              .window = lasting,
              .last_attempt = lasting == FaultDuration::kBudget ? call.attempt + budget - 1 : 0xFFFFFFFFU};
  }
  call.struck = true;
  Event& fault = emit(EventType::kFault, call);
  fault.detail = static_cast<std::uint8_t>(call.fault);
  fault.text = pack(Instant::kCall, lasting);
}

// What somebody asked the admin API for strikes before, and instead of, what the plan says.
bool WireRun::choose_admin_fault(Call& call) {
  const std::optional<AdminFault> fault = call.routed->faults.take({.service = call.endpoint->service,
                                                                    .action = call.endpoint->action,
                                                                    .saga_id = saga_id_,
                                                                    .key = call.facts.key,
                                                                    .attempt = call.attempt});
  if (!fault) return false;
  call.admin = *fault;
  call.fault = fault->kind;
  call.struck = true;
  if (fault->timeout > Duration::zero()) call.timeout = fault->timeout;
  if (fault->wire) call.timeout = fault->wire == WireKind::kHang ? fault->delay : Duration::zero();
  if (fault->wire == WireKind::kInvalidJson) call.ending = Ending::kBadJson;
  if (fault->wire == WireKind::kWrongContentType) call.ending = Ending::kBadType;
  Event& event = emit(EventType::kFault, call);
  event.detail = static_cast<std::uint8_t>(call.fault);
  event.text = pack(Instant::kCall, FaultDuration::kOnce);
  return true;
}

void WireRun::hold(const CallPtr& call, bool is_duplicate, HoldUntil until) {
  call->kept_payload = call->payload;
  call->payload = call->kept_payload;
  held_.push_back({call, is_duplicate, until});
}

void WireRun::perform(const CallPtr& call, Lock& lock) {
  const Fate& fate = fate_of_call(*call);
  switch (fate.request) {
    case RequestFate::kDropped:
    case RequestFate::kNoSubscriber:
      if (fate.answer != AnswerFate::kForeign) return fall_silent(call, lock, false);
      answer_instead(*call);
      call->foreign = kForeignCorrelationId;
      return answer(call, lock);
    case RequestFate::kHeld:
      return perform_held(call, fate.until, lock);
    case RequestFate::kTwice:
      if (fate.until != HoldUntil::kNothing) hold(call, true, fate.until);
      deliver(*call, false);
      if (fate.until == HoldUntil::kNothing) deliver(*call, true);
      break;
    case RequestFate::kDelivered:
      deliver(*call, false);
      break;
  }
  switch (fate.answer) {
    case AnswerFate::kDropped:
      return fall_silent(call, lock, false);
    case AnswerFate::kHeld:
      return answer_late(call, lock);
    case AnswerFate::kGarbled:
      garble(*call, fate);
      break;
    case AnswerFate::kReset:
      call->ending = Ending::kReset;
      break;
    case AnswerFate::kPassed:
    case AnswerFate::kTwice:
    case AnswerFate::kForeign:
    case AnswerFate::kInstead:
      break;
  }
  answer(call, lock);
}

// Where nothing was done, the end comes so early that nobody takes it for a success.
void WireRun::garble(Call& call, const Fate& fate) {
  if (fate.keeps_from_participant()) {
    call.ending = Ending::kCutHead;
    return;
  }
  if (call.ending == Ending::kAnswer) call.ending = Ending::kCutBody;
  call.meaning = ReplyStatus::kCorrupt;
}

}  // namespace saga_harness::http
