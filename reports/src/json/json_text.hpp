#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <saga_harness/trace.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness::reports {

using OrderedJson = nlohmann::ordered_json;

/// 64-bit counts are strings: a JSON number is a double to many a reader.
[[nodiscard]] inline OrderedJson count(std::uint64_t value) { return std::to_string(value); }

/// How many runs ended in each outcome, by its name.
[[nodiscard]] inline OrderedJson outcomes_json(const std::array<std::uint64_t, 4>& outcomes) {
  OrderedJson result = OrderedJson::object();
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    result[std::string(name_of(static_cast<Outcome>(i)))] = count(outcomes[i]);
  return result;
}

/// One JSON value on one line; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] inline std::string on_one_line(const OrderedJson& value) {
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// An object as a document: a key per line, and below each array of objects an element per line.
[[nodiscard]] inline std::string as_document(const OrderedJson& object) {
  std::string result = "{";
  std::string_view separator = "\n  ";
  for (const auto& [key, value] : object.items()) {
    result += separator;
    result += on_one_line(key) + ": ";
    separator = ",\n  ";
    if (!value.is_array() || value.empty() || !value.front().is_object()) {
      result += on_one_line(value);
      continue;
    }
    std::string_view element_separator = "[\n    ";
    for (const auto& element : value) {
      result += element_separator;
      result += on_one_line(element);
      element_separator = ",\n    ";
    }
    result += "\n  ]";
  }
  return result + "\n}\n";
}

}  // namespace saga_harness::reports
