#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/print.hpp>

namespace saga_harness {

class SagaIndex;

/// What of a step is being asked for.
enum class Operation : std::uint8_t { kAction, kFallback, kCompensation };
inline constexpr std::size_t kOperationCount = 3;

/// The instant, around one call or one log write, at which a fault can strike. Log instants are named after
/// the record being written. An `kAfter…` and the `kBefore…` of the next thing the coordinator does are the
/// same instant if no time passes between: exploration offers it once, as the first of the two.
enum class Instant : std::uint8_t {
  kCall,  ///< the request, the participant, or the reply
  kBeforeCall,
  kDuringCall,  ///< while the coordinator waits for the answer
  kAfterCall,
  kBeforeIntent,
  kAfterIntent,
  kBeforeResult,
  kAfterResult,
  kBeforeStarted,
  kAfterStarted,
  kBeforeCompensating,
  kAfterCompensating,
  kBeforeEnd,
  kAfterEnd,
  kBeforeNote,
  kAfterNote,
  kOnResume,  ///< as an incarnation begins that finds a log
  kPublish,   ///< of a choreography: as a participant hands an event to the bus
  kTie,       ///< as it would be the first of two things that come at the same time
  kCommit,    ///< as a participant or handler ends a transaction that is not its last
};
inline constexpr std::size_t kInstantCount = 20;

/// What can go wrong. Names in JSON, on the command line and in reports are the snake_case of these.
enum class FaultKind : std::uint8_t {
  kRejected,                ///< a definite business error; nothing done
  kRejectedInBody,          ///< the same with a status of success: only the body says `"success": false`
  kUnauthorized,            ///< 401, nothing done, and asking again in the same way will not help
  kConflict,                ///< 409, nothing done, and asking again will not help
  kUnavailable,             ///< 503, nothing done
  kRateLimited,             ///< 429 with a Retry-After; nothing done, nor until then
  kErrorAfterEffect,        ///< 500, but done
  kParticipantCrashBefore,  ///< the participant dies before doing anything: the connection breaks
  kParticipantCrashAfter,   ///< … after having done it
  kParticipantForgets,  ///< it loses its idempotency keys and tombstones just before. A breach of contract
  kRequestLost,         ///< never delivered
  kRequestDuplicated,   ///< delivered twice, one right after the other
  kRequestDuplicatedLater,  ///< the copy comes after the step's compensation, or after the end if there is
                            ///< none
  kRequestReordered,        ///< delivered only after the next request of the saga
  kRequestLate,             ///< delivered just after the caller gave up
  kRequestLateAfterCompensation,  ///< delivered after the step's own compensation, or after the end if there
                                  ///< is none
  kRequestLateAfterEnd,           ///< delivered after the saga has ended
  kReplyLost,                     ///< done, but the caller never hears
  kReplyLate,                     ///< done, the reply comes after the caller gave up
  kReplyDuplicated,               ///< done, the reply comes twice
  kReplyCorrupt,                  ///< done, but the reply cannot be read
  kReplyCorruptWithoutEffect,     ///< nothing done, and the reply cannot be read
  kReplyMismatched,    ///< never delivered; a reply to somebody else's request comes instead: a success
  kDelayUnderTimeout,  ///< the participant is slow; the reply comes 1 us before the timeout
  kDelayAtTimeout,     ///< … at the very instant of the timeout, which wins
  kDelayOverTimeout,   ///< … 1 us after it
  kDelayPastDeadline,  ///< … 1 us after the saga's deadline, if that is later than it would come anyhow
  kCoordinatorCrash,   ///< the coordinator dies here and is started again over its log
  kTakeover,         ///< the coordinator is suspended, another takes the saga over and ends; then it wakes up
  kCancel,           ///< somebody asks for the saga to be cancelled
  kStartDuplicated,  ///< the request to start the saga arrives a second time
  kClockForward,     ///< the coordinator's clock jumps ahead by an hour
  kClockBack,        ///< … back by an hour
  kLogWriteError,    ///< the write fails, and the coordinator is told
  kLogWriteTorn,     ///< the coordinator dies in the middle of the write: an unreadable record stays
  kLogWriteLost,  ///< the write is acknowledged, but gone once the coordinator crashes. A breach of contract
  kLogReadStale,  ///< the log is read without its last record
  kSubscriberMissing,  ///< of a choreography: the subscription is not there when the event comes. A breach
  kCancelDuringCompensation,  ///< somebody asks for the saga to be cancelled while it is being compensated
  kLogWriteUnconfirmed,       ///< the write is durable, but the coordinator is told that it failed
  kOkBeforeEffect,  ///< the participant answers that it is done, and does it after the step's compensation,
                    ///< or after the end
  kOrderSwapped,    ///< of two things that come at the same time, the second comes first
  kParticipantRestored,  ///< it is restored from a backup made before the saga began. A breach of contract
  kParticipantCrashBetween,  ///< of a choreography: it dies between two transactions of its handler
  kUnreadableEvent,      ///< of a choreography: an event that cannot be read comes to the subscriber first
  kUnknownEvent,         ///< … one that the definition does not have
  kForeignEvent,         ///< … one of another saga
  kResultMissing,        ///< done, but the answer lacks the results that later requests are bound to
  kResultNull,           ///< … has null in their place
  kResultOfAnotherType,  ///< … has values of another type
};
inline constexpr std::size_t kFaultKindCount = 50;

/// How long a fault lasts. A window costs one fault, or retries would mask everything.
enum class FaultDuration : std::uint8_t {
  kOnce,     ///< this attempt only: `#2`
  kBudget,   ///< from this attempt for a whole retry budget: `#2..budget`
  kHeal,     ///< from this attempt until the faults stop at the end of the run: `#2..heal`
  kForever,  ///< from this attempt on, recovery at the end included: `#2..forever`; `#*` is `#1..forever`
};
inline constexpr std::size_t kFaultDurationCount = 4;

/// One answer a Choices may give at a point.
struct Alternative {
  FaultKind kind = FaultKind::kRejected;
  FaultDuration window = FaultDuration::kOnce;

  friend bool operator==(const Alternative&, const Alternative&) = default;
};
void PrintTo(const Alternative& value, std::ostream* out);

using StepId = std::uint16_t;
inline constexpr StepId kNoStep = 0xFFFF;

/// A named place where a fault can strike: stable across runs, never a position in a run.
struct Point {
  StepId step = kNoStep;  ///< kNoStep: the saga itself (its started, compensating, end and note records)
  Operation operation = Operation::kAction;
  Instant instant = Instant::kCall;
  std::uint16_t attempt = 1;  ///< which occurrence this place is reached in the run, from 1

  friend bool operator==(const Point&, const Point&) = default;
};
void PrintTo(const Point& value, std::ostream* out);

struct OperationId;

/// What may legally go wrong at an instant, in the fixed order in which exploration tries it. Where an
/// operation has a budget of one attempt, FaultDuration::kBudget would repeat FaultDuration::kOnce and is
/// left out; where a step has no compensation, so is "after its own compensation". The table is documented in
/// harness/model/README.md.
[[nodiscard]] std::vector<Alternative> legal_alternatives(Instant instant, OperationId operation,
                                                          const SagaIndex& saga);

/// True if the fault is over within one attempt and a retry of the same request can succeed.
[[nodiscard]] bool is_transient(FaultKind kind);

/// True if the fault breaks what every saga may rely on (a participant keeps its promises, a log what it
/// acknowledged): it strikes only where it is asked for by name, never as part of "all kinds".
[[nodiscard]] bool is_breach(FaultKind kind);

/// True if the participant never sees the request it strikes, or answers without having looked at it.
[[nodiscard]] bool keeps_from_participant(FaultKind kind);

/// True if what is answered is not the participant's own word.
[[nodiscard]] bool replaces_answer(FaultKind kind);

/// True if the caller gets no usable reply in time when `kind` strikes (so it counts against the retry
/// budget).
[[nodiscard]] bool fails_the_attempt(FaultKind kind);

[[nodiscard]] std::string_view name_of(Operation operation);
[[nodiscard]] std::string_view name_of(Instant instant);
[[nodiscard]] std::string_view name_of(FaultKind kind);
[[nodiscard]] std::string_view name_of(FaultDuration window);
/// What a fault of this kind does, in one sentence.
[[nodiscard]] std::string_view describe(FaultKind kind);
/// @throws Error with the nearest existing name.
[[nodiscard]] FaultKind parse_fault_kind(std::string_view name);
[[nodiscard]] Operation parse_operation(std::string_view name);
[[nodiscard]] Instant parse_instant(std::string_view name);
[[nodiscard]] FaultDuration parse_window(std::string_view name);

/// A fault kind at a point, as a person writes it: the step by name.
///
/// One-line form: `STEP[.OPERATION]#ATTEMPT[..WINDOW][@WHERE]:KIND`, e.g.
/// `process_payment.action#1:reply_lost`, `reserve_inventory.compensation#*:unavailable`,
/// `process_payment.action#1@after_call:coordinator_crash`, `saga#1@before_end:coordinator_crash`.
/// STEP may also be the name of an action or a compensation, where that is unique; OPERATION defaults to
/// `action` (or to the one that was named), `#ATTEMPT` to `#1`.
struct Fault {
  std::string step = {};  ///< empty: the saga itself
  Operation operation = Operation::kAction;
  int attempt = 1;
  FaultDuration window = FaultDuration::kOnce;
  Instant instant = Instant::kCall;
  FaultKind kind = FaultKind::kRejected;
  bool operation_given =
      true;  ///< false: `operation` is a mere default, resolve() may take another from the name

  friend bool operator==(const Fault&, const Fault&);
};
void PrintTo(const Fault& value, std::ostream* out);

/// A set of faults: data, readable, the thing we search, replay and shrink.
struct FaultPlan {
  std::vector<Fault> faults = {};

  [[nodiscard]] bool empty() const noexcept { return faults.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return faults.size(); }
  friend bool operator==(const FaultPlan&, const FaultPlan&);
};
void PrintTo(const FaultPlan& value, std::ostream* out);

/// The one-line form; the empty plan is `none`.
[[nodiscard]] std::string to_string(const Fault& fault);
[[nodiscard]] std::string to_string(const FaultPlan& plan);

/// Reads the one-line form (faults separated by `,`, spaces allowed). Names are not looked up yet: see
/// resolve().
/// @throws Error that quotes the faulty part and says what is expected.
[[nodiscard]] FaultPlan parse_plan(std::string_view text);

/// An array of objects `{"step","operation","attempt","window","where","kind"}`.
[[nodiscard]] std::string to_json(const FaultPlan& plan);
/// @throws Error with source, JSON pointer and fix.
[[nodiscard]] FaultPlan parse_plan_json(std::string_view json, std::string_view source);

/// Brings every fault to canonical form for `saga`: action and compensation names become step and operation.
/// @throws Error if a name does not exist (with the nearest that does), is ambiguous, or if the kind is not
/// legal there.
[[nodiscard]] FaultPlan resolve(const FaultPlan& plan, const SagaIndex& saga);

/// Between the symbolic and the indexed form of a point.
[[nodiscard]] Point point_of(const Fault& fault, const SagaIndex& saga);
[[nodiscard]] Fault fault_at(const Point& point, Alternative alternative, const SagaIndex& saga);

}  // namespace saga_harness
