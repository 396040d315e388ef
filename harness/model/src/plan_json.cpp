#include <array>

#include <saga_harness/error.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness {
namespace {

using internal::JsonReader;
using internal::JsonWriter;

constexpr std::array<std::string_view, 6> kFaultKeys{"step",   "operation", "attempt",
                                                     "window", "where",     "kind"};

void write_fault(JsonWriter& writer, const Fault& fault) {
  const auto pair = [&](std::string_view key, std::string_view value) {
    writer.key(key);
    writer.string(value);
  };
  writer.begin_object();
  pair("step", fault.step.empty() ? internal::kSagaItself : std::string_view(fault.step));
  if (!fault.step.empty() && fault.operation_given) pair("operation", name_of(fault.operation));
  writer.key("attempt");
  writer.number(std::int64_t{fault.attempt});
  pair("window", name_of(fault.window));
  pair("where", name_of(fault.instant));
  pair("kind", name_of(fault.kind));
  writer.end_object();
}

template <typename Enum>
Enum read_name(const JsonReader& value, Enum (*parse)(std::string_view)) {
  const std::string& name = value.string();
  try {
    return parse(name);
  } catch (const Error& error) {
    value.refuse(error.what(), "use one that there is");
  }
}

Fault read_fault(const JsonReader& object) {
  object.expect_keys("a fault", kFaultKeys);
  Fault fault{.step = object.at("step").string(), .operation_given = false};
  if (fault.step.empty())
    object.at("step").refuse("the step's name is empty", "name one, or \"saga\" for the saga itself");
  if (const auto value = object.find("operation")) {
    fault.operation = read_name(*value, parse_operation);
    fault.operation_given = true;
  }
  if (const auto value = object.find("attempt")) {
    fault.attempt = static_cast<int>(value->integer(1, internal::kLastAttempt));
  }
  if (const auto value = object.find("window")) fault.window = read_name(*value, parse_window);
  if (const auto value = object.find("where")) fault.instant = read_name(*value, parse_instant);
  fault.kind = read_name(object.at("kind"), parse_fault_kind);
  if (fault.step != internal::kSagaItself) return fault;
  if (fault.operation_given)
    object.at("operation").refuse("the saga itself has no operations", "leave it out");
  fault.step.clear();
  fault.operation_given = true;
  return fault;
}

}  // namespace

std::string to_json(const FaultPlan& plan) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_array();
  for (const Fault& fault : plan.faults) write_fault(writer, fault);
  writer.end_array();
  return text;
}

FaultPlan parse_plan_json(std::string_view json, std::string_view source) {
  const internal::JsonValue value = internal::parse_json(json, source);
  FaultPlan plan;
  for (const JsonReader& fault : JsonReader(value, source).items()) plan.faults.push_back(read_fault(fault));
  return plan;
}

}  // namespace saga_harness
