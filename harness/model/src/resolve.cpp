#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <saga_harness/error.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::in_quotes;

constexpr std::array kOperations{Operation::kAction, Operation::kFallback, Operation::kCompensation};

[[noreturn]] void refuse(const Fault& fault, std::string why, std::string fix) {
  throw Error(ErrorText{
      .source = "fault " + in_quotes(to_string(fault)), .message = std::move(why), .fix = std::move(fix)});
}

std::string name_of_operation(OperationId id, const SagaIndex& saga) {
  return saga.step(id.step).name + "." + std::string(name_of(id.operation));
}

std::vector<OperationId> operations_called(std::string_view name, const SagaIndex& saga) {
  std::vector<OperationId> found;
  for (std::size_t step = 0; step < saga.step_count(); ++step) {
    for (const Operation operation : kOperations) {
      const OperationId id{static_cast<StepId>(step), operation};
      if (saga.action_of(id) == name) found.push_back(id);
    }
  }
  return found;
}

[[noreturn]] void refuse_unknown(const Fault& fault, const SagaIndex& saga) {
  std::vector<std::string_view> names;
  for (const Step& step : saga.saga().steps) names.emplace_back(step.name);
  for (const Step& step : saga.saga().steps) {
    for (const std::string* name : {&step.action, &step.fallback, &step.compensation}) {
      if (!name->empty() && std::find(names.begin(), names.end(), *name) == names.end())
        names.emplace_back(*name);
    }
  }
  names.push_back(internal::kSagaItself);
  refuse(
      fault,
      "saga " + in_quotes(saga.saga().name) + " has no step, action or compensation " + in_quotes(fault.step),
      internal::name_fix(fault.step, names));
}

OperationId operation_of_step(const Fault& fault, StepId step, const SagaIndex& saga) {
  const OperationId id{step, fault.operation};
  if (saga.action_of(id).empty()) {
    refuse(fault, "step " + in_quotes(fault.step) + " has no " + std::string(name_of(fault.operation)),
           "name an operation that it has");
  }
  return id;
}

// The step is named by what it calls: by its action, fallback or compensation.
OperationId operation_called(const Fault& fault, const SagaIndex& saga) {
  std::vector<OperationId> found = operations_called(fault.step, saga);
  if (found.empty()) refuse_unknown(fault, saga);
  if (fault.operation_given) {
    const OperationId other = found.front();
    std::erase_if(found, [&](const OperationId& id) { return id.operation != fault.operation; });
    if (found.empty()) {
      refuse(fault,
             in_quotes(fault.step) + " is the " + std::string(name_of(other.operation)) + " of step " +
                 in_quotes(saga.step(other.step).name) + ", not " +
                 (fault.operation == Operation::kAction ? "an " : "a ") +
                 std::string(name_of(fault.operation)),
             "write " + name_of_operation(other, saga));
    }
  }
  if (found.size() > 1) {
    std::string candidates;
    for (std::size_t place = 0; place < found.size(); ++place) {
      if (place > 0) candidates += place + 1 == found.size() ? " or " : ", ";
      candidates += name_of_operation(found[place], saga);
    }
    refuse(fault, in_quotes(fault.step) + " is ambiguous", "write " + candidates);
  }
  return found.front();
}

OperationId find_operation(const Fault& fault, const SagaIndex& saga) {
  if (fault.step.empty()) return {kNoStep, Operation::kAction};
  const StepId step = saga.find_step(fault.step);
  return step == kNoStep ? operation_called(fault, saga) : operation_of_step(fault, step, saga);
}

std::string kinds_of(const std::vector<Alternative>& legal) {
  std::vector<std::string_view> names;
  for (const Alternative& alternative : legal) {
    if (alternative.window == FaultDuration::kOnce) names.push_back(name_of(alternative.kind));
  }
  return internal::listed(names);
}

std::string windows_of(FaultKind kind, const std::vector<Alternative>& legal) {
  std::vector<std::string_view> names;
  for (const Alternative& alternative : legal) {
    if (alternative.kind == kind) names.push_back(name_of(alternative.window));
  }
  return internal::listed(names);
}

[[noreturn]] void refuse_place(const Fault& fault, const SagaIndex& saga) {
  const std::string_view instant = name_of(fault.instant);
  if (saga.is_choreography())
    refuse(fault, "a choreography has no " + std::string(instant) + " here",
           "name a step, @call, @publish, @commit or @tie");
  if (fault.instant == Instant::kPublish)
    refuse(fault, "nobody publishes anything: the saga is no choreography", "strike at @call");
  if (fault.step.empty()) {
    refuse(fault, "the saga itself has no " + std::string(name_of(fault.instant)), "name a step");
  }
  Fault fixed = fault;
  fixed.step.clear();
  refuse(fault, std::string(name_of(fault.instant)) + " belongs to the saga and to no step",
         "write " + to_string(fixed));
}

// Where at the same step, or at the saga itself, this kind can strike.
std::string where_else(const Fault& fault, OperationId operation, const SagaIndex& saga) {
  std::vector<std::string_view> places;
  for (std::size_t place = 0; place < kInstantCount; ++place) {
    const auto instant = static_cast<Instant>(place);
    const std::vector<Alternative> legal = legal_alternatives(instant, operation, saga);
    if (std::find_if(legal.begin(), legal.end(), [&fault](const Alternative& alternative) {
          return alternative.kind == fault.kind;
        }) != legal.end()) {
      places.push_back(name_of(instant));
    }
  }
  return places.empty() ? std::string() : "it can at @" + internal::listed(places) + "; ";
}

void check_legal(const Fault& fault, OperationId operation, const SagaIndex& saga) {
  const std::vector<Alternative> legal = legal_alternatives(fault.instant, operation, saga);
  if (legal.empty()) refuse_place(fault, saga);
  const std::string kind(name_of(fault.kind));
  const std::string kinds = windows_of(fault.kind, legal);
  if (kinds.empty()) {
    refuse(fault, kind + " cannot strike here",
           where_else(fault, operation, saga) + "here are legal " + kinds_of(legal));
  }
  if (std::find(legal.begin(), legal.end(), Alternative{fault.kind, fault.window}) == legal.end()) {
    refuse(fault, kind + " cannot last " + in_quotes(name_of(fault.window)) + " here", "legal is " + kinds);
  }
}

Fault resolve_one(const Fault& fault, const SagaIndex& saga) {
  if (fault.attempt < 1 || fault.attempt > internal::kLastAttempt) {
    refuse(fault, "there is no such attempt",
           "they are numbered from 1 to " + std::to_string(internal::kLastAttempt));
  }
  const OperationId operation = find_operation(fault, saga);
  Fault resolved = fault;
  resolved.operation = operation.operation;
  resolved.operation_given = true;
  if (operation.step != kNoStep) resolved.step = saga.step(operation.step).name;
  check_legal(resolved, operation, saga);
  return resolved;
}

bool same_place(const Fault& a, const Fault& b) {
  return a.step == b.step && a.operation == b.operation && a.attempt == b.attempt && a.instant == b.instant;
}

}  // namespace

FaultPlan resolve(const FaultPlan& plan, const SagaIndex& saga) {
  FaultPlan resolved;
  for (const Fault& fault : plan.faults) {
    Fault next = resolve_one(fault, saga);
    for (const Fault& earlier : resolved.faults) {
      if (same_place(earlier, next)) {
        refuse(next, "it strikes at the same point as " + in_quotes(to_string(earlier)),
               "only one of them can, leave one out");
      }
    }
    resolved.faults.push_back(std::move(next));
  }
  return resolved;
}

Point point_of(const Fault& fault, const SagaIndex& saga) {
  const Fault resolved = resolve_one(fault, saga);
  return {.step = resolved.step.empty() ? kNoStep : saga.find_step(resolved.step),
          .operation = resolved.operation,
          .instant = resolved.instant,
          .attempt = static_cast<std::uint16_t>(resolved.attempt)};
}

Fault fault_at(const Point& point, Alternative alternative, const SagaIndex& saga) {
  return {.step = point.step == kNoStep ? std::string() : saga.step(point.step).name,
          .operation = point.operation,
          .attempt = point.attempt,
          .window = alternative.window,
          .instant = point.instant,
          .kind = alternative.kind};
}

}  // namespace saga_harness
