// The trace of a choreography, where nobody is asked for anything: the bus hands out events, and what is told
// and done follows from them.

#include <algorithm>

#include "chains.hpp"
#include "facts.hpp"

namespace saga_harness {
namespace {

bool share_a_cause(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::find_first_of(a, b) != a.end();
}

}  // namespace

std::vector<std::vector<StepId>> chains_of(const SagaIndex& saga) {
  std::vector<std::vector<StepId>> chains(saga.step_count());
  for (StepId step = 0; step < saga.step_count(); ++step) {
    const std::vector<std::string>& causes = saga.step(step).compensate_on;
    for (StepId other = 0; other < saga.step_count(); ++other) {
      const Step& before = saga.step(other);
      const bool is_cause = std::ranges::find(causes, before.emits.compensated) != causes.end();
      if (is_cause && !share_a_cause(causes, before.compensate_on)) chains[step].push_back(other);
    }
  }
  return chains;
}

void FactReader::read_choreography(const Observation& observation) {
  Position at = 0;
  for (const Event& event : observation.events) {
    switch (event.type) {
      case EventType::kSent:
        handed_out(event, at);
        break;
      case EventType::kDelivered:
        delivered(event, at);
        break;
      case EventType::kApplied:
      case EventType::kUndone:
        effect_on_event(event, at);
        break;
      case EventType::kAnswered:
        answered(event, at);
        handled(event, at);
        break;
      case EventType::kReceived:
        received(event, at);
        break;
      case EventType::kTimedOut:
        failed(event, at);
        break;
      case EventType::kFault:
        struck(event, at);
        // Until the faults stop, nobody publishes anything: no budget bears that.
        if (window_of(event) == Window::kHeal) facts_.only_transient_faults = false;
        break;
      case EventType::kPublished: {
        const auto role = static_cast<EventRole>(event.detail);
        const bool is_failure = role == EventRole::kFailure || role == EventRole::kDeadline;
        if (is_failure) failure_told_ = std::min(failure_told_, at);
        if (role == EventRole::kDeadline) facts_.deadline_cut_in = true;
        break;
      }
      case EventType::kReported:
        derived(at);
        break;
      case EventType::kReportedStep:
        reported_step(event, at);
        break;
      case EventType::kGaveUp:
        facts_.gave_up = at;
        break;
      case EventType::kDropped:
      case EventType::kLogged:
      case EventType::kNotLogged:
      case EventType::kLoggedStep:
      case EventType::kCrashed:
      case EventType::kStarted:
      case EventType::kWokeUp:
      case EventType::kReturned:
      case EventType::kThrew:
      case EventType::kHealed:
      case EventType::kMarked:
      case EventType::kDeadLettered:
        break;
    }
    ++at;
  }
}

void FactReader::handed_out(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  if (facts.sent++ == 0) facts.first_sent = at;
  facts.last_sent = at;
  if (event.detail != 0) facts_.context_missing = std::min(facts_.context_missing, at);
}

void FactReader::handled(const Event& event, Position at) {
  if (event.operation != Operation::kCompensation) return;
  if (static_cast<ReplyStatus>(event.detail) != ReplyStatus::kOk) return;
  StepFacts& step = facts_.steps[event.step];
  step.compensation_handled = std::min(step.compensation_handled, at);
  facts_.compensation_began = std::min(facts_.compensation_began, at);
}

void FactReader::effect_on_event(const Event& event, Position at) {
  effect(event, at);
  if (facts_.reported != kNever) facts_.spoke_after_end = std::min(facts_.spoke_after_end, at);
  if (event.type == EventType::kUndone) return undone_on_event(event, at);
  if (facts_.steps[event.step].compensation_handled != kNever) facts_.went_on = std::min(facts_.went_on, at);
  note_order(event, at);
}

void FactReader::undone_on_event(const Event& event, Position at) {
  ++facts_.compensated_steps;
  StepFacts& step = facts_.steps[event.step];
  if (failure_told_ == kNever) step.unintended = std::min(step.unintended, at);
  for (const StepId before : undone_after_[event.step]) {
    StepFacts& late = facts_.steps[before];
    if (late.applied == 0) continue;
    facts_.ordered_compensations = true;
    if (late.applied <= late.undone) continue;
    late.out_of_order = std::min(late.out_of_order, at);
    late.overtaken_by = event.step;
  }
}

void FactReader::derived(Position at) {
  if (facts_.reported == kNever) facts_.reported = at;
  ++facts_.reports;
  facts_.last_report = at;
}

}  // namespace saga_harness
