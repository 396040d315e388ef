#include "subscription_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "participant_table.hpp"

namespace saga_harness {

SubscriptionTable::SubscriptionTable(const Setup& setup, const ParticipantTable& participants,
                                     TextTable& texts)
    : saga_(*setup.saga), texts_(texts), subscriptions_(saga_.step_count() * kOperationCount) {
  add_subscriptions(setup, participants);
  add_events();
}

void SubscriptionTable::add_subscriptions(const Setup& setup, const ParticipantTable& participants) {
  for (StepId step = 0; step < saga_.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kCompensation}) {
      const OperationId id{step, operation};
      const std::string_view action = saga_.action_of(id);
      if (action.empty()) continue;
      Subscription& subscription = subscriptions_[place_of(id)];
      const std::string_view service = saga_.step(step).service;
      subscription.delivery = {.saga_id = setup.saga_id,
                               .service = service,
                               .action = action,
                               .step = saga_.step(step).name,
                               .operation = id};
      subscription.participant = participants.of(service);
      subscription.service =
          static_cast<std::uint16_t>(std::ranges::find(saga_.services(), service) - saga_.services().begin());
      subscription.budget = static_cast<std::uint16_t>(saga_.budget(id));
      subscription.timeout = saga_.timeout(id).count();
      subscription.at_call = legal_alternatives(Instant::kCall, id, saga_);
      subscription.at_publish = legal_alternatives(Instant::kPublish, id, saga_);
      subscription.at_tie = legal_alternatives(Instant::kTie, id, saga_);
      subscription.at_commit = legal_alternatives(Instant::kCommit, id, saga_);
      const std::size_t events = operation == Operation::kAction ? saga_.step(step).on_event.size()
                                                                 : saga_.step(step).compensate_on.size();
      budgets_ += subscription.budget * static_cast<std::uint32_t>(std::max<std::size_t>(events, 1));
    }
  }
}

SubscriptionTable::DeclaredEvent& SubscriptionTable::event_named(std::string_view name) {
  const std::uint32_t number = texts_.intern(name);
  if (events_.size() <= number) events_.resize(number + std::size_t{1});
  return events_[number];
}

void SubscriptionTable::declare(std::string_view name, EventRole role) {
  if (name.empty()) return;
  DeclaredEvent& event = event_named(name);
  event.is_declared = true;
  event.role = role;
}

void SubscriptionTable::add_events() {
  const auto subscribe = [this](const std::vector<std::string>& events, OperationId id) {
    for (const std::string& event : events)
      event_named(event).subscribers.push_back(static_cast<Place>(place_of(id)));
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
  }
}

std::uint32_t SubscriptionTable::find_event(std::string_view name) const {
  const std::uint32_t number = texts_.intern(name);
  if (number < events_.size() && events_[number].is_declared) return number;
  std::vector<std::string_view> known;
  for (std::uint32_t each = 0; each < events_.size(); ++each) {
    if (events_[each].is_declared) known.push_back(texts_.at(each));
  }
  const std::string_view nearest = nearest_name(name, known);
  throw Error(ErrorText{.message = fmt::format("a handler emits \"{}\", which saga \"{}\" does not declare",
                                               name, saga_.saga().name),
                        .fix = nearest.empty() ? "" : fmt::format("did you mean \"{}\"?", nearest)});
}

}  // namespace saga_harness
