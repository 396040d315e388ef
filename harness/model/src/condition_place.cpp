// Where a condition looks: at what there is, and is known by then.

#include <algorithm>
#include <vector>

#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/choices.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/text.hpp>

#include "condition.hpp"

namespace saga_harness::internal {
namespace {

constexpr std::string_view kPlaceKey = "pointer";

bool may_be(const JsonValue& value, ResultType type) {
  switch (type) {
    case ResultType::kString:
      return value.type == JsonValue::Type::kString;
    case ResultType::kNumber:
      return value.type == JsonValue::Type::kInteger || value.type == JsonValue::Type::kNumber;
    case ResultType::kInteger:
      return is_whole(value);
    case ResultType::kBoolean:
      return value.type == JsonValue::Type::kBoolean;
    case ResultType::kArray:
      return value.type == JsonValue::Type::kArray;
    case ResultType::kObject:
      return value.type == JsonValue::Type::kObject;
  }
  return false;
}

ConditionProblem problem_with_comparison(const Condition& condition, const ResultField& result) {
  const std::string_view name = name_of(condition.comparison);
  const std::string what =
      in_quotes(condition.pointer) + " is declared a " + std::string(name_of(result.type));
  switch (condition.comparison) {
    case Comparison::kPresent:
      return {};
    case Comparison::kAbove:
    case Comparison::kAtMost:
      if (result.type == ResultType::kNumber || result.type == ResultType::kInteger) return {};
      return {name, what + ", but compared by " + in_quotes(name),
              "compare it otherwise, or declare a number"};
    case Comparison::kEquals:
    case Comparison::kDiffersFrom:
      break;
  }
  if (may_be(parse_json(condition.value.text(), "value"), result.type)) return {};
  return {name, what + ", and never " + condition.value.text(),
          "compare it with a value of its type, or declare the type that it has"};
}

ConditionProblem problem_with_result(const Saga& saga, std::size_t step, const Condition& condition,
                                     const ResultPlace& place,
                                     const std::function<bool(std::size_t, std::size_t)>& precedes) {
  const auto found = std::ranges::find(saga.steps, place.step, &Step::name);
  if (found == saga.steps.end()) {
    std::vector<std::string_view> names;
    for (const Step& other : saga.steps) names.emplace_back(other.name);
    return {kPlaceKey, in_quotes(place.step) + " is no step of this saga", name_fix(place.step, names)};
  }
  if (!precedes(static_cast<std::size_t>(found - saga.steps.begin()), step)) {
    return {kPlaceKey, "the result of " + in_quotes(place.step) + " is looked at before that step is done",
            "order the step behind it with \"after\", or look at an earlier step"};
  }
  std::vector<std::string> declared;
  for (const ResultField& result : found->result) declared.push_back(pointer_of_field(result.name));
  const auto result = std::ranges::find(declared, place.pointer);
  if (result != declared.end())
    return problem_with_comparison(condition,
                                   found->result[static_cast<std::size_t>(result - declared.begin())]);
  const std::vector<std::string_view> names(declared.begin(), declared.end());
  return {kPlaceKey, "the step " + in_quotes(place.step) + " declares no result " + in_quotes(place.pointer),
          name_fix(place.pointer, names,
                   "declare what its answer gives: \"result\": {\"order_type\": \"integer\"}")};
}

// What a definition without a context starts with is said elsewhere; but not by the name of one of its steps.
bool leads_nowhere(const Saga& saga, const Condition& condition, const JsonValue& context, bool is_of_step) {
  const std::string_view pointer = condition.pointer;
  if (pointer.empty()) return false;
  const std::string_view first = pointer.substr(0, pointer.find('/', 1));
  if (at_pointer(context, first) != nullptr) return false;
  if (saga.context == Context()) return is_of_step && first.size() < pointer.size();
  return condition.comparison != Comparison::kPresent || (is_of_step && first.size() < pointer.size());
}

}  // namespace

ConditionProblem problem_with_place(const Saga& saga, std::size_t step,
                                    const std::function<bool(std::size_t, std::size_t)>& precedes) {
  const Condition& condition = *saga.steps[step].only_if;
  if (const std::optional<ResultPlace> place = result_place(condition))
    return problem_with_result(saga, step, condition, *place, precedes);
  const JsonValue context = parse_json(saga.context.text(), "context");
  const std::string_view pointer = condition.pointer;
  const std::string_view first = pointer.substr(0, pointer.find('/', 1));
  const bool is_of_step = std::ranges::any_of(
      saga.steps, [&](const Step& other) { return "/" + pointer_part(other.name) == first; });
  if (!leads_nowhere(saga, condition, context, is_of_step)) return {};
  std::vector<std::string> keys;
  for (const std::string& key : context.keys) keys.push_back("/" + pointer_part(key));
  const std::vector<std::string_view> names(keys.begin(), keys.end());
  return {kPlaceKey,
          in_quotes(pointer) + " leads neither into the context nor to a result of an earlier step",
          is_of_step ? "did you mean " + in_quotes("/results" + condition.pointer) + "?"
                     : name_fix(first, names, "add it to the context, or write \"/results/STEP/FIELD\"")};
}

}  // namespace saga_harness::internal
