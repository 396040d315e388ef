#include <ostream>

#include <saga_harness/random_plans.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(const FaultPlanOptions& value, std::ostream* out) {
  internal::print_fields(*out, "FaultPlanOptions", value,
                         internal::field("max_faults", &FaultPlanOptions::max_faults),
                         internal::field("windows", &FaultPlanOptions::windows),
                         internal::field("kinds", &FaultPlanOptions::kinds),
                         internal::field("claims", &FaultPlanOptions::claims));
}

void PrintTo(const SagaOptions& value, std::ostream* out) {
  internal::print_fields(*out, "SagaOptions", value, internal::field("max_steps", &SagaOptions::max_steps),
                         internal::field("max_attempts", &SagaOptions::max_attempts),
                         internal::field("parallel_compensation", &SagaOptions::parallel_compensation),
                         internal::field("conditions", &SagaOptions::conditions),
                         internal::field("optional_steps", &SagaOptions::optional_steps),
                         internal::field("checks", &SagaOptions::checks),
                         internal::field("compensated_if_refused", &SagaOptions::compensated_if_refused),
                         internal::field("deadlines", &SagaOptions::deadlines),
                         internal::field("retry_policies", &SagaOptions::retry_policies),
                         internal::field("choreographies", &SagaOptions::choreographies));
}

}  // namespace saga_harness
