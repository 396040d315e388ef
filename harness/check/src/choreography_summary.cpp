// The trace of a choreography, where nobody is asked for anything: the bus hands out events, and what is told
// and done follows from them.

#include <algorithm>

#include <saga_harness/fault_catalogue.hpp>

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
        if (event.operation == Operation::kAction) summary_.steps[event.step].cut_off = false;
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
        note_cut_off(event);
        // Until the faults stop, nobody publishes anything: no budget bears that.
        if (window_of(event) == FaultDuration::kHeal) summary_.only_transient_faults = false;
        break;
      case EventType::kPublished:
        published(event, at);
        break;
      case EventType::kDeadLettered:
        laid_aside(event, at);
        break;
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
        break;
    }
    ++at;
  }
  note_ignored_deadline(observation);
}

void FactReader::published(const Event& event, Position at) {
  const auto role = static_cast<EventRole>(event.detail);
  if (role == EventRole::kDeadline) summary_.deadline_cut_in = true;
  if (role != EventRole::kFailure && role != EventRole::kDeadline) return;
  failure_told_ = std::min(failure_told_, at);
  if (event.step < summary_.step_count()) summary_.steps[event.step].told_failure = true;
}

// Its handler died over what it was handed: whatever comes of that is no deed of its.
void FactReader::note_cut_off(const Event& event) {
  const ParticipantFate fate = fate_of(static_cast<FaultKind>(event.detail)).participant;
  const bool is_crash = fate == ParticipantFate::kDiesBefore || fate == ParticipantFate::kDiesAfter;
  if (is_crash && event.step < summary_.step_count() && event.operation == Operation::kAction)
    summary_.steps[event.step].cut_off = true;
}

// A refusal is an answer, which the other services must hear of: no failure that a person has to look into.
void FactReader::laid_aside(const Event& event, Position at) {
  const CallSummary& call = call_of(event);
  const bool is_to_be_told =
      event.operation == Operation::kAction && !summary_.saga->step(event.step).emits.failure.empty();
  if (!is_to_be_told || !call.struck || !is_definite_refusal(fate_of(call.fault).instead.status)) return;
  StepSummary& step = summary_.steps[event.step];
  if (step.cut_off) return;
  step.refusal_laid_aside = std::min(step.refusal_laid_aside, at);
}

// Whoever keeps the timer of a step that is not done, and knows of no failure, tells when it goes off.
void FactReader::note_ignored_deadline(const Observation& observation) {
  const auto deadline = summary_.saga->saga().deadline;
  const bool has_timer = deadline && guarded_ != kNoStep && !observation.events.empty();
  if (!has_timer || failure_told_ != kNever || summary_.gave_up != kNever) return;
  if (observation.is_skipped(guarded_)) return;
  const Position done = summary_.steps[guarded_].first_applied;
  const bool was_done = done != kNever && observation.events[done].at <= deadline->count();
  summary_.ignored_deadline = !was_done && observation.events.back().at > deadline->count();
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
  const auto deadline = summary_.saga->saga().deadline;
  if (event.step == guarded_ && deadline && event.at > deadline->count())
    summary_.sent_past_deadline = std::min(summary_.sent_past_deadline, at);
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
