#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::internal {

/// Empty, or parts that begin with `/` and have `~` only as `~0` and `~1` (RFC 6901).
[[nodiscard]] bool is_json_pointer(std::string_view text);

/// What stands at a JSON pointer; nullptr if nothing does.
[[nodiscard]] const JsonValue* at_pointer(const JsonValue& document, std::string_view pointer);

/// What is left below `pointer` of a JSON pointer in which a part `*` stands for any: empty if it leads there
/// or above, nothing if it leads elsewhere.
[[nodiscard]] std::optional<std::string_view> rest_below(std::string_view pattern, std::string_view pointer);

/// `json` without what stands at these JSON pointers, in canonical form; as it is if it cannot be read.
[[nodiscard]] std::string without_fields(std::string_view json, std::span<const std::string> pointers);

/// The JSON pointer of the first value in which two documents differ, going by the order of the first;
/// nothing if one of them cannot be read, or none does.
[[nodiscard]] std::optional<std::string> first_difference(std::string_view one, std::string_view other);

}  // namespace saga_harness::internal
