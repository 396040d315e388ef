#pragma once

#include <cstdint>
#include <span>
#include <tuple>

#include <saga_harness/fault.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness::internal {

/// Where the writing of a record belongs: the instants around it.
[[nodiscard]] inline std::tuple<StepId, Operation, Instant> place_of_record(const Event& event) {
  switch (static_cast<LogKind>(event.detail)) {
    case LogKind::kStarted:
      return {kNoStep, Operation::kAction, Instant::kAfterStarted};
    case LogKind::kIntent:
      return {event.step, event.operation, Instant::kAfterIntent};
    case LogKind::kDone:
    case LogKind::kFailed:
      return {event.step, event.operation, Instant::kAfterResult};
    case LogKind::kUndone:
    case LogKind::kStuck:
      return {event.step, Operation::kCompensation, Instant::kAfterResult};
    case LogKind::kCompensating:
      return {kNoStep, Operation::kAction, Instant::kAfterCompensating};
    case LogKind::kEnd:
      return {kNoStep, Operation::kAction, Instant::kAfterEnd};
    case LogKind::kNote:
    case LogKind::kTorn:
      return {kNoStep, Operation::kAction, Instant::kAfterNote};
  }
  return {kNoStep, Operation::kAction, Instant::kAfterNote};
}

[[nodiscard]] inline bool takes_up(const Event& started) {
  const auto cause = static_cast<StartCause>(started.detail);
  return cause == StartCause::kAfterCrash || cause == StartCause::kTakeover;
}

/// Calls `met(step, operation, phase)` for the instants that came in a run before its faults stopped, as far
/// as its trace tells of them; for some more than once. Whoever counts cells counts these: search and report
/// say the same of a cell.
template <class Met>
void for_each_instant_met(std::span<const Event> events, Met met) {
  bool has_log = false;
  for (const Event& event : events) {
    switch (event.type) {
      case EventType::kHealed:
        return;
      case EventType::kSent:
        for (const Instant phase : {Instant::kCall, Instant::kDuringCall, Instant::kAfterCall})
          met(event.step, event.operation, phase);
        break;
      case EventType::kPublished:
        if (event.step == kNoStep) break;
        met(event.step, event.operation, Instant::kPublish);
        met(event.step, event.operation, Instant::kCommit);  // … had kept what it tells of
        break;
      case EventType::kApplied:
      case EventType::kUndone:
        met(event.step, event.operation, Instant::kCommit);  // … keeps what it has done
        break;
      case EventType::kLogged:
        has_log = true;
        std::apply(met, place_of_record(event));
        break;
      case EventType::kNotLogged:
        std::apply(met, place_of_record(event));
        break;
      case EventType::kStarted:
        if (has_log && takes_up(event)) met(kNoStep, Operation::kAction, Instant::kOnResume);
        break;
      case EventType::kDelivered:
      case EventType::kAnswered:
      case EventType::kReceived:
      case EventType::kTimedOut:
      case EventType::kDropped:
      case EventType::kFault:
      case EventType::kLoggedStep:
      case EventType::kCrashed:
      case EventType::kWokeUp:
      case EventType::kReported:
      case EventType::kReportedStep:
      case EventType::kReturned:
      case EventType::kThrew:
      case EventType::kGaveUp:
      case EventType::kMarked:
      case EventType::kDeadLettered:
        break;
    }
  }
}

}  // namespace saga_harness::internal
