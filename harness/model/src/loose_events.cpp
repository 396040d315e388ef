// What the events of a choreography leave open, from the definition alone.

#include <algorithm>
#include <set>

#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/events.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::in_quotes;

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class LooseEvents {
 public:
  explicit LooseEvents(const SagaIndex& saga) : saga_(saga), choreography_(*saga.saga().choreography) {
    emitted_.emplace_back(choreography_.starts_with);
    if (!choreography_.at_deadline.empty()) emitted_.emplace_back(choreography_.at_deadline);
    for (const Step& step : saga.saga().steps) {
      for (const std::string& event : {step.emits.success, step.emits.failure, step.emits.compensated}) {
        if (!event.empty()) emitted_.push_back(event);
      }
    }
  }

  std::vector<Problem> find() {
    for (StepId step = 0; step < saga_.step_count(); ++step) {
      check_sources(step, "on_event", saga_.step(step).on_event);
      check_failure(step);
      check_sources(step, "compensate_on", saga_.step(step).compensate_on);
    }
    check_deadline();
    return std::move(problems_);
  }

 private:
  void check_sources(StepId number, const std::string& key, const std::vector<std::string>& events) {
    const std::vector<std::string_view> known(emitted_.begin(), emitted_.end());
    for (std::size_t place = 0; place < events.size(); ++place) {
      if (has(emitted_, events[place])) continue;
      problems_.push_back({pointer(number, key + "/" + std::to_string(place)),
                           "step " + in_quotes(saga_.step(number).name) + " waits for " +
                               in_quotes(events[place]) + ", which nobody emits",
                           internal::name_fix(events[place], known, "name an event that some step emits")});
    }
  }

  void check_failure(StepId number) {
    const Step& step = saga_.step(number);
    const StepId pivot = saga_.pivot();
    if (pivot != kNoStep && saga_.precedes(pivot, number)) return;  // nothing can be undone any more
    std::vector<StepId> concerned;
    for (StepId other = 0; other < saga_.step_count(); ++other) {
      const bool may_be_done = other != number && !saga_.precedes(number, other);
      if (may_be_done && !saga_.step(other).compensation.empty()) concerned.push_back(other);
    }
    if (concerned.empty()) return;
    if (step.emits.failure.empty()) {
      problems_.push_back({pointer(number, "emits/failure"),
                           "step " + in_quotes(step.name) + " may be refused, and nobody would hear of it",
                           "name an event, and the steps that are to be undone on it"});
      return;
    }
    check_reach(pointer(number, "emits/failure"), step.emits.failure, concerned);
  }

  void check_deadline() {
    if (choreography_.at_deadline.empty()) return;
    std::vector<StepId> concerned;
    for (StepId step = 0; step < saga_.step_count(); ++step) {
      if (!saga_.step(step).compensation.empty()) concerned.push_back(step);
    }
    check_reach("/choreography/at_deadline", choreography_.at_deadline, concerned);
  }

  // Each step that may have an effect must hear of it, if only from another that was compensated.
  void check_reach(const std::string& where, const std::string& failure,
                   const std::vector<StepId>& concerned) {
    const std::set<StepId> reached = internal::compensated_on(saga_, failure);
    std::string missed;
    for (const StepId step : concerned) {
      if (reached.count(step) == 0) missed += (missed.empty() ? "" : ", ") + in_quotes(saga_.step(step).name);
    }
    if (missed.empty()) return;
    const std::string who = reached.empty() ? "nobody subscribes to " + in_quotes(failure)
                                            : in_quotes(failure) + " does not reach every step";
    problems_.push_back({where, who + ": the effect of " + missed + " would be left",
                         "let them \"compensate_on\" it, or on the compensation of one that does"});
  }

  static std::string pointer(StepId step, const std::string& rest) {
    return "/steps/" + std::to_string(step) + "/" + rest;
  }

  const SagaIndex& saga_;
  const Choreography& choreography_;
  std::vector<std::string> emitted_;
  std::vector<Problem> problems_;
};

}  // namespace

std::set<StepId> internal::compensated_on(const SagaIndex& saga, const std::string& event) {
  std::set<StepId> reached;
  std::vector<std::string> events{event};
  while (!events.empty()) {
    const std::string next = std::move(events.back());
    events.pop_back();
    for (StepId step = 0; step < saga.step_count(); ++step) {
      if (!has(saga.step(step).compensate_on, next) || !reached.insert(step).second) continue;
      const std::string& told = saga.step(step).emits.compensated;
      if (!told.empty()) events.push_back(told);
    }
  }
  return reached;
}

std::vector<Problem> find_loose_events(const Saga& saga) {
  if (!saga.choreography) return {};
  return LooseEvents(SagaIndex(saga)).find();
}

}  // namespace saga_harness
