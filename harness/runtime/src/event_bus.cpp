// A run of a choreography, from the event that starts it to what shows of its end.

#include "event_bus.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness {

Engine::Bus::Bus(Engine& engine, Setup setup)
    : engine_(engine),
      setup_(std::move(setup)),
      saga_(*setup_.saga),
      participant_table_(setup_),
      is_shared_(!setup_.beside.empty() || setup_.earlier_sagas > 0),
      subscriptions_(setup_, participant_table_, texts_),
      outbox_(subscriptions_.size(), setup_.beside.size() + 1),
      letters_(subscriptions_.size(), setup_.beside.size() + 1),
      ties_(subscriptions_.size()),
      commits_(subscriptions_.size()),
      windows_(subscriptions_.size()),
      facts_(saga_.services().size()),
      handlers_(setup_.handlers, saga_.services()),
      sagas_(setup_.beside.size() + 1, SagaOnBus(saga_)),
      limits_(setup_.bounds,
              subscriptions_.budgets() * static_cast<std::uint32_t>(setup_.beside.size() + 1)) {
  for (SagaOnBus& saga : sagas_) saga.trace = TraceRecorder();  // one that is copied is of another's buffer
  name_sagas();
}

void Engine::Bus::name_sagas() {
  for (std::uint16_t number = 0; number < sagas_.size(); ++number) {
    SagaOnBus& saga = sagas_[number];
    const bool is_tested = number == 0;
    saga.number = number;
    saga.id = is_tested ? texts_.intern(setup_.saga_id)
                        : texts_.intern({setup_.saga_id, "-beside-", std::to_string(number)});
    saga.auth_token =
        is_tested ? texts_.intern(setup_.auth_token) : texts_.intern({"token-of-", texts_.at(saga.id)});
    saga.context = is_tested ? setup_.context.text() : setup_.beside[number - 1U].text();
  }
}

std::int64_t Engine::Bus::saga_deadline() const {
  return saga_.saga().deadline.value_or(Duration::zero()).count();
}

// Of the bus; not of the services, whose databases and memory outlive a saga.
void Engine::Bus::reset() {
  clock_.reset();
  queue_.clear();
  payloads_.clear();
  held_.clear();
  outbox_.reset();
  letters_.reset();
  std::ranges::fill(ties_, std::uint16_t{0});
  std::ranges::fill(commits_, std::uint16_t{0});
  windows_.reset();
  for (SagaOnBus& saga : sagas_) saga.reset();
  limits_.reset();
  end_.reset();
  healed_ = false;
}

void Engine::Bus::start(std::uint16_t number) {
  const SagaOnBus& saga = sagas_[number];
  const Choreography& choreography = *saga_.saga().choreography;
  const Number row = outbox_.add({.event = texts_.intern(choreography.starts_with),
                                  .id = texts_.intern({texts_.at(saga.id), "/", choreography.starts_with}),
                                  .correlation_id = saga.id,
                                  .auth_token = saga.auth_token,
                                  .payload = saga.context,
                                  .saga = number,
                                  .writer = number});
  if (!choreography.at_deadline.empty()) queue_.push(saga_deadline(), number, MessageKind::kTimer);
  route(row);
}

// Those that the services have served before: what they left in databases and memory must not matter.
void Engine::Bus::run_earlier_sagas() {
  NoFaults no_faults;
  questions_.put_to(no_faults);
  questions_.begin_run();
  SagaOnBus& earlier = sagas_.front();
  for (int number = 1; number <= setup_.earlier_sagas && !end_.has_failed(); ++number) {
    reset();
    earlier.number = static_cast<Number>(setup_.beside.size()) + static_cast<Number>(number);
    earlier.id = texts_.intern({setup_.saga_id, "-before-", std::to_string(number)});
    earlier.auth_token = texts_.intern({"token-of-", texts_.at(earlier.id)});
    start(0);
    pump();
    drain();
    if (!end_.has_failed()) earlier_.expect_same(number, earlier.trace.events());
  }
  name_sagas();
}

const Observation& Engine::Bus::run(Choices& choices) {
  participant_table_.reset();
  memory_.reset();
  facts_.reset();
  handlers_.restart_all();
  end_.reset();
  if (setup_.earlier_sagas > 0) run_earlier_sagas();
  end_.throw_failure();
  questions_.put_to(choices);
  questions_.begin_run();
  reset();
  participant_table_.measure(false);
  for (std::uint16_t saga = 0; saga < sagas_.size(); ++saga) start(saga);
  pump();
  heal();
  drain();
  for (int restart = 0; restart < 2 && !end_.gave_up(); ++restart) {
    restart_services();
    drain();
  }
  for (SagaOnBus& saga : sagas_) conclude(saga);
  participant_table_.measure(true);
  end_.throw_failure();
  observe();
  return observation_;
}

// What one saga was to have back another may still have.
bool Engine::Bus::is_owed(const Quantity& quantity) const {
  return quantity.rule == QuantityRule::kConserved || std::ranges::all_of(sagas_, [](const SagaOnBus& saga) {
           return saga.outcome == Outcome::kCompensated;
         });
}

void Engine::Bus::observe() {
  const SagaOnBus& tested = sagas_.front();
  observation_ = {.events = tested.trace.events(),
                  .effects = tested.effects.all(),
                  .quantities = participant_table_.quantities(),
                  .texts = texts_.all(),
                  .outcome = tested.outcome,
                  .payloads = payloads_.all()};
  if (sagas_.size() == 1) return;
  owed_quantities_.clear();
  std::ranges::copy_if(participant_table_.quantities(), std::back_inserter(owed_quantities_),
                       [this](const Quantity& quantity) { return is_owed(quantity); });
  observation_.quantities = owed_quantities_;
  beside_.clear();
  for (const SagaOnBus& saga : std::span(sagas_).subspan(1)) {
    beside_.push_back({.events = saga.trace.events(),
                       .effects = saga.effects.all(),
                       .texts = texts_.all(),
                       .outcome = saga.outcome});
  }
  seen_beside_.clear();
  for (const Observation& each : beside_) seen_beside_.push_back(&each);
  observation_.beside = seen_beside_;
}

void Engine::Bus::pump() {
  while (!queue_.empty() && !end_.gave_up()) {
    clock_.advance_to(queue_.next_time());
    handle(queue_.has_tie() ? pop_of_tie() : queue_.pop());
  }
}

void Engine::Bus::handle(const Message& message) {
  switch (message.kind) {
    case MessageKind::kRequest:
    case MessageKind::kDuplicate:
      return deliver(message);
    case MessageKind::kReply:
      return acknowledged(message.call);
    case MessageKind::kAckTimeout:
      return timed_out(message.call);
    case MessageKind::kRedelivery:
      return send(message.call);
    case MessageKind::kRelay:
      relay(static_cast<std::uint16_t>(message.call));
      return;
    case MessageKind::kTimer:
      return go_off(static_cast<std::uint16_t>(message.call));
  }
}

void Engine::Bus::heal() {
  healed_ = true;
  for (SagaOnBus& saga : sagas_) record(saga, EventType::kHealed);
  windows_.heal();
  outbox_.heal();
  restart_services();
}

// A service that starts knows what is in its database, and looks into its outbox.
void Engine::Bus::restart_services() {
  handlers_.restart_all();
  for (std::uint16_t service = 0; service < saga_.services().size() && !end_.gave_up(); ++service)
    relay(service);
}

void Engine::Bus::drain() {
  while (!end_.gave_up() && (!held_.empty() || !queue_.empty())) {
    held_.release_all(queue_, clock_.now() + kMaxLatency);
    pump();
  }
}

void Engine::Bus::say(SagaOnBus& saga, Outcome outcome) {
  saga.outcome = outcome;
  record(saga, EventType::kReported).detail = static_cast<std::uint8_t>(outcome);
}

void Engine::Bus::conclude(SagaOnBus& saga) {
  if (end_.gave_up() || saga.conclusion.is_completed()) return;
  const std::optional<Outcome> outcome = saga.conclusion.outcome();
  if (!outcome) return;
  say(saga, *outcome);
  if (*outcome != Outcome::kFlagged) return;
  const std::vector<bool> accounted_for = saga.conclusion.accounted_for();
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    if (saga.effects.of(step).net() != 0 && accounted_for[step])
      record(saga, EventType::kReportedStep).step = step;
  }
}

void Engine::Bus::give_up(std::string_view bound) {
  if (end_.gave_up()) return;
  end_.give_up();
  queue_.clear();
  held_.clear();
  for (SagaOnBus& saga : sagas_) record(saga, EventType::kGaveUp).text = texts_.intern(bound);
}

void Engine::Bus::note_failure(std::exception_ptr why) { end_.fail(std::move(why)); }

void Engine::Bus::misuse(const std::string& message) {
  note_failure(std::make_exception_ptr(Error(ErrorText{.message = std::string(message)})));
  throw HandlerDies{};
}

std::size_t Engine::Bus::ask(const Point& point, std::span<const Alternative> legal) {
  if (healed_ || end_.gave_up() || legal.empty()) return 0;
  if (questions_.skip()) return 0;
  try {
    return questions_.ask(point, legal);
  } catch (...) {  // must not end as an exception of the handler that happens to be running
    note_failure(std::current_exception());
    return 0;
  }
}

}  // namespace saga_harness
