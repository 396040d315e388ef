#include "condition.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <saga_harness/error.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness_internal/choices.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/one_line.hpp>
#include <saga_harness_internal/saga_keys.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::in_quotes;
using internal::JsonValue;
using Type = JsonValue::Type;

constexpr std::size_t kLongestPointer = 1000;

bool is_number(const JsonValue& value) { return value.type == Type::kInteger || value.type == Type::kNumber; }

/// Numbers that are worth the same are written alike: 2.0 as 2.
void bring_to_one_form(JsonValue& value) {
  constexpr double kBound = 9223372036854775808.0;  // 2^63
  if (value.type == Type::kNumber && value.number == std::trunc(value.number) && value.number >= -kBound &&
      value.number < kBound) {
    value.integer = static_cast<std::int64_t>(value.number);
    value.type = Type::kInteger;
  }
  for (JsonValue& item : value.items) bring_to_one_form(item);
}

std::string one_form(JsonValue value) {
  bring_to_one_form(value);
  std::string text;
  internal::append_json(text, value);
  return text;
}

bool is_above(const JsonValue& value, const JsonValue& bound) {
  if (value.type == Type::kInteger && bound.type == Type::kInteger) return value.integer > bound.integer;
  const auto worth = [](const JsonValue& number) {
    return number.type == Type::kInteger ? static_cast<double>(number.integer) : number.number;
  };
  return worth(value) > worth(bound);
}

void expect_number(const Condition& condition, const JsonValue* found) {
  if (found != nullptr && is_number(*found)) return;
  const std::string leads = found == nullptr ? "nothing" : internal::printable(one_form(*found), 200);
  throw Error(ErrorText{.message = "the condition " + in_quotes(to_string(condition)) +
                                   " needs a number, but " + in_quotes(condition.pointer) + " leads to " +
                                   leads + " in the context that the saga starts with",
                        .fix = "start the saga with one there, or compare otherwise"});
}

}  // namespace

std::string_view name_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEquals:
      return "equals";
    case Comparison::kDiffersFrom:
      return "differs_from";
    case Comparison::kAbove:
      return "above";
    case Comparison::kAtMost:
      return "at_most";
    case Comparison::kPresent:
      return "present";
  }
  return "";
}

std::string to_string(const Condition& condition) {
  const std::string name(name_of(condition.comparison));
  if (condition.comparison == Comparison::kPresent)
    return condition.pointer + (condition.value.text() == "false" ? " not " : " ") + name;
  std::string words = name;
  std::ranges::replace(words, '_', ' ');
  return condition.pointer + " " + words + " " + condition.value.text();
}

namespace {

// Of a value that was found, or not.
bool holds_of(const Condition& condition, const JsonValue* found, const JsonValue& value) {
  switch (condition.comparison) {
    case Comparison::kEquals:
      return found != nullptr && one_form(*found) == one_form(value);
    case Comparison::kDiffersFrom:
      return found == nullptr || one_form(*found) != one_form(value);
    case Comparison::kAbove:
      return found != nullptr && is_number(*found) && is_above(*found, value);
    case Comparison::kAtMost:
      return found != nullptr && is_number(*found) && !is_above(*found, value);
    case Comparison::kPresent:
      return (found != nullptr) == value.boolean;
  }
  return false;
}

}  // namespace

bool holds(const Condition& condition, const Context& context) {
  if (const internal::ConditionProblem problem = internal::problem_with(condition); !problem.key.empty())
    throw Error(
        ErrorText{.message = "the condition on " + in_quotes(condition.pointer) + ": " + problem.message,
                  .fix = std::string(problem.fix)});
  const JsonValue document = internal::parse_json(context.text(), "context");
  const JsonValue value = internal::parse_json(condition.value.text(), "value");
  const JsonValue* const found = internal::at_pointer(document, condition.pointer);
  const bool needs_number =
      condition.comparison == Comparison::kAbove || condition.comparison == Comparison::kAtMost;
  if (needs_number) expect_number(condition, found);
  return holds_of(condition, found, value);
}

std::vector<std::uint8_t> skipped_steps(const Saga& saga, const Context& context) {
  std::vector<std::uint8_t> skipped;
  for (std::size_t step = 0; step < saga.steps.size(); ++step) {
    if (!saga.steps[step].only_if || internal::result_place(*saga.steps[step].only_if)) continue;
    try {
      if (holds(*saga.steps[step].only_if, context)) continue;
    } catch (const Error& error) {
      throw error.within("saga " + in_quotes(saga.name) + ", step " + in_quotes(saga.steps[step].name));
    }
    skipped.resize(saga.steps.size());
    skipped[step] = 1;
  }
  return skipped;
}

namespace internal {

ConditionProblem problem_with(const Condition& condition) {
  const std::string& pointer = condition.pointer;
  if (pointer.size() > kLongestPointer) {
    return {"pointer", "the pointer is longer than " + std::to_string(kLongestPointer) + " bytes",
            "shorten it"};
  }
  if (!is_one_line(pointer, kLongestPointer)) {
    return {"pointer", "the pointer " + in_quotes(pointer) + " has bad UTF-8 or a control character",
            "remove it"};
  }
  if (!is_json_pointer(pointer)) {
    return {"pointer", "the pointer " + in_quotes(pointer) + " is no JSON pointer",
            "begin it with /, write ~ in a name as ~0 and / as ~1, or leave it empty for the whole context"};
  }
  const JsonValue value = parse_json(condition.value.text(), "value");
  const std::string_view name = name_of(condition.comparison);
  const std::string found = condition.value.text() + " is compared by " + in_quotes(name);
  const bool needs_number =
      condition.comparison == Comparison::kAbove || condition.comparison == Comparison::kAtMost;
  if (needs_number && !is_number(value)) return {name, found + ", but no number", "give a number"};
  if (condition.comparison == Comparison::kPresent && value.type != Type::kBoolean)
    return {name, found + ", but neither true nor false", "give one of them"};
  return {};
}

bool holds_of_answer(const Condition& condition, std::string_view answer) {
  const JsonValue value = parse_json(condition.value.text(), "value");
  const std::optional<ResultPlace> place = result_place(condition);
  if (answer.empty() || !place) return holds_of(condition, nullptr, value);
  try {
    const JsonValue document = parse_json(answer, "answer");
    return holds_of(condition, at_pointer(document, place->pointer), value);
  } catch (const Error&) {  // what is no JSON gives nothing
    return holds_of(condition, nullptr, value);
  }
}

Condition read_condition(const JsonReader& object) {
  object.expect_keys("a condition", kConditionKeys);
  Condition condition{.pointer = object.at("pointer").string()};
  bool is_compared = false;
  for (const Comparison comparison : {Comparison::kEquals, Comparison::kDiffersFrom, Comparison::kAbove,
                                      Comparison::kAtMost, Comparison::kPresent}) {
    const auto value = object.find(name_of(comparison));
    if (!value) continue;
    if (is_compared) {
      value->refuse("the condition has a second comparison",
                    "keep one; for two conditions make two steps, or put what they come to into the context");
    }
    is_compared = true;
    condition.comparison = comparison;
    std::string text;
    append_json(text, value->value());
    condition.value = Json::parse(text);
  }
  if (!is_compared) {
    object.refuse("the condition compares with nothing",
                  "add one of \"equals\", \"differs_from\", \"above\", \"at_most\", \"present\"");
  }
  return condition;
}

}  // namespace internal
}  // namespace saga_harness
