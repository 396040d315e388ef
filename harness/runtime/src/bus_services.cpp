// The services around the bus: their databases, their outboxes, and the timer.

#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>

#include "event_bus.hpp"

namespace saga_harness {
namespace {

constexpr std::int64_t kServiceRestartDelay =
    1'000'000;  // a second: longer than any message that is merely late

}  // namespace

void Engine::Bus::count_operation() {
  if (!limits_.spend_operation()) give_up("the bound on operations");
  if (end_.gave_up()) throw HandlerDies{};
}

// Whatever a handler does first, that is where a service dies that is to die before it has done anything.
void Engine::Bus::do_something() {
  count_operation();
  if (running_.dies) throw HandlerDies{};
}

bool Engine::Bus::knows(std::string_view fact) {
  count_operation();
  return facts_.knows(running_.service, texts_.intern(fact));
}

void Engine::Bus::keep(std::string_view fact) {
  do_something();
  facts_.keep(running_.service, texts_.intern(fact));
}

Reply Engine::Bus::perform() {
  do_something();
  if (running_.attempt == 0) misuse("a handler calls perform() as the timer goes off: there is nothing due");
  const LetterTable::Attempt& attempt = letters_.attempt(running_.attempt);
  const Outbox::Row& row = outbox_[letters_.letter(attempt.letter).row];
  const Subscription& subscription = subscriptions_[running_.subscription];
  Reply reply;
  const Fate& fate = attempt.struck && !running_.is_copy ? fate_of(attempt.fault) : kNoFault;
  if (running_.stray == StrayEvent::kOfAnotherSaga) return reply;  // what that has done is on no ledger here
  if (fate.answers_instead()) {
    reply = {fate.instead.status, fate.instead.body};
  } else {
    const SagaOnBus& saga = sagas_[running_.saga];
    Delivery delivery = subscription.delivery;
    delivery.saga_id = texts_.at(saga.id);
    delivery.saga_number = saga.number;
    delivery.idempotency_key = running_.event->message_id;
    delivery.key_number = running_.stray == StrayEvent::kNone ? row.id : 0;
    delivery.correlation_id = running_.event->correlation_id;
    delivery.auth_token = running_.event->auth_token;
    delivery.payload = running_.event->payload;
    delivery.attempt = attempt.attempt;
    EffectRecorder recorder(*this);
    try {
      reply = subscription.participant->handle(delivery, recorder);
    } catch (const HandlerDies&) {
      throw;
    } catch (const Error&) {
      note_failure(std::current_exception());
      throw HandlerDies{};
    } catch (...) {
      reply = {ReplyStatus::kError, fault_table::kErrorBody};
    }
  }
  if (reply.ok() && says_failure(reply.body)) reply.status = ReplyStatus::kRejected;
  if (!reply.ok()) running_.status = reply.status;
  running_.refused = is_definite_refusal(reply.status);
  return reply;
}

std::optional<std::uint16_t> Engine::Bus::saga_with(Number correlation_id) const {
  const auto found = std::ranges::find(sagas_, correlation_id, &SagaOnBus::id);
  if (found == sagas_.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - sagas_.begin());
}

Engine::Bus::Number Engine::Bus::write_row(const OutgoingEvent& event, bool in_outbox) {
  Number name = 0;
  try {
    name = subscriptions_.find_event(event.event);
  } catch (const Error&) {
    note_failure(std::current_exception());
    throw HandlerDies{};
  }
  const Subscription& subscription = subscriptions_[running_.subscription];
  const Number correlation_id = texts_.intern(event.correlation_id);
  const std::optional<std::uint16_t> owner = saga_with(correlation_id);
  return outbox_.add(
      {.event = name,
       .id = event.message_id.empty()
                 ? texts_.intern({saga_id(), "/", subscription.delivery.step, "/", event.event})
                 : texts_.intern(event.message_id),
       .correlation_id = correlation_id,
       .auth_token = texts_.intern(event.auth_token),
       .payload = event.payload.empty() ? sagas_[running_.saga].context : memory_.copy(event.payload),
       .subscription = running_.attempt == 0 ? Outbox::kNoSubscription : running_.subscription,
       .service = running_.service,
       .saga = is_shared_ ? owner.value_or(running_.saga) : std::uint16_t{0},
       .writer = running_.saga,
       .is_of_nobody = is_shared_ && !owner,
       .role = subscriptions_.role_of(name),
       .is_waiting = in_outbox});
}

void Engine::Bus::emit(const OutgoingEvent& event) {
  do_something();
  if (!is_for_elsewhere(event)) write_row(event, true);
}

void Engine::Bus::commit() {
  count_operation();
  if (running_.attempt == 0 || running_.saga != 0 || running_.stray != StrayEvent::kNone) return;
  const Subscription& subscription = subscriptions_[running_.subscription];
  const OperationId id = subscription.delivery.operation;
  const std::uint16_t occurrence = ++commits_[running_.subscription];
  const std::size_t picked =
      ask({id.step, id.operation, Instant::kCommit, occurrence}, subscription.at_commit);
  if (picked == 0) return;
  record_fault(subscription.at_commit[picked - 1], id, Instant::kCommit, occurrence);
  throw HandlerDies{};
}

// A participant works in the transactions of the handler that asks it.
void Engine::Bus::commit(const Delivery& /*delivery*/) { commit(); }

void Engine::Bus::publish(const OutgoingEvent& event) {
  do_something();
  if (is_for_elsewhere(event)) return;
  if (!hand_over(write_row(event, false)) || end_.gave_up()) throw HandlerDies{};
}

void Engine::Bus::acknowledge() {
  if (running_.attempt == 0 || running_.acknowledged || running_.stray != StrayEvent::kNone) return;
  running_.acknowledged = true;
  if (!running_.is_copy) answer(running_.attempt, Handled::kDone);
}

// False if the service dies of it.
bool Engine::Bus::hand_over(Number number) {
  const Number place = outbox_[number].subscription;
  const std::uint16_t service = outbox_[number].service;
  std::size_t picked = 0;
  if (place != Outbox::kNoSubscription) {
    const Subscription& subscription = subscriptions_[place];
    const OperationId id = subscription.delivery.operation;
    const std::uint16_t attempt = outbox_.count_publishing(number);
    const bool is_under_test = outbox_[number].saga == 0;
    if (is_under_test)
      picked = ask({id.step, id.operation, Instant::kPublish, attempt}, subscription.at_publish);
    if (picked != 0) record_fault(subscription.at_publish[picked - 1], id, Instant::kPublish, attempt);
  }
  if (picked == 0) {
    outbox_.confirm(number);
    route(number);
    return true;
  }
  const Alternative alternative = subscriptions_[place].at_publish[picked - 1];
  outbox_.set_waits_for_heal(number, alternative.window == FaultDuration::kHeal);
  const Fate& fate = fate_of(alternative.kind);
  if (!fate.keeps_from_participant()) route(number);
  const bool dies =
      fate.participant == ParticipantFate::kDiesBefore || fate.participant == ParticipantFate::kDiesAfter;
  if (!dies) {
    queue_.push(clock_.now() + kServiceRestartDelay, service,
                MessageKind::kRelay);  // nobody has confirmed it
    return true;
  }
  die(service);
  return false;
}

// What its outbox still has to publish, from a row on. False if the service dies of it.
bool Engine::Bus::relay(std::uint16_t service, Number first_row) {
  for (Number from = first_row; !end_.gave_up(); ++from) {
    const std::optional<Number> row = outbox_.next_of(service, from);
    if (!row) break;
    if (!hand_over(*row)) return false;
    from = *row;
  }
  return true;
}

void Engine::Bus::die(std::uint16_t service) {
  participant_table_.of(saga_.services()[service])->crash();
  handlers_.restart(service);
  queue_.push(clock_.now() + kServiceRestartDelay, service, MessageKind::kRelay);
}

void Engine::Bus::go_off(std::uint16_t number) {
  const SagaOnBus& saga = sagas_[number];
  const Choreography& choreography = *saga_.saga().choreography;
  const OperationId id{saga_.find_step(choreography.unless), Operation::kAction};
  const Subscription& subscription = subscriptions_[SubscriptionTable::place_of(id)];
  running_ = {.subscription = static_cast<Number>(SubscriptionTable::place_of(id)),
              .service = subscription.service,
              .saga = number,
              .first_row = outbox_.end()};
  Handled word = Handled::kDone;
  call_handler({.event = choreography.at_deadline,
                .message_id = text({texts_.at(saga.id), "/", choreography.at_deadline}),
                .correlation_id = texts_.at(saga.id),
                .auth_token = texts_.at(saga.auth_token),
                .payload = saga.context,
                .operation = id,
                .is_deadline = true},
               word);
  if (!end_.gave_up()) relay(subscription.service, running_.first_row);
}

void Engine::Bus::apply(const Delivery& delivery) {
  const OperationId id = delivery.operation;
  static_cast<void>(effect(id.step));
  SagaOnBus& saga = sagas_[running_.saga];
  ++saga.effects.of(id.step).applied;
  record(saga, EventType::kApplied, id, delivery.attempt);
}

void Engine::Bus::undo(const Delivery& delivery) {
  const OperationId id = delivery.operation;
  static_cast<void>(effect(id.step));
  SagaOnBus& saga = sagas_[running_.saga];
  ++saga.effects.of(id.step).undone;
  record(saga, EventType::kUndone, id, delivery.attempt);
}

const Effect& Engine::Bus::effect(StepId step) {
  const EffectCounts& effects = sagas_[running_.saga].effects;
  if (!effects.has(step)) misuse(effects.misuse_by(step));
  return effects.of(step);
}

const SagaIndex& HandlerContext::index() const noexcept { return engine_->bus_->saga(); }
std::string_view HandlerContext::saga_id() const noexcept { return engine_->bus_->saga_id(); }
Time HandlerContext::now() const noexcept { return engine_->bus_->now(); }
bool HandlerContext::knows(std::string_view fact) { return engine_->bus_->knows(fact); }
void HandlerContext::keep(std::string_view fact) { engine_->bus_->keep(fact); }
Reply HandlerContext::perform() { return engine_->bus_->perform(); }
void HandlerContext::emit(const OutgoingEvent& event) { engine_->bus_->emit(event); }
void HandlerContext::commit() { engine_->bus_->commit(); }
void HandlerContext::publish(const OutgoingEvent& event) { engine_->bus_->publish(event); }
void HandlerContext::acknowledge() { engine_->bus_->acknowledge(); }
std::string_view HandlerContext::text(std::initializer_list<std::string_view> parts) {
  return engine_->bus_->text(parts);
}
void HandlerContext::mark(std::string_view name) { engine_->bus_->mark(name); }

}  // namespace saga_harness
