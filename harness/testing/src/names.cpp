#include "names.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::internal {
namespace {

constexpr std::array kOperations{Operation::kAction, Operation::kFallback, Operation::kCompensation};

std::string saga_of(const SagaIndex& saga) { return "saga " + in_quotes(saga.saga().name); }

std::vector<OperationId> all_operations(const SagaIndex& saga) {
  std::vector<OperationId> all;
  for (std::size_t step = 0; step < saga.step_count(); ++step) {
    for (const Operation operation : kOperations) {
      const OperationId id{static_cast<StepId>(step), operation};
      if (!saga.action_of(id).empty()) all.push_back(id);
    }
  }
  return all;
}

void add_once(std::vector<std::string_view>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

[[noreturn]] void refuse_action(const SagaIndex& saga, std::string_view service, std::string_view action) {
  std::vector<std::string_view> names;
  std::vector<std::string_view> elsewhere;
  for (const OperationId id : all_operations(saga)) {
    const std::string_view its_service = saga.step(id.step).service;
    if (its_service == service) add_once(names, saga.action_of(id));
    if (its_service != service && saga.action_of(id) == action) add_once(elsewhere, its_service);
  }
  const std::string fix =
      elsewhere.empty() ? name_fix(action, names) : "it belongs to " + listed(elsewhere, "and");
  throw Error(ErrorText{
      .message = saga_of(saga) + " has no action " + in_quotes(action) + " at " + in_quotes(service),
      .fix = fix});
}

}  // namespace

void check_service(const SagaIndex& saga, std::string_view service) {
  const std::span<const std::string_view> services = saga.services();
  if (std::find(services.begin(), services.end(), service) != services.end()) return;
  throw Error(ErrorText{.message = saga_of(saga) + " has no service " + in_quotes(service),
                        .fix = name_fix(service, services)});
}

std::vector<OperationId> operations_at(const SagaIndex& saga, std::string_view service,
                                       std::string_view action) {
  check_service(saga, service);
  std::vector<OperationId> found = saga.find_operations(service, action);
  if (found.empty()) refuse_action(saga, service, action);
  return found;
}

std::vector<OperationId> operations_named(const SagaIndex& saga, std::string_view name) {
  std::vector<OperationId> found;
  std::vector<std::string_view> names;
  for (const OperationId id : all_operations(saga)) {
    if (saga.action_of(id) == name) found.push_back(id);
    add_once(names, saga.action_of(id));
  }
  if (!found.empty()) return found;
  const StepId step = saga.find_step(name);
  if (step != kNoStep) return {{step, Operation::kAction}};
  for (const Step& candidate : saga.saga().steps) add_once(names, candidate.name);
  throw Error(ErrorText{.message = saga_of(saga) + " has no action, compensation or step " + in_quotes(name),
                        .fix = name_fix(name, names)});
}

StepId compensated_step(const SagaIndex& saga, std::string_view name) {
  std::vector<std::string_view> names;
  std::vector<StepId> found;
  for (std::size_t place = 0; place < saga.step_count(); ++place) {
    const auto step = static_cast<StepId>(place);
    const std::string_view compensation = saga.action_of({step, Operation::kCompensation});
    if (compensation.empty()) continue;
    if (saga.step(step).name == name) return step;
    if (compensation == name) found.push_back(step);
    add_once(names, compensation);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    throw Error(ErrorText{.message = "compensation " + in_quotes(name) + " undoes both " +
                                     in_quotes(saga.step(found[0]).name) + " and " +
                                     in_quotes(saga.step(found[1]).name),
                          .fix = "name the step"});
  }
  const StepId step = saga.find_step(name);
  if (step != kNoStep)
    throw Error(
        ErrorText{.message = "step " + in_quotes(name) + " of " + saga_of(saga) + " has no compensation"});
  for (const Step& candidate : saga.saga().steps) {
    if (!candidate.compensation.empty()) add_once(names, candidate.name);
  }
  throw Error(ErrorText{.message = saga_of(saga) + " has no compensation or step " + in_quotes(name),
                        .fix = name_fix(name, names)});
}

StepId step_named(const SagaIndex& saga, std::string_view name) {
  const StepId step = saga.find_step(name);
  if (step != kNoStep) return step;
  std::vector<std::string_view> names;
  for (const Step& candidate : saga.saga().steps) names.emplace_back(candidate.name);
  throw Error(
      ErrorText{.message = saga_of(saga) + " has no step " + in_quotes(name), .fix = name_fix(name, names)});
}

}  // namespace saga_harness::internal
