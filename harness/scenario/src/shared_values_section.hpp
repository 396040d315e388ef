#pragma once

#include <saga_harness/scenario.hpp>
#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness {

/// What a participant with the fake "shared_values" says beside the values: `uses`, `countermeasures`.
/// @throws Error with source, JSON pointer and fix.
void read_value_uses(const internal::JsonReader& object, std::string_view service, const Saga& saga,
                     ParticipantSpec& spec);

/// `"together": [{…}, {…}]`: the contexts of sagas that are run at the same time.
[[nodiscard]] std::vector<Context> read_together(const internal::JsonReader& array);

}  // namespace saga_harness
