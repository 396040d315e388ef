#include <saga_harness_internal/json_pointer.hpp>

#include <charconv>

namespace saga_harness::internal {
namespace {

using Type = JsonValue::Type;

const JsonValue* member(const JsonValue& value, std::string_view part) {
  if (value.type == Type::kObject) {
    for (std::size_t i = 0; i < value.keys.size(); ++i) {
      if (pointer_part(value.keys[i]) == part) return &value.items[i];
    }
    return nullptr;
  }
  if (value.type != Type::kArray || part.empty() || (part.size() > 1 && part.front() == '0')) return nullptr;
  std::size_t index = 0;
  const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (error != std::errc() || stop != part.data() + part.size()) return nullptr;
  return index < value.items.size() ? &value.items[index] : nullptr;
}

/// Takes the first part off a JSON pointer that is not empty.
std::string_view take_part(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const std::string_view part = pointer.substr(0, pointer.find('/'));
  pointer.remove_prefix(part.size());
  return part;
}

}  // namespace

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

const JsonValue* at_pointer(const JsonValue& document, std::string_view pointer) {
  const JsonValue* value = &document;
  while (value != nullptr && !pointer.empty()) {
    value = member(*value, take_part(pointer));
  }
  return value;
}

std::optional<std::string_view> rest_below(std::string_view pattern, std::string_view pointer) {
  while (!pattern.empty() && !pointer.empty()) {
    const std::string_view wanted = take_part(pattern);
    const std::string_view part = take_part(pointer);
    if (wanted != "*" && wanted != part) return std::nullopt;
  }
  return pattern;
}

}  // namespace saga_harness::internal
