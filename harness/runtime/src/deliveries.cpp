// What happens to a request that arrives: the participant, its answer, its ledger.

#include <algorithm>
#include <exception>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>

#include "engine_impl.hpp"

namespace saga_harness {
namespace {

using fault_table::kErrorBody;

Reply error() { return {ReplyStatus::kError, kErrorBody}; }
Reply reset_connection() { return {ReplyStatus::kError, R"({"error":"connection reset"})"}; }
Reply corrupt() { return {ReplyStatus::kCorrupt, R"({"ok":tr)"}; }

}  // namespace

// What is answered in place of a participant that the request does not reach.
Reply Engine::Impl::reply_instead(const Call& call) {
  const Fate& fate = call.struck ? fate_of(call.fault) : kNoFault;
  const std::int64_t limited_until = rate_limits_.until(call.info);
  if (clock_.now() < limited_until && !fate.keeps_from_participant()) {
    const InsteadAnswer& too_many = fate_of(FaultKind::kRateLimited).instead;
    return {.status = too_many.status,
            .body = too_many.body,
            .retry_after = Duration(limited_until - clock_.now())};
  }
  if (fate.answers_instead()) {
    const InsteadAnswer& instead = fate.instead;
    if (instead.retry_after > Duration::zero())
      rate_limits_.limit(call.info, clock_.now() + instead.retry_after.count());
    return {.status = instead.status, .body = instead.body, .retry_after = instead.retry_after};
  }
  if (fate.participant != ParticipantFate::kDiesBefore) return corrupt();
  operations_.at(call.info).participant->crash();
  return reset_connection();
}

Reply Engine::Impl::answer_of(Participant& participant, const Delivery& delivery) {
  EffectRecorder recorder(*this);
  try {
    const OwningThread::LentToParticipant lent(thread_);
    return participant.handle(delivery, recorder);
  } catch (const Error&) {  // misuse of ours, not a failure of the service
    note_failure(std::current_exception());
  } catch (...) {  // a failure of the service, or ParticipantDies
  }
  return error();
}

void Engine::Impl::deliver(const Message& message) {
  const Call& call = calls_[message.call];
  const OperationInfo& info = operations_.at(call.info);
  const bool is_duplicate = message.kind == MessageKind::kDuplicate;
  emit(EventType::kDelivered, message.call).detail = is_duplicate ? 1 : 0;
  held_.release_overtaken(queue_, clock_.now() + 1, message.call);
  const bool is_limited = clock_.now() < rate_limits_.until(call.info);
  const Fate& fate = call.struck && !is_duplicate ? fate_of(call.fault) : kNoFault;
  if (fate.keeps_from_participant() || (is_limited && !is_duplicate)) {
    answer(message.call, reply_instead(call));
    return;
  }
  if (fate.participant == ParticipantFate::kForgets) info.participant->forget();
  if (fate.participant == ParticipantFate::kRestored) {
    info.participant->restore();
    effects_.forget(info.delivery.service);
  }
  Delivery delivery = info.delivery;
  delivery.saga_id = saga_id_;
  delivery.saga_number = saga_number_;
  delivery.idempotency_key = texts_.at(call.key);
  delivery.key_number = call.key;
  delivery.correlation_id = texts_.at(call.correlation_id);
  delivery.auth_token = texts_.at(call.auth_token);
  delivery.payload = call.payload;
  delivery.attempt = call.attempt;
  delivery.promised = is_duplicate && call.struck && fate_of(call.fault).promises();
  Reply reply = answer_of(*info.participant, delivery);
  const bool died = std::exchange(participant_dies_, false);
  if (died) {
    info.participant->crash();
    reply = reset_connection();
  }
  note_use_by_participant(delivery);
  if (delivery.operation.operation == Operation::kCompensation) release_compensated(delivery.operation.step);
  if (is_duplicate) {  // nobody waits for the answer to a copy
    Event& answered = emit(EventType::kAnswered, message.call);
    answered.detail = static_cast<std::uint8_t>(reply.status);
    answered.text = 1;
    return;
  }
  if (fate.answer == AnswerFate::kInstead && !died) reply = {fate.instead.status, fate.instead.body};
  if (fate.participant == ParticipantFate::kDiesAfter) info.participant->crash();
  if (fate.answer == AnswerFate::kReset) reply = reset_connection();
  answer(message.call, std::move(reply));
}

void Engine::Impl::answer(std::uint32_t number, Reply reply) {
  Call& call = calls_[number];
  ReplyStatus meaning = reply.status;
  if (reply.ok() && says_failure(reply.body)) meaning = ReplyStatus::kRejected;
  if (saga_.gives_results() && meaning == ReplyStatus::kOk) meaning = meaning_of_results(call, reply.body);
  emit(EventType::kAnswered, number).detail = static_cast<std::uint8_t>(meaning);
  if (saga_.gives_results()) keep_answer(call, meaning, reply.body);
  const AnswerFate fate = call.struck ? fate_of(call.fault).answer : AnswerFate::kPassed;
  if (fate == AnswerFate::kGarbled) {
    reply = corrupt();
    meaning = ReplyStatus::kCorrupt;
  } else if (reply.correlation_id.empty()) {
    reply.correlation_id = texts_.at(call.correlation_id);
  }
  if (fate == AnswerFate::kAltered && meaning == ReplyStatus::kOk) {
    alter_results(call, reply);
    meaning = ReplyStatus::kCorrupt;
  }
  if (clock_.now() < call.deadline) {
    call.reply = std::move(reply);
    call.meaning = meaning;
  }
  if (fate == AnswerFate::kDropped) return;
  const std::int64_t sent = fate == AnswerFate::kHeld ? std::max(clock_.now(), call.deadline) : clock_.now();
  const std::int64_t arrival = sent + call.latency;
  queue_.push(arrival, number, MessageKind::kReply);
  if (fate == AnswerFate::kTwice) queue_.push(arrival + 1, number, MessageKind::kReply);
}

// An answer without what its step declares is as good as none.
ReplyStatus Engine::Impl::meaning_of_results(const Call& call, std::string_view body) {
  const bool is_forward = call.operation.operation != Operation::kCompensation;
  return !is_forward || bound_.gives_results(call.operation.step, body) ? ReplyStatus::kOk
                                                                        : ReplyStatus::kCorrupt;
}

void Engine::Impl::alter_results(const Call& call, Reply& reply) {
  const std::vector<ResultField>& results = saga_.step(call.operation.step).result;
  reply.body = internal::altered_answer(results, reply.body, fate_of(call.fault).altered);
}

void Engine::Impl::keep_answer(const Call& call, ReplyStatus meaning, std::string_view body) {
  if (meaning != ReplyStatus::kOk || call.operation.operation == Operation::kCompensation ||
      saga_.step(call.operation.step).result.empty())
    return;
  answers_.push_back({static_cast<std::uint32_t>(trace_.events().size() - 1), memory_.copy(body)});
}

void Engine::Impl::release_compensated(StepId step) {
  if (held_.empty()) return;
  held_.release(queue_, clock_.now() + 1, [&](const HeldMessages::Held& message) {
    return message.until == HoldUntil::kCompensated && calls_[message.call].operation.step == step;
  });
}

void Engine::Impl::commit(const Delivery& delivery) {
  static_cast<void>(effect(delivery.operation.step));
  if (healed_) return;
  const OperationId id = delivery.operation;
  const std::size_t index = OperationTable::index_of(id.step, id.operation);
  const Point point{id.step, id.operation, Instant::kCommit, instants_.reached(index, Instant::kCommit)};
  const std::span<const Alternative> legal = operations_.at(index).at_commit;
  const std::size_t picked = ask(point, legal);
  if (picked == 0) return;
  record_fault(point, legal[picked - 1]);
  participant_dies_ = true;
  throw ParticipantDies{};
}

void Engine::Impl::apply(const Delivery& delivery) {
  ++effect_of(delivery.operation.step).applied;
  limits_.note_progress();
  record_effect(EventType::kApplied, delivery);
}

void Engine::Impl::undo(const Delivery& delivery) {
  ++effect_of(delivery.operation.step).undone;
  limits_.note_progress();
  record_effect(EventType::kUndone, delivery);
}

Effect& Engine::Impl::effect_of(StepId step) {
  if (participant_dies_) throw ParticipantDies{};  // whoever caught it does nothing any more
  if (!effects_.has(step)) misuse(effects_.misuse_by(step));
  return effects_.of(step);
}

const Effect& Engine::Impl::effect(StepId step) { return effect_of(step); }

void Engine::Impl::record_effect(EventType type, const Delivery& delivery) {
  Event& event = emit(type);
  event.step = delivery.operation.step;
  event.operation = delivery.operation.operation;
  event.attempt = delivery.attempt;
}

}  // namespace saga_harness
