// Events that come to a subscriber and are not for it.

#include "event_bus.hpp"

namespace saga_harness {
namespace {

constexpr std::string_view kNotJson = "{\"event\": ";
constexpr std::string_view kUndeclared = "an_event.that_nobody_declares";

}  // namespace

// Whatever its handler says of it, it does not come again. False if its service dies of it.
bool Engine::Bus::deliver_stray(Number number, StrayEvent stray) {
  const LetterTable::Letter letter = letters_.letter_of(number);
  const Outbox::Row row = outbox_[letter.row];
  const Subscription& subscription = subscriptions_[letter.subscription];
  const std::string_view event = texts_.at(row.event);
  EventDelivery delivery{.operation = subscription.delivery.operation,
                         .attempt = letters_.attempt(number).attempt};
  switch (stray) {
    case StrayEvent::kNone:
      return true;
    case StrayEvent::kUnreadable:
      delivery.payload = kNotJson;
      break;
    case StrayEvent::kUnknown:
      delivery.event = kUndeclared;
      delivery.message_id = text({texts_.at(row.id), "/", kUndeclared});
      delivery.correlation_id = texts_.at(row.correlation_id);
      delivery.auth_token = texts_.at(row.auth_token);
      delivery.payload = row.payload;
      break;
    case StrayEvent::kOfAnotherSaga:
      delivery.event = event;
      delivery.correlation_id = text({setup_.saga_id, "-elsewhere"});
      delivery.message_id = text({delivery.correlation_id, "/", event});
      delivery.auth_token = text({"token-of-", delivery.correlation_id});
      delivery.payload = row.payload;
      break;
  }
  running_ = {.attempt = number,
              .subscription = letter.subscription,
              .service = subscription.service,
              .saga = letter.saga,
              .first_row = outbox_.end(),
              .stray = stray};
  Handled word = Handled::kAgain;
  const bool lives = call_handler(delivery, word);
  return lives && (end_.gave_up() || relay(subscription.service, running_.first_row));
}

// What is told in the name of another saga its other services hear, which are on no bus of ours.
bool Engine::Bus::is_for_elsewhere(const OutgoingEvent& event) const {
  return running_.stray == StrayEvent::kOfAnotherSaga &&
         event.correlation_id == running_.event->correlation_id;
}

}  // namespace saga_harness
