#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/saga.hpp>
#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::internal {

/// Reads a definition that is part of a larger document, and validates it.
/// @throws Error with source, JSON pointer and fix.
[[nodiscard]] Saga read_saga(const JsonReader& object);

/// Reads what a saga starts with. @throws Error as above.
[[nodiscard]] Context read_context(const JsonReader& object);

/// Problems as the message of an Error: one line each if there are several. `source` may be empty; `pointer`
/// is where the definition stands in its document.
[[nodiscard]] std::string message_of(const std::vector<Problem>& problems, std::string_view source,
                                     std::string_view pointer);

}  // namespace saga_harness::internal
