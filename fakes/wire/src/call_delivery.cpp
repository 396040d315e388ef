// What a participant does with a request, and what is answered.

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

#include <saga_harness_internal/bound_data.hpp>

#include "call_server.hpp"

namespace saga_harness::wire {
namespace {

constexpr std::string_view kDone = R"({"ok":true})";  // of a fake without business
constexpr std::string_view kDoneBody = R"({"ok":true,"success":true})";
constexpr std::string_view kOtherBody = R"({"error":"this idempotency key came with another body before"})";
constexpr std::string_view kInFlight =
    R"({"error":"a request with this idempotency key is being worked on"})";

/// What is answered in place of a participant; nothing where it is asked after all.
std::optional<InsteadAnswer> answered_instead(const Fate& fate) {
  if (!fate.keeps_from_participant()) return std::nullopt;
  switch (fate.answer) {
    case AnswerFate::kInstead:
      return fate.instead;
    case AnswerFate::kReset:  // whatever is said, nobody hears it
      return InsteadAnswer{.status = ReplyStatus::kError, .meaning = ReplyStatus::kError};
    case AnswerFate::kForeign:
      return InsteadAnswer{.body = kDoneBody, .meaning = ReplyStatus::kMismatched};
    case AnswerFate::kGarbled:
      return InsteadAnswer{.status = ReplyStatus::kCorrupt, .meaning = ReplyStatus::kCorrupt};
    case AnswerFate::kAltered:
    case AnswerFate::kPassed:
    case AnswerFate::kDropped:
    case AnswerFate::kHeld:
    case AnswerFate::kTwice:
      return std::nullopt;
  }
  return std::nullopt;
}

std::uint8_t byte_of(ReplyStatus status) { return static_cast<std::uint8_t>(status); }

}  // namespace

template <class IsDue>
void CallServer::release(IsDue is_due) {
  const auto is_due_request = [&is_due](const Held& held) { return !held.deliver && is_due(held); };
  std::ranges::move(run_.release(is_due_request), std::back_inserter(due_));
}

// What is answered in place of a participant that the request does not reach. False: it does reach it.
bool CallServer::answer_instead(Call& call) {
  const Clock::time_point now = Clock::now();
  Clock::time_point& limit = limited_until_[index_of(call.operation)];
  const Fate& fate = call.fate();
  if (now < limit && !fate.keeps_from_participant()) {
    const InsteadAnswer& too_many = fate_of(FaultKind::kRateLimited).instead;
    call.status = call.meaning = too_many.status;
    call.body = too_many.body;
    call.retry_after = std::chrono::duration_cast<Duration>(limit - now);
    return true;
  }
  const std::optional<InsteadAnswer> instead = answered_instead(fate);
  if (!instead) return false;
  call.status = instead->status;
  call.body = instead->body;
  call.meaning = instead->meaning;
  if (fate.participant == ParticipantFate::kDiesBefore && !call.ordered.wire)
    run_.participants.of(call.operation.step).crash();
  if (instead->retry_after > Duration::zero()) {
    // Who ordered the fault said how often it strikes.
    if (call.ordered.id == 0) limit = now + instead->retry_after;
    call.retry_after = instead->retry_after;
  }
  return true;
}

bool CallServer::claim_key(Call& call) {
  const bool is_checked = run_.served->checks_keys[call.operation.step];
  if (call.key_number == 0 || call.has_claimed_key || !is_checked) return true;
  const IdempotencyKeys::Claim claim = run_.keys.claim(call.key_number, call.payload, call.number);
  call.has_claimed_key = claim == IdempotencyKeys::Claim::kGranted;
  if (call.has_claimed_key) return true;
  const bool is_other = claim == IdempotencyKeys::Claim::kOtherBody;
  call.status = call.meaning = is_other ? ReplyStatus::kRejected : ReplyStatus::kConflict;
  call.body = is_other ? kOtherBody : kInFlight;
  return false;
}

Delivery CallServer::delivery_of(const Call& call, bool is_duplicate) const {
  const Step& step = run_.saga.step(call.operation.step);
  return {.saga_id = run_.saga_id,
          .service = step.service,
          .action = run_.saga.action_of(call.operation),
          .step = step.name,
          .idempotency_key = call.facts.key,
          .payload = call.payload,
          .correlation_id = call.facts.correlation_id,
          .auth_token = call.facts.token,
          .operation = call.operation,
          .key_number = call.key_number,
          .attempt = attempt_in_trace(call.attempt),
          .declared = &step,
          .promised = is_duplicate && call.fate().promises()};
}

void CallServer::deliver(Call& call, bool is_duplicate) {
  if (run_.closed) return;
  run_.emit(EventType::kDelivered, call).detail = is_duplicate ? 1 : 0;
  release([number = call.number](const Held& held) {
    return held.until == HoldUntil::kNextRequest && held.call->number < number;
  });
  if (!is_duplicate) {
    call.delivered = true;
    if (answer_instead(call) || !claim_key(call)) return answered(call);
  }
  const Fate& fate = is_duplicate ? kNoFault : call.fate();
  const StepId step = call.operation.step;
  if (fate.participant == ParticipantFate::kForgets) run_.participants.of(step).forget();
  if (fate.participant == ParticipantFate::kRestored) run_.participants.restore(step);
  Reply reply = run_.participants.ask(delivery_of(call, is_duplicate));
  if (call.has_claimed_key) run_.keys.release(call.key_number);
  if (call.operation.operation == Operation::kCompensation) {
    release([step](const Held& held) {
      return held.until == HoldUntil::kCompensated && held.call->operation.step == step;
    });
  }
  if (is_duplicate) {  // nobody waits for the answer to a copy
    Event& event = run_.emit(EventType::kAnswered, call);
    event.detail = byte_of(reply.status);
    event.text = 1;
    return deliver_due();
  }
  if (fate.answer == AnswerFate::kInstead) reply = {fate.instead.status, fate.instead.body};
  if (fate.participant == ParticipantFate::kDiesAfter) {
    if (!call.ordered.wire) run_.participants.of(step).crash();
    reply = {ReplyStatus::kError, {}};
  }
  call.status = reply.status;
  call.retry_after = reply.retry_after;
  call.body = reply.ok() && reply.body == kDone ? ReplyBody(kDoneBody) : reply.body;
  call.meaning = reply.ok() && says_failure(call.body) ? ReplyStatus::kRejected : reply.status;
  const std::vector<ResultField>& results = run_.saga.step(step).result;
  const bool is_forward = call.operation.operation != Operation::kCompensation;
  if (call.meaning == ReplyStatus::kOk && is_forward && !internal::gives_results(results, call.body))
    call.meaning = ReplyStatus::kCorrupt;
  answered(call);
  if (fate.answer != AnswerFate::kAltered || call.meaning != ReplyStatus::kOk) return;
  call.body = internal::altered_answer(results, call.body, fate.altered);
  call.meaning = ReplyStatus::kCorrupt;
}

void CallServer::answered(Call& call) {
  if (call.fate().answer != AnswerFate::kForeign)
    run_.emit(EventType::kAnswered, call).detail = byte_of(call.meaning);
  if (call.meaning == ReplyStatus::kOk && call.fate().answer != AnswerFate::kForeign && !call.is_own)
    run_.data.note_answer(call.operation, call.body, run_.trace);
  deliver_due();
}

void CallServer::deliver_due() {
  while (!due_.empty()) {
    const Held held = std::move(due_.front());
    due_.erase(due_.begin());
    deliver(*held.call, held.is_duplicate);
    if (held.call->hangs && held.call->serving != nullptr) held.call->serving->exchange.wake();
  }
}

Answer CallServer::answer_of(const Call& call) const {
  const InsteadAnswer& instead = call.fate().instead;
  const bool has_own_code = call.ordered.wire == WireKind::kStatus;
  const bool is_slow = call.ordered.wire == WireKind::kSlowBody;
  const bool is_limited = call.meaning == ReplyStatus::kRateLimited;
  return {.status = call.status,
          .meaning = call.meaning,
          .body_decides = instead.status != instead.meaning,
          .code = has_own_code ? call.ordered.status : 0,
          .body = call.body,
          .correlation_id = call.foreign.empty() ? call.facts.correlation_id : call.foreign,
          .retry_after = is_limited ? call.retry_after : Duration::zero(),
          .spread = is_slow ? call.ordered.delay : Duration::zero()};
}

void CallServer::answer(const CallPtr& call, Lock& lock) {
  Event& event = run_.emit(call->timed_out ? EventType::kDropped : EventType::kReceived, *call);
  if (!call->timed_out) event.detail = byte_of(call->meaning);
  if (!call->timed_out && call->meaning == ReplyStatus::kOk)
    run_.data.note_answer(call->operation, call->body, run_.trace);
  if (!call->timed_out && call->meaning == ReplyStatus::kRateLimited)
    event.text = static_cast<std::uint32_t>(call->retry_after.count());
  if (strikes_coordinator(Instant::kAfterCall, call->operation, call->attempt))
    return crash_coordinator(*call->serving, call.get(), lock);
  if (call->sender_gone) {  // a transport might take the bytes all the same
    note(*call, Delivered::kGone, 0);
    lock.unlock();
    return call->serving->exchange.cut();
  }
  const Answer answer = answer_of(*call);
  const int code = call->serving->exchange.code_of(answer);
  if (call->resets) {
    note(*call, Delivered::kReset, 0);
  } else if (call->garbling == Garbling::kCutHead) {
    note(*call, Delivered::kCut, 0);
  } else if (call->garbling == Garbling::kCutBody) {
    note(*call, Delivered::kCut, code);
  } else {
    note(*call, answer.spread > Duration::zero() ? Delivered::kWaiting : Delivered::kWhole, code);
  }
  lock.unlock();
  write(*call, answer);
}

// Without the lock: what is written may be long in coming.
void CallServer::write(const Call& call, const Answer& answer) {
  Exchange& exchange = call.serving->exchange;
  if (call.resets) return exchange.reset();
  const bool is_written = call.garbling ? exchange.garble(answer, *call.garbling) : exchange.answer(answer);
  const bool is_slow = answer.spread > Duration::zero();
  if (is_written && !is_slow) return;
  call.serving->around.journal.update(call.entry, is_written ? Delivered::kWhole : Delivered::kGone,
                                      exchange.code_of(answer));
}

// In the journal before it can be seen on the wire.
void CallServer::note(Call& call, Delivered delivered, int code) {
  Journal& journal = call.serving->around.journal;
  if (call.entry != 0) return journal.update(call.entry, delivered, code);
  JournalEntry entry = journal_entry(call.serving->request, call.facts);
  entry.texts[static_cast<std::size_t>(JournalText::kStep)] = run_.saga.step(call.operation.step).name;
  entry.numbers.attempt = call.attempt;
  entry.numbers.status = static_cast<std::int16_t>(code);
  entry.numbers.delivered = delivered;
  if (call.struck)
    entry.numbers.fault = call.ordered.wire ? name_of(*call.ordered.wire) : name_of(call.fault);
  entry.numbers.fault_id = call.ordered.id;
  call.entry = journal.add(entry);
}

}  // namespace saga_harness::wire
