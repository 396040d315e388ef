#pragma once

#include <saga_harness/http_spec.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness {

/// Reads the section `"http"` of a scenario of `saga`.
/// @throws Error with source, JSON pointer and fix.
[[nodiscard]] HttpSpec read_http_spec(const internal::JsonReader& object, const Saga& saga);

}  // namespace saga_harness
