#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <saga_harness/fault.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness::internal {

/// The instants around the writing of a record.
template <class Met>
void for_instant_of_record(const Event& event, Met& met) {
  switch (static_cast<LogKind>(event.detail)) {
    case LogKind::kStarted:
      return met(kNoStep, Operation::kAction, Instant::kAfterStarted);
    case LogKind::kIntent:
      return met(event.step, event.operation, Instant::kAfterIntent);
    case LogKind::kDone:
    case LogKind::kFailed:
      return met(event.step, event.operation, Instant::kAfterResult);
    case LogKind::kUndone:
    case LogKind::kStuck:
      return met(event.step, Operation::kCompensation, Instant::kAfterResult);
    case LogKind::kCompensating:
      return met(kNoStep, Operation::kAction, Instant::kAfterCompensating);
    case LogKind::kEnd:
      return met(kNoStep, Operation::kAction, Instant::kAfterEnd);
    case LogKind::kNote:
    case LogKind::kTorn:
      return met(kNoStep, Operation::kAction, Instant::kAfterNote);
  }
}

[[nodiscard]] inline bool takes_up(const Event& started) {
  const auto cause = static_cast<StartCause>(started.detail);
  return cause == StartCause::kAfterCrash || cause == StartCause::kTakeover;
}

/// With a call come these, too.
inline constexpr std::array kComeWithCall{Instant::kDuringCall, Instant::kAfterCall};

/// Calls `met(step, operation, phase)` for the instants that came in a run before its faults stopped, as far
/// as its trace tells of them; for some more than once, and of a call for kCall alone: see kComeWithCall.
/// `marked(event)` is called for markers on the way. Returns where the faults stopped.
/// Transactions of participants have instants in a choreography alone.
/// Whoever counts cells counts these: search and report say the same of a cell.
template <class Met, class Marked>
std::size_t for_each_instant_met(std::span<const Event> events, bool is_choreography, Met met,
                                 Marked marked) {
  bool has_log = false;
  for (std::size_t at = 0; at < events.size(); ++at) {
    const Event& event = events[at];
    switch (event.type) {
      case EventType::kHealed:
        return at;
      case EventType::kMarked:
        marked(event);
        break;
      case EventType::kSent:
        met(event.step, event.operation, Instant::kCall);
        break;
      case EventType::kPublished:
        if (event.step == kNoStep) break;
        met(event.step, event.operation, Instant::kPublish);
        met(event.step, event.operation, Instant::kCommit);  // … had kept what it tells of
        break;
      case EventType::kApplied:
      case EventType::kUndone:
        if (is_choreography) met(event.step, event.operation, Instant::kCommit);  // … keeps what it has done
        break;
      case EventType::kLogged:
        has_log = true;
        for_instant_of_record(event, met);
        break;
      case EventType::kNotLogged:
        for_instant_of_record(event, met);
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
      case EventType::kDeadLettered:
        break;
    }
  }
  return events.size();
}

}  // namespace saga_harness::internal
