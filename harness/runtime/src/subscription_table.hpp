#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/engine.hpp>
#include <saga_harness/fault.hpp>

#include "text_table.hpp"

namespace saga_harness {

class ParticipantTable;

/// An operation of a step of a choreography and what the bus must know to deliver to it.
struct Subscription {
  Delivery delivery;  // template for the participant
  Participant* participant = nullptr;
  std::uint16_t service = 0;
  std::uint16_t budget = 1;
  std::int64_t timeout = 0;
  std::vector<Alternative> at_call;
  std::vector<Alternative> at_publish;
  std::vector<Alternative> at_tie;
  std::vector<Alternative> at_commit;
};

/// Who hears of which event of a choreography. A subscription's place is that of its step and operation.
class SubscriptionTable {
 public:
  using Place = std::uint32_t;

  SubscriptionTable(const Setup& setup, const ParticipantTable& participants, TextTable& texts);

  [[nodiscard]] static std::size_t place_of(OperationId id) {
    return static_cast<std::size_t>(id.step) * kOperationCount + static_cast<std::size_t>(id.operation);
  }
  [[nodiscard]] std::size_t size() const { return subscriptions_.size(); }
  [[nodiscard]] const Subscription& operator[](std::size_t place) const { return subscriptions_[place]; }
  [[nodiscard]] OperationId operation_of(std::size_t place) const {
    return subscriptions_[place].delivery.operation;
  }
  /// Attempts that the definition allows, in all: for every event that a subscription hears of.
  [[nodiscard]] std::uint32_t budgets() const { return budgets_; }

  // Events, by the number of their name.
  /// @throws Error with the nearest name if the definition does not declare it.
  [[nodiscard]] std::uint32_t find_event(std::string_view name) const;
  [[nodiscard]] EventRole role_of(std::uint32_t event) const { return events_[event].role; }
  [[nodiscard]] std::span<const Place> subscribers_of(std::uint32_t event) const {
    return events_[event].subscribers;
  }

 private:
  struct DeclaredEvent {
    bool is_declared = false;
    EventRole role = EventRole::kStart;
    std::vector<Place> subscribers;
  };

  void add_subscriptions(const Setup& setup, const ParticipantTable& participants);
  void add_events();
  DeclaredEvent& event_named(std::string_view name);
  void declare(std::string_view name, EventRole role);

  const SagaIndex& saga_;
  TextTable& texts_;
  std::vector<Subscription> subscriptions_;
  std::vector<DeclaredEvent> events_;
  std::uint32_t budgets_ = 0;
};

}  // namespace saga_harness
