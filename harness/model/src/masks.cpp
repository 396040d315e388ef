#include <saga_harness/masks.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <variant>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness {
namespace {

using internal::JsonValue;
using internal::rest_below;

constexpr std::size_t kShortestSecret = 4;  // a shorter one stands in many places where it is none

std::string text_of(const JsonValue& value) {
  std::string text;
  internal::append_json(text, value);
  return text;
}

JsonValue mask() { return {.type = JsonValue::Type::kString, .string = "***"}; }

/// Calls `found` with each value that the mask names in `value`.
template <class Found>
void for_each_masked(JsonValue& value, std::string_view mask, const Found& found) {
  if (mask.empty()) return found(value);
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const std::string part = value.keys.empty() ? std::to_string(i) : internal::pointer_part(value.keys[i]);
    if (const auto rest = rest_below(mask, "/" + part)) for_each_masked(value.items[i], *rest, found);
  }
}

/// Calls `found` with each string and number in `value`.
template <class Found>
void for_each_scalar(JsonValue& value, const Found& found) {
  switch (value.type) {
    case JsonValue::Type::kArray:
    case JsonValue::Type::kObject:
      for (JsonValue& item : value.items) for_each_scalar(item, found);
      return;
    case JsonValue::Type::kInteger:
    case JsonValue::Type::kNumber:
    case JsonValue::Type::kString:
      return found(value);
    case JsonValue::Type::kNull:
    case JsonValue::Type::kBoolean:
      return;
  }
}

std::optional<std::string_view> pointer_of(const ValueSource& source) {
  if (const auto* from = std::get_if<FromContext>(&source)) return from->pointer();
  if (const auto* from = std::get_if<FromResult>(&source)) return from->pointer();
  return std::nullopt;
}

/// Those that lead to a field: a definition may be shown before it is found to be wrong.
std::vector<std::string> usable_masks(const Saga& saga) {
  std::vector<std::string> masks;
  std::ranges::copy_if(saga.mask, std::back_inserter(masks),
                       [](const std::string& mask) { return mask.starts_with('/'); });
  return masks;
}

/// What stands at `masks`, and what requests are bound to it.
std::vector<std::string> masked_fields(const Saga& saga, const std::vector<std::string>& masks) {
  std::vector<std::string> fields = masks;
  for (const Step& step : saga.steps) {
    for (const std::vector<Binding>* const bindings : {&step.input, &step.compensation_input}) {
      for (const Binding& binding : *bindings) {
        const std::optional<std::string_view> source = pointer_of(binding.source);
        if (!source) continue;
        for (const std::string& mask : masks) {
          const auto rest = rest_below(mask, *source);
          if (rest) fields.push_back(internal::pointer_of_field(binding.field) + std::string(*rest));
        }
      }
    }
  }
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  return fields;
}

}  // namespace

Masks::Masks(const Saga& saga, const Context& start) {
  const std::vector<std::string> masks = usable_masks(saga);
  if (masks.empty()) return;
  fields_ = masked_fields(saga, masks);
  JsonValue context = internal::parse_json(start.text(), "context");
  const auto add = [this](const JsonValue& scalar) {
    std::string text = text_of(scalar);
    if (text.size() >= kShortestSecret + (scalar.type == JsonValue::Type::kString ? 2U : 0U))
      secrets_.push_back(std::move(text));
  };
  for (const std::string& field : masks)
    for_each_masked(context, field, [&](JsonValue& value) { for_each_scalar(value, add); });
}

std::string Masks::shown_at(std::string_view pointer, std::string_view json) const {
  if (empty() || json.empty()) return std::string(json);
  JsonValue value;
  try {
    value = internal::parse_json(json, "data");
  } catch (const Error&) {
    return text_of(mask());
  }
  for (const std::string& field : fields_) {
    if (const auto rest = rest_below(field, pointer))
      for_each_masked(value, *rest, [](JsonValue& found) { found = mask(); });
  }
  const auto is_secret = [this](const std::string& text) {
    return std::ranges::find(secrets_, text) != secrets_.end();
  };
  for_each_scalar(value, [&](JsonValue& scalar) {
    if (is_secret(text_of(scalar)) || is_secret(scalar.string)) scalar = mask();  // a number may come as text
  });
  return text_of(value);
}

bool Masks::hides(std::string_view pointer, std::string_view text) const {
  const JsonValue value{.type = JsonValue::Type::kString, .string = std::string(text)};
  return !empty() && shown_at(pointer, text_of(value)) == text_of(mask());
}

Saga Masks::shown(Saga saga) {
  if (!saga.mask.empty()) saga.context = Context::parse(Masks(saga).shown(saga.context.text()));
  return saga;
}

}  // namespace saga_harness
