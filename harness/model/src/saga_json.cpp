#include <saga_harness_internal/saga_json.hpp>

#include <limits>

#include <saga_harness/error.hpp>
#include <saga_harness/masks.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/saga_keys.hpp>

#include "binding.hpp"
#include "condition.hpp"

namespace saga_harness {
namespace {

using internal::JsonReader;
using internal::JsonWriter;

std::string read_name_or_none(const JsonReader& value) {
  return value.is_null() ? std::string() : value.string();
}

RetryPolicy read_retry(const JsonReader& object, RetryPolicy policy) {
  object.expect_keys("a retry policy", internal::kRetryKeys);
  constexpr int kMost = std::numeric_limits<int>::max();
  if (const auto value = object.find("attempts"))
    policy.attempts = static_cast<int>(value->integer(-kMost, kMost));
  if (const auto value = object.find("delay")) policy.delay = value->duration();
  if (const auto value = object.find("factor")) policy.factor = value->number();
  if (const auto value = object.find("max_delay")) policy.max_delay = value->duration();
  return policy;
}

std::vector<std::string> read_names(const JsonReader& value) {
  std::vector<std::string> names;
  for (const JsonReader& name : value.items()) names.push_back(name.string());
  return names;
}

Predecessors read_after(const JsonReader& value) {
  if (value.is_null()) return kPreviousStep;
  return read_names(value);
}

Emits read_emits(const JsonReader& object) {
  object.expect_keys("what a step emits", internal::kEmitsKeys);
  Emits emits;
  if (const auto value = object.find("success")) emits.success = read_name_or_none(*value);
  if (const auto value = object.find("failure")) emits.failure = read_name_or_none(*value);
  if (const auto value = object.find("compensated")) emits.compensated = read_name_or_none(*value);
  return emits;
}

Choreography read_choreography(const JsonReader& object) {
  object.expect_keys("a choreography", internal::kChoreographyKeys);
  Choreography choreography;
  choreography.starts_with = object.at("starts_with").string();
  if (const auto value = object.find("at_deadline")) choreography.at_deadline = read_name_or_none(*value);
  if (const auto value = object.find("unless")) choreography.unless = read_name_or_none(*value);
  return choreography;
}

Step read_step(const JsonReader& object) {
  object.expect_keys("a step", internal::kStepKeys);
  Step step;
  step.name = object.at("name").string();
  step.service = object.at("service").string();
  if (const auto value = object.find("action")) step.action = read_name_or_none(*value);
  if (const auto value = object.find("compensation")) step.compensation = read_name_or_none(*value);
  if (const auto value = object.find("fallback")) step.fallback = read_name_or_none(*value);
  if (const auto value = object.find("timeout")) step.timeout = value->duration();
  if (const auto value = object.find("retry")) step.retry = read_retry(*value, step.retry);
  if (const auto value = object.find("compensation_timeout")) step.compensation_timeout = value->duration();
  if (const auto value = object.find("compensation_retry")) {
    step.compensation_retry = read_retry(*value, step.compensation_retry);
  }
  if (const auto value = object.find("idempotent")) step.idempotent = value->boolean();
  if (const auto value = object.find("compensatable")) step.compensatable = value->boolean();
  if (const auto value = object.find("pivot")) step.pivot = value->boolean();
  if (const auto value = object.find("has_effect")) step.has_effect = value->boolean();
  if (const auto value = object.find("optional")) step.optional = value->boolean();
  if (const auto value = object.find("compensated_if_refused"))
    step.compensated_if_refused = value->boolean();
  if (const auto value = object.find("after")) step.after = read_after(*value);
  if (const auto value = object.find("only_if"); value && !value->is_null())
    step.only_if = internal::read_condition(*value);
  if (const auto value = object.find("input")) step.input = internal::read_bindings(*value);
  if (const auto value = object.find("compensation_input"))
    step.compensation_input = internal::read_bindings(*value);
  if (const auto value = object.find("result")) step.result = internal::read_results(*value);
  if (const auto value = object.find("compensates_without_result"))
    step.compensates_without_result = value->boolean();
  if (const auto value = object.find("on_event")) step.on_event = read_names(*value);
  if (const auto value = object.find("emits")) step.emits = read_emits(*value);
  if (const auto value = object.find("compensate_on")) step.compensate_on = read_names(*value);
  return step;
}

void write_name_or_none(JsonWriter& writer, std::string_view key, const std::string& name) {
  writer.key(key);
  if (name.empty()) {
    writer.null();
  } else {
    writer.string(name);
  }
}

void write_duration(JsonWriter& writer, std::string_view key, Duration duration) {
  writer.key(key);
  writer.string(format_duration(duration));
}

void write_retry(JsonWriter& writer, std::string_view key, const RetryPolicy& policy) {
  writer.key(key);
  writer.begin_object();
  writer.key("attempts");
  writer.number(std::int64_t{policy.attempts});
  write_duration(writer, "delay", policy.delay);
  writer.key("factor");
  writer.number(policy.factor);
  write_duration(writer, "max_delay", policy.max_delay);
  writer.end_object();
}

void write_names(JsonWriter& writer, const std::vector<std::string>& names) {
  writer.begin_array();
  for (const std::string& name : names) writer.string(name);
  writer.end_array();
}

void write_after(JsonWriter& writer, const Step& step) {
  writer.key("after");
  if (step.after.is_previous_step()) return writer.null();
  write_names(writer, step.after.names());
}

void write_condition(JsonWriter& writer, const Condition& condition) {
  writer.key("only_if");
  writer.begin_object();
  writer.key("pointer");
  writer.string(condition.pointer);
  writer.key(name_of(condition.comparison));
  writer.raw(condition.value.text());
  writer.end_object();
}

void write_events(JsonWriter& writer, const Step& step) {
  writer.key("on_event");
  write_names(writer, step.on_event);
  writer.key("emits");
  writer.begin_object();
  write_name_or_none(writer, "success", step.emits.success);
  write_name_or_none(writer, "failure", step.emits.failure);
  write_name_or_none(writer, "compensated", step.emits.compensated);
  writer.end_object();
  writer.key("compensate_on");
  write_names(writer, step.compensate_on);
}

void write_choreography(JsonWriter& writer, const Choreography& choreography) {
  writer.key("choreography");
  writer.begin_object();
  writer.key("starts_with");
  writer.string(choreography.starts_with);
  write_name_or_none(writer, "at_deadline", choreography.at_deadline);
  write_name_or_none(writer, "unless", choreography.unless);
  writer.end_object();
}

void write_flag(JsonWriter& writer, std::string_view key, bool value) {
  writer.key(key);
  writer.boolean(value);
}

void write_step(JsonWriter& writer, const Step& step, bool has_events) {
  writer.begin_object();
  writer.key("name");
  writer.string(step.name);
  writer.key("service");
  writer.string(step.service);
  write_name_or_none(writer, "action", step.action);
  write_name_or_none(writer, "compensation", step.compensation);
  write_name_or_none(writer, "fallback", step.fallback);
  write_duration(writer, "timeout", step.timeout);
  write_retry(writer, "retry", step.retry);
  write_duration(writer, "compensation_timeout", step.compensation_timeout);
  write_retry(writer, "compensation_retry", step.compensation_retry);
  write_flag(writer, "idempotent", step.idempotent);
  write_flag(writer, "compensatable", step.compensatable);
  write_flag(writer, "pivot", step.pivot);
  if (!step.has_effect) write_flag(writer, "has_effect", false);
  if (step.optional) write_flag(writer, "optional", true);
  if (step.compensated_if_refused) write_flag(writer, "compensated_if_refused", true);
  write_after(writer, step);
  if (step.only_if) write_condition(writer, *step.only_if);
  internal::write_bindings(writer, "input", step.input);
  internal::write_bindings(writer, "compensation_input", step.compensation_input);
  internal::write_results(writer, step.result);
  if (!step.compensates_without_result) write_flag(writer, "compensates_without_result", false);
  if (has_events) write_events(writer, step);
  writer.end_object();
}

}  // namespace

Context internal::read_context(const JsonReader& object) {
  if (!object.is_object()) object.refuse("the context is not an object", "write it between { and }");
  std::string text;
  internal::append_json(text, object.value());
  return Context::parse(text);
}

Saga internal::read_saga(const JsonReader& object) {
  object.expect_keys("a saga", kSagaKeys);
  Saga saga;
  saga.name = object.at("name").string();
  for (const JsonReader& step : object.at("steps").items()) saga.steps.push_back(read_step(step));
  if (const auto value = object.find("deadline"); value && !value->is_null())
    saga.deadline = value->duration();
  if (const auto value = object.find("parallel_compensation")) saga.parallel_compensation = value->boolean();
  if (const auto value = object.find("context")) saga.context = internal::read_context(*value);
  if (const auto fields = object.find("mask")) {
    for (const JsonReader& field : fields->items()) saga.mask.push_back(field.string());
  }
  if (const auto value = object.find("choreography"); value && !value->is_null())
    saga.choreography = read_choreography(*value);
  const std::vector<Problem> problems = find_problems(saga);
  if (!problems.empty()) throw Error(error_of(problems, object.source(), object.pointer()));
  return saga;
}

Saga parse_saga(std::string_view json, std::string_view source) {
  const internal::JsonValue value = internal::parse_json(json, source);
  return internal::read_saga(JsonReader(value, source));
}

std::string to_json(const Saga& saga) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  writer.key("name");
  writer.string(saga.name);
  writer.key("steps");
  writer.begin_array();
  for (const Step& step : saga.steps) write_step(writer, step, saga.choreography.has_value());
  writer.end_array();
  writer.key("deadline");
  if (saga.deadline) {
    writer.string(format_duration(*saga.deadline));
  } else {
    writer.null();
  }
  if (saga.parallel_compensation) write_flag(writer, "parallel_compensation", true);
  writer.key("context");
  writer.raw(saga.context.text());
  if (!saga.mask.empty()) {
    writer.key("mask");
    writer.begin_array();
    for (const std::string& field : saga.mask) writer.string(field);
    writer.end_array();
  }
  if (saga.choreography) write_choreography(writer, *saga.choreography);
  writer.end_object();
  return text;
}

std::uint64_t definition_hash(const Saga& saga) {
  // An action that is left out and one that repeats the step's name are the same definition.
  // What no output shows must not be told from a hash, and records without it are of the same definition.
  Saga spelled_out = Masks::shown(saga);
  for (Step& step : spelled_out.steps) {
    if (step.action.empty()) step.action = step.name;
  }
  constexpr std::uint64_t kOffset = 14695981039346656037U;
  constexpr std::uint64_t kPrime = 1099511628211U;
  std::uint64_t hash = kOffset;
  for (const char character : to_json(spelled_out)) {
    hash = (hash ^ static_cast<unsigned char>(character)) * kPrime;
  }
  return hash;
}

}  // namespace saga_harness
