// The verbs of the harness, each a name for a fault kind of the catalogue.

#include <saga_harness/harness.hpp>

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

SagaTestHarness& SagaTestHarness::fail(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kRejected, at, scope, place);
}
SagaTestHarness& SagaTestHarness::fail(std::string_view service, std::string_view action, Scope scope,
                                       SourcePlace place) {
  return fail(at_action(service, action), scope, place);
}

SagaTestHarness& SagaTestHarness::make_unavailable(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kUnavailable, at, scope, place);
}
SagaTestHarness& SagaTestHarness::make_unavailable(std::string_view service, std::string_view action,
                                                   Scope scope, SourcePlace place) {
  return make_unavailable(at_action(service, action), scope, place);
}

SagaTestHarness& SagaTestHarness::fail_after_effect(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kErrorAfterEffect, at, scope, place);
}
SagaTestHarness& SagaTestHarness::fail_after_effect(std::string_view service, std::string_view action,
                                                    Scope scope, SourcePlace place) {
  return fail_after_effect(at_action(service, action), scope, place);
}

SagaTestHarness& SagaTestHarness::lose_request(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kRequestLost, at, scope, place);
}
SagaTestHarness& SagaTestHarness::lose_request(std::string_view service, std::string_view action, Scope scope,
                                               SourcePlace place) {
  return lose_request(at_action(service, action), scope, place);
}

SagaTestHarness& SagaTestHarness::lose_reply(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kReplyLost, at, scope, place);
}
SagaTestHarness& SagaTestHarness::lose_reply(std::string_view service, std::string_view action, Scope scope,
                                             SourcePlace place) {
  return lose_reply(at_action(service, action), scope, place);
}

SagaTestHarness& SagaTestHarness::delay_reply(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kReplyLate, at, scope, place);
}
SagaTestHarness& SagaTestHarness::delay_reply(std::string_view service, std::string_view action, Scope scope,
                                              SourcePlace place) {
  return delay_reply(at_action(service, action), scope, place);
}

SagaTestHarness& SagaTestHarness::duplicate(const At& at, Copy copy, Scope scope, SourcePlace place) {
  return inject(kind_of(copy), at, scope, place);
}
SagaTestHarness& SagaTestHarness::duplicate(std::string_view service, std::string_view action, Copy copy,
                                            Scope scope, SourcePlace place) {
  return duplicate(at_action(service, action), copy, scope, place);
}

SagaTestHarness& SagaTestHarness::delay(const At& at, Delay how, Scope scope, SourcePlace place) {
  return inject(kind_of(how), at, scope, place);
}
SagaTestHarness& SagaTestHarness::delay(std::string_view service, std::string_view action, Delay how,
                                        Scope scope, SourcePlace place) {
  return delay(at_action(service, action), how, scope, place);
}

SagaTestHarness& SagaTestHarness::deliver_late(const At& at, Late when, Scope scope, SourcePlace place) {
  return inject(kind_of(when), at, scope, place);
}
SagaTestHarness& SagaTestHarness::deliver_late(std::string_view service, std::string_view action, Late when,
                                               Scope scope, SourcePlace place) {
  return deliver_late(at_action(service, action), when, scope, place);
}

SagaTestHarness& SagaTestHarness::crash_coordinator(std::string_view service, std::string_view action,
                                                    Instant instant, Scope scope, SourcePlace place) {
  return crash_coordinator(at_action(service, action), instant, scope, place);
}

SagaTestHarness& SagaTestHarness::rate_limit(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kRateLimited, at, scope, place);
}
SagaTestHarness& SagaTestHarness::rate_limit(std::string_view service, std::string_view action, Scope scope,
                                             SourcePlace place) {
  return rate_limit(at_action(service, action), scope, place);
}

SagaTestHarness& SagaTestHarness::corrupt_reply(const At& at, Done done, Scope scope, SourcePlace place) {
  return inject(done == Done::kYes ? FaultKind::kReplyCorrupt : FaultKind::kReplyCorruptWithoutEffect, at,
                scope, place);
}
SagaTestHarness& SagaTestHarness::corrupt_reply(std::string_view service, std::string_view action, Done done,
                                                Scope scope, SourcePlace place) {
  return corrupt_reply(at_action(service, action), done, scope, place);
}

SagaTestHarness& SagaTestHarness::mismatch_reply(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kReplyMismatched, at, scope, place);
}
SagaTestHarness& SagaTestHarness::mismatch_reply(std::string_view service, std::string_view action,
                                                 Scope scope, SourcePlace place) {
  return mismatch_reply(at_action(service, action), scope, place);
}

SagaTestHarness& SagaTestHarness::reorder_request(const At& at, Scope scope, SourcePlace place) {
  return inject(FaultKind::kRequestReordered, at, scope, place);
}
SagaTestHarness& SagaTestHarness::reorder_request(std::string_view service, std::string_view action,
                                                  Scope scope, SourcePlace place) {
  return reorder_request(at_action(service, action), scope, place);
}

SagaTestHarness& SagaTestHarness::crash_participant(const At& at, Done done, Scope scope, SourcePlace place) {
  return inject(done == Done::kYes ? FaultKind::kParticipantCrashAfter : FaultKind::kParticipantCrashBefore,
                at, scope, place);
}
SagaTestHarness& SagaTestHarness::crash_participant(std::string_view service, std::string_view action,
                                                    Done done, Scope scope, SourcePlace place) {
  return crash_participant(at_action(service, action), done, scope, place);
}

SagaTestHarness& SagaTestHarness::take_over_during(const At& at, int attempt, SourcePlace place) {
  return inject_at(FaultKind::kTakeover, at, Instant::kDuringCall, on_attempt(attempt), place);
}

SagaTestHarness& SagaTestHarness::cancel_during(const At& at, int attempt, SourcePlace place) {
  return inject_at(FaultKind::kCancel, at, Instant::kDuringCall, on_attempt(attempt), place);
}

SagaTestHarness& SagaTestHarness::start_again_during(const At& at, int attempt, SourcePlace place) {
  return inject_at(FaultKind::kStartDuplicated, at, Instant::kDuringCall, on_attempt(attempt), place);
}

SagaTestHarness& SagaTestHarness::jump_clock_during(const At& at, ClockJump how, int attempt,
                                                    SourcePlace place) {
  const FaultKind kind = how == ClockJump::kForward ? FaultKind::kClockForward : FaultKind::kClockBack;
  return inject_at(kind, at, Instant::kDuringCall, on_attempt(attempt), place);
}

SagaTestHarness& SagaTestHarness::fail_log_write(const At& at, Instant instant, Scope scope,
                                                 SourcePlace place) {
  return inject_at(FaultKind::kLogWriteError, at, instant, scope, place);
}
SagaTestHarness& SagaTestHarness::fail_log_write(Instant instant, Scope scope, SourcePlace place) {
  return add({.attempt = scope.attempt,
              .window = scope.window,
              .instant = instant,
              .kind = FaultKind::kLogWriteError},
             place);
}

bool operator==(const At&, const At&) = default;

}  // namespace saga_harness
