#include "broker_front.hpp"

#include <algorithm>
#include <utility>

#include <saga_harness/trace.hpp>

namespace saga_harness::wire {
namespace {

constexpr std::string_view kDeliveryCap = "the bound on deliveries";

bool is_heard(const std::vector<std::string>& events, std::string_view event) {
  return std::ranges::find(events, event) != events.end();
}

/// What the participant behind the subscriber does, rather than what becomes of the delivery.
bool is_of_the_participant(const Fate& fate) {
  return fate.answer == AnswerFate::kInstead || fate.participant != ParticipantFate::kServes;
}

}  // namespace

template <class IsDue>
void BrokerFront::pass_held(IsDue is_due, Passing& now) {
  for (const Held& held :
       run_.release([&is_due](const Held& each) { return each.deliver != nullptr && is_due(each); }))
    pass(*held.call, held.is_duplicate, held.deliver, now);
}

Event& BrokerFront::note_published(std::string_view event, EventRole role) {
  Event& published = run_.trace.emit(EventType::kPublished);
  published.detail = static_cast<std::uint8_t>(role);
  published.text = run_.trace.text_number(event);
  return published;
}

void BrokerFront::published(std::string_view event) {
  const std::lock_guard lock(run_.mutex);
  run_.last_activity = Clock::now();
  if (!run_.saga.is_choreography()) return;
  const Choreography& choreography = *run_.saga.saga().choreography;
  if (event == choreography.starts_with) return static_cast<void>(note_published(event, EventRole::kStart));
  if (event == choreography.at_deadline)
    return static_cast<void>(note_published(event, EventRole::kDeadline));
  for (StepId step = 0; step < run_.saga.step_count(); ++step) {
    const Emits& emits = run_.saga.step(step).emits;
    const bool is_undone = event == emits.compensated;
    if (event != emits.success && event != emits.failure && !is_undone) continue;
    const OperationId id{step, is_undone ? Operation::kCompensation : Operation::kAction};
    Event& published = note_published(event, is_undone                ? EventRole::kCompensated
                                             : event == emits.success ? EventRole::kSuccess
                                                                      : EventRole::kFailure);
    published.step = id.step;
    published.operation = id.operation;
    published.attempt = attempt_in_trace(run_.attempts[index_of(id)]);
    return;
  }
}

// Where a service hears of one event for two of its operations, the first stands for both.
OperationId BrokerFront::operation_for(const BrokerDelivery& delivery) const {
  for (StepId id = 0; id < run_.saga.step_count(); ++id) {
    const Step& step = run_.saga.step(id);
    if (step.service != delivery.service) continue;
    if (is_heard(step.on_event, delivery.event)) return {id, Operation::kAction};
    if (is_heard(step.compensate_on, delivery.event)) return {id, Operation::kCompensation};
  }
  return {};
}

void BrokerFront::delivers(const BrokerDelivery& delivery, std::function<void()> deliver) {
  Passing now;
  Lock lock(run_.mutex);
  run_.last_activity = Clock::now();
  const OperationId operation = operation_for(delivery);
  if (operation.step == kNoStep || run_.closed) {
    now.push_back(std::move(deliver));
  } else if (run_.calls >= run_.options.max_calls) {
    const bool is_first = !std::exchange(run_.hit_call_cap, true);
    if (is_first) run_.trace.emit(EventType::kGaveUp).text = run_.trace.text_number(kDeliveryCap);
    lock.unlock();
    if (is_first && run_.options.capped) run_.options.capped();
    return;
  } else {
    route(hand_out(delivery, operation), deliver, now);
  }
  lock.unlock();
  for (const auto& each : now) each();
}

CallPtr BrokerFront::hand_out(const BrokerDelivery& delivery, OperationId operation) {
  const std::size_t index = index_of(operation);
  Message& message = messages_[{std::string(delivery.service), delivery.message}];
  if (message.is_open && message.call != nullptr) {
    run_.time_out(*message.call);
  } else {
    ++run_.in_flight;
  }
  const auto call = std::make_shared<Call>();
  call->number = static_cast<std::uint32_t>(++run_.calls);
  call->operation = operation;
  call->attempt = ++run_.attempts[index];
  const CallPtr before = std::exchange(message.call, call);
  message.is_open = true;
  const std::uint32_t key = run_.trace.text_number(run_.saga_id + "/" + std::string(delivery.event));
  run_.emit(EventType::kSent, *call).text = key;
  run_.own_faults[index].reset();
  run_.own_answers[index] = ReplyStatus::kOk;
  if (const auto planned = run_.faults.at_attempt(operation, call->attempt)) run_.strike(*call, *planned);
  if (before != nullptr) {
    for (Held& held : run_.held) {
      if (held.call == before && held.until == HoldUntil::kTimeout) held.until = HoldUntil::kNextRequest;
    }
  }
  return call;
}

void BrokerFront::route(const CallPtr& call, const std::function<void()>& deliver, Passing& now) {
  const std::uint32_t number = call->number;
  pass_held(
      [number](const Held& held) {
        return held.until == HoldUntil::kNextRequest && held.call->number < number;
      },
      now);
  const Fate& fate = call->fate();
  if (is_of_the_participant(fate)) run_.own_faults[index_of(call->operation)] = call->fault;
  const bool is_twice = fate.request == RequestFate::kTwice;
  if (fate.until != HoldUntil::kNothing) run_.held.push_back({call, fate.until, is_twice, deliver});
  switch (fate.request) {
    case RequestFate::kDropped:
    case RequestFate::kNoSubscriber:
    case RequestFate::kHeld:
      return;
    case RequestFate::kTwice:
      pass(*call, false, deliver, now);
      if (fate.until == HoldUntil::kNothing) pass(*call, true, deliver, now);
      return;
    case RequestFate::kDelivered:
      return pass(*call, false, deliver, now);
  }
}

void BrokerFront::pass(const Call& call, bool is_duplicate, const std::function<void()>& deliver,
                       Passing& now) {
  run_.emit(EventType::kDelivered, call).detail = is_duplicate ? 1 : 0;
  now.push_back(deliver);
}

BrokerFront::Passing BrokerFront::drain() {
  Passing now;
  pass_held([](const Held& /*held*/) { return true; }, now);
  return now;
}

bool BrokerFront::acknowledges(const BrokerDelivery& delivery, bool done) {
  Passing now;
  {
    const std::lock_guard lock(run_.mutex);
    run_.last_activity = Clock::now();
    const auto found = messages_.find({std::string(delivery.service), delivery.message});
    if (found == messages_.end() || !found->second.is_open || run_.closed) return true;
    Message& message = found->second;
    Call& call = *message.call;
    const ReplyStatus own = run_.own_answers[index_of(call.operation)];
    const bool refused = is_definite_refusal(own);
    const ReplyStatus status = done                      ? refused ? own : ReplyStatus::kOk
                               : own == ReplyStatus::kOk ? ReplyStatus::kUnavailable
                                                         : own;
    run_.emit(EventType::kAnswered, call).detail = static_cast<std::uint8_t>(status);
    if (call.fate().answer == AnswerFate::kDropped && !call.timed_out) return false;
    run_.emit(EventType::kReceived, call).detail = static_cast<std::uint8_t>(status);
    call.timed_out = true;  // it is over, and will not be
    if (done) {
      message.is_open = false;
      run_.leave();
      const StepId step = call.operation.step;
      if (call.operation.operation == Operation::kCompensation) {
        pass_held(
            [step](const Held& held) {
              return held.until == HoldUntil::kCompensated && held.call->operation.step == step;
            },
            now);
      }
    }
  }
  for (const auto& deliver : now) deliver();
  return true;
}

}  // namespace saga_harness::wire
