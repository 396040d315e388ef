#include <ostream>

#include <saga_harness/saga_operations.hpp>
#include <saga_harness/stores.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

void PrintTo(const SagaStatus& value, std::ostream* out) {
  internal::print_fields(*out, "SagaStatus", value, internal::field("saga_id", &SagaStatus::saga_id),
                         internal::field("definition", &SagaStatus::definition),
                         internal::field("state", &SagaStatus::state),
                         internal::field("started_us", &SagaStatus::started_us),
                         internal::field("changed_us", &SagaStatus::changed_us),
                         internal::field("ended_us", &SagaStatus::ended_us),
                         internal::field("total_steps", &SagaStatus::total_steps),
                         internal::field("completed_steps", &SagaStatus::completed_steps),
                         internal::field("compensated_steps", &SagaStatus::compensated_steps),
                         internal::field("flagged_steps", &SagaStatus::flagged_steps),
                         internal::field("failed_at", &SagaStatus::failed_at),
                         internal::field("cancel_requested", &SagaStatus::cancel_requested));
}

void PrintTo(const StoredOptions& value, std::ostream* out) {
  internal::print_fields(*out, "StoredOptions", value,
                         internal::field("accept_definition", &StoredOptions::accept_definition));
}

void PrintTo(const MemoryStoreOptions& value, std::ostream* out) {
  internal::print_fields(*out, "MemoryStoreOptions", value,
                         internal::field("fences", &MemoryStoreOptions::fences));
}

}  // namespace saga_harness
