#include "json_pointer.hpp"

#include <algorithm>
#include <charconv>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness::blackbox {

using internal::JsonValue;

namespace {

std::string unescaped(std::string_view part) {
  std::string key;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool is_escape =
        part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1');
    key += is_escape ? (part[++i] == '1' ? '/' : '~') : part[i];
  }
  return key;
}

const JsonValue* child_of(const JsonValue& value, const std::string& key) {
  if (value.type == JsonValue::Type::kObject) {
    const auto found = std::ranges::find(value.keys, key);
    if (found == value.keys.end()) return nullptr;
    return &value.items[static_cast<std::size_t>(found - value.keys.begin())];
  }
  if (value.type != JsonValue::Type::kArray) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  const bool is_index = error == std::errc() && end == key.data() + key.size();
  return is_index && index < value.items.size() ? &value.items[index] : nullptr;
}

}  // namespace

const JsonValue* at_pointer(const JsonValue& document, std::string_view pointer) {
  const JsonValue* value = &document;
  while (value != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    value = child_of(*value, unescaped(pointer.substr(0, end)));
    pointer.remove_prefix(end);
  }
  return value;
}

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
