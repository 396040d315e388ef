// What requests carry and answers give: in JSON, and what can be wrong with it.

#include "binding.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/one_line.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::BindingProblem;
using internal::in_quotes;
using internal::JsonReader;
using internal::JsonWriter;

constexpr std::string_view kContextRoot = "/context";
constexpr std::string_view kResultsRoot = "/results/";
constexpr std::string_view kConstant = "const";
constexpr std::size_t kLongestField = 1000;
constexpr std::array kResultTypes{ResultType::kString, ResultType::kNumber, ResultType::kBoolean,
                                  ResultType::kArray,  ResultType::kObject, ResultType::kInteger};

ValueSource read_source(const JsonReader& value) {
  constexpr std::string_view kFix =
      "write \"/context/…\", \"/results/STEP/…\", or {\"const\": …} for a value that is always the same";
  if (value.is_object()) {
    constexpr std::array<std::string_view, 1> kKeys{kConstant};
    value.expect_keys("a constant", kKeys);
    std::string text;
    internal::append_json(text, value.at(kConstant).value());
    return Json::parse(text);
  }
  if (!value.is_string()) value.refuse("a field is bound to what is no pointer", std::string(kFix));
  const std::string_view text = value.string();
  if (text == kContextRoot || text.starts_with("/context/"))
    return FromContext(std::string(text.substr(kContextRoot.size())));
  if (!text.starts_with(kResultsRoot)) {
    value.refuse(in_quotes(text) + " leads neither into the context nor to a result of a step",
                 std::string(kFix));
  }
  const std::string_view rest = text.substr(kResultsRoot.size());
  const std::size_t end = std::min(rest.find('/'), rest.size());
  return FromResult(std::string(rest.substr(0, end)), std::string(rest.substr(end)));
}

ResultType read_type(const JsonReader& value) {
  std::vector<std::string_view> names;
  for (const ResultType type : kResultTypes) {
    if (value.string() == name_of(type)) return type;
    names.push_back(name_of(type));
  }
  value.refuse("there is no type " + in_quotes(value.string()), internal::name_fix(value.string(), names));
}

/// Looks at the data of one step.
class DataCheck {
 public:
  DataCheck(const Saga& saga, std::size_t step, const std::function<bool(std::size_t, std::size_t)>& precedes)
      : saga_(saga), number_(step), step_(saga.steps[step]), precedes_(precedes) {}

  std::vector<BindingProblem> run() {
    const bool has_data = !step_.input.empty() || !step_.compensation_input.empty() || !step_.result.empty();
    if (saga_.choreography && has_data) {
      add(step_.input.empty() ? "result" : "input", "", "the data of a choreography's events cannot be bound",
          "leave it out: what its events carry is up to its handlers");
      return std::move(problems_);
    }
    if (step_.compensation.empty() && !step_.compensation_input.empty() && step_.has_effect) {
      add("compensation_input", "", "the step has no compensation that could carry data",
          "name a compensation, or leave it out");
    }
    check_bindings("input", step_.input, false);
    check_bindings("compensation_input", step_.compensation_input, true);
    check_results();
    return std::move(problems_);
  }

 private:
  void add(std::string_view key, std::string tail, std::string message, std::string fix) {
    problems_.push_back(
        {key, std::move(tail), "step " + in_quotes(step_.name) + ": " + std::move(message), std::move(fix)});
  }

  static std::string tail_of(std::string_view field) { return "/" + internal::pointer_part(field); }

  // Fields and results are called alike. `places`: those before it, as pointers.
  void check_name(std::string_view key, const std::string& name, std::vector<std::string>& places) {
    const std::string pointer = internal::pointer_of_field(name);
    if (name.empty() || name.size() > kLongestField || !internal::is_one_line(name, kLongestField)) {
      return add(key, tail_of(name),
                 in_quotes(name) + " is empty, longer than " + std::to_string(kLongestField) +
                     " bytes, or has bad UTF-8 or a control character",
                 "give it a name");
    }
    if (!internal::is_json_pointer(pointer))
      return add(key, tail_of(name), in_quotes(name) + " is no JSON pointer",
                 "write ~ in a name as ~0 and / as ~1");
    for (const std::string& before : places) {
      if (before != pointer && !before.starts_with(pointer + "/") && !pointer.starts_with(before + "/"))
        continue;
      add(key, tail_of(name), in_quotes(name) + " is in the same place as " + in_quotes(before),
          "keep one of them");
    }
    places.push_back(pointer);
  }

  void check_bindings(std::string_view key, const std::vector<Binding>& bindings, bool is_compensation) {
    std::vector<std::string> places;
    for (const Binding& binding : bindings) {
      check_name(key, binding.field, places);
      if (const auto* from = std::get_if<FromContext>(&binding.source)) {
        check_context(key, binding.field, from->pointer());
      } else if (const auto* from_result = std::get_if<FromResult>(&binding.source)) {
        check_result(key, binding.field, *from_result, is_compensation);
      }
    }
  }

  void check_context(std::string_view key, const std::string& field, const std::string& pointer) {
    if (!internal::is_json_pointer(pointer)) {
      return add(key, tail_of(field), in_quotes("/context" + pointer) + " is no JSON pointer",
                 "begin it with /, write ~ in a name as ~0 and / as ~1");
    }
    if (saga_.context == Context()) return;  // what a run starts with is said elsewhere
    const internal::JsonValue context = internal::parse_json(saga_.context.text(), "context");
    if (internal::at_pointer(context, pointer) != nullptr) return;
    add(key, tail_of(field), in_quotes("/context" + pointer) + " leads nowhere in the context",
        "add it to the context, or bind the field to what is there");
  }

  void check_result(std::string_view key, const std::string& field, const FromResult& from,
                    bool is_compensation) {
    const auto named = [&](const Step& step) { return step.name == from.step(); };
    const auto found = std::ranges::find_if(saga_.steps, named);
    if (found == saga_.steps.end()) {
      std::vector<std::string_view> names;
      for (const Step& step : saga_.steps) names.emplace_back(step.name);
      return add(key, tail_of(field), in_quotes(from.step()) + " is no step of this saga",
                 internal::name_fix(from.step(), names));
    }
    const auto other = static_cast<std::size_t>(found - saga_.steps.begin());
    const bool is_own = other == number_;
    if (is_own ? !is_compensation : !precedes_(other, number_)) {
      return add(key, tail_of(field),
                 "the result of " + in_quotes(from.step()) + " is used before that step is done",
                 "order the step behind it with \"after\", or bind the field to an earlier step");
    }
    std::vector<std::string> declared;
    for (const ResultField& result : found->result)
      declared.push_back(internal::pointer_of_field(result.name));
    if (std::ranges::find(declared, from.pointer()) != declared.end()) return;
    std::vector<std::string_view> names(declared.begin(), declared.end());
    add(key, tail_of(field),
        "the step " + in_quotes(from.step()) + " declares no result " + in_quotes(from.pointer()),
        internal::name_fix(from.pointer(), names,
                           "declare what its answer gives: \"result\": {\"id\": \"string\"}"));
  }

  void check_results() {
    std::vector<std::string> places;
    for (const ResultField& result : step_.result) check_name("result", result.name, places);
  }

  const Saga& saga_;
  std::size_t number_;
  const Step& step_;
  const std::function<bool(std::size_t, std::size_t)>& precedes_;
  std::vector<BindingProblem> problems_;
};

}  // namespace

std::string to_string(const ValueSource& source) {
  if (const auto* from = std::get_if<FromContext>(&source))
    return std::string(kContextRoot) + from->pointer();
  if (const auto* from = std::get_if<FromResult>(&source))
    return std::string(kResultsRoot) + from->step() + from->pointer();
  return std::get<Json>(source).text();
}

std::string_view name_of(ResultType type) {
  switch (type) {
    case ResultType::kString:
      return "string";
    case ResultType::kNumber:
      return "number";
    case ResultType::kBoolean:
      return "boolean";
    case ResultType::kArray:
      return "array";
    case ResultType::kObject:
      return "object";
    case ResultType::kInteger:
      return "integer";
  }
  return "";
}

namespace internal {

std::vector<Binding> read_bindings(const JsonReader& object) {
  if (!object.is_object())
    object.refuse("the fields of a request are not an object",
                  "write {\"amount\": \"/context/total_amount\"}");
  std::vector<Binding> bindings;
  for (const auto& [field, value] : object.members())
    bindings.push_back({std::string(field), read_source(value)});
  return bindings;
}

void write_bindings(JsonWriter& writer, std::string_view key, const std::vector<Binding>& bindings) {
  if (bindings.empty()) return;
  writer.key(key);
  writer.begin_object();
  for (const Binding& binding : bindings) {
    writer.key(binding.field);
    if (const auto* constant = std::get_if<Json>(&binding.source)) {
      writer.begin_object();
      writer.key(kConstant);
      writer.raw(constant->text());
      writer.end_object();
    } else {
      writer.string(to_string(binding.source));
    }
  }
  writer.end_object();
}

std::vector<ResultField> read_results(const JsonReader& object) {
  if (!object.is_object())
    object.refuse("the results of a step are not an object", "write {\"id\": \"string\"}");
  std::vector<ResultField> results;
  for (const auto& [name, value] : object.members()) results.push_back({std::string(name), read_type(value)});
  return results;
}

void write_results(JsonWriter& writer, const std::vector<ResultField>& results) {
  if (results.empty()) return;
  writer.key("result");
  writer.begin_object();
  for (const ResultField& result : results) {
    writer.key(result.name);
    writer.string(name_of(result.type));
  }
  writer.end_object();
}

std::vector<BindingProblem> problems_with_data(
    const Saga& saga, std::size_t step, const std::function<bool(std::size_t, std::size_t)>& precedes) {
  return DataCheck(saga, step, precedes).run();
}

}  // namespace internal
}  // namespace saga_harness
