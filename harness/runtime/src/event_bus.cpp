// A run of a choreography, from the event that starts it to what shows of its end.

#include "event_bus.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness {

Engine::Bus::Bus(Engine& engine, Setup setup)
    : engine_(engine),
      setup_(std::move(setup)),
      saga_(*setup_.saga),
      participant_table_(setup_),
      saga_text_(texts_.intern(setup_.saga_id)),
      token_text_(texts_.intern(setup_.auth_token)),
      subscriptions_(setup_, participant_table_, texts_),
      outbox_(subscriptions_.size()),
      letters_(subscriptions_.size()),
      ties_(subscriptions_.size()),
      commits_(subscriptions_.size()),
      windows_(subscriptions_.size()),
      facts_(saga_.services().size()),
      handlers_(setup_.handlers, saga_.services()),
      effects_(saga_),
      conclusion_(saga_),
      limits_(setup_.bounds, subscriptions_.budgets()) {}

std::int64_t Engine::Bus::saga_deadline() const {
  return saga_.saga().deadline.value_or(Duration::zero()).count();
}

void Engine::Bus::reset() {
  participant_table_.reset();
  memory_.reset();
  clock_.reset();
  queue_.clear();
  payloads_.clear();
  held_.clear();
  outbox_.reset();
  letters_.reset();
  std::ranges::fill(ties_, std::uint16_t{0});
  std::ranges::fill(commits_, std::uint16_t{0});
  windows_.reset();
  facts_.reset();
  handlers_.restart_all();
  effects_.reset();
  conclusion_.reset();
  trace_.reset();
  limits_.reset();
  end_.reset();
  healed_ = false;
  outcome_ = Outcome::kUnresolved;
}

const Observation& Engine::Bus::run(Choices& choices) {
  reset();
  questions_.put_to(choices);
  questions_.begin_run();
  participant_table_.measure(false);
  const Choreography& choreography = *saga_.saga().choreography;
  const Number start = texts_.intern(choreography.starts_with);
  outbox_.add({.event = start,
               .id = texts_.intern({setup_.saga_id, "/", choreography.starts_with}),
               .correlation_id = saga_text_,
               .auth_token = token_text_,
               .payload = setup_.context.text()});
  if (!choreography.at_deadline.empty()) queue_.push(saga_deadline(), 0, MessageKind::kTimer);
  route(0);
  pump();
  heal();
  drain();
  for (int restart = 0; restart < 2 && !end_.gave_up(); ++restart) {
    restart_services();
    drain();
  }
  conclude();
  participant_table_.measure(true);
  end_.throw_failure();
  observation_ = {.events = trace_.events(),
                  .effects = effects_.all(),
                  .quantities = participant_table_.quantities(),
                  .texts = texts_.all(),
                  .outcome = outcome_,
                  .payloads = payloads_.all()};
  return observation_;
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
      return go_off();
  }
}

void Engine::Bus::heal() {
  healed_ = true;
  record(EventType::kHealed);
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

void Engine::Bus::say(Outcome outcome) {
  outcome_ = outcome;
  record(EventType::kReported).detail = static_cast<std::uint8_t>(outcome);
}

void Engine::Bus::conclude() {
  if (end_.gave_up() || conclusion_.is_completed()) return;
  const std::optional<Outcome> outcome = conclusion_.outcome();
  if (!outcome) return;
  say(*outcome);
  if (*outcome != Outcome::kFlagged) return;
  const std::vector<bool> accounted_for = conclusion_.accounted_for();
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    if (effects_.of(step).net() != 0 && accounted_for[step]) record(EventType::kReportedStep).step = step;
  }
}

void Engine::Bus::give_up(std::string_view bound) {
  if (end_.gave_up()) return;
  end_.give_up();
  queue_.clear();
  held_.clear();
  record(EventType::kGaveUp).text = texts_.intern(bound);
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
