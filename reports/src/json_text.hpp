#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace saga_harness::reports {

using OrderedJson = nlohmann::ordered_json;

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
