#include "named_effects.hpp"

#include <array>
#include <charconv>
#include <functional>

#include <saga_harness_internal/json_writer.hpp>

#include "payload.hpp"

namespace saga_harness {
namespace {

constexpr std::string_view kUnknownEffect = R"({"error":"there is nothing of that name to undo"})";
constexpr std::string_view kNoName = R"({"error":"the request does not name what to undo"})";

std::string in_json(std::string_view text) {
  std::string json;
  internal::append_json_string(json, text);
  return json;
}

std::string value_of(const ResultField& result, std::size_t place, const Delivery& delivery,
                     std::uint32_t applied) {
  std::string name(delivery.saga_id);
  name.append("/").append(delivery.step).append("/").append(result.name).append("/");
  name += std::to_string(applied);
  switch (result.type) {
    case ResultType::kString:
      return in_json(name);
    case ResultType::kNumber:
    case ResultType::kInteger:
      return std::to_string(10'000 * (std::size_t{delivery.operation.step} + 1) + 100 * (place + 1) +
                            applied);
    case ResultType::kBoolean:
      return "true";
    case ResultType::kArray:
      return "[" + in_json(name) + "]";
    case ResultType::kObject:
      return R"({"name":)" + in_json(name) + "}";
  }
  return "null";
}

}  // namespace

// An object may serve one saga after the other.
NamedEffects::OfStep& NamedEffects::of(const Step& declared) {
  auto entry = steps_.find(declared.name);
  if (entry == steps_.end()) entry = steps_.emplace(declared.name, OfStep{}).first;
  OfStep& step = entry->second;
  if (step.results == declared.result && step.bindings == declared.compensation_input) return step;
  answers_.clear();
  step.results = declared.result;
  step.bindings = declared.compensation_input;
  std::vector<std::string> fields;
  std::vector<std::string> results;
  for (const Binding& binding : declared.compensation_input) {
    const auto* const from = std::get_if<FromResult>(&binding.source);
    if (from == nullptr || from->step() != declared.name) continue;
    fields.push_back(internal::pointer_of_field(binding.field));
    results.push_back(from->pointer());
  }
  step.fields = fields;
  step.named = internal::FieldReader(std::move(fields));
  step.given = internal::FieldReader(std::move(results));
  return step;
}

std::string NamedEffects::value_of_result(const ResultField& result, std::size_t place,
                                          const Delivery& delivery, std::uint32_t applied) const {
  if (const auto step = gives_.find(delivery.declared->name); step != gives_.end()) {
    const auto given = step->second.find(result.name);
    if (given != step->second.end()) return std::string(given->second.text());
  }
  return value_of(result, place, delivery, applied);
}

const ReplyBody& NamedEffects::answer(const Delivery& delivery, std::uint32_t applied) {
  const std::vector<ResultField>& results = of(*delivery.declared).results;
  wanted_.assign(delivery.saga_id).append("\n").append(delivery.step).append("\n");
  std::array<char, 12> digits = {};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), applied).ptr;
  wanted_.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  if (const auto known = answers_.find(std::string_view(wanted_)); known != answers_.end())
    return known->second;
  std::vector<std::pair<std::string, std::string>> members;
  for (std::size_t place = 0; place < results.size(); ++place) {
    members.emplace_back(internal::pointer_of_field(results[place].name),
                         value_of_result(results[place], place, delivery, applied));
  }
  return answers_.emplace(wanted_, ReplyBody(internal::object_of(members))).first->second;
}

std::string_view NamedEffects::refusal(const Delivery& delivery, std::string_view given) {
  if (delivery.declared->compensation_input.empty()) return {};
  OfStep& step = of(*delivery.declared);
  if (step.fields.empty()) return {};
  const auto& named = step.named.read(delivery.payload);
  const auto& right = step.given.read(given);
  for (std::size_t i = 0; i < step.fields.size(); ++i) {
    if (named[i] && named[i] != right[i]) return kUnknownEffect;
    const bool is_known_by_key =
        delivery.declared->compensates_without_result && !delivery.idempotency_key.empty();
    if (!named[i] && !is_known_by_key) return kNoName;
  }
  return {};
}

void NamedEffects::forget_if_many() {
  if (steps_.empty()) return;
  constexpr std::size_t kMostKept = 4096;
  if (answers_.size() > kMostKept) answers_.clear();
  for (auto& [name, step] : steps_) {
    step.named.forget_if_many();
    step.given.forget_if_many();
  }
}

}  // namespace saga_harness
