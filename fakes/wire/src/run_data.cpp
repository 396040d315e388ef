#include "run_data.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness::wire {
namespace {

constexpr std::size_t kMostDataBytesOfRun = 16U << 20U;

using internal::JsonValue;

JsonValue object_in(std::string_view body) {
  try {
    JsonValue value = internal::parse_json(body, "body");
    if (value.type == JsonValue::Type::kObject) return value;
  } catch (const Error&) {
  }
  return {.type = JsonValue::Type::kObject};
}

}  // namespace

RunData::RunData(const SagaIndex& saga)
    : saga_(saga),
      is_bound_(saga.has_bindings()),
      gives_results_(saga.has_bindings() || saga.has_choices()) {}

std::string RunData::payload_of(const RoutedRequest& request) const {
  if (request.parameters.empty()) return {};
  JsonValue object = object_in(request.body);
  for (const auto& [name, value] : request.parameters) {
    if (std::ranges::find(object.keys, name) != object.keys.end()) continue;
    object.keys.push_back(name);
    object.items.push_back({.type = JsonValue::Type::kString, .string = value});
  }
  std::string text;
  internal::append_json(text, object);
  return text;
}

void RunData::note_sent(OperationId operation, std::string_view payload, RunTrace& trace) {
  const bool is_bound =
      is_bound_ && !internal::bindings_of(saga_.step(operation.step), operation.operation).empty();
  if (is_bound) note(payloads, payload, trace);
}

void RunData::note_answer(OperationId operation, std::string_view body, RunTrace& trace) {
  const bool is_declared = gives_results_ && operation.operation != Operation::kCompensation &&
                           !saga_.step(operation.step).result.empty();
  if (is_declared) note(answers, body, trace);
}

void RunData::note(std::vector<DataOfEvent>& data, std::string_view text, RunTrace& trace) {
  if (trace.event_count() == 0) return;
  if (bytes_ + text.size() > kMostDataBytesOfRun) return trace.note_gap();
  bytes_ += text.size();
  data.push_back({static_cast<std::uint32_t>(trace.event_count() - 1), std::string(text)});
}

}  // namespace saga_harness::wire
