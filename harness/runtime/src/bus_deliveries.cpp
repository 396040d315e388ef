// The bus: from an event that reaches it to the handler of each subscription, and the acknowledgement back.

#include <algorithm>
#include <exception>
#include <limits>

#include <saga_harness/error.hpp>

#include "event_bus.hpp"

namespace saga_harness {

void Engine::Bus::route(Number number) {
  const Row row = rows_[number];
  const bool is_of_step = row.subscription != kNone;
  Event& published = is_of_step
                         ? record(EventType::kPublished, row.subscription, published_[row.subscription])
                         : record(EventType::kPublished);
  published.detail = static_cast<std::uint8_t>(row.role);
  published.text = row.event;
  if (row.payload.data() != setup_.context.text().data()) payloads_.add(events_.size() - 1, row.payload);
  take_note(row.role, is_of_step ? subscriptions_[row.subscription].delivery.operation.step : kNoStep);
  for (const Number subscription : declared_[row.event].subscribers) {
    letters_.push_back({.row = number, .subscription = subscription});
    send(static_cast<Number>(letters_.size() - 1));
  }
}

void Engine::Bus::take_note(EventRole role, StepId step) {
  if (role == EventRole::kFailure || role == EventRole::kDeadline) failed_ = true;
  if (role != EventRole::kSuccess || step == kNoStep || failed_ || completed_) return;
  succeeded_[step] = true;
  completed_ = std::ranges::all_of(last_steps_, [this](StepId last) { return succeeded_[last]; });
  if (completed_) say(Outcome::kCompleted);
}

void Engine::Bus::send(Number letter_number) {
  if (gave_up_) return;
  if (attempts_.size() > call_bound_) return give_up("the bound on deliveries");
  Letter& letter = letters_[letter_number];
  const Subscription& subscription = subscriptions_[letter.subscription];
  ++letter.attempts;
  const auto number = static_cast<Number>(attempts_.size());
  attempts_.push_back({.letter = letter_number,
                       .deadline = now_ + subscription.timeout,
                       .latency = latency_of(subscription.timeout),
                       .attempt = ++delivered_[letter.subscription]});
  const Row& row = rows_[letter.row];
  Event& sent = record(EventType::kSent, number);
  sent.text = row.id;
  if (setup_.carries_context) {
    if (row.correlation_id != saga_text_) sent.detail |= kWithoutCorrelation;
    if (row.auth_token != token_text_) sent.detail |= kWithoutToken;
  }
  choose_fault(number);
  if (attempts_[number].struck && fate_of(attempts_[number].fault).request == RequestFate::kNoSubscriber) {
    attempts_[number].over = true;  // the bus knows of nobody to deliver it to
    return;
  }
  dispatch(number);
  queue_.push(attempts_[number].deadline, number, MessageKind::kAckTimeout);
}

void Engine::Bus::choose_fault(Number number) {
  Attempt& attempt = attempts_[number];
  const Number place = letters_[attempt.letter].subscription;
  const Subscription& subscription = subscriptions_[place];
  ActiveWindow& window = windows_[place];
  FaultDuration lasting = window.window;
  if (window.active && attempt.attempt <= window.last_attempt) {
    attempt.fault = window.kind;
  } else {
    const OperationId id = subscription.delivery.operation;
    const std::size_t picked =
        ask({id.step, id.operation, Instant::kCall, attempt.attempt}, subscription.at_call);
    if (picked == 0) return;
    const Alternative alternative = subscription.at_call[picked - 1];
    attempt.fault = alternative.kind;
    lasting = alternative.window;
    window = {.active = lasting != FaultDuration::kOnce,
              .kind = alternative.kind,
              .window = lasting,
              .last_attempt = lasting == FaultDuration::kBudget
                                  ? static_cast<std::uint16_t>(attempt.attempt + subscription.budget - 1)
                                  : std::numeric_limits<std::uint16_t>::max()};
  }
  attempt.struck = true;
  Event& fault = record(EventType::kFault, number);
  fault.detail = static_cast<std::uint8_t>(attempt.fault);
  fault.text = pack(Instant::kCall, lasting);
}

void Engine::Bus::dispatch(Number number) {
  const Attempt& attempt = attempts_[number];
  const std::int64_t arrival = now_ + attempt.latency;
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
  const Attempt& attempt = attempts_[number];
  const std::int64_t arrival = now_ + attempt.latency;
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
      held_.push_back({number, kind, until});
      return;
  }
}

template <class IsDue>
void Engine::Bus::release(std::int64_t at, IsDue is_due) {
  std::erase_if(held_, [&](const Held& message) {
    if (!is_due(message)) return false;
    queue_.push(at, message.attempt, message.kind);
    return true;
  });
}

void Engine::Bus::deliver(const Message& message) {
  const Number number = message.call;
  const Attempt attempt = attempts_[number];
  const Letter letter = letters_[attempt.letter];
  const Row row = rows_[letter.row];
  const Subscription& subscription = subscriptions_[letter.subscription];
  const OperationId id = subscription.delivery.operation;
  const bool is_copy = message.kind == MessageKind::kDuplicate;
  record(EventType::kDelivered, number).detail = is_copy ? 1 : 0;
  release(now_ + 1, [number](const Held& other) {
    return other.until == HoldUntil::kNextRequest && other.attempt < number;
  });
  const Fate& fate = attempt.struck && !is_copy ? fate_of(attempt.fault) : kNoFault;
  if (fate.participant == ParticipantFate::kForgets) {
    subscription.participant->forget();
    known_[subscription.service].clear();
  }
  running_ = {.attempt = number,
              .subscription = letter.subscription,
              .service = subscription.service,
              .is_copy = is_copy,
              .dies = fate.participant == ParticipantFate::kDiesBefore,
              .first_row = rows_.size()};
  Handled word = Handled::kAgain;
  const bool lives = call_handler({.event = texts_.at(row.event),
                                   .message_id = texts_.at(row.id),
                                   .correlation_id = texts_.at(row.correlation_id),
                                   .auth_token = texts_.at(row.auth_token),
                                   .payload = row.payload,
                                   .operation = id,
                                   .attempt = attempt.attempt},
                                  word);
  if (gave_up_) return;
  if (id.operation == Operation::kCompensation) {
    release(now_ + 1, [&](const Held& other) {
      const Letter& of = letters_[attempts_[other.attempt].letter];
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
  try {
    word = setup_.handler(delivery, handler_context);
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
  Attempt& attempt = attempts_[number];
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
  if (fate.answer != AnswerFate::kDropped) queue_.push(now_ + attempt.latency, number, MessageKind::kReply);
}

void Engine::Bus::acknowledged(Number number) {
  Attempt& attempt = attempts_[number];
  if (attempt.over) {
    record(EventType::kDropped, number);
    return;
  }
  attempt.over = true;
  record(EventType::kReceived, number).detail = static_cast<std::uint8_t>(attempt.status);
  if (attempt.word == Handled::kGivenUp) return dead_letter(number);
  if (attempt.word == Handled::kDone) return;
  const Letter& letter = letters_[attempt.letter];
  const OperationId id = subscriptions_[letter.subscription].delivery.operation;
  const Step& step = saga_.step(id.step);
  const RetryPolicy& policy = id.operation == Operation::kAction ? step.retry : step.compensation_retry;
  again_or_dead(number, backoff(policy, letter.attempts + 1).count());
}

void Engine::Bus::timed_out(Number number) {
  if (attempts_[number].over) return;
  attempts_[number].over = true;
  record(EventType::kTimedOut, number).detail = static_cast<std::uint8_t>(ReplyStatus::kTimeout);
  again_or_dead(number, 0);
}

void Engine::Bus::again_or_dead(Number number, std::int64_t after) {
  const Letter& letter = letters_[attempts_[number].letter];
  if (letter.attempts >= subscriptions_[letter.subscription].budget) return dead_letter(number);
  queue_.push(now_ + after, attempts_[number].letter, MessageKind::kRedelivery);
}

void Engine::Bus::dead_letter(Number number) {
  record(EventType::kDeadLettered, number);
  const OperationId id = subscriptions_[letters_[attempts_[number].letter].subscription].delivery.operation;
  if (id.operation == Operation::kAction) {
    dead_action_ = true;
  } else {
    dead_compensations_[id.step] = true;
  }
}

}  // namespace saga_harness
