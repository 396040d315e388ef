#include <saga_harness_internal/bound_data.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/choices.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness::internal {
namespace {

using Type = JsonValue::Type;

bool is_of_type(const JsonValue& value, ResultType type) {
  switch (type) {
    case ResultType::kString:
      return value.type == Type::kString;
    case ResultType::kNumber:
      return value.type == Type::kInteger || value.type == Type::kNumber;
    case ResultType::kBoolean:
      return value.type == Type::kBoolean;
    case ResultType::kArray:
      return value.type == Type::kArray;
    case ResultType::kObject:
      return value.type == Type::kObject;
    case ResultType::kInteger:
      return is_whole(value);
  }
  return false;
}

JsonValue of_another_type(ResultType type) {
  if (type == ResultType::kNumber || type == ResultType::kInteger)
    return {.type = Type::kString, .string = "a text"};
  return {.type = Type::kInteger};
}

std::optional<JsonValue> readable_json(std::string_view text) {
  try {
    return parse_json(text, "data");
  } catch (const Error&) {
    return std::nullopt;
  }
}

// `/` in a part is written ~1, and ~ is ~0.
std::string name_of_part(std::string_view part) {
  std::string name;
  for (std::size_t at = 0; at < part.size(); ++at) {
    const bool is_escaped = part[at] == '~' && at + 1 < part.size();
    name += is_escaped ? (part[++at] == '1' ? '/' : '~') : part[at];
  }
  return name;
}

void put(JsonValue& object, std::string_view pointer, JsonValue value) {
  pointer.remove_prefix(1);
  const std::string_view part = pointer.substr(0, pointer.find('/'));
  pointer.remove_prefix(part.size());
  std::string name = name_of_part(part);
  auto known = std::ranges::find(object.keys, name);
  if (known == object.keys.end()) {
    object.keys.push_back(std::move(name));
    object.items.push_back(pointer.empty() ? std::move(value) : JsonValue{.type = Type::kObject});
    if (!pointer.empty()) put(object.items.back(), pointer, std::move(value));
    return;
  }
  JsonValue& item = object.items[static_cast<std::size_t>(known - object.keys.begin())];
  if (!pointer.empty()) put(item, pointer, std::move(value));
}

}  // namespace

bool is_whole(const JsonValue& value) {
  return value.type == Type::kInteger ||
         (value.type == Type::kNumber && value.number == std::trunc(value.number));
}

std::string pointer_of_field(std::string_view name) {
  return name.starts_with('/') ? std::string(name) : "/" + pointer_part(name);
}

const std::vector<Binding>& bindings_of(const Step& step, Operation operation) {
  return operation == Operation::kCompensation ? step.compensation_input : step.input;
}

bool needs_own_result(const Step& step) {
  return !step.compensates_without_result &&
         std::ranges::any_of(step.compensation_input, [&](const Binding& binding) {
           const auto* const from = std::get_if<FromResult>(&binding.source);
           return from != nullptr && from->step() == step.name;
         });
}

const FieldReader::Fields& FieldReader::read(std::string_view json) {
  if (const auto known = known_.find(json); known != known_.end()) return known->second;
  Fields fields(pointers_.size());
  if (const std::optional<JsonValue> document = readable_json(json)) {
    for (std::size_t i = 0; i < pointers_.size(); ++i) {
      const JsonValue* const found = at_pointer(*document, pointers_[i]);
      if (found != nullptr) append_json(fields[i].emplace(), *found);
    }
  }
  return known_.emplace(json, std::move(fields)).first->second;
}

void FieldReader::forget_if_many() {
  constexpr std::size_t kMostKept = 4096;
  if (known_.size() > kMostKept) known_.clear();
}

bool gives_results(const std::vector<ResultField>& results, std::string_view answer) {
  if (results.empty()) return true;
  const std::optional<JsonValue> document = readable_json(answer);
  return document && std::ranges::all_of(results, [&](const ResultField& result) {
           const JsonValue* const found = at_pointer(*document, pointer_of_field(result.name));
           return found != nullptr && is_of_type(*found, result.type);
         });
}

bool is_result_bound(const Saga& saga, std::string_view step) {
  const auto is_of_step = [step](const Binding& binding) {
    const auto* const from = std::get_if<FromResult>(&binding.source);
    return from != nullptr && from->step() == step;
  };
  return std::ranges::any_of(saga.steps, [&](const Step& other) {
    const std::optional<ResultPlace> place = other.only_if ? result_place(*other.only_if) : std::nullopt;
    return (place && place->step == step) || std::ranges::any_of(other.input, is_of_step) ||
           std::ranges::any_of(other.compensation_input, is_of_step);
  });
}

std::string altered_answer(const std::vector<ResultField>& results, std::string_view answer,
                           ResultAlteration how) {
  std::vector<std::string> pointers;
  for (const ResultField& result : results) pointers.push_back(pointer_of_field(result.name));
  std::optional<JsonValue> document = readable_json(without_fields(answer, pointers));
  if (!document || document->type != Type::kObject) return std::string(answer);
  for (std::size_t i = 0; i < results.size(); ++i) {
    switch (how) {
      case ResultAlteration::kNone:
        return std::string(answer);
      case ResultAlteration::kMissing:
        break;
      case ResultAlteration::kNull:
        put(*document, pointers[i], JsonValue{});
        break;
      case ResultAlteration::kOtherType:
        put(*document, pointers[i], of_another_type(results[i].type));
        break;
    }
  }
  std::string text;
  append_json(text, *document);
  return text;
}

std::string object_of(const std::vector<std::pair<std::string, std::string>>& pointers_and_texts) {
  JsonValue object{.type = Type::kObject};
  for (const auto& [pointer, text] : pointers_and_texts)
    put(object, pointer, parse_json(text, "a bound value"));
  std::string json;
  append_json(json, object);
  return json;
}

}  // namespace saga_harness::internal
