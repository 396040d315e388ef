#pragma once

#include <iosfwd>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/runtime.hpp>

namespace saga_harness {

/// Known bugs of orchestrators that the reference can be switched to, each a small change of the real code.
/// See scenarios/ for what each one is and which rule must see it.
enum class OrchestratorBug : std::uint8_t {
  kNone,
  kAmbiguousNotCompensated,
  kAmbiguityClearedByRejection,
  kTimeoutIsSuccess,
  kCorruptIsSuccess,
  kCorruptIsFailure,
  kMismatchedIsSuccess,
  kTimeoutNotRetried,
  kTransientIsFinal,
  kRetryAfterIgnored,
  kRejectionRetried,
  kUnboundedRetry,
  kNoIdempotencyKey,
  kKeyPerAttempt,
  kKeyPerIncarnation,
  kKeyWithoutSaga,
  kLastFailureIgnored,
  kErrorBodyIsSuccess,
  kContextLost,
  kForwardOrder,
  kSkipsFirst,
  kSkipsLast,
  kUndoesAllAtOnce,
  kCompensatesUnattempted,
  kFailureSwallowed,
  kCorruptCompensationIsDone,
  kStopsAtFirstFailure,
  kCompensationNotRetried,
  kCompensationKeyPerIncarnation,
  kFlagNotReported,
  kPastPivot,
  kRegisterAfterSuccess,
  kRolledBackBeforeRollback,
  kCancelSkipsCompensation,
  kIntentAfterCall,
  kDoneBeforeCall,
  kUndoneBeforeCall,
  kEndBeforeCompensating,
  kWriteErrorIgnored,
  kInDoubtNotCompensated,
  kResumeReexecutesDone,
  kResumeGoesForward,
  kResumeRecompensates,
  kResumeRefusesCompensating,
  kResumeIgnoresEnd,
  kNoFencing,
  kDuplicatedStart,
  kDeadlineIgnored,
  kConditionIgnored,
  kSkipsWhatFollows,
  kPivotFirst,
  kJoinOnAny,
  kIrreversibleEarly,
  kForwardOrderReversed,
  kOneAttemptTooMany,
  kOneCompensationTooMany,
  kBackoffIgnored,
  kTimeoutNotKept,
  kRepeatsNotIdempotent,
  kFlagsAlways,
  kFlagsOnFirstRefusal,
  kCompensatesEverySuccess,
  kCancelIgnored,
  kRetryAfterIgnoredUndoing,
  kCompensatesInFlight,
  kCompletionCreditedInOrderAsked,
  kCancelStopsCompensation,
  kResumeCountsRecords,
  kCompletedToldEarly,
  kSleepsOutDeadline,
  kUndoAtCurrentValue,
  kUndoOfAnotherId,
  kUndoWithoutBody,
  kStaleResult,
  kResultLostOnResume,
  kResultOfOtherBranch,
  kFallbackResultIgnored,
  kDefaultForMissing,
  kOtherSagasResult,
  kResultByNameClash,
  kOptionalFailureFailsSaga,
  kOptionalFailureForgotten,
  kOptionalLeftOut,
  kCheckLeftOut,
  kCheckMakesItFlagged,
  kRefusedNotCompensated,
  kChoiceWithoutAnswer,
  kChoiceForgottenOnResume,
  kTwoSagasSwapState,  ///< see orchestrators_that_swap_states()
};
[[nodiscard]] std::string_view name_of(OrchestratorBug bug);
/// All but kNone.
[[nodiscard]] std::span<const OrchestratorBug> all_orchestrator_bugs();

/// After `failures` attempts in a row at one service without a usable answer, nothing is sent to it for
/// `open_for`; then one request tries whether it is back. Requests wait meanwhile, so budgets and deadlines
/// hold as ever. Counted by each incarnation for itself. Term: M. Nygard, "Release It!" (2007).
struct CircuitBreaker {
  int failures = 5;
  Duration open_for = std::chrono::seconds(30);
};
void PrintTo(const CircuitBreaker& value, std::ostream* out);

inline constexpr std::string_view kCancelNote = "cancel";
inline constexpr std::string_view kCompensateNote = "compensate";

/// The reference orchestrator: write-ahead log (started, intent, done or failed, compensating, undone or
/// stuck, end), retries with capped exponential backoff, per-call timeouts, parallel branches, compensation
/// in reverse order of every step that was done or may have been done (side by side where the definition says
/// so and no order keeps them apart), compensation retries, then `flagged`
/// with exactly the steps that may be left; pivot and fallback; resumes after a crash at any point.
/// Idempotency keys are `SAGA_ID/STEP/OPERATION`; correlation id and auth token go with every request.
///
/// It takes an unreadable answer, or one to somebody else's request, for no answer, and waits as long as a
/// rate limit says. A log write that fails is tried again a few times; then it stops, and whoever takes the
/// saga up goes on. It stops at once when another incarnation has written to its log, and looks before every
/// request. A second start of a saga that runs does nothing. A cancelled saga is compensated, unless its
/// pivot has been asked for. No action is sent once the deadline has passed. A step whose condition does not
/// hold is skipped (see Step::only_if); what it takes from an answer is in the log by then. A step whose
/// failure does not fail the saga (see Step::optional) is passed over once it has failed, with its fallback;
/// where it may have been done, it is undone with the others if the saga fails later, and not before.
/// A step that was refused is undone where the definition says so (see Step::compensated_if_refused).
/// A step that only looks (see Step::has_effect) is never undone nor named by a flag; where its action is in
/// doubt, its fallback may be tried all the same.
///
/// Requests carry what the definition binds them to. Results are in the log, as the note of the record that
/// their step is done; an answer that lacks one, or has one of another type, is taken for unreadable. Where
/// an answer was lost, its step's compensation carries what is known.
///
/// Two notes in the log are orders of a person (see SagaOperations): `kCancelNote` stops it going forward,
/// unless its pivot has been asked for; `kCompensateNote`, also behind an end, has it undo what is left,
/// those steps included that it was stuck at.
///
/// Correct unless given a bug. The saga comes from the runtime, so one coordinator serves every definition.
[[nodiscard]] Coordinator orchestrator(OrchestratorBug bug = OrchestratorBug::kNone);
/// The same with circuit breakers. @throws Error if it would open after no failure, or for no time.
[[nodiscard]] Coordinator orchestrator(const CircuitBreaker& breaker);
/// One for each of so many sagas that run at the same time in one process, the first saga first. Correct, but
/// for OrchestratorBug::kTwoSagasSwapState: recovery gives each saga the state of the next one.
[[nodiscard]] std::vector<Coordinator> orchestrators_that_swap_states(std::size_t sagas);

}  // namespace saga_harness
