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
                         internal::field("max_journal", &HttpFakesOptions::max_journal));
}

}  // namespace saga_harness
