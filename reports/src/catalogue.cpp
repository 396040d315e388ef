#include <saga_harness/reports.hpp>

namespace saga_harness {

std::string_view describe(FaultKind kind) {
  switch (kind) {
    case FaultKind::kRejected:
      return "the participant refuses for good, with a business error; nothing is done";
    case FaultKind::kRejectedInBody:
      return "the participant refuses for good, but with a status of success: only its body says so";
    case FaultKind::kUnauthorized:
      return "the participant wants another token (401); nothing is done";
    case FaultKind::kConflict:
      return "the participant answers that the state of things forbids it (409); nothing is done";
    case FaultKind::kUnavailable:
      return "the participant answers that it is unavailable (503); nothing is done";
    case FaultKind::kRateLimited:
      return "too many requests (429): nothing is done, nor will be before Retry-After has passed";
    case FaultKind::kErrorAfterEffect:
      return "the participant does what was asked, then answers with an error (500)";
    case FaultKind::kParticipantCrashBefore:
      return "the participant dies before it has done anything; the connection breaks";
    case FaultKind::kParticipantCrashAfter:
      return "the participant dies after it has done what was asked; the connection breaks";
    case FaultKind::kParticipantForgets:
      return "the participant loses its idempotency keys and tombstones (a breach of its contract)";
    case FaultKind::kRequestLost:
      return "the request never arrives";
    case FaultKind::kRequestDuplicated:
      return "the request arrives twice, one right after the other";
    case FaultKind::kRequestDuplicatedLater:
      return "a copy arrives after the step's compensation, or after the end if it has none";
    case FaultKind::kRequestReordered:
      return "the request arrives only after the next request of the saga";
    case FaultKind::kRequestLate:
      return "the request arrives just after the caller has given up";
    case FaultKind::kRequestLateAfterCompensation:
      return "the request arrives after the step's own compensation";
    case FaultKind::kRequestLateAfterEnd:
      return "the request arrives after the saga has ended";
    case FaultKind::kReplyLost:
      return "it is done, but the caller never hears of it";
    case FaultKind::kReplyLate:
      return "it is done, but the reply comes after the caller has given up";
    case FaultKind::kReplyDuplicated:
      return "it is done, and the reply comes twice";
    case FaultKind::kReplyCorrupt:
      return "it is done, but the reply cannot be read";
    case FaultKind::kReplyCorruptWithoutEffect:
      return "nothing is done, and the reply cannot be read";
    case FaultKind::kReplyMismatched:
      return "the request is lost; a reply to somebody else's comes instead, and it is a success";
    case FaultKind::kDelayUnderTimeout:
      return "the participant is slow: the reply comes 1 us before the timeout";
    case FaultKind::kDelayAtTimeout:
      return "the participant is slow: the reply comes at the instant of the timeout, which wins";
    case FaultKind::kDelayOverTimeout:
      return "the participant is slow: the reply comes 1 us after the timeout";
    case FaultKind::kDelayPastDeadline:
      return "the participant is slow: the reply comes 1 us after the saga's deadline";
    case FaultKind::kCoordinatorCrash:
      return "the coordinator dies around a call or a log write, and starts again over its log";
    case FaultKind::kTakeover:
      return "the coordinator is suspended, another takes over and ends the saga, then the first wakes up";
    case FaultKind::kCancel:
      return "somebody asks for the saga to be cancelled";
    case FaultKind::kStartDuplicated:
      return "the request to start the saga arrives a second time";
    case FaultKind::kClockForward:
      return "the coordinator's clock jumps ahead by an hour";
    case FaultKind::kClockBack:
      return "the coordinator's clock jumps back by an hour";
    case FaultKind::kLogWriteError:
      return "a write to the saga log fails, and the coordinator is told";
    case FaultKind::kLogWriteTorn:
      return "the coordinator dies in the middle of a write: an unreadable record stays in the log";
    case FaultKind::kLogWriteLost:
      return "a write is acknowledged, but gone after the next crash (a breach of the log's contract)";
    case FaultKind::kLogReadStale:
      return "the log is read without its last record";
    case FaultKind::kSubscriberMissing:
      return "a choreography: the subscription is not there when the event comes (a breach of the bus's "
             "contract)";
  }
  return "";
}

std::string_view describe(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::kDeduplicates:
      return "a request whose key was seen before is not done again";
    case Guarantee::kTombstones:
      return "an action that arrives after its compensation is refused";
    case Guarantee::kNullCompensation:
      return "compensating what never happened is accepted";
    case Guarantee::kIdempotentCompensation:
      return "compensating twice undoes once";
    case Guarantee::kDurableDedup:
      return "keys seen before are still known after a crash of the participant";
  }
  return "";
}

}  // namespace saga_harness
