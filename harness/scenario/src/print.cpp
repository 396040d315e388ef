#include <ostream>

#include <saga_harness/http_spec.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(const RequestField& value, std::ostream* out) {
  internal::print_fields(*out, "RequestField", value, internal::field("part", &RequestField::part),
                         internal::field("name", &RequestField::name));
}

void PrintTo(const HttpReply& value, std::ostream* out) {
  internal::print_fields(*out, "HttpReply", value, internal::field("status", &HttpReply::status),
                         internal::field("body", &HttpReply::body),
                         internal::field("headers", &HttpReply::headers));
}

void PrintTo(const HttpRoute& value, std::ostream* out) {
  internal::print_fields(*out, "HttpRoute", value, internal::field("method", &HttpRoute::method),
                         internal::field("path", &HttpRoute::path),
                         internal::field("replies", &HttpRoute::replies));
}

void PrintTo(const HttpSpec& value, std::ostream* out) {
  internal::print_fields(
      *out, "HttpSpec", value, internal::field("saga_id", &HttpSpec::saga_id),
      internal::field("step", &HttpSpec::step),
      internal::field("idempotency_key", &HttpSpec::idempotency_key),
      internal::field("correlation_id", &HttpSpec::correlation_id),
      internal::field("token", &HttpSpec::token), internal::field("attempt", &HttpSpec::attempt),
      internal::field("check_keys", &HttpSpec::check_keys), internal::field("one_port", &HttpSpec::one_port),
      internal::field("routes", &HttpSpec::routes));
}

void PrintTo(const ParticipantSpec& value, std::ostream* out) {
  internal::print_fields(*out, "ParticipantSpec", value, internal::field("fake", &ParticipantSpec::fake),
                         internal::field("amounts", &ParticipantSpec::amounts),
                         internal::field("guarantees", &ParticipantSpec::guarantees),
                         internal::field("at_step", &ParticipantSpec::at_step),
                         internal::field("partial_batch", &ParticipantSpec::partial_batch),
                         internal::field("promise_not_recalled", &ParticipantSpec::promise_not_recalled),
                         internal::field("transactions", &ParticipantSpec::transactions),
                         internal::field("gives", &ParticipantSpec::gives),
                         internal::field("uses", &ParticipantSpec::uses),
                         internal::field("countermeasures", &ParticipantSpec::countermeasures));
}

void PrintTo(const QuantityInvariant& value, std::ostream* out) {
  internal::print_fields(*out, "QuantityInvariant", value, internal::field("name", &QuantityInvariant::name),
                         internal::field("quantities", &QuantityInvariant::quantities),
                         internal::field("is_level", &QuantityInvariant::is_level),
                         internal::field("min", &QuantityInvariant::min),
                         internal::field("max", &QuantityInvariant::max),
                         internal::field("when", &QuantityInvariant::when));
}

void PrintTo(const Scenario& value, std::ostream* out) {
  internal::print_fields(
      *out, "Scenario", value, internal::field("source", &Scenario::source),
      internal::field("saga", &Scenario::saga), internal::field("participants", &Scenario::participants),
      internal::field("switched_off", &Scenario::switched_off),
      internal::field("rules_as_of", &Scenario::rules_as_of), internal::field("known", &Scenario::known),
      internal::field("invariants", &Scenario::invariants), internal::field("expects", &Scenario::expects),
      internal::field("volatile_fields", &Scenario::volatile_fields),
      internal::field("earlier_sagas", &Scenario::earlier_sagas), internal::field("http", &Scenario::http),
      internal::field("excluded", &Scenario::excluded), internal::field("together", &Scenario::together));
}

void PrintTo(const Mutant& value, std::ostream* out) {
  internal::print_fields(
      *out, "Mutant", value, internal::field("name", &Mutant::name), internal::field("group", &Mutant::group),
      internal::field("bug", &Mutant::bug), internal::field("predicted", &Mutant::predicted),
      internal::field("faults", &Mutant::faults), internal::field("participant", &Mutant::participant),
      internal::field("scenario", &Mutant::scenario), internal::field("explanation", &Mutant::explanation),
      internal::field("equivalent", &Mutant::equivalent),
      internal::field("choreography", &Mutant::choreography), internal::field("together", &Mutant::together));
}

}  // namespace saga_harness
