#include <array>
#include <ostream>

#include <saga_harness/engine.hpp>
#include <saga_harness/handler_context.hpp>
#include <saga_harness/log_store.hpp>
#include <saga_harness/masks.hpp>
#include <saga_harness/participant.hpp>
#include <saga_harness/runtime.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

std::string_view name_of(LogWrite value) {
  static constexpr std::array<std::string_view, 3> kNames{"durable", "failed", "fenced"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(Handled value) {
  static constexpr std::array<std::string_view, 3> kNames{"done", "again", "given_up"};
  return internal::name_in(kNames, value);
}

void PrintTo(const RunBounds& value, std::ostream* out) {
  internal::print_fields(*out, "RunBounds", value, internal::field("max_calls", &RunBounds::max_calls),
                         internal::field("max_operations", &RunBounds::max_operations),
                         internal::field("max_incarnations", &RunBounds::max_incarnations));
}

void PrintTo(const Setup& value, std::ostream* out) {
  Setup shown = value;
  if (value.saga && !value.saga->saga().mask.empty()) {
    const auto mask = [&saga = value.saga->saga()](Context& context) {
      context = Context::parse(Masks(saga, context).shown(context.text()));
    };
    mask(shown.context);
    for (Context& beside : shown.beside) mask(beside);
  }
  internal::print_fields(
      *out, "Setup", shown, internal::field("context", &Setup::context),
      internal::field("saga_id", &Setup::saga_id), internal::field("auth_token", &Setup::auth_token),
      internal::field("durable", &Setup::durable),
      internal::field("carries_context", &Setup::carries_context),
      internal::field("expects", &Setup::expects),
      internal::field("volatile_fields", &Setup::volatile_fields),
      internal::field("earlier_sagas", &Setup::earlier_sagas), internal::field("beside", &Setup::beside),
      internal::field("bounds", &Setup::bounds), internal::field("takes_up", &Setup::takes_up),
      internal::field("accepts_definition", &Setup::accepts_definition));
}

void PrintTo(const StoredHead& value, std::ostream* out) {
  internal::print_fields(*out, "StoredHead", value, internal::field("saga_id", &StoredHead::saga_id),
                         internal::field("definition", &StoredHead::definition),
                         internal::field("context", &StoredHead::context),
                         internal::field("created_us", &StoredHead::created_us),
                         internal::field("definition_hash", &StoredHead::definition_hash));
}

void PrintTo(const StoredSaga& value, std::ostream* out) {
  internal::print_fields(*out, "StoredSaga", value, internal::field("head", &StoredSaga::head),
                         internal::field("records", &StoredSaga::records));
}

void PrintTo(const StoredLine& value, std::ostream* out) {
  internal::print_fields(*out, "StoredLine", value, internal::field("head", &StoredLine::head),
                         internal::field("version", &StoredLine::version),
                         internal::field("last", &StoredLine::last));
}

void PrintTo(const StoredRecord& value, std::ostream* out) {
  internal::print_fields(
      *out, "StoredRecord", value, internal::field("kind", &StoredRecord::kind),
      internal::field("step", &StoredRecord::step), internal::field("operation", &StoredRecord::operation),
      internal::field("outcome", &StoredRecord::outcome),
      internal::field("maybe_done", &StoredRecord::maybe_done),
      internal::field("flagged", &StoredRecord::flagged), internal::field("note", &StoredRecord::note),
      internal::field("at_us", &StoredRecord::at_us));
}

void PrintTo(const Delivery& value, std::ostream* out) {
  internal::print_fields(
      *out, "Delivery", value, internal::field("saga_id", &Delivery::saga_id),
      internal::field("service", &Delivery::service), internal::field("action", &Delivery::action),
      internal::field("step", &Delivery::step),
      internal::field("idempotency_key", &Delivery::idempotency_key),
      internal::field("payload", &Delivery::payload),
      internal::field("correlation_id", &Delivery::correlation_id),
      internal::field("auth_token", &Delivery::auth_token),
      internal::field("operation", &Delivery::operation),
      internal::field("key_number", &Delivery::key_number),
      internal::field("saga_number", &Delivery::saga_number), internal::field("attempt", &Delivery::attempt),
      internal::field("promised", &Delivery::promised));
}

void PrintTo(const EffectRecorder& /*value*/, std::ostream* out) { *out << "EffectRecorder"; }

void PrintTo(const Request& value, std::ostream* out) {
  internal::print_fields(*out, "Request", value, internal::field("service", &Request::service),
                         internal::field("action", &Request::action), internal::field("step", &Request::step),
                         internal::field("idempotency_key", &Request::idempotency_key),
                         internal::field("payload", &Request::payload),
                         internal::field("correlation_id", &Request::correlation_id),
                         internal::field("auth_token", &Request::auth_token),
                         internal::field("timeout", &Request::timeout));
}

void PrintTo(const Reply& value, std::ostream* out) {
  internal::print_fields(*out, "Reply", value, internal::field("status", &Reply::status),
                         internal::field("body", &Reply::body),
                         internal::field("correlation_id", &Reply::correlation_id),
                         internal::field("retry_after", &Reply::retry_after));
}

void PrintTo(const ReplyBody& value, std::ostream* out) {
  *out << '"' << internal::printable(value.text(), internal::kMostOfText) << '"';
}

void PrintTo(const Pending& value, std::ostream* out) { *out << "Pending{" << value.call_ << "}"; }

void PrintTo(const LogRecord& value, std::ostream* out) {
  internal::print_fields(
      *out, "LogRecord", value, internal::field("kind", &LogRecord::kind),
      internal::field("step", &LogRecord::step), internal::field("operation", &LogRecord::operation),
      internal::field("outcome", &LogRecord::outcome), internal::field("maybe_done", &LogRecord::maybe_done),
      internal::field("flagged", &LogRecord::flagged), internal::field("note", &LogRecord::note));
}

void PrintTo(const EventDelivery& value, std::ostream* out) {
  internal::print_fields(*out, "EventDelivery", value, internal::field("event", &EventDelivery::event),
                         internal::field("message_id", &EventDelivery::message_id),
                         internal::field("correlation_id", &EventDelivery::correlation_id),
                         internal::field("auth_token", &EventDelivery::auth_token),
                         internal::field("payload", &EventDelivery::payload),
                         internal::field("operation", &EventDelivery::operation),
                         internal::field("attempt", &EventDelivery::attempt),
                         internal::field("is_deadline", &EventDelivery::is_deadline));
}

void PrintTo(const OutgoingEvent& value, std::ostream* out) {
  internal::print_fields(*out, "OutgoingEvent", value, internal::field("event", &OutgoingEvent::event),
                         internal::field("message_id", &OutgoingEvent::message_id),
                         internal::field("correlation_id", &OutgoingEvent::correlation_id),
                         internal::field("auth_token", &OutgoingEvent::auth_token),
                         internal::field("payload", &OutgoingEvent::payload));
}

void PrintTo(const Runtime::Completion& value, std::ostream* out) {
  internal::print_fields(*out, "Completion", value, internal::field("index", &Runtime::Completion::index),
                         internal::field("reply", &Runtime::Completion::reply));
}

}  // namespace saga_harness
