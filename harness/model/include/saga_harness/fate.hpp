#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string_view>

#include <saga_harness/duration.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness {

/// What becomes of a request on its way to its participant.
enum class RequestFate : std::uint8_t {
  kDelivered,
  kDropped,
  kHeld,          ///< delivered later: see Fate::until
  kTwice,         ///< delivered, and a copy of it: at once, or see Fate::until
  kNoSubscriber,  ///< of a choreography: dropped, and nobody waits for it to be acknowledged
};
[[nodiscard]] std::string_view name_of(RequestFate value);

/// What a request or its copy is held back for.
enum class HoldUntil : std::uint8_t {
  kNothing,
  kAnswerBeforeTimeout,  ///< so that its answer comes just before the caller gives up
  kAnswerAtTimeout,      ///< … at that very instant
  kAnswerAfterTimeout,   ///< … just after it
  kAnswerAfterDeadline,  ///< … just after the saga's deadline
  kTimeout,              ///< the caller has given up
  kNextRequest,          ///< the next request of the saga has overtaken it
  kCompensated,          ///< the compensation of its step was delivered
  kEnd,                  ///< the saga has ended
};
[[nodiscard]] std::string_view name_of(HoldUntil value);

/// What the participant does with a request that reaches it.
enum class ParticipantFate : std::uint8_t {
  kServes,
  kNotAsked,    ///< somebody answers in its place
  kDiesBefore,  ///< … it has done anything
  kDiesAfter,   ///< … it has done it, and before it has answered
  kForgets,     ///< it loses its idempotency keys and tombstones, then serves
  kRestored,    ///< it loses all that it has done since the run began, effects too, then serves
};
[[nodiscard]] std::string_view name_of(ParticipantFate value);

/// What becomes of the answer.
enum class AnswerFate : std::uint8_t {
  kPassed,
  kDropped,
  kHeld,     ///< it comes once the caller has given up
  kTwice,    ///< it comes a second time
  kGarbled,  ///< it cannot be read
  kForeign,  ///< one to somebody else's request comes instead: a success
  kReset,    ///< the connection breaks
  kInstead,  ///< Fate::instead comes
  kAltered,  ///< the results in it are as Fate::altered says
};
[[nodiscard]] std::string_view name_of(AnswerFate value);

/// What becomes of the results that an answer gives (Step::result).
enum class ResultAlteration : std::uint8_t { kNone, kMissing, kNull, kOtherType };
[[nodiscard]] std::string_view name_of(ResultAlteration value);

/// What is answered in place of a participant, whatever carries it.
struct InsteadAnswer {
  ReplyStatus status = ReplyStatus::kOk;
  std::string_view body = {};
  ReplyStatus meaning =
      ReplyStatus::kOk;  ///< what it tells the caller: not `status` if only the body says no
  Duration retry_after = Duration::zero();  ///< until then, every attempt gets the same answer
};
void PrintTo(const InsteadAnswer& value, std::ostream* out);

/// What happens to the coordinator.
enum class CoordinatorFate : std::uint8_t {
  kUndisturbed,
  kCrashes,
  kTakenOver,
  kCancelled,
  kStartedAgain,
  kClockForward,
  kClockBack,
};
[[nodiscard]] std::string_view name_of(CoordinatorFate value);

/// What happens to the saga log.
enum class LogFate : std::uint8_t {
  kFaithful,
  kWriteFails,
  kWriteTorn,
  kWriteLost,
  kReadStale,
  kWriteUnconfirmed,  ///< it is there, but its writer is told that it failed
};
[[nodiscard]] std::string_view name_of(LogFate value);

/// In what order two things come that come at the same time.
enum class OrderFate : std::uint8_t { kAsSent, kSwapped };
[[nodiscard]] std::string_view name_of(OrderFate value);

/// What comes to a subscriber just before its event, and is not for it.
enum class StrayEvent : std::uint8_t {
  kNone,
  kUnreadable,     ///< with neither name nor ids, and a payload that is no JSON
  kUnknown,        ///< of a name that the definition does not have, in the name of the saga
  kOfAnotherSaga,  ///< the event that is due, but of a saga that nobody here has heard of
};
[[nodiscard]] std::string_view name_of(StrayEvent value);

/// What a fault does, in the few verbs that every transport performs: the network in virtual time, the event
/// bus, HTTP, a broker. What is not said is as without a fault.
struct Fate {
  RequestFate request = RequestFate::kDelivered;
  HoldUntil until = HoldUntil::kNothing;
  ParticipantFate participant = ParticipantFate::kServes;
  AnswerFate answer = AnswerFate::kPassed;
  InsteadAnswer instead = {};
  CoordinatorFate coordinator = CoordinatorFate::kUndisturbed;
  LogFate log = LogFate::kFaithful;
  OrderFate order = OrderFate::kAsSent;
  StrayEvent stray = StrayEvent::kNone;
  ResultAlteration altered = ResultAlteration::kNone;

  /// The participant never sees the request, or answers without having looked at it.
  [[nodiscard]] constexpr bool keeps_from_participant() const {
    return request == RequestFate::kDropped || participant == ParticipantFate::kNotAsked ||
           participant == ParticipantFate::kDiesBefore;
  }
  /// What is answered is not the participant's own.
  [[nodiscard]] constexpr bool replaces_answer() const {
    return keeps_from_participant() || answer == AnswerFate::kInstead || answer == AnswerFate::kReset;
  }
  /// Somebody else answers with a status in the participant's place.
  [[nodiscard]] constexpr bool answers_instead() const {
    return participant == ParticipantFate::kNotAsked && answer == AnswerFate::kInstead;
  }
  /// … and the caller knows by it that nothing was done.
  [[nodiscard]] constexpr bool answers_surely_no() const {
    return answers_instead() && is_sure_no(instead.meaning);
  }
  /// … and that it never will be, however often it is asked for.
  [[nodiscard]] constexpr bool refuses_for_good() const {
    return answers_instead() && is_definite_refusal(instead.meaning);
  }
  /// The caller is told that it is done before the participant has looked at it.
  [[nodiscard]] constexpr bool promises() const {
    return answers_instead() && instead.meaning == ReplyStatus::kOk;
  }
  /// The caller gets no usable answer in time.
  [[nodiscard]] constexpr bool fails_the_attempt() const {
    const bool comes_in_time = request != RequestFate::kDropped &&
                               (request != RequestFate::kHeld || until == HoldUntil::kAnswerBeforeTimeout);
    const bool is_usable = answer == AnswerFate::kPassed || answer == AnswerFate::kTwice || promises();
    return !comes_in_time || !is_usable;
  }
  /// Something may come later than it would have without the fault.
  [[nodiscard]] constexpr bool holds_back() const {
    return until != HoldUntil::kNothing || answer == AnswerFate::kHeld;
  }
  /// It strikes at a request, its participant or its answer.
  [[nodiscard]] constexpr bool is_about_attempt() const {
    return coordinator == CoordinatorFate::kUndisturbed && log == LogFate::kFaithful &&
           order == OrderFate::kAsSent;
  }
  /// The coordinator starts again, or another one does, and must resume from the log.
  [[nodiscard]] constexpr bool needs_restart() const {
    return coordinator == CoordinatorFate::kCrashes || coordinator == CoordinatorFate::kTakenOver ||
           log == LogFate::kWriteTorn || log == LogFate::kWriteLost || log == LogFate::kReadStale;
  }
  [[nodiscard]] constexpr bool moves_the_clock() const {
    return coordinator == CoordinatorFate::kClockForward || coordinator == CoordinatorFate::kClockBack;
  }
};
void PrintTo(const Fate& value, std::ostream* out);

/// What happens where no fault strikes.
inline constexpr Fate kNoFault{};

/// The one Retry-After of rate_limited: longer than a usual back-off, so that who does not heed it is turned
/// away again; whole seconds, since HTTP knows no others.
inline constexpr Duration kRetryAfter = std::chrono::seconds(2);

}  // namespace saga_harness
