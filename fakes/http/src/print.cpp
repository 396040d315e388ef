#include <ostream>

#include <saga_harness/http_fakes.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(const HttpFakesOptions& value, std::ostream* out) {
  internal::print_fields(*out, "HttpFakesOptions", value, internal::field("bind", &HttpFakesOptions::bind),
                         internal::field("port", &HttpFakesOptions::port),
                         internal::field("token", &HttpFakesOptions::token),
                         internal::field("max_payload", &HttpFakesOptions::max_payload),
                         internal::field("max_connections", &HttpFakesOptions::max_connections),
                         internal::field("max_journal", &HttpFakesOptions::max_journal),
                         internal::field("bus", &HttpFakesOptions::bus));
}

void PrintTo(const HttpRunOptions& value, std::ostream* out) {
  internal::print_fields(
      *out, "HttpRunOptions", value, internal::field("plan", &HttpRunOptions::plan),
      internal::field("kinds", &HttpRunOptions::kinds), internal::field("timeout", &HttpRunOptions::timeout),
      internal::field("max_calls", &HttpRunOptions::max_calls),
      internal::field("keys", &HttpRunOptions::keys), internal::field("bus", &HttpRunOptions::bus),
      internal::field("context", &HttpRunOptions::context));
}

void PrintTo(const HttpQuestion& value, std::ostream* out) {
  internal::print_fields(*out, "HttpQuestion", value, internal::field("point", &HttpQuestion::point),
                         internal::field("legal", &HttpQuestion::legal));
}

void PrintTo(const HttpRun& value, std::ostream* out) {
  internal::print_fields(
      *out, "HttpRun", value, internal::field("trace", &HttpRun::trace),
      internal::field("ledger", &HttpRun::ledger), internal::field("outcome", &HttpRun::outcome),
      internal::field("questions", &HttpRun::questions), internal::field("fired", &HttpRun::fired),
      internal::field("unfired", &HttpRun::unfired), internal::field("calls", &HttpRun::calls),
      internal::field("unmatched", &HttpRun::unmatched),
      internal::field("hit_call_cap", &HttpRun::hit_call_cap),
      internal::field("rests_on_time", &HttpRun::rests_on_time),
      internal::field("skipped", &HttpRun::skipped));
}

void PrintTo(const HttpStrays& value, std::ostream* out) {
  internal::print_fields(*out, "HttpStrays", value, internal::field("late", &HttpStrays::late),
                         internal::field("unknown", &HttpStrays::unknown),
                         internal::field("unmatched", &HttpStrays::unmatched),
                         internal::field("first_unmatched", &HttpStrays::first_unmatched));
}

void PrintTo(const BusDelivery& value, std::ostream* out) {
  internal::print_fields(*out, "BusDelivery", value, internal::field("event", &BusDelivery::event),
                         internal::field("service", &BusDelivery::service),
                         internal::field("message", &BusDelivery::message));
}

}  // namespace saga_harness
