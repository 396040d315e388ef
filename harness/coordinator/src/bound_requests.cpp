// What the requests of the reference carry where the definition binds them to data, and its known bugs there.

#include <algorithm>
#include <string>

#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>

#include "orchestration.hpp"

namespace saga_harness {
namespace {

// As if prices had risen since.
void raise_numbers(internal::JsonValue& value) {
  if (value.type == internal::JsonValue::Type::kInteger) ++value.integer;
  if (value.type == internal::JsonValue::Type::kNumber) value.number += 1;
  for (internal::JsonValue& item : value.items) raise_numbers(item);
}

std::string with_raised_numbers(std::string_view json) {
  internal::JsonValue value = internal::parse_json(json, "payload");
  raise_numbers(value);
  std::string text;
  internal::append_json(text, value);
  return text;
}

std::string zero_of(ResultType type) {
  switch (type) {
    case ResultType::kString:
      return R"("")";
    case ResultType::kNumber:
    case ResultType::kInteger:
      return "0";
    case ResultType::kBoolean:
      return "false";
    case ResultType::kArray:
      return "[]";
    case ResultType::kObject:
      return "{}";
  }
  return "null";
}

std::string all_zero(const Step& step) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const ResultField& result : step.result)
    members.emplace_back(internal::pointer_of_field(result.name), zero_of(result.type));
  return internal::object_of(members);
}

}  // namespace

std::string_view Orchestration::payload_of(StepId id, Operation operation) {
  if (bug_ != OrchestratorBug::kNone) return wrong_payload(id, operation);
  return runtime_.payload({id, operation}, results_);
}

std::string_view Orchestration::wrong_payload(StepId id, Operation operation) {
  const std::string_view right = runtime_.payload({id, operation}, results_);
  if (right.empty()) return right;
  if (operation == Operation::kCompensation) {
    if (has(OrchestratorBug::kUndoWithoutBody)) return "{}";
    if (has(OrchestratorBug::kUndoAtCurrentValue)) return runtime_.text({with_raised_numbers(right)});
    if (has(OrchestratorBug::kUndoOfAnotherId)) {
      const auto other = std::ranges::find_if(
          results_, [&](std::string_view result) { return !result.empty() && result != results_[id]; });
      std::pmr::vector<std::string_view> results(results_);
      if (other != results_.end()) results[id] = *other;
      return runtime_.payload({id, operation}, results);
    }
  }
  if (lost_results_ && has(OrchestratorBug::kResultLostOnResume)) return {};
  return right;
}

bool Orchestration::has_lost_results(const LogRecord& record) {
  if (record.note.empty() || !has(OrchestratorBug::kResultLostOnResume)) return false;
  lost_results_ = true;
  return true;
}

// What a success comes to whose results have been looked at.
ReplyStatus Orchestration::usable(StepId id, const Reply& reply) {
  if (runtime_.gives_results(id, reply.body)) return ReplyStatus::kOk;
  return has(OrchestratorBug::kDefaultForMissing) ? ReplyStatus::kOk : ReplyStatus::kCorrupt;
}

void Orchestration::keep_result(StepId id, const Reply& reply) {
  const std::string_view result = result_of(id, reply);
  results_[id] = result;
  if (has(OrchestratorBug::kResultByNameClash)) {
    for (std::string_view& other : results_) {
      if (!other.empty()) other = result;
    }
  }
  if (bug_ != OrchestratorBug::kResultOfOtherBranch) return;
  for (const StepId other : active_) {  // each gets what the other was answered
    if (other == id || step(other).result.empty() || !has(OrchestratorBug::kResultOfOtherBranch)) continue;
    swapped_with_ = id;
    results_[other] = result;
    results_[id] = {};
    return;
  }
}

std::string_view Orchestration::result_of(StepId id, const Reply& reply) {
  const std::string_view answered = runtime_.text({reply.body.text()});
  if (swapped_with_ != kNoStep) {
    results_[swapped_with_] = answered;
    swapped_with_ = kNoStep;
    return results_[id];
  }
  if (progress_[id].operation == Operation::kFallback && has(OrchestratorBug::kFallbackResultIgnored))
    return {};
  if (!runtime_.gives_results(id, answered))
    return runtime_.text({all_zero(step(id))});  // a bug let it through
  if (bug_ == OrchestratorBug::kStaleResult && !first_answers_[id].empty() &&
      has(OrchestratorBug::kStaleResult))
    return first_answers_[id];
  if (results_of_all_ != nullptr && has(OrchestratorBug::kOtherSagasResult))
    return results_of_all_->try_emplace(step(id).name, answered).first->second;
  return answered;
}

void Orchestration::note_first_answer(StepId id, const Reply& reply) {
  if (bug_ != OrchestratorBug::kStaleResult) return;
  first_answers_.resize(index_.step_count());
  if (reply.body.empty() || !first_answers_[id].empty()) return;
  first_answers_[id] = runtime_.text({reply.body.text()});
}

}  // namespace saga_harness
