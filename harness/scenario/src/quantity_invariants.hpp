#pragma once

#include <vector>

#include <saga_harness/scenario.hpp>
#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness {

/// The `"invariants"` of a scenario whose saga and participants are read.
/// @throws Error with source, JSON pointer and fix.
[[nodiscard]] std::vector<QuantityInvariant> read_invariants(const internal::JsonReader& list,
                                                             const Scenario& scenario);

}  // namespace saga_harness
