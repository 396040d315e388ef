// A run of a choreography as the bus shows it: what becomes of a delivery, and what a service does on it.

#include <algorithm>
#include <utility>

#include <saga_harness/trace.hpp>

#include "wire_run.hpp"

namespace saga_harness::http {
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

void WireRun::bus_published(std::string_view event) {
  const std::lock_guard lock(mutex_);
  last_activity_ = Clock::now();
  const auto note = [&](EventRole role) -> Event& {
    Event& published = emit(EventType::kPublished);
    published.detail = static_cast<std::uint8_t>(role);
    published.text = text_number(event);
    return published;
  };
  const Choreography& choreography = *saga_.saga().choreography;
  if (event == choreography.starts_with) return static_cast<void>(note(EventRole::kStart));
  if (event == choreography.at_deadline) return static_cast<void>(note(EventRole::kDeadline));
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    const Emits& emits = saga_.step(step).emits;
    const bool is_undone = event == emits.compensated;
    if (event != emits.success && event != emits.failure && !is_undone) continue;
    const OperationId id{step, is_undone ? Operation::kCompensation : Operation::kAction};
    Event& published = note(is_undone                ? EventRole::kCompensated
                            : event == emits.success ? EventRole::kSuccess
                                                     : EventRole::kFailure);
    published.step = id.step;
    published.operation = id.operation;
    published.attempt = attempts_[index_of(id)];
    return;
  }
}

// Where a service hears of one event for two of its operations, the first stands for both.
OperationId WireRun::operation_for(const BusDelivery& delivery) const {
  for (StepId id = 0; id < saga_.step_count(); ++id) {
    const Step& step = saga_.step(id);
    if (step.service != delivery.service) continue;
    if (is_heard(step.on_event, delivery.event)) return {id, Operation::kAction};
    if (is_heard(step.compensate_on, delivery.event)) return {id, Operation::kCompensation};
  }
  return {};
}

void WireRun::bus_delivers(const BusDelivery& delivery, std::function<void()> forward) {
  Forwards now;
  Lock lock(mutex_);
  last_activity_ = Clock::now();
  const OperationId operation = operation_for(delivery);
  if (operation.step == kNoStep || closed_) {
    now.push_back(std::move(forward));
  } else if (calls_ >= options_.max_calls) {
    const bool is_first = !std::exchange(hit_call_cap_, true);
    if (is_first) emit(EventType::kGaveUp).text = text_number(kDeliveryCap);
    lock.unlock();
    if (is_first && options_.capped) options_.capped();
    return;
  } else {
    route(hand_out(delivery, operation), forward, now);
  }
  lock.unlock();
  for (const auto& each : now) each();
}

WireRun::CallPtr WireRun::hand_out(const BusDelivery& delivery, OperationId operation) {
  Letter& letter = letters_[{std::string(delivery.service), delivery.message}];
  if (letter.is_open && letter.call != nullptr) {
    time_out(*letter.call);
  } else {
    ++in_flight_;
  }
  const auto call = std::make_shared<Call>();
  call->number = static_cast<std::uint32_t>(++calls_);
  call->index = index_of(operation);
  call->operation = operation;
  call->attempt = ++attempts_[call->index];
  call->came = Clock::now();
  const CallPtr before = std::exchange(letter.call, call);
  letter.is_open = true;
  const std::uint32_t key = text_number(saga_id_ + "/" + std::string(delivery.event));
  emit(EventType::kSent, *call).text = key;
  own_faults_[call->index].reset();
  own_answers_[call->index] = ReplyStatus::kOk;
  choose_fault(*call);
  if (before != nullptr) {
    for (HeldDelivery& held : held_deliveries_) {
      if (held.call == before && held.until == HoldUntil::kTimeout) held.until = HoldUntil::kNextRequest;
    }
  }
  return call;
}

void WireRun::route(const CallPtr& call, const std::function<void()>& forward, Forwards& now) {
  const std::uint32_t number = call->number;
  pass_held(
      [number](const HeldDelivery& held) {
        return held.until == HoldUntil::kNextRequest && held.call->number < number;
      },
      now);
  const Fate& fate = fate_of_call(*call);
  if (is_of_the_participant(fate)) own_faults_[call->index] = call->fault;
  const bool is_twice = fate.request == RequestFate::kTwice;
  if (fate.until != HoldUntil::kNothing) held_deliveries_.push_back({call, forward, fate.until, is_twice});
  switch (fate.request) {
    case RequestFate::kDropped:
    case RequestFate::kNoSubscriber:
    case RequestFate::kHeld:
      return;
    case RequestFate::kTwice:
      pass(*call, false, forward, now);
      if (fate.until == HoldUntil::kNothing) pass(*call, true, forward, now);
      return;
    case RequestFate::kDelivered:
      return pass(*call, false, forward, now);
  }
}

void WireRun::pass(const Call& call, bool is_duplicate, const std::function<void()>& forward, Forwards& now) {
  emit(EventType::kDelivered, call).detail = is_duplicate ? 1 : 0;
  now.push_back(forward);
}

template <class IsDue>
void WireRun::pass_held(IsDue is_due, Forwards& now) {
  std::erase_if(held_deliveries_, [&](const HeldDelivery& held) {
    if (!is_due(held)) return false;
    pass(*held.call, held.is_duplicate, held.forward, now);
    return true;
  });
}

bool WireRun::bus_acknowledged(const BusDelivery& delivery, bool done) {
  Forwards now;
  {
    const std::lock_guard lock(mutex_);
    last_activity_ = Clock::now();
    const auto found = letters_.find({std::string(delivery.service), delivery.message});
    if (found == letters_.end() || !found->second.is_open || closed_) return true;
    Letter& letter = found->second;
    Call& call = *letter.call;
    const ReplyStatus own = own_answers_[call.index];
    const bool refused = is_definite_refusal(own);
    const ReplyStatus status = done                      ? refused ? own : ReplyStatus::kOk
                               : own == ReplyStatus::kOk ? ReplyStatus::kUnavailable
                                                         : own;
    emit(EventType::kAnswered, call).detail = static_cast<std::uint8_t>(status);
    if (fate_of_call(call).answer == AnswerFate::kDropped && !call.timed_out) return false;
    emit(EventType::kReceived, call).detail = static_cast<std::uint8_t>(status);
    call.timed_out = true;  // it is over, and will not be
    if (done) {
      letter.is_open = false;
      if (--in_flight_ == 0) quiet_.notify_all();
      const StepId step = call.operation.step;
      if (call.operation.operation == Operation::kCompensation) {
        pass_held(
            [step](const HeldDelivery& held) {
              return held.until == HoldUntil::kCompensated && held.call->operation.step == step;
            },
            now);
      }
    }
  }
  for (const auto& forward : now) forward();
  return true;
}

// It fares as the delivery that it follows from, and is no point of its own.
void WireRun::serve_own(const RoutedRequest& routed, Lock& lock) {
  const auto call = std::make_shared<Call>();
  call->is_own = true;
  call->number = static_cast<std::uint32_t>(calls_ + 1);
  call->index = index_of(routed.operation);
  call->operation = routed.operation;
  call->endpoint = routed.endpoint;
  call->attempt = attempts_[call->index];
  call->came = Clock::now();
  call->facts = std::move(routed.facts);
  call->payload = routed.request.body;
  call->routed = &routed;
  call->key_number = number_of_key(*call);
  if (const auto fault = std::exchange(own_faults_[call->index], std::nullopt)) {
    call->struck = true;
    call->fault = *fault;
  }
  perform(call, lock);
  if (!lock.owns_lock()) lock.lock();
  own_answers_[call->index] = call->meaning;
  call->routed = nullptr;
}

}  // namespace saga_harness::http
