#pragma once

#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/ordered_fault.hpp>

namespace saga_harness::http {

/// @throws Error that names the field, with the nearest one.
[[nodiscard]] wire::OrderedFault read_fault(const internal::JsonReader& object, const SagaIndex& saga,
                                            bool can_refuse_connections);
void write_fault(const wire::OrderedFault& fault, internal::JsonWriter& writer);

}  // namespace saga_harness::http
