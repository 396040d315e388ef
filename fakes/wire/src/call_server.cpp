// Which fault strikes a request, and what becomes of it.

#include "call_server.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace saga_harness::wire {
namespace {

constexpr std::string_view kForeignCorrelationId = "somebody-else";
constexpr std::string_view kCallCap = "the bound on calls";

}  // namespace

JournalEntry journal_entry(const RoutedRequest& request, const RequestSummary& facts) {
  JournalEntry entry{.numbers = {.connection = request.connection,
                                 .body_bytes = request.body.size(),
                                 .operation = request.operation.operation}};
  const auto put = [&entry](JournalText which, std::string_view text) {
    entry.texts[static_cast<std::size_t>(which)] = text;
  };
  put(JournalText::kMethod, request.method);
  put(JournalText::kPath, request.shown_path ? *request.shown_path : request.path);
  put(JournalText::kSagaId, facts.saga_id);
  put(JournalText::kKey, facts.key);
  put(JournalText::kAttemptSaid, facts.attempt);
  put(JournalText::kBody, request.shown_body ? *request.shown_body : request.body);
  put(JournalText::kService, request.service);
  put(JournalText::kAction, request.action);
  return entry;
}

CallServer::CallServer(RunState& run) : run_(run) {
  const std::size_t operations = run_.saga.step_count() * kOperationCount;
  crash_offers_.resize(operations);
  limited_until_.resize(operations);
  last_came_.resize(operations);
}

void CallServer::serve(const RoutedRequest& request, Exchange& exchange, const Surroundings& around) {
  const Serving serving{request, exchange, around};
  Lock lock(run_.mutex);
  ++run_.in_flight;
  run_.last_activity = Clock::now();
  try {
    serve_locked(serving, lock);
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    exchange.cut();
  }
  if (!lock.owns_lock()) lock.lock();
  run_.leave();
  run_.last_activity = Clock::now();
}

void CallServer::serve_locked(const Serving& serving, Lock& lock) {
  if (refuse(serving, lock)) return;
  if (run_.served->points == PointKind::kDelivery) return serve_own(serving, lock);
  const OperationId operation = serving.request.operation;
  note_overdue(operation);
  if (run_.faults.can_crash_coordinator() &&
      strikes_coordinator(Instant::kBeforeCall, operation, ++crash_offers_[index_of(operation)])) {
    note_attempt(serving.request);
    return crash_coordinator(serving, nullptr, lock);
  }
  const CallPtr call = begin(serving);
  choose_fault(*call);
  perform(call, lock);
  if (!lock.owns_lock()) lock.lock();
  call->serving = nullptr;
}

bool CallServer::refuse(const Serving& serving, Lock& lock) {
  const bool is_over = !run_.is_open_ended && run_.calls >= run_.options.max_calls;
  if (!run_.closed && !is_over) return false;
  const bool is_first = !run_.closed && !std::exchange(run_.hit_call_cap, true);
  if (is_first) run_.trace.emit(EventType::kGaveUp).text = run_.trace.text_number(kCallCap);
  const std::string why = error_json(run_.closed ? "the run of this saga is over"
                                                 : "this saga has sent more requests than its run allows");
  const Answer answer{.refusal = run_.closed ? Refusal::kRunIsOver : Refusal::kTooManyRequests, .body = why};
  JournalEntry entry = journal_entry(serving.request, serving.request.facts);
  entry.numbers.status = static_cast<std::int16_t>(serving.exchange.code_of(answer));
  entry.numbers.delivered = Delivered::kWhole;
  serving.around.journal.add(entry);
  lock.unlock();
  if (is_first && run_.options.capped) run_.options.capped();
  static_cast<void>(serving.exchange.hold(kBrake));
  serving.exchange.answer(answer);
  return true;
}

// The subject did send it, whether or not it is counted: what it tried it may compensate.
void CallServer::note_attempt(const RoutedRequest& request) {
  Event& sent = run_.trace.emit(EventType::kSent);
  sent.call = static_cast<std::uint32_t>(++run_.calls);
  sent.step = request.operation.step;
  sent.operation = request.operation.operation;
  sent.attempt = attempt_in_trace(run_.attempts[index_of(request.operation)] + 1);
  sent.text = run_.trace.text_number(request.facts.key);
}

CallPtr CallServer::begin(const Serving& serving) {
  const OperationId operation = serving.request.operation;
  const auto call = std::make_shared<Call>();
  call->number = static_cast<std::uint32_t>(++run_.calls);
  call->operation = operation;
  call->attempt = ++run_.attempts[index_of(operation)];
  call->timeout = run_.options.timeout;
  last_came_[index_of(operation)] = call->came;
  call->facts = std::move(serving.request.facts);
  call->payload = serving.request.body;
  call->kept_payload = run_.data.payload_of(serving.request);
  if (!call->kept_payload.empty()) call->payload = call->kept_payload;
  call->serving = &serving;
  const std::uint32_t key = run_.trace.text_number(call->facts.key);
  Event& sent = run_.emit(EventType::kSent, *call);
  sent.text = key;
  run_.data.note_sent(operation, call->payload, run_.trace);
  call->key_number = run_.key_number(index_of(operation), call->facts.key);
  note_context(*call, sent);
  return call;
}

void CallServer::note_context(const Call& call, Event& sent) {
  const std::string& id = call.facts.correlation_id;
  if (first_correlation_id_.empty()) first_correlation_id_ = id;
  const bool is_known = id == first_correlation_id_ || id == run_.saga_id;
  if (id.empty() || !is_known) sent.detail |= kWithoutCorrelation;
  // A token is missing only where the saga has one: not every service that passes an id on knows of tokens.
  has_token_ = has_token_ || !call.facts.token.empty();
  if (has_token_ && call.facts.token.empty()) sent.detail |= kWithoutToken;
}

void CallServer::choose_fault(Call& call) {
  if (const auto lasting = run_.faults.lasting(call.operation, call.attempt))
    return run_.strike(call, *lasting);
  if (choose_ordered_fault(call)) return;
  if (const auto planned = run_.faults.at_attempt(call.operation, call.attempt)) run_.strike(call, *planned);
}

// What somebody ordered strikes before, and instead of, what the plan says.
bool CallServer::choose_ordered_fault(Call& call) {
  const RoutedRequest& request = call.serving->request;
  const std::optional<OrderedFault> fault = call.serving->around.faults.take({.service = request.service,
                                                                              .action = request.action,
                                                                              .saga_id = run_.saga_id,
                                                                              .key = call.facts.key,
                                                                              .attempt = call.attempt});
  if (!fault) return false;
  call.ordered = *fault;
  if (fault->timeout > Duration::zero()) call.timeout = fault->timeout;
  if (fault->wire) call.timeout = fault->wire == WireKind::kHang ? fault->delay : Duration::zero();
  if (fault->wire == WireKind::kInvalidJson) call.garbling = Garbling::kBadJson;
  if (fault->wire == WireKind::kWrongContentType) call.garbling = Garbling::kBadType;
  run_.strike(call, {fault->kind, FaultDuration::kOnce});
  return true;
}

// It fares as the delivery that it follows from, and is no point of its own.
void CallServer::serve_own(const Serving& serving, Lock& lock) {
  const OperationId operation = serving.request.operation;
  const std::size_t index = index_of(operation);
  const auto call = std::make_shared<Call>();
  call->is_own = true;
  call->number = static_cast<std::uint32_t>(run_.calls + 1);
  call->operation = operation;
  call->attempt = run_.attempts[index];
  call->facts = std::move(serving.request.facts);
  call->payload = serving.request.body;
  call->serving = &serving;
  call->key_number = run_.key_number(index, call->facts.key);
  if (const auto fault = std::exchange(run_.own_faults[index], std::nullopt)) {
    call->struck = true;
    call->fault = *fault;
  }
  perform(call, lock);
  if (!lock.owns_lock()) lock.lock();
  run_.own_answers[index] = call->meaning;
  call->serving = nullptr;
}

void CallServer::hold(const CallPtr& call, bool is_duplicate, HoldUntil until) {
  if (call->kept_payload.empty()) call->kept_payload = call->payload;
  call->payload = call->kept_payload;
  run_.held.push_back({call, until, is_duplicate});
}

void CallServer::perform(const CallPtr& call, Lock& lock) {
  const Fate& fate = call->fate();
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
      if (!fate.keeps_from_participant()) call->meaning = ReplyStatus::kCorrupt;
      if (!call->garbling)
        call->garbling = fate.keeps_from_participant() ? Garbling::kCutHead : Garbling::kCutBody;
      break;
    case AnswerFate::kReset:
      if (!fate.keeps_from_participant()) call->meaning = ReplyStatus::kError;
      call->resets = true;
      break;
    case AnswerFate::kAltered:
    case AnswerFate::kPassed:
    case AnswerFate::kTwice:
    case AnswerFate::kForeign:
    case AnswerFate::kInstead:
      break;
  }
  answer(call, lock);
}

void CallServer::heal() { std::ranges::fill(limited_until_, Clock::time_point()); }

void CallServer::drain() {
  drained_calls_ = run_.calls;
  wake_all();
  while (true) {
    std::vector<Held> requests = run_.release([](const Held& held) { return !held.deliver; });
    if (requests.empty()) return;
    std::ranges::move(requests, std::back_inserter(due_));
    deliver_due();
  }
}

void CallServer::wake_all() {
  for (Exchange* waiter : waiters_) waiter->wake();
}

}  // namespace saga_harness::wire
