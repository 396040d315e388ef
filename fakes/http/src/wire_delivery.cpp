// What a participant does with a request, and how its answer is written.

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "wire_run.hpp"

namespace saga_harness::http {
namespace {

using fault_table::kErrorBody;

constexpr std::string_view kDone = R"({"ok":true})";  // of a fake without business
constexpr std::string_view kDoneBody = R"({"ok":true,"success":true})";
constexpr std::string_view kOtherBody = R"({"error":"this idempotency key came with another body before"})";
constexpr std::string_view kInFlight =
    R"({"error":"a request with this idempotency key is being worked on"})";
constexpr std::string_view kBadJson = R"({"ok":true,"success":)";
constexpr std::size_t kPieces = 10;  // of a slow body, at most

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
    case AnswerFate::kPassed:
    case AnswerFate::kDropped:
    case AnswerFate::kHeld:
    case AnswerFate::kTwice:
      return std::nullopt;
  }
  return std::nullopt;
}

std::uint8_t byte_of(ReplyStatus status) { return static_cast<std::uint8_t>(status); }

bool is_header_value(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) != 0x7F;
  });
}

}  // namespace

// What is answered in place of a participant that the request does not reach. False: it does reach it.
bool WireRun::answer_instead(Call& call) {
  const Clock::time_point now = Clock::now();
  Clock::time_point& limit = limited_until_[call.index];
  const Fate& fate = fate_of_call(call);
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
  if (fate.participant == ParticipantFate::kDiesBefore && !call.admin.wire)
    participants_[served_->service_of_step[call.operation.step]]->crash();
  if (instead->retry_after > Duration::zero()) {
    limit = now + instead->retry_after;
    call.retry_after = instead->retry_after;
  }
  return true;
}

// A key stands for one request: with another body it is refused, and so it is while the first is in the
// works.
bool WireRun::claim_key(Call& call) {
  if (call.key_number == 0 || call.has_claimed_key || !served_->checks_keys[call.operation.step]) return true;
  const std::size_t hash = std::hash<std::string_view>()(call.payload);
  const auto [entry, is_new] = key_states_.try_emplace(call.key_number, KeyState{.body_hash = hash});
  KeyState& state = entry->second;
  const bool is_other = !is_new && state.body_hash != hash;
  if (is_other || state.claimed_by != 0) {
    call.status = call.meaning = is_other ? ReplyStatus::kRejected : ReplyStatus::kConflict;
    call.body = is_other ? kOtherBody : kInFlight;
    return false;
  }
  state.claimed_by = call.number;
  call.has_claimed_key = true;
  return true;
}

void WireRun::deliver(Call& call, bool is_duplicate) {
  if (closed_) return;
  emit(EventType::kDelivered, call).detail = is_duplicate ? 1 : 0;
  release(HoldUntil::kNextRequest, kNoStep, call.number);
  if (!is_duplicate) {
    call.delivered = true;
    if (answer_instead(call) || !claim_key(call)) return answered(call);
  }
  Participant& participant = *participants_[served_->service_of_step[call.operation.step]];
  const Fate& fate = is_duplicate ? kNoFault : fate_of_call(call);
  if (fate.participant == ParticipantFate::kForgets) participant.forget();
  const Delivery delivery{.saga_id = saga_id_,
                          .service = call.endpoint->service,
                          .action = call.endpoint->action,
                          .step = saga_.step(call.operation.step).name,
                          .idempotency_key = call.facts.key,
                          .payload = call.payload,
                          .correlation_id = call.facts.correlation_id,
                          .auth_token = call.facts.token,
                          .operation = call.operation,
                          .key_number = call.key_number,
                          .attempt = call.attempt};
  EffectRecorder recorder(*this);
  Reply reply;
  try {
    reply = participant.handle(delivery, recorder);
  } catch (const Error&) {  // the caller gets an answer all the same
    if (!misuse_) misuse_ = std::current_exception();
    reply = {ReplyStatus::kError, kErrorBody};
  } catch (...) {
    reply = {ReplyStatus::kError, kErrorBody};
  }
  if (call.has_claimed_key) key_states_[call.key_number].claimed_by = 0;
  if (call.operation.operation == Operation::kCompensation)
    release(HoldUntil::kCompensated, call.operation.step, 0);
  if (is_duplicate) {  // nobody waits for the answer to a copy
    Event& event = emit(EventType::kAnswered, call);
    event.detail = byte_of(reply.status);
    event.text = 1;
    return deliver_due();
  }
  if (fate.answer == AnswerFate::kInstead) reply = {fate.instead.status, fate.instead.body};
  if (fate.participant == ParticipantFate::kDiesAfter) {
    if (!call.admin.wire) participant.crash();
    reply = {ReplyStatus::kError, {}};
  }
  call.status = reply.status;
  call.retry_after = reply.retry_after;
  call.body = reply.ok() && reply.body == kDone ? kDoneBody : reply.body;
  call.meaning = reply.ok() && says_failure(call.body) ? ReplyStatus::kRejected : reply.status;
  answered(call);
}

void WireRun::answered(Call& call) {
  const bool is_foreign = fate_of_call(call).answer == AnswerFate::kForeign;
  if (!is_foreign) emit(EventType::kAnswered, call).detail = byte_of(call.meaning);
  deliver_due();
}

void WireRun::release(HoldUntil until, StepId step, std::uint32_t before_call) {
  for (auto at = held_.begin(); at != held_.end();) {
    const Call& call = *at->call;
    const bool is_due = at->until == until && (until == HoldUntil::kCompensated ? call.operation.step == step
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
    if (held.call->hangs && held.call->routed != nullptr) held.call->routed->exchange.wake();
  }
}

void WireRun::answer(const CallPtr& call, Lock& lock) {
  Event& event = emit(call->timed_out ? EventType::kDropped : EventType::kReceived, *call);
  if (!call->timed_out) event.detail = byte_of(call->meaning);
  if (!call->timed_out && call->meaning == ReplyStatus::kRateLimited)
    event.text = static_cast<std::uint32_t>(call->retry_after.count());
  if (strikes_coordinator(Instant::kAfterCall, call->operation, call->attempt))
    return crash_coordinator(*call->routed, call.get(), lock);
  if (call->peer_gone) {  // a socket would take the bytes all the same
    note(*call, Delivered::kGone, 0);
    lock.unlock();
    return call->routed->exchange.close();
  }

  const auto route = call->endpoint->route.replies.find(call->status);
  const HttpReply* special = route == call->endpoint->route.replies.end() ? nullptr : &route->second;
  int status = special == nullptr || special->status == 0 ? usual_http_status(call->status) : special->status;
  if (call->admin.wire == WireKind::kStatus) status = call->admin.status;
  const InsteadAnswer& instead = fate_of_call(*call).instead;
  const bool only_the_body_says_it = instead.status != instead.meaning;
  const bool is_own = special == nullptr || special->body.empty() || only_the_body_says_it;
  const std::string_view body = is_own ? std::string_view(call->body) : std::string_view(special->body);
  const std::string headers = headers_of(*call, special);
  switch (call->ending) {
    case Ending::kAnswer:
    case Ending::kBadJson:
    case Ending::kBadType:
      note(*call, Delivered::kWhole, status);
      break;
    case Ending::kSlowBody:
      note(*call, Delivered::kWaiting, status);
      break;
    case Ending::kCutBody:
      note(*call, Delivered::kCut, status);
      break;
    case Ending::kCutHead:
      note(*call, Delivered::kCut, 0);
      break;
    case Ending::kReset:
      note(*call, Delivered::kReset, 0);
      break;
  }
  lock.unlock();
  write(*call, status, headers, body);
}

std::string WireRun::headers_of(const Call& call, const HttpReply* special) const {
  std::string headers;
  const std::string_view correlation = call.foreign.empty() ? call.facts.correlation_id : call.foreign;
  if (is_header_value(correlation)) headers.append("X-Correlation-ID: ").append(correlation).append("\r\n");
  if (call.meaning == ReplyStatus::kRateLimited) {
    const double seconds = std::ceil(std::chrono::duration<double>(call.retry_after).count());
    fmt::format_to(std::back_inserter(headers), "Retry-After: {}\r\n", static_cast<int>(seconds));
  }
  if (special != nullptr) {
    for (const auto& [name, value] : special->headers)
      headers.append(name).append(": ").append(value).append("\r\n");
  }
  return headers;
}

// Without the lock: what is written may be long in coming.
void WireRun::write(const Call& call, int status, std::string_view headers, std::string_view body) {
  WireExchange& exchange = call.routed->exchange;
  WireReply reply{.status = status, .body = body, .headers = headers};
  bool is_written = true;
  switch (call.ending) {
    case Ending::kBadJson:
      reply.body = kBadJson;
      is_written = exchange.reply(reply);
      break;
    case Ending::kBadType:
      reply.content_type = "text/html";
      is_written = exchange.reply(reply);
      break;
    case Ending::kAnswer:
      is_written = exchange.reply(reply);
      break;
    case Ending::kSlowBody: {
      const std::string bytes = exchange.bytes_of(reply);
      const std::size_t head = bytes.size() - body.size();
      is_written = exchange.send(std::string_view(bytes).substr(0, head));
      const std::size_t piece = std::max<std::size_t>(1, (body.size() + kPieces - 1) / kPieces);
      const auto pieces = static_cast<int>((body.size() + piece - 1) / piece);
      for (std::size_t at = head; is_written && at < bytes.size(); at += piece) {
        is_written = exchange.wait(call.admin.delay / pieces) != Waited::kPeerGone &&
                     exchange.send(std::string_view(bytes).substr(at, piece));
      }
      call.routed->journal.update(call.entry, is_written ? Delivered::kWhole : Delivered::kGone, status);
      return;
    }
    case Ending::kCutBody: {
      const std::string bytes = exchange.bytes_of(reply);
      is_written = exchange.send(std::string_view(bytes).substr(0, bytes.size() - body.size() / 2 - 1));
      exchange.close();
      break;
    }
    case Ending::kCutHead:
      is_written = exchange.send("HTTP/1.1 20");
      exchange.close();
      break;
    case Ending::kReset:
      return exchange.reset();
  }
  if (!is_written) call.routed->journal.update(call.entry, Delivered::kGone, status);
}

// In the journal before it can be seen on the wire.
void WireRun::note(Call& call, Delivered delivered, int status) {
  Journal& journal = call.routed->journal;
  if (call.entry != 0) return journal.update(call.entry, delivered, status);
  JournalEntry entry = journal_entry(*call.routed, call.facts);
  entry.texts[static_cast<std::size_t>(JournalText::kStep)] = saga_.step(call.operation.step).name;
  entry.numbers.attempt = call.attempt;
  entry.numbers.status = static_cast<std::int16_t>(status);
  entry.numbers.delivered = delivered;
  if (call.struck) entry.numbers.fault = call.admin.wire ? name_of(*call.admin.wire) : name_of(call.fault);
  entry.numbers.fault_id = call.admin.id;
  call.entry = journal.add(entry);
}

}  // namespace saga_harness::http
