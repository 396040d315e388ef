// The bus: from an event that reaches it to the handler of each subscription, and the acknowledgement back.

#include <algorithm>
#include <exception>
#include <limits>

#include <saga_harness/error.hpp>

#include "event_bus.hpp"

namespace saga_harness {

void Engine::Bus::route(Number number) {
  const Outbox::Row row = outbox_[number];
  SagaOnBus& saga = sagas_[row.saga];
  const bool is_of_step = row.subscription != Outbox::kNoSubscription;
  Event& published = is_of_step
                         ? record(saga, EventType::kPublished, subscriptions_.operation_of(row.subscription),
                                  outbox_.publishings(number))
                         : record(saga, EventType::kPublished);
  published.detail = static_cast<std::uint8_t>(row.role);
  published.text = row.event;
  if (row.saga == 0 && row.payload.data() != setup_.context.text().data())
    payloads_.add(saga.trace.events().size() - 1, row.payload);
  const StepId step = is_of_step ? subscriptions_.operation_of(row.subscription).step : kNoStep;
  if (!row.is_of_nobody && saga.conclusion.note_event(row.role, step)) say(saga, Outcome::kCompleted);
  for (const Number subscription : subscriptions_.subscribers_of(row.event))
    send(letters_.post(number, subscription, row.saga));
}

void Engine::Bus::send(Number letter_number) {
  if (end_.gave_up()) return;
  if (!limits_.allows_calls(letters_.next_attempt())) return give_up("the bound on deliveries");
  const LetterTable::Letter& letter = letters_.letter(letter_number);
  const Subscription& subscription = subscriptions_[letter.subscription];
  const Number number = letters_.begin_attempt(letter_number, clock_.now() + subscription.timeout,
                                               latency_of(subscription.timeout));
  const Outbox::Row& row = outbox_[letter.row];
  Event& sent = record(EventType::kSent, number);
  sent.text = row.id;
  const SagaOnBus& writer = sagas_[row.writer];
  if ((setup_.carries_context || is_shared_) && row.correlation_id != writer.id)
    sent.detail |= kWithoutCorrelation;
  if (setup_.carries_context && row.auth_token != writer.auth_token) sent.detail |= kWithoutToken;
  if (is_under_test(number)) choose_fault(number);
  if (letters_.attempt(number).struck &&
      fate_of(letters_.attempt(number).fault).request == RequestFate::kNoSubscriber) {
    letters_.attempt(number).over = true;  // the bus knows of nobody to deliver it to
    return;
  }
  dispatch(number);
  queue_.push(letters_.attempt(number).deadline, number, MessageKind::kAckTimeout);
}

void Engine::Bus::choose_fault(Number number) {
  LetterTable::Attempt& attempt = letters_.attempt(number);
  const Number place = letters_.letter(attempt.letter).subscription;
  Alternative chosen;
  if (const Alternative* since_before = windows_.striking(place, attempt.attempt)) {
    chosen = *since_before;
  } else {
    const Subscription& subscription = subscriptions_[place];
    const OperationId id = subscription.delivery.operation;
    const std::size_t picked =
        ask({id.step, id.operation, Instant::kCall, attempt.attempt}, subscription.at_call);
    if (picked == 0) return;
    chosen = subscription.at_call[picked - 1];
    windows_.note(place, chosen, attempt.attempt, subscription.budget);
  }
  attempt.struck = true;
  attempt.fault = chosen.kind;
  Event& fault = record(EventType::kFault, number);
  fault.detail = static_cast<std::uint8_t>(chosen.kind);
  fault.text = pack(Instant::kCall, chosen.window);
}

void Engine::Bus::dispatch(Number number) {
  const LetterTable::Attempt& attempt = letters_.attempt(number);
  const std::int64_t arrival = clock_.now() + attempt.latency;
  const Fate& fate = attempt.struck ? fate_of(attempt.fault) : kNoFault;
  switch (fate.request) {
    case RequestFate::kDelivered:
      queue_.push(arrival, number, MessageKind::kRequest);
      return;
    case RequestFate::kDropped:
    case RequestFate::kNoSubscriber:
      return;
    case RequestFate::kHeld:
      return hold(number, MessageKind::kRequest, fate.until);
    case RequestFate::kTwice:
      queue_.push(arrival, number, MessageKind::kRequest);
      return hold(number, MessageKind::kDuplicate, fate.until);
  }
}

// Nobody waits for the answer to a delivery, so that what is slow only comes later.
void Engine::Bus::hold(Number number, MessageKind kind, HoldUntil until) {
  const LetterTable::Attempt& attempt = letters_.attempt(number);
  const std::int64_t arrival = clock_.now() + attempt.latency;
  switch (until) {
    case HoldUntil::kNothing:
      queue_.push(arrival, number, kind);
      return;
    case HoldUntil::kAnswerBeforeTimeout:
    case HoldUntil::kAnswerAtTimeout:
    case HoldUntil::kAnswerAfterTimeout:
    case HoldUntil::kTimeout:
      queue_.push(attempt.deadline + attempt.latency, number, kind);
      return;
    case HoldUntil::kAnswerAfterDeadline:
      queue_.push(std::max(arrival, saga_deadline() + 1), number, kind);
      return;
    case HoldUntil::kNextRequest:
    case HoldUntil::kCompensated:
    case HoldUntil::kEnd:
      held_.hold(number, kind, until);
      return;
  }
}

void Engine::Bus::deliver(const Message& message) {
  const Number number = message.call;
  const LetterTable::Attempt attempt = letters_.attempt(number);
  const LetterTable::Letter letter = letters_.letter(attempt.letter);
  const Outbox::Row row = outbox_[letter.row];
  const Subscription& subscription = subscriptions_[letter.subscription];
  const OperationId id = subscription.delivery.operation;
  const bool is_copy = message.kind == MessageKind::kDuplicate;
  record(EventType::kDelivered, number).detail = is_copy ? 1 : 0;
  if (is_under_test(number)) held_.release_overtaken(queue_, clock_.now() + 1, number);
  const Fate& fate = attempt.struck && !is_copy ? fate_of(attempt.fault) : kNoFault;
  if (fate.participant == ParticipantFate::kForgets) {
    subscription.participant->forget();
    facts_.forget(subscription.service);
  }
  if (fate.participant == ParticipantFate::kRestored) {
    subscription.participant->restore();
    facts_.forget(subscription.service);
    handlers_.restart(subscription.service);
    for (SagaOnBus& saga : sagas_) saga.effects.forget(subscription.delivery.service);
  }
  if (fate.stray != StrayEvent::kNone && !deliver_stray(number, fate.stray)) return die(subscription.service);
  if (end_.gave_up()) return;
  running_ = {.attempt = number,
              .subscription = letter.subscription,
              .service = subscription.service,
              .saga = letter.saga,
              .is_copy = is_copy,
              .dies = fate.participant == ParticipantFate::kDiesBefore,
              .first_row = outbox_.end()};
  Handled word = Handled::kAgain;
  const bool lives = call_handler({.event = texts_.at(row.event),
                                   .message_id = texts_.at(row.id),
                                   .correlation_id = texts_.at(row.correlation_id),
                                   .auth_token = texts_.at(row.auth_token),
                                   .payload = row.payload,
                                   .operation = id,
                                   .attempt = attempt.attempt},
                                  word);
  if (end_.gave_up()) return;
  if (id.operation == Operation::kCompensation && is_under_test(number)) {
    held_.release(queue_, clock_.now() + 1, [&](const HeldMessages::Held& other) {
      const LetterTable::Letter& of = letters_.letter_of(other.call);
      return other.until == HoldUntil::kCompensated &&
             subscriptions_[of.subscription].delivery.operation.step == id.step;
    });
  }
  const bool dies_afterwards = fate.participant == ParticipantFate::kDiesAfter;
  if (!lives || running_.dies || dies_afterwards) return die(subscription.service);
  if (!relay(subscription.service, running_.first_row)) return;
  if (is_copy || !running_.acknowledged) answer(number, word);
}

// False if its service died in the middle.
bool Engine::Bus::call_handler(const EventDelivery& delivery, Handled& word) {
  HandlerContext handler_context(engine_);
  running_.event = &delivery;
  try {
    word = handlers_.of(running_.service)(delivery, handler_context);
  } catch (const HandlerDies&) {
    return false;
  } catch (const Error&) {  // misuse of ours, not a failure of the service
    note_failure(std::current_exception());
  } catch (...) {
    word = Handled::kAgain;
  }
  return true;
}

void Engine::Bus::answer(Number number, Handled word) {
  ReplyStatus status = ReplyStatus::kOk;
  if (word == Handled::kGivenUp || running_.refused) status = ReplyStatus::kRejected;
  if (word == Handled::kAgain) status = running_.status;
  LetterTable::Attempt& attempt = letters_.attempt(number);
  const Fate& fate = attempt.struck && !running_.is_copy ? fate_of(attempt.fault) : kNoFault;
  if (fate.answer == AnswerFate::kInstead && !fate.answers_instead()) {
    status = fate.instead.status;
    word = Handled::kAgain;
  }
  Event& answered = record(EventType::kAnswered, number);
  answered.detail = static_cast<std::uint8_t>(status);
  if (running_.is_copy) {  // nobody waits for the answer to a copy
    answered.text = 1;
    return;
  }
  attempt.word = word;
  attempt.status = status;
  if (fate.answer != AnswerFate::kDropped)
    queue_.push(clock_.now() + attempt.latency, number, MessageKind::kReply);
}

void Engine::Bus::acknowledged(Number number) {
  LetterTable::Attempt& attempt = letters_.attempt(number);
  if (attempt.over) {
    record(EventType::kDropped, number);
    return;
  }
  attempt.over = true;
  record(EventType::kReceived, number).detail = static_cast<std::uint8_t>(attempt.status);
  if (attempt.word == Handled::kGivenUp) return dead_letter(number);
  if (attempt.word == Handled::kDone) return;
  const LetterTable::Letter& letter = letters_.letter(attempt.letter);
  const OperationId id = subscriptions_[letter.subscription].delivery.operation;
  const Step& step = saga_.step(id.step);
  const RetryPolicy& policy = id.operation == Operation::kAction ? step.retry : step.compensation_retry;
  again_or_dead(number, backoff(policy, letter.attempts + 1).count());
}

void Engine::Bus::timed_out(Number number) {
  if (letters_.attempt(number).over) return;
  letters_.attempt(number).over = true;
  record(EventType::kTimedOut, number).detail = static_cast<std::uint8_t>(ReplyStatus::kTimeout);
  again_or_dead(number, 0);
}

void Engine::Bus::again_or_dead(Number number, std::int64_t after) {
  const LetterTable::Letter& letter = letters_.letter_of(number);
  if (letter.attempts >= subscriptions_[letter.subscription].budget) return dead_letter(number);
  queue_.push(clock_.now() + after, letters_.attempt(number).letter, MessageKind::kRedelivery);
}

void Engine::Bus::dead_letter(Number number) {
  record(EventType::kDeadLettered, number);
  const LetterTable::Letter& letter = letters_.letter_of(number);
  sagas_[letter.saga].conclusion.note_dead_letter(subscriptions_.operation_of(letter.subscription));
}

}  // namespace saga_harness
