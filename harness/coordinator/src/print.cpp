#include <ostream>

#include <saga_harness/imperative.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(const ImperativeStatus& value, std::ostream* out) {
  internal::print_fields(*out, "ImperativeStatus", value,
                         internal::field("saga_id", &ImperativeStatus::saga_id),
                         internal::field("user_id", &ImperativeStatus::user_id),
                         internal::field("state", &ImperativeStatus::state),
                         internal::field("total_steps", &ImperativeStatus::total_steps),
                         internal::field("completed_steps", &ImperativeStatus::completed_steps),
                         internal::field("failed_at", &ImperativeStatus::failed_at),
                         internal::field("error", &ImperativeStatus::error));
}

void PrintTo(const CircuitBreaker& value, std::ostream* out) {
  internal::print_fields(*out, "CircuitBreaker", value,
                         internal::field("failures", &CircuitBreaker::failures),
                         internal::field("open_for", &CircuitBreaker::open_for));
}

}  // namespace saga_harness
