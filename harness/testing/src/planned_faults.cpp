// What a test plans to go wrong, and where: places into faults, faults into a plan that fits the saga.

#include <saga_harness/harness.hpp>

#include <algorithm>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/text.hpp>

#include "failure.hpp"
#include "names.hpp"

namespace saga_harness {
namespace {

Fault fault_of(const At& at, const SagaIndex& saga) {
  if (at.service.empty()) {
    if (at.name.empty())
      throw Error(ErrorText{.message = "a fault needs a step to strike at",
                            .fix = "name one, e.g. \"process_payment\""});
    if (at.name == internal::kSagaItself) return {};
    return {.step = at.name,
            .operation = at.operation.value_or(Operation::kAction),
            .operation_given = at.operation.has_value()};
  }
  const std::vector<OperationId> found = internal::operations_at(saga, at.service, at.name);
  if (found.size() > 1) {
    throw Error(ErrorText{.message = internal::in_quotes(at.name) + " of " + internal::in_quotes(at.service) +
                                     " belongs to steps " +
                                     internal::in_quotes(saga.step(found[0].step).name) + " and " +
                                     internal::in_quotes(saga.step(found[1].step).name),
                          .fix = "say which: its name, at_compensation() or at_fallback()"});
  }
  return {.step = saga.step(found[0].step).name, .operation = found[0].operation};
}

/// The call, unless the kind strikes whoever waits for one.
Instant usual_instant(FaultKind kind, const Fault& fault, const SagaIndex& saga) {
  const OperationId operation{saga.find_step(fault.step), fault.operation};
  const auto during = legal_alternatives(Instant::kDuringCall, operation, saga);
  return std::ranges::find(during, kind, &Alternative::kind) != during.end() ? Instant::kDuringCall
                                                                             : Instant::kCall;
}

}  // namespace

At At::at(Instant moment) const {
  At same = *this;
  same.instant = moment;
  return same;
}

At at_step(std::string_view step) { return step; }
At at_compensation(std::string_view step) {
  At at(step);
  at.operation = Operation::kCompensation;
  return at;
}
At at_fallback(std::string_view step) {
  At at(step);
  at.operation = Operation::kFallback;
  return at;
}
At at_saga() { return internal::kSagaItself; }

SagaTestHarness& SagaTestHarness::add(Fault fault, const SourcePlace& place) {
  FaultPlan all;
  for (const Planned& planned : planned_) all.faults.push_back(planned.fault);
  if (fault.window == FaultDuration::kBudget && fault.instant == Instant::kCall) {
    Fault once = fault;
    once.window = FaultDuration::kOnce;
    const Point point = point_of(once, saga());
    if (saga().budget({point.step, point.operation}) == 1) fault.window = FaultDuration::kOnce;
  }
  all.faults.push_back(std::move(fault));
  planned_.push_back({.fault = resolve(all, saga()).faults.back(), .place = place});
  return *this;
}

SagaTestHarness& SagaTestHarness::inject(FaultKind kind, const At& at, Scope scope, SourcePlace place) {
  internal::at_line(place, [&] {
    Fault fault = fault_of(at, saga());
    fault.attempt = scope.attempt;
    fault.window = scope.window;
    fault.instant = at.instant ? *at.instant : usual_instant(kind, fault, saga());
    fault.kind = kind;
    add(std::move(fault), place);
  });
  return *this;
}

SagaTestHarness& SagaTestHarness::inject(std::string_view kind, const At& at, Scope scope,
                                         SourcePlace place) {
  return inject(internal::at_line(place, [&] { return parse_fault_kind(kind); }), at, scope, place);
}

SagaTestHarness& SagaTestHarness::plan(const FaultPlan& faults, SourcePlace place) {
  internal::at_line(place, [&] {
    for (const Fault& fault : faults.faults) add(fault, place);
  });
  return *this;
}

SagaTestHarness& SagaTestHarness::plan(std::string_view one_line, SourcePlace place) {
  return plan(internal::at_line(place, [&] { return parse_plan(one_line); }), place);
}

}  // namespace saga_harness
