#include "json_statuses.hpp"

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness::blackbox {

using internal::JsonValue;

std::optional<std::string> as_word(const JsonValue& value) {
  switch (value.type) {
    case JsonValue::Type::kString:
      return value.string;
    case JsonValue::Type::kBoolean:
    case JsonValue::Type::kInteger:
    case JsonValue::Type::kNumber:
    case JsonValue::Type::kNull: {
      std::string text;
      internal::append_json(text, value);
      return text;
    }
    case JsonValue::Type::kArray:
    case JsonValue::Type::kObject:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<JsonValue> try_parse(std::string_view text) {
  try {
    return internal::parse_json(text, "answer");
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace saga_harness::blackbox
