// A run of a choreography, from the event that starts it to what shows of its end.

#include "event_bus.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness {

Engine::Bus::Bus(Engine& engine, Setup setup)
    : engine_(engine), setup_(std::move(setup)), saga_(*setup_.saga), participant_table_(setup_) {
  saga_text_ = texts_.intern(setup_.saga_id);
  token_text_ = texts_.intern(setup_.auth_token);
  index_subscriptions();
  index_events();
  effects_.resize(saga_.step_count());
  windows_.resize(subscriptions_.size());
  delivered_.resize(subscriptions_.size());
  published_.resize(subscriptions_.size());
  known_.resize(saga_.services().size());
}

void Engine::Bus::index_subscriptions() {
  subscriptions_.resize(saga_.step_count() * kOperationCount);
  Number budgets = 0;
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kCompensation}) {
      const OperationId id{step, operation};
      const std::string_view action = saga_.action_of(id);
      if (action.empty()) continue;
      Subscription& subscription = subscriptions_[place_of(id)];
      const std::string_view service = saga_.step(step).service;
      subscription.delivery = {.saga_id = setup_.saga_id,
                               .service = service,
                               .action = action,
                               .step = saga_.step(step).name,
                               .operation = id};
      subscription.participant = participant_table_.of(service);
      subscription.service =
          static_cast<std::uint16_t>(std::ranges::find(saga_.services(), service) - saga_.services().begin());
      subscription.budget = static_cast<std::uint16_t>(saga_.budget(id));
      subscription.timeout = saga_.timeout(id).count();
      subscription.at_call = legal_alternatives(Instant::kCall, id, saga_);
      subscription.at_publish = legal_alternatives(Instant::kPublish, id, saga_);
      const std::size_t events = operation == Operation::kAction ? saga_.step(step).on_event.size()
                                                                 : saga_.step(step).compensate_on.size();
      budgets += subscription.budget * static_cast<Number>(std::max<std::size_t>(events, 1));
    }
  }
  call_bound_ = setup_.bounds.max_calls != 0 ? setup_.bounds.max_calls : 8 * budgets + 64;
}

void Engine::Bus::index_events() {
  const auto declare = [&](const std::string& event, EventRole role) {
    if (event.empty()) return;
    const Number number = texts_.intern(event);
    if (declared_.size() <= number) declared_.resize(number + std::size_t{1});
    declared_[number].known = true;
    declared_[number].role = role;
  };
  const auto subscribe = [&](const std::vector<std::string>& events, OperationId id) {
    for (const std::string& event : events) {
      const Number number = texts_.intern(event);
      if (declared_.size() <= number) declared_.resize(number + std::size_t{1});
      declared_[number].subscribers.push_back(static_cast<Number>(place_of(id)));
    }
  };
  const Choreography& choreography = *saga_.saga().choreography;
  declare(choreography.starts_with, EventRole::kStart);
  declare(choreography.at_deadline, EventRole::kDeadline);
  for (StepId id = 0; id < saga_.step_count(); ++id) {
    const Step& step = saga_.step(id);
    declare(step.emits.success, EventRole::kSuccess);
    declare(step.emits.failure, EventRole::kFailure);
    declare(step.emits.compensated, EventRole::kCompensated);
    subscribe(step.on_event, {id, Operation::kAction});
    subscribe(step.compensate_on, {id, Operation::kCompensation});
    if (saga_.successors(id).empty()) last_steps_.push_back(id);
  }
}

std::int64_t Engine::Bus::saga_deadline() const {
  return saga_.saga().deadline.value_or(Duration::zero()).count();
}

void Engine::Bus::reset() {
  participant_table_.reset();
  memory_.reset();
  queue_.clear();
  events_.clear();
  rows_.clear();
  payloads_.clear();
  letters_.clear();
  attempts_.assign(1, Attempt{});
  held_.clear();
  std::ranges::fill(effects_, Effect{});
  std::ranges::fill(windows_, ActiveWindow{});
  std::ranges::fill(delivered_, std::uint16_t{0});
  std::ranges::fill(published_, std::uint16_t{0});
  succeeded_.assign(saga_.step_count(), false);
  dead_compensations_.assign(saga_.step_count(), false);
  if (++run_ == 0) {  // wrapped: what looks current may be ancient
    for (auto& facts : known_) facts.clear();
    run_ = 1;
  }
  now_ = 0;
  operations_ = 0;
  dead_action_ = failed_ = completed_ = healed_ = gave_up_ = false;
  misuse_ = nullptr;
  outcome_ = Outcome::kUnresolved;
}

const Observation& Engine::Bus::run(Choices& choices) {
  choices_ = &choices;
  reset();
  indifferent_ = choices.indifferent();
  participant_table_.measure(false);
  const Choreography& choreography = *saga_.saga().choreography;
  const Number start = texts_.intern(choreography.starts_with);
  rows_.push_back({.event = start,
                   .id = texts_.intern({setup_.saga_id, "/", choreography.starts_with}),
                   .correlation_id = saga_text_,
                   .auth_token = token_text_,
                   .payload = setup_.context.text()});
  if (!choreography.at_deadline.empty()) queue_.push(saga_deadline(), 0, MessageKind::kTimer);
  route(0);
  pump();
  heal();
  drain();
  for (int restart = 0; restart < 2 && !gave_up_; ++restart) {
    restart_services();
    drain();
  }
  conclude();
  participant_table_.measure(true);
  if (misuse_) std::rethrow_exception(misuse_);
  observation_ = {.events = events_,
                  .effects = effects_,
                  .quantities = participant_table_.quantities(),
                  .texts = texts_.all(),
                  .outcome = outcome_,
                  .payloads = payloads_.all()};
  return observation_;
}

void Engine::Bus::pump() {
  while (!queue_.empty() && !gave_up_) {
    const Message message = queue_.pop();
    now_ = std::max(now_, message.at);
    handle(message);
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
  for (ActiveWindow& window : windows_) {
    if (window.window != FaultDuration::kForever) window.active = false;
  }
  for (Row& row : rows_) row.waits_for_heal = false;
  restart_services();
}

// A service that starts looks into its outbox.
void Engine::Bus::restart_services() {
  for (std::uint16_t service = 0; service < saga_.services().size() && !gave_up_; ++service) relay(service);
}

void Engine::Bus::drain() {
  while (!gave_up_ && (!held_.empty() || !queue_.empty())) {
    for (const Held& message : held_) queue_.push(now_ + kMaxLatency, message.attempt, message.kind);
    held_.clear();
    pump();
  }
}

void Engine::Bus::say(Outcome outcome) {
  outcome_ = outcome;
  record(EventType::kReported).detail = static_cast<std::uint8_t>(outcome);
}

// What a person who looks at the bus and at the ledgers would say. A dead letter of an action accounts for
// whatever the saga stopped at; one of a compensation for the effect of its step, and of those that wait for
// it.
void Engine::Bus::conclude() {
  if (gave_up_ || completed_) return;
  std::vector<bool> accounted_for(saga_.step_count(), dead_action_);
  bool is_dead = dead_action_;
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    if (!dead_compensations_[step]) continue;
    is_dead = true;
    account_for(step, accounted_for);
  }
  if (!is_dead && !failed_) return;
  say(is_dead ? Outcome::kFlagged : Outcome::kCompensated);
  for (StepId step = 0; is_dead && step < saga_.step_count(); ++step) {
    if (effects_[step].net() != 0 && accounted_for[step]) record(EventType::kReportedStep).step = step;
  }
}

void Engine::Bus::account_for(StepId step, std::vector<bool>& accounted_for) {
  if (accounted_for[step]) return;
  accounted_for[step] = true;
  const std::string& event = saga_.step(step).emits.compensated;
  if (event.empty()) return;
  for (const Number subscription : declared_[texts_.intern(event)].subscribers)
    account_for(subscriptions_[subscription].delivery.operation.step, accounted_for);
}

void Engine::Bus::give_up(std::string_view bound) {
  if (gave_up_) return;
  gave_up_ = true;
  queue_.clear();
  held_.clear();
  record(EventType::kGaveUp).text = texts_.intern(bound);
}

void Engine::Bus::note_failure(std::exception_ptr why) {
  if (!misuse_) misuse_ = std::move(why);
  gave_up_ = true;
}

void Engine::Bus::misuse(const std::string& message) {
  note_failure(std::make_exception_ptr(Error(message)));
  throw HandlerDies{};
}

std::size_t Engine::Bus::ask(const Point& point, std::span<const Alternative> legal) {
  if (healed_ || gave_up_ || legal.empty()) return 0;
  if (indifferent_ > 0) {
    --indifferent_;
    return 0;
  }
  std::size_t picked = 0;
  try {
    picked = choices_->pick(point, legal);
    indifferent_ = choices_->indifferent();
  } catch (...) {  // must not end as an exception of the handler that happens to be running
    note_failure(std::current_exception());
    return 0;
  }
  if (picked <= legal.size()) return picked;
  note_failure(std::make_exception_ptr(Error(fmt::format(
      "Choices::pick() answered {} where {} alternatives are legal: answer 0 for no fault, n for the n-th",
      picked, legal.size()))));
  return 0;
}

}  // namespace saga_harness
