#include <saga_harness/saga_index.hpp>

#include <algorithm>
#include <utility>

#include <saga_harness_internal/choices.hpp>
#include <saga_harness_internal/order.hpp>

namespace saga_harness {
namespace {

Saga with_actions(Saga saga) {
  validate(saga);
  for (Step& step : saga.steps) {
    if (step.action.empty()) step.action = step.name;
  }
  return saga;
}

constexpr Operation kOperationsInOrder[] = {Operation::kAction, Operation::kFallback,
                                            Operation::kCompensation};

}  // namespace

SagaIndex::SagaIndex(Saga saga)
    : saga_(with_actions(std::move(saga))),
      hash_(definition_hash(saga_)),
      predecessors_(internal::predecessors_of(saga_)),
      order_(internal::topological_order(predecessors_)) {
  precedes_ = internal::precedence(predecessors_, order_);
  successors_.resize(saga_.steps.size());
  for (std::size_t id = 0; id < saga_.steps.size(); ++id) {
    const Step& step = saga_.steps[id];
    names_.emplace_back(step.name);
    for (const StepId before : predecessors_[id]) successors_[before].push_back(static_cast<StepId>(id));
    for (const Operation operation : kOperationsInOrder)
      operations_.push_back(per_operation(step, operation));
    has_choices_ = has_choices_ || (step.only_if && internal::result_place(*step.only_if));
    has_optional_ = has_optional_ || step.optional;
    has_checks_ = has_checks_ || !step.has_effect;
    compensates_refused_ = compensates_refused_ || step.compensated_if_refused;
    gives_results_ = gives_results_ || !step.result.empty();
    has_bindings_ = has_bindings_ || !step.input.empty() || !step.compensation_input.empty();
    if (step.pivot) pivot_ = static_cast<StepId>(id);
    if (std::find(services_.begin(), services_.end(), step.service) == services_.end()) {
      services_.emplace_back(step.service);
    }
  }
  operations_.emplace_back();
}

SagaIndex::PerOperation SagaIndex::per_operation(const Step& step, Operation operation) {
  switch (operation) {
    case Operation::kAction:
      return {step.action, step.retry.attempts, step.timeout};
    case Operation::kFallback:
      if (step.fallback.empty()) return {};
      return {step.fallback, step.retry.attempts, step.timeout};
    case Operation::kCompensation:
      if (step.compensation.empty()) return {};
      return {step.compensation, step.compensation_retry.attempts, step.compensation_timeout};
  }
  return {};
}

std::span<const StepId> SagaIndex::predecessors(StepId id) const { return predecessors_[id]; }
std::span<const StepId> SagaIndex::successors(StepId id) const { return successors_[id]; }
std::span<const StepId> SagaIndex::order() const noexcept { return order_; }
std::span<const std::string_view> SagaIndex::services() const noexcept { return services_; }

StepId SagaIndex::find_step(std::string_view name) const {
  // Names mostly come from here: then the address tells.
  for (std::size_t id = 0; id < names_.size(); ++id) {
    if (names_[id].data() == name.data() && names_[id].size() == name.size()) return static_cast<StepId>(id);
  }
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? kNoStep : static_cast<StepId>(found - names_.begin());
}

std::vector<OperationId> SagaIndex::find_operations(std::string_view service, std::string_view action) const {
  std::vector<OperationId> found;
  if (action.empty()) return found;
  for (std::size_t id = 0; id < saga_.steps.size(); ++id) {
    if (saga_.steps[id].service != service) continue;
    for (const Operation operation : kOperationsInOrder) {
      const OperationId candidate{static_cast<StepId>(id), operation};
      if (action_of(candidate) == action) found.push_back(candidate);
    }
  }
  return found;
}

}  // namespace saga_harness
