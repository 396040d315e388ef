// The verbs of the harness, each a name for a fault kind of the catalogue.

#include <saga_harness/harness.hpp>

#include "failure.hpp"

namespace saga_harness {
namespace {

FaultKind kind_of(Delay delay) {
  switch (delay) {
    case Delay::kUnderTimeout:
      return FaultKind::kDelayUnderTimeout;
    case Delay::kAtTimeout:
      return FaultKind::kDelayAtTimeout;
    case Delay::kOverTimeout:
      return FaultKind::kDelayOverTimeout;
  }
  return FaultKind::kDelayOverTimeout;
}

FaultKind kind_of(Copy copy) {
  switch (copy) {
    case Copy::kAtOnce:
      return FaultKind::kRequestDuplicated;
    case Copy::kLater:
      return FaultKind::kRequestDuplicatedLater;
  }
  return FaultKind::kRequestDuplicated;
}

FaultKind kind_of(Late late) {
  switch (late) {
    case Late::kAfterTimeout:
      return FaultKind::kRequestLate;
    case Late::kAfterCompensation:
      return FaultKind::kRequestLateAfterCompensation;
    case Late::kAfterEnd:
      return FaultKind::kRequestLateAfterEnd;
  }
  return FaultKind::kRequestLate;
}

}  // namespace

using Harness = SagaTestHarness;

Harness& Harness::fail(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kRejected, at, scope, place);
}
Harness& Harness::make_unavailable(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kUnavailable, at, scope, place);
}
Harness& Harness::fail_after_effect(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kErrorAfterEffect, at, scope, place);
}
Harness& Harness::lose_request(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kRequestLost, at, scope, place);
}
Harness& Harness::lose_reply(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kReplyLost, at, scope, place);
}
Harness& Harness::delay_reply(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kReplyLate, at, scope, place);
}
Harness& Harness::rate_limit(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kRateLimited, at, scope, place);
}
Harness& Harness::mismatch_reply(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kReplyMismatched, at, scope, place);
}
Harness& Harness::reorder_request(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kRequestReordered, at, scope, place);
}
Harness& Harness::take_over_during(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kTakeover, at.at(Instant::kDuringCall), scope, place);
}
Harness& Harness::cancel_during(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kCancel, at.at(Instant::kDuringCall), scope, place);
}
Harness& Harness::start_again_during(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kStartDuplicated, at.at(Instant::kDuringCall), scope, place);
}
Harness& Harness::duplicate(const At& at, Copy copy, Scope scope, SourcePlace place) {
  return inject(kind_of(copy), at, scope, place);
}
Harness& Harness::delay(const At& at, Delay how, Scope scope, SourcePlace place) {
  return inject(kind_of(how), at, scope, place);
}
Harness& Harness::deliver_late(const At& at, Late when, Scope scope, SourcePlace place) {
  return inject(kind_of(when), at, scope, place);
}
Harness& Harness::corrupt_reply(const At& at, Done done, Scope scope, SourcePlace place) {
  return inject(done == Done::kYes ? FaultKind::kReplyCorrupt : FaultKind::kReplyCorruptWithoutEffect, at,
                scope, place);
}
Harness& Harness::crash_participant(const At& at, Done done, Scope scope, SourcePlace place) {
  return inject(done == Done::kYes ? FaultKind::kParticipantCrashAfter : FaultKind::kParticipantCrashBefore,
                at, scope, place);
}
Harness& Harness::jump_clock_during(const At& at, ClockJump how, Scope scope, SourcePlace place) {
  return inject(how == ClockJump::kForward ? FaultKind::kClockForward : FaultKind::kClockBack,
                at.at(Instant::kDuringCall), scope, place);
}
Harness& Harness::crash_coordinator(const At& at, Instant instant, Scope scope, SourcePlace place) {
  internal::at_line(place, [instant] {
    if (instant == Instant::kCall)
      throw Error(ErrorText{.source = "crash_coordinator()",
                            .message = "a coordinator does not crash in mid-call",
                            .fix = "say Instant::kBeforeCall or kAfterCall"});
  });
  return inject(FaultKind::kCoordinatorCrash, at.at(instant), scope, place);
}
Harness& Harness::fail_log_write(const At& at, Instant instant, Scope scope, SourcePlace place) {
  return inject(FaultKind::kLogWriteError, at.at(instant), scope, place);
}

bool operator==(const At&, const At&) = default;

}  // namespace saga_harness
