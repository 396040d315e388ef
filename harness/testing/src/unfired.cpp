#include "unfired.hpp"

#include <algorithm>

#include <saga_harness/fault_catalogue.hpp>

namespace saga_harness::internal {
namespace {

std::string reason(const Fault& fault, const Run& run, const Experiment& experiment) {
  if (fate_of(fault.kind).coordinator == CoordinatorFate::kCrashes && !experiment.setup.durable) {
    return "the coordinator does not claim to survive crashes, so it is not crashed; say so with "
           "claims({.survives_crashes = true})";
  }
  const SagaIndex& saga = *experiment.setup.saga;
  const Point point = point_of(fault, saga);
  if (point.step == kNoStep) return "this run does not get there";
  const auto calls =
      std::count_if(run.trace.events.begin(), run.trace.events.end(), [&point](const Event& event) {
        return event.type == EventType::kSent && event.step == point.step &&
               event.operation == point.operation;
      });
  const std::string action(saga.action_of({point.step, point.operation}));
  if (calls == 0) {
    const std::optional<Condition>& condition = saga.step(point.step).only_if;
    return action + " is not called in this run" +
           (condition ? ", whose step is done only if " + to_string(*condition) : std::string());
  }
  if (fault.instant == Instant::kCall && calls >= fault.attempt) {
    return "another fault, which lasts longer, strikes in its place";
  }
  return action + " is called " + (calls == 1 ? std::string("once") : std::to_string(calls) + " times") +
         " in this run, which does not get there";
}

}  // namespace

std::string why_unfired(const Fault& fault, const Run& run, const Experiment& experiment) {
  return "the planned fault " + to_string(fault) + " never struck: " + reason(fault, run, experiment);
}

}  // namespace saga_harness::internal
