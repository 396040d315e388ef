// The trace of a choreography, where nobody is asked for anything: the bus hands out events, and what is told
// and done follows from them.

#include <algorithm>

#include "chains.hpp"
#include "trace_summary.hpp"

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
        if (window_of(event) == FaultDuration::kHeal) summary_.only_transient_faults = false;
        break;
      case EventType::kPublished: {
        const auto role = static_cast<EventRole>(event.detail);
        const bool is_failure = role == EventRole::kFailure || role == EventRole::kDeadline;
        if (is_failure) failure_told_ = std::min(failure_told_, at);
        if (role == EventRole::kDeadline) summary_.deadline_cut_in = true;
        break;
      }
      case EventType::kReported:
        derived(at);
        break;
      case EventType::kReportedStep:
        reported_step(event, at);
        break;
      case EventType::kGaveUp:
        summary_.gave_up = at;
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
  OperationSummary& summary = summary_of(event);
  summary_.any_sent = true;
  if (summary.sent++ == 0) summary.first_sent = at;
  summary.last_sent = at;
  if (event.detail != 0) summary_.context_missing = std::min(summary_.context_missing, at);
}

void FactReader::handled(const Event& event, Position at) {
  if (event.operation != Operation::kCompensation) return;
  if (static_cast<ReplyStatus>(event.detail) != ReplyStatus::kOk) return;
  StepSummary& step = summary_.steps[event.step];
  step.compensation_handled = std::min(step.compensation_handled, at);
  summary_.compensation_began = std::min(summary_.compensation_began, at);
}

void FactReader::effect_on_event(const Event& event, Position at) {
  effect(event, at);
  if (summary_.reported != kNever) summary_.spoke_after_end = std::min(summary_.spoke_after_end, at);
  if (event.type == EventType::kUndone) return undone_on_event(event, at);
  if (summary_.steps[event.step].compensation_handled != kNever)
    summary_.went_on = std::min(summary_.went_on, at);
  note_order(event, at);
}

void FactReader::undone_on_event(const Event& event, Position at) {
  ++summary_.compensated_steps;
  StepSummary& step = summary_.steps[event.step];
  if (failure_told_ == kNever) step.unintended = std::min(step.unintended, at);
  for (const StepId before : undone_after_[event.step]) {
    StepSummary& late = summary_.steps[before];
    if (late.applied == 0) continue;
    summary_.ordered_compensations = true;
    if (late.applied <= late.undone) continue;
    late.out_of_order = std::min(late.out_of_order, at);
    late.overtaken_by = event.step;
  }
}

void FactReader::derived(Position at) {
  if (summary_.reported == kNever) summary_.reported = at;
  ++summary_.reports;
  summary_.last_report = at;
}

}  // namespace saga_harness
