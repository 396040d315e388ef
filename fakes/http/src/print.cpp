#include <ostream>

#include <saga_harness/http_fakes.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(const HttpFakesOptions& value, std::ostream* out) {
  internal::print_fields(*out, "HttpFakesOptions", value, internal::field("bind", &HttpFakesOptions::bind),
                         internal::field("port", &HttpFakesOptions::port),
                         internal::field("service_ports", &HttpFakesOptions::service_ports),
                         internal::field("shared_port", &HttpFakesOptions::shared_port),
                         internal::field("advertise", &HttpFakesOptions::advertise),
                         internal::field("token", &HttpFakesOptions::token),
                         internal::field("max_payload", &HttpFakesOptions::max_payload),
                         internal::field("max_connections", &HttpFakesOptions::max_connections),
                         internal::field("max_journal", &HttpFakesOptions::max_journal),
                         internal::field("max_journal_bytes", &HttpFakesOptions::max_journal_bytes));
}

}  // namespace saga_harness
