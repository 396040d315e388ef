#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/fault.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness {

/// How a saga ended, as reported by its coordinator.
enum class Outcome : std::uint8_t {
  kUnresolved,   ///< neither of the others when time ran out
  kCompleted,    ///< every step done
  kCompensated,  ///< every effect undone
  kFlagged,      ///< handed to a person, with the steps whose effect may be left
};

/// What a caller knows after one attempt. All but the last three may come from a participant.
enum class ReplyStatus : std::uint8_t {
  kOk,
  kRejected,      ///< definitely not done, and asking again will not help (a 4xx)
  kUnauthorized,  ///< … for want of a valid token (401)
  kConflict,      ///< … because of the state things are in (409)
  kUnavailable,   ///< definitely not done, asking again may help (503)
  kRateLimited,   ///< definitely not done, asking again helps after Reply::retry_after (429)
  kError,         ///< may or may not have been done (500)
  kCorrupt,       ///< the reply cannot be read: may or may not have been done
  kMismatched,    ///< the reply belongs to another request: may or may not have been done
  kTimeout,       ///< no reply in time: may or may not have been done
};
inline constexpr std::size_t kReplyStatusCount = 10;

/// Definitely not done, and the same request will not be accepted later either.
[[nodiscard]] constexpr bool is_definite_refusal(ReplyStatus status) {
  return status == ReplyStatus::kRejected || status == ReplyStatus::kUnauthorized ||
         status == ReplyStatus::kConflict;
}
/// Definitely not done by this attempt, whatever else.
[[nodiscard]] constexpr bool is_sure_no(ReplyStatus status) {
  return is_definite_refusal(status) || status == ReplyStatus::kUnavailable ||
         status == ReplyStatus::kRateLimited;
}

/// True if the JSON object `body` has `"success": false`: how services say no with a status of success.
[[nodiscard]] bool says_failure(std::string_view body);

/// Records of a saga log. A coordinator of one's own may use kNote alone, but claims of write-ahead logging
/// are judged from the others.
enum class LogKind : std::uint8_t {
  kStarted,       ///< the saga exists
  kIntent,        ///< an action is about to be called
  kDone,          ///< an action is known to have worked
  kFailed,        ///< an action is known to have failed, or is given up
  kCompensating,  ///< from here on only backward
  kUndone,        ///< a compensation is known to have worked
  kStuck,         ///< a compensation is given up
  kEnd,           ///< the outcome
  kNote,          ///< anything else
  kTorn,          ///< cannot be read: its writer died while writing it. To be skipped
};
inline constexpr std::size_t kLogKindCount = 10;

enum class EventType : std::uint8_t {
  kSent,          ///< the coordinator sent a request; text: idempotency key; detail: kWithoutCorrelation,
                  ///< kWithoutToken
  kDelivered,     ///< a request reached its participant; detail: 0 the original, 1 a duplicate
  kApplied,       ///< an effect came into being
  kUndone,        ///< an effect was undone
  kAnswered,      ///< the participant answered; detail: ReplyStatus; text: 1 if it was a duplicate's, which
                  ///< nobody hears
  kReceived,      ///< the coordinator got a reply; detail: ReplyStatus; text: microseconds of a Retry-After
  kTimedOut,      ///< the coordinator stopped waiting
  kDropped,       ///< a reply came to nobody: the caller had given up, or was dead
  kFault,         ///< a fault struck; detail: FaultKind, text: Where and Window
  kLogged,        ///< a log record became durable; detail: LogKind; text: Outcome of an end, maybe_done of a
                  ///< failed, the note
  kNotLogged,     ///< a log record could not be written; detail: LogKind; text: 1 if because the writer was
                  ///< fenced
  kLoggedStep,    ///< a step named in the log record just before (the flagged steps of an end)
  kCrashed,       ///< the coordinator died
  kStarted,       ///< an incarnation of the coordinator began; detail: StartCause
  kWokeUp,        ///< an incarnation that had been suspended goes on
  kReported,      ///< the coordinator told its caller; detail: Outcome
  kReportedStep,  ///< a step named in the report just before
  kReturned,      ///< the coordinator returned
  kThrew,         ///< the coordinator let an exception out; text: its message
  kGaveUp,        ///< the run reached a bound; text: which
  kHealed,        ///< faults stop here
  kMarked,        ///< a marker was passed (a switched-on bug was reached); text: its name
  kPublished,  ///< an event reached the bus; of the step that emits it, if one; detail: EventRole; text: its
               ///< name
  kDeadLettered,  ///< the bus has delivered an event as often as it may, and lays it aside for a person
};

/// What an event of a choreography tells: the detail of EventType::kPublished.
enum class EventRole : std::uint8_t { kStart, kSuccess, kFailure, kCompensated, kDeadline };
inline constexpr std::size_t kEventRoleCount = 5;

/// Bits in the detail of EventType::kSent.
inline constexpr std::uint8_t kWithoutCorrelation = 1;
inline constexpr std::uint8_t kWithoutToken = 2;

/// Why an incarnation of the coordinator began: the detail of EventType::kStarted.
enum class StartCause : std::uint8_t {
  kFirst,       ///< the saga is to be run
  kAfterCrash,  ///< the incarnation before died
  kRecovery,    ///< at the end of every run, twice, when the faults have stopped
  kTakeover,    ///< the incarnation before is suspended and taken for dead
  kDuplicate,   ///< the request to start the saga came again
};
inline constexpr std::size_t kStartCauseCount = 5;

/// One record of a trace: 24 bytes, text only by number. Fields that an event type does not mention are zero.
struct Event {
  std::int64_t at = 0;     ///< virtual time, microseconds
  std::uint32_t call = 0;  ///< number of the call in this run, from 1; 0: none
  std::uint32_t text = 0;  ///< number of a text in the run's TextTable
  StepId step = kNoStep;
  std::uint16_t attempt = 0;
  EventType type = EventType::kSent;
  Operation operation = Operation::kAction;
  std::uint8_t detail = 0;
  std::uint8_t incarnation = 0;  ///< 1, 2, …

  friend bool operator==(const Event&, const Event&) = default;
};

[[nodiscard]] std::string_view name_of(Outcome outcome);
[[nodiscard]] std::string_view name_of(ReplyStatus status);
[[nodiscard]] std::string_view name_of(LogKind kind);
[[nodiscard]] std::string_view name_of(StartCause cause);
[[nodiscard]] std::string_view name_of(EventType type);
[[nodiscard]] std::string_view name_of(EventRole role);

/// Is Event::text the number of a text?
[[nodiscard]] constexpr bool has_text(const Event& event) {
  return event.type == EventType::kSent || event.type == EventType::kMarked ||
         event.type == EventType::kThrew || event.type == EventType::kGaveUp ||
         event.type == EventType::kPublished ||
         (event.type == EventType::kLogged && event.detail == static_cast<std::uint8_t>(LogKind::kNote));
}

/// kFault packs where and window into Event::text.
[[nodiscard]] constexpr std::uint32_t pack(Instant instant, FaultDuration window) {
  return static_cast<std::uint32_t>(instant) | static_cast<std::uint32_t>(window) << 8U;
}
[[nodiscard]] constexpr Instant instant_of(const Event& fault) {
  return static_cast<Instant>(fault.text & 0xFFU);
}
[[nodiscard]] constexpr FaultDuration window_of(const Event& fault) {
  return static_cast<FaultDuration>(fault.text >> 8U);
}

/// What happened in a run, in virtual time order, with the texts its events speak of. A value that owns what
/// it shows.
struct Trace {
  std::vector<Event> events = {};
  std::vector<std::string> texts = {};  ///< indexed by Event::text

  friend bool operator==(const Trace&, const Trace&);
};

/// One line per event, e.g. `      2.000ms  delivered      process_payment.action#1`.
[[nodiscard]] std::string to_string(const Trace& trace, const SagaIndex& saga);
[[nodiscard]] std::string to_string(const Event& event, std::span<const std::string> texts,
                                    const SagaIndex& saga);
/// An array of objects, one per event, keys only where they mean something.
[[nodiscard]] std::string to_json(const Trace& trace, const SagaIndex& saga);

}  // namespace saga_harness
