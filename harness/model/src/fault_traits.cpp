#include <array>

#include <saga_harness/fault.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness {
namespace {

struct FaultTraits {
  bool transient = false;
  bool fails_attempt = false;
  bool keeps_from_participant = false;
  bool replaces_answer = false;
};

constexpr FaultTraits kHarmless{.transient = true};
constexpr FaultTraits kRefusal{
    .fails_attempt = true, .keeps_from_participant = true, .replaces_answer = true};
constexpr FaultTraits kNothingDone{
    .transient = true, .fails_attempt = true, .keeps_from_participant = true, .replaces_answer = true};
constexpr FaultTraits kDoneButError{.transient = true, .fails_attempt = true, .replaces_answer = true};
constexpr FaultTraits kLateOrLost{.transient = true, .fails_attempt = true};
constexpr FaultTraits kNotAboutAnAttempt{};

constexpr FaultTraits fault_traits_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kRejected:
    case FaultKind::kRejectedInBody:
    case FaultKind::kUnauthorized:
    case FaultKind::kConflict:
      return kRefusal;
    case FaultKind::kUnavailable:
    case FaultKind::kRateLimited:
    case FaultKind::kParticipantCrashBefore:
    case FaultKind::kRequestLost:
    case FaultKind::kReplyCorruptWithoutEffect:
    case FaultKind::kReplyMismatched:
      return kNothingDone;
    case FaultKind::kErrorAfterEffect:
    case FaultKind::kParticipantCrashAfter:
      return kDoneButError;
    case FaultKind::kRequestReordered:
    case FaultKind::kRequestLate:
    case FaultKind::kRequestLateAfterCompensation:
    case FaultKind::kRequestLateAfterEnd:
    case FaultKind::kReplyLost:
    case FaultKind::kReplyLate:
    case FaultKind::kReplyCorrupt:
    case FaultKind::kDelayAtTimeout:
    case FaultKind::kDelayOverTimeout:
    case FaultKind::kDelayPastDeadline:
      return kLateOrLost;
    case FaultKind::kRequestDuplicated:
    case FaultKind::kRequestDuplicatedLater:
    case FaultKind::kReplyDuplicated:
    case FaultKind::kDelayUnderTimeout:
      return kHarmless;
    case FaultKind::kParticipantForgets:
    case FaultKind::kCoordinatorCrash:
    case FaultKind::kTakeover:
    case FaultKind::kCancel:
    case FaultKind::kStartDuplicated:
    case FaultKind::kClockForward:
    case FaultKind::kClockBack:
    case FaultKind::kLogWriteError:
    case FaultKind::kLogWriteTorn:
    case FaultKind::kLogWriteLost:
    case FaultKind::kLogReadStale:
    case FaultKind::kSubscriberMissing:
      return kNotAboutAnAttempt;
  }
  return kNotAboutAnAttempt;
}

}  // namespace

bool is_transient(FaultKind kind) { return fault_traits_of(kind).transient; }
bool fails_the_attempt(FaultKind kind) { return fault_traits_of(kind).fails_attempt; }
bool keeps_from_participant(FaultKind kind) { return fault_traits_of(kind).keeps_from_participant; }
bool replaces_answer(FaultKind kind) { return fault_traits_of(kind).replaces_answer; }

bool is_breach(FaultKind kind) {
  return kind == FaultKind::kParticipantForgets || kind == FaultKind::kLogWriteLost ||
         kind == FaultKind::kSubscriberMissing;
}

bool is_in_scope(FaultKind kind, const Claims& claims) {
  if (is_breach(kind)) return false;
  switch (kind) {
    case FaultKind::kRejectedInBody:
      return claims.reads_bodies;
    case FaultKind::kReplyMismatched:
      return claims.carries_context;
    case FaultKind::kCoordinatorCrash:
      return claims.survives_crashes;
    case FaultKind::kTakeover:
    case FaultKind::kLogReadStale:
      return claims.survives_crashes && claims.fences;
    case FaultKind::kLogWriteError:
      return claims.checks_log_writes;
    case FaultKind::kLogWriteTorn:
      return claims.checks_log_writes && claims.survives_crashes;
    case FaultKind::kCancel:
      return claims.honours_cancel;
    case FaultKind::kStartDuplicated:
      return claims.starts_once;
    case FaultKind::kRejected:
    case FaultKind::kUnauthorized:
    case FaultKind::kConflict:
    case FaultKind::kUnavailable:
    case FaultKind::kRateLimited:
    case FaultKind::kErrorAfterEffect:
    case FaultKind::kParticipantCrashBefore:
    case FaultKind::kParticipantCrashAfter:
    case FaultKind::kRequestLost:
    case FaultKind::kRequestDuplicated:
    case FaultKind::kRequestDuplicatedLater:
    case FaultKind::kRequestReordered:
    case FaultKind::kRequestLate:
    case FaultKind::kRequestLateAfterCompensation:
    case FaultKind::kRequestLateAfterEnd:
    case FaultKind::kReplyLost:
    case FaultKind::kReplyLate:
    case FaultKind::kReplyDuplicated:
    case FaultKind::kReplyCorrupt:
    case FaultKind::kReplyCorruptWithoutEffect:
    case FaultKind::kDelayUnderTimeout:
    case FaultKind::kDelayAtTimeout:
    case FaultKind::kDelayOverTimeout:
    case FaultKind::kDelayPastDeadline:
    case FaultKind::kClockForward:
    case FaultKind::kClockBack:
    case FaultKind::kParticipantForgets:
    case FaultKind::kLogWriteLost:
    case FaultKind::kSubscriberMissing:
      return true;
  }
  return true;
}

}  // namespace saga_harness
