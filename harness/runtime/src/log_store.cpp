#include <saga_harness/log_store.hpp>

#include <array>

#include <nlohmann/json.hpp>

#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness {
namespace {

constexpr std::array kKinds{LogKind::kStarted, LogKind::kIntent,       LogKind::kDone,
                            LogKind::kFailed,  LogKind::kCompensating, LogKind::kUndone,
                            LogKind::kStuck,   LogKind::kEnd,          LogKind::kNote};
constexpr std::array kLogOperations{Operation::kAction, Operation::kCompensation, Operation::kFallback};
constexpr std::array kOutcomes{Outcome::kUnresolved, Outcome::kCompleted, Outcome::kCompensated,
                               Outcome::kFlagged};

void append_text(std::string& text, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  text += ",\"";
  text += key;
  text += "\":";
  internal::append_json_string(text, value);
}

/// The one of `all` that has this name.
template <class Value, std::size_t kCount>
std::optional<Value> named(const std::array<Value, kCount>& all, const nlohmann::json& name) {
  if (!name.is_string()) return std::nullopt;
  for (const Value value : all) {
    if (name_of(value) == name.get_ref<const std::string&>()) return value;
  }
  return std::nullopt;
}

/// False if it is no record.
bool read_into(const nlohmann::json& object, StoredRecord& record) {
  if (!object.is_object() || !object.contains("kind")) return false;
  for (const auto& [key, value] : object.items()) {
    if (key == "kind") {
      const auto kind = named(kKinds, value);
      if (!kind) return false;
      record.kind = *kind;
    } else if (key == "operation") {
      const auto operation = named(kLogOperations, value);
      if (!operation) return false;
      record.operation = *operation;
    } else if (key == "outcome") {
      const auto outcome = named(kOutcomes, value);
      if (!outcome) return false;
      record.outcome = *outcome;
    } else if (key == "maybe_done" && value.is_boolean()) {
      record.maybe_done = value.get<bool>();
    } else if (key == "step" && value.is_string()) {
      record.step = value.get<std::string>();
    } else if (key == "note" && value.is_string()) {
      record.note = value.get<std::string>();
    } else if (key == "at_us" && value.is_number_integer()) {
      record.at_us = value.get<std::int64_t>();
    } else if (key == "flagged" && value.is_array()) {
      for (const nlohmann::json& step : value) {
        if (!step.is_string()) return false;
        record.flagged.push_back(step.get<std::string>());
      }
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string record_text(const LogRecord& record) {
  std::string text = "{\"kind\":";
  internal::append_json_string(text, name_of(record.kind));
  append_text(text, "step", record.step);
  if (record.operation != Operation::kAction) append_text(text, "operation", name_of(record.operation));
  if (record.kind == LogKind::kEnd) append_text(text, "outcome", name_of(record.outcome));
  if (record.maybe_done) text += ",\"maybe_done\":true";
  if (!record.flagged.empty()) {
    text += ",\"flagged\":[";
    std::string_view comma;
    for (const std::string_view step : record.flagged) {
      text += comma;
      internal::append_json_string(text, step);
      comma = ",";
    }
    text += ']';
  }
  append_text(text, "note", record.note);
  return text + '}';
}

StoredRecord read_record(std::string_view text) {
  const StoredRecord torn{.kind = LogKind::kTorn};
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  StoredRecord record;
  return !object.is_discarded() && read_into(object, record) ? record : torn;
}

}  // namespace saga_harness
