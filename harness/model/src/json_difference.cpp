#include <saga_harness_internal/json_pointer.hpp>

#include <algorithm>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness::internal {
namespace {

std::optional<JsonValue> readable(std::string_view json) {
  try {
    return parse_json(json, "a payload");
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Of an object or array: which of its items `part` of a JSON pointer names.
std::optional<std::size_t> item_at(const JsonValue& parent, std::string_view part) {
  for (std::size_t i = 0; i < parent.items.size(); ++i) {
    const bool is_it = parent.keys.empty() ? std::to_string(i) == part : pointer_part(parent.keys[i]) == part;
    if (is_it) return i;
  }
  return std::nullopt;
}

void remove_at(JsonValue& parent, std::string_view pointer) {
  if (!pointer.starts_with('/')) return;
  pointer.remove_prefix(1);
  const std::string_view part = pointer.substr(0, pointer.find('/'));
  pointer.remove_prefix(part.size());
  const std::optional<std::size_t> item = item_at(parent, part);
  if (!item) return;
  if (!pointer.empty()) return remove_at(parent.items[*item], pointer);
  const auto place = static_cast<std::ptrdiff_t>(*item);
  parent.items.erase(parent.items.begin() + place);
  if (!parent.keys.empty()) parent.keys.erase(parent.keys.begin() + place);
}

std::string text_of_value(const JsonValue& value) {
  std::string text;
  append_json(text, value);
  return text;
}

const JsonValue* value_of(const JsonValue& object, std::string_view key) {
  const auto at = std::ranges::find(object.keys, key);
  return at == object.keys.end() ? nullptr
                                 : &object.items[static_cast<std::size_t>(at - object.keys.begin())];
}

std::string difference_below(const JsonValue& one, const JsonValue& other) {
  const bool are_objects = one.type == JsonValue::Type::kObject && other.type == JsonValue::Type::kObject;
  const bool are_arrays = one.type == JsonValue::Type::kArray && other.type == JsonValue::Type::kArray;
  if (!are_objects && !are_arrays) return {};
  for (std::size_t i = 0; i < one.items.size(); ++i) {
    const JsonValue* const same_place =
        are_objects ? value_of(other, one.keys[i]) : (i < other.items.size() ? &other.items[i] : nullptr);
    const std::string part = '/' + (are_objects ? pointer_part(one.keys[i]) : std::to_string(i));
    if (same_place == nullptr) return part;
    if (text_of_value(one.items[i]) != text_of_value(*same_place))
      return part + difference_below(one.items[i], *same_place);
  }
  for (std::size_t i = 0; i < other.items.size(); ++i) {
    if (are_objects && value_of(one, other.keys[i]) == nullptr) return '/' + pointer_part(other.keys[i]);
    if (are_arrays && i >= one.items.size()) return '/' + std::to_string(i);
  }
  return {};
}

}  // namespace

std::string without_fields(std::string_view json, std::span<const std::string> pointers) {
  std::optional<JsonValue> document = readable(json);
  if (!document) return std::string(json);
  for (const std::string& pointer : pointers) remove_at(*document, pointer);
  return text_of_value(*document);
}

std::optional<std::string> first_difference(std::string_view one, std::string_view other) {
  const std::optional<JsonValue> first = readable(one);
  const std::optional<JsonValue> second = readable(other);
  if (!first || !second) return std::nullopt;
  std::string pointer = difference_below(*first, *second);
  return pointer.empty() ? std::nullopt : std::optional(std::move(pointer));
}

}  // namespace saga_harness::internal
