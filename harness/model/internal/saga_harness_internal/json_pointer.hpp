#pragma once

#include <string_view>

#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::internal {

/// Empty, or parts that begin with `/` and have `~` only as `~0` and `~1` (RFC 6901).
[[nodiscard]] bool is_json_pointer(std::string_view text);

/// What stands at a JSON pointer; nullptr if nothing does.
[[nodiscard]] const JsonValue* at_pointer(const JsonValue& document, std::string_view pointer);

}  // namespace saga_harness::internal
