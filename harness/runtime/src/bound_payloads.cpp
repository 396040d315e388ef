#include "bound_payloads.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

std::string text_at(const Context& context, const std::string& pointer, const std::string& who) {
  std::optional<std::string> found = internal::FieldReader({pointer}).read(context.text()).front();
  if (!found) {
    throw Error(ErrorText{.message = who + " is bound to /context" + pointer +
                                     ", which leads nowhere in the context " +
                                     internal::printable(context.text(), 200),
                          .fix = "start the saga with a context that has it"});
  }
  return *std::move(found);
}

std::vector<std::string> pointers_of(const Step& step) {
  std::vector<std::string> pointers;
  for (const ResultField& result : step.result) pointers.push_back(internal::pointer_of_field(result.name));
  return pointers;
}

}  // namespace

BoundPayloads::BoundPayloads(const SagaIndex& saga, const Context& context) : saga_(saga) {
  usable_.resize(saga.step_count());
  for (const Step& step : saga.saga().steps) results_.emplace_back(pointers_of(step));
  if (!saga.has_bindings()) return;
  for (const Step& step : saga.saga().steps) {
    const std::string who = "saga " + internal::in_quotes(saga.saga().name) + ", step " +
                            internal::in_quotes(step.name) + ": the field ";
    inputs_.push_back(bound(step.input, who, context));
    compensations_.push_back(bound(step.compensation_input, who, context));
  }
}

BoundPayloads::Operation BoundPayloads::bound(const std::vector<Binding>& bindings, const std::string& who,
                                              const Context& context) const {
  Operation operation;
  for (const Binding& binding : bindings) {
    Field field{.pointer = internal::pointer_of_field(binding.field)};
    if (const auto* from = std::get_if<FromContext>(&binding.source)) {
      field.text = text_at(context, from->pointer(), who + internal::in_quotes(binding.field));
    } else if (const auto* from_result = std::get_if<FromResult>(&binding.source)) {
      field.from = saga_.find_step(from_result->step());
      const std::vector<std::string> pointers = pointers_of(saga_.step(field.from));
      field.result =
          static_cast<std::size_t>(std::ranges::find(pointers, from_result->pointer()) - pointers.begin());
      if (std::ranges::find(operation.needs, field.from) == operation.needs.end())
        operation.needs.push_back(field.from);
    } else {
      field.text = std::get<Json>(binding.source).text();
    }
    operation.fields.push_back(std::move(field));
  }
  return operation;
}

std::string_view BoundPayloads::payload(OperationId id, std::span<const std::string_view> results) {
  if (inputs_.empty()) return {};
  const bool is_compensation = id.operation == saga_harness::Operation::kCompensation;
  Operation& operation = (is_compensation ? compensations_ : inputs_)[id.step];
  if (operation.fields.empty()) return {};
  wanted_.clear();
  for (const StepId step : operation.needs) {
    if (step < results.size()) wanted_ += results[step];
    wanted_ += '\0';
  }
  if (const auto known = operation.known.find(std::string_view(wanted_)); known != operation.known.end())
    return known->second;
  return operation.known.emplace(wanted_, build(operation, results)).first->second;
}

std::string BoundPayloads::build(const Operation& operation, std::span<const std::string_view> results) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const Field& field : operation.fields) {
    if (field.from == kNoStep) {
      members.emplace_back(field.pointer, field.text);
    } else if (field.from < results.size() && !results[field.from].empty()) {
      const auto& answer = results_[field.from].read(results[field.from]);
      if (answer[field.result]) members.emplace_back(field.pointer, *answer[field.result]);
    }
  }
  return internal::object_of(members);
}

bool BoundPayloads::gives_results(StepId step, std::string_view answer) {
  const std::vector<ResultField>& declared = saga_.step(step).result;
  if (declared.empty()) return true;
  internal::ByText<bool>& known = usable_[step];
  if (const auto found = known.find(answer); found != known.end()) return found->second;
  return known.emplace(answer, internal::gives_results(declared, answer)).first->second;
}

void BoundPayloads::forget_if_many() {
  constexpr std::size_t kMostKept = 4096;
  for (std::vector<Operation>* operations : {&inputs_, &compensations_}) {
    for (Operation& operation : *operations) {
      if (operation.known.size() > kMostKept) operation.known.clear();
    }
  }
  for (internal::FieldReader& reader : results_) reader.forget_if_many();
  for (internal::ByText<bool>& known : usable_) {
    if (known.size() > kMostKept) known.clear();
  }
}

}  // namespace saga_harness
