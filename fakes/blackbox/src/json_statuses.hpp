#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::blackbox {

/// A string, number or boolean as a word; nothing for anything else.
[[nodiscard]] std::optional<std::string> as_word(const internal::JsonValue& value);

/// The JSON value that a text holds; nothing if it does not hold one.
[[nodiscard]] std::optional<internal::JsonValue> try_parse(std::string_view text);

}  // namespace saga_harness::blackbox
