// Of two deliveries that reach one service at the same time, the second may come first.

#include <saga_harness/fault_catalogue.hpp>

#include "event_bus.hpp"

namespace saga_harness {

// Where it is handled; nothing for what no handler hears of.
std::optional<std::uint16_t> Engine::Bus::handled_by(const Message& message) const {
  switch (message.kind) {
    case MessageKind::kRequest:
    case MessageKind::kDuplicate:
      return subscriptions_[letters_.letter_of(message.call).subscription].service;
    case MessageKind::kTimer: {
      const OperationId stopping{saga_.find_step(saga_.saga().choreography->unless), Operation::kAction};
      return subscriptions_[SubscriptionTable::place_of(stopping)].service;
    }
    case MessageKind::kReply:
    case MessageKind::kAckTimeout:
    case MessageKind::kRedelivery:
    case MessageKind::kRelay:
      return std::nullopt;
  }
  return std::nullopt;
}

// Services have nothing in common: at different ones, either order is the same.
Message Engine::Bus::pop_of_tie() {
  const Message first = queue_.front();
  const std::optional<std::uint16_t> service = handled_by(first);
  if (!service) return queue_.pop();
  const std::optional<Message> second = queue_.find_at(first.at, [&](const Message& other) {
    const bool are_timers = first.kind == MessageKind::kTimer && other.kind == MessageKind::kTimer;
    return other.order != first.order && !are_timers && handled_by(other) == service;
  });
  if (!second || !swaps(first.kind == MessageKind::kTimer ? *second : first)) return queue_.pop();
  return queue_.take(*second);
}

bool Engine::Bus::swaps(const Message& delivery) {
  const Number place = letters_.letter_of(delivery.call).subscription;
  const OperationId id = subscriptions_.operation_of(place);
  const std::uint16_t occurrence = ++ties_[place];
  const std::span<const Alternative> legal = subscriptions_[place].at_tie;
  const std::size_t picked = ask({id.step, id.operation, Instant::kTie, occurrence}, legal);
  if (picked == 0) return false;
  record_fault(legal[picked - 1], id, Instant::kTie, occurrence);
  return true;
}

}  // namespace saga_harness
