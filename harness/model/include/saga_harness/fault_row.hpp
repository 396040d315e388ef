#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string_view>

#include <saga_harness/claims.hpp>
#include <saga_harness/fate.hpp>
#include <saga_harness/fault.hpp>

namespace saga_harness {

/// What a kind of fault strikes: kinds of one area are scored together.
enum class FaultArea : std::uint8_t { kRequest, kParticipant, kReply, kTime, kCoordinator, kLog };
inline constexpr std::array<std::string_view, 6> kFaultAreaNames{"request", "participant", "reply",
                                                                 "time",    "coordinator", "log"};
[[nodiscard]] std::string_view name_of(FaultArea value);

/// A set of windows beside `once`, which every kind has.
using FaultDurationSet = std::uint8_t;
[[nodiscard]] constexpr FaultDurationSet window_bit(FaultDuration window) {
  return static_cast<FaultDurationSet>(1U << static_cast<unsigned>(window));
}
/// A set of instants.
using InstantSet = std::uint32_t;
template <class... Instants>
[[nodiscard]] constexpr InstantSet instants(Instants... wheres) {
  return ((InstantSet{1} << static_cast<unsigned>(wheres)) | ... | InstantSet{0});
}

/// Where a kind is legal, for which windows beside `once`, and what it means there if that is special.
struct Legality {
  InstantSet at = 0;
  FaultDurationSet windows = 0;
  std::string_view what = {};

  [[nodiscard]] constexpr bool includes(Instant instant) const { return (at & instants(instant)) != 0; }
};
void PrintTo(const Legality& value, std::ostream* out);

/// What a saga or an operation must have for a kind to be legal.
enum class FaultNeed : std::uint8_t {
  kNothing,
  kCompensation,  ///< the step has one, and it is not that which is struck
  kDeadline,      ///< the saga has one
  kForward,       ///< the operation is no compensation
  kBackward,      ///< the operation is a compensation
  kBoundResult,   ///< the operation is no compensation, and a request is bound to what it answers
};
[[nodiscard]] std::string_view name_of(FaultNeed value);

/// Whether a transport can make it happen.
enum class Reach : std::uint8_t {
  kNone,
  kWithTimeout,  ///< if it is known how long the subject waits
  kAlways,
};
[[nodiscard]] std::string_view name_of(Reach value);

using ClaimFlag = bool Claims::*;

/// One kind of fault. Everything that is known of it is here, or follows from its fate.
struct FaultRow {
  FaultKind kind = FaultKind::kRejected;
  std::string_view name = {};
  FaultArea area = FaultArea::kRequest;
  std::string_view what = {};       ///< one sentence
  Fate fate = {};                   ///< what happens to request, participant and answer
  Legality under_coordinator = {};  ///< in a saga with a coordinator
  Legality at_delivery = {};        ///< in a choreography: to an event on its way to a subscriber
  Legality at_publish = {};         ///< … to one on its way to the bus
  FaultNeed needs = FaultNeed::kNothing;
  std::array<ClaimFlag, 2> claims = {};  ///< that a subject must make for "all kinds" to include it
  bool is_breach = false;                ///< of what every saga may rely on: strikes only if named
  Reach wire_calls = Reach::kNone;       ///< to calls that a real wire carries
  bool wire_deliveries = false;          ///< to deliveries of a real broker
};
void PrintTo(const FaultRow& value, std::ostream* out);

/// What the rows of the catalogue are made of.
namespace fault_table {

inline constexpr FaultDurationSet kOnce = 0;
inline constexpr FaultDurationSet kLasting = window_bit(FaultDuration::kBudget) |
                                             window_bit(FaultDuration::kHeal) |
                                             window_bit(FaultDuration::kForever);
inline constexpr FaultDurationSet kUntilDeadLetter =
    window_bit(FaultDuration::kBudget) | window_bit(FaultDuration::kForever);
inline constexpr FaultDurationSet kUntilHeal = window_bit(FaultDuration::kHeal);

constexpr Legality calls(FaultDurationSet windows = kOnce) { return {instants(Instant::kCall), windows, {}}; }
constexpr Legality deliveries(FaultDurationSet windows = kOnce, std::string_view what = {}) {
  return {instants(Instant::kCall), windows, what};
}
constexpr Legality publications(FaultDurationSet windows, std::string_view what) {
  return {instants(Instant::kPublish), windows, what};
}
inline constexpr Legality kDuringCalls{instants(Instant::kDuringCall), kOnce, {}};
inline constexpr InstantSet kWrites =
    instants(Instant::kBeforeIntent, Instant::kBeforeResult, Instant::kBeforeStarted,
             Instant::kBeforeCompensating, Instant::kBeforeEnd, Instant::kBeforeNote);
inline constexpr InstantSet kAroundCallsAndWrites =
    kWrites | instants(Instant::kBeforeCall, Instant::kAfterCall, Instant::kAfterIntent,
                       Instant::kAfterResult, Instant::kAfterStarted, Instant::kAfterCompensating,
                       Instant::kAfterEnd, Instant::kAfterNote);
constexpr Legality writes(FaultDurationSet windows = kOnce) { return {kWrites, windows, {}}; }

inline constexpr std::string_view kErrorBody = R"({"error":"internal error"})";
inline constexpr std::string_view kAcceptedBody = R"({"ok":true})";
inline constexpr std::string_view kTooManyBody = R"({"error":"too many requests"})";

constexpr Fate answered(ReplyStatus status, std::string_view body, ReplyStatus meaning,
                        Duration retry_after = Duration::zero()) {
  return {.participant = ParticipantFate::kNotAsked,
          .answer = AnswerFate::kInstead,
          .instead = {status, body, meaning, retry_after}};
}
constexpr Fate answered(ReplyStatus status, std::string_view body) { return answered(status, body, status); }
constexpr Fate held(HoldUntil until) { return {.request = RequestFate::kHeld, .until = until}; }
constexpr Fate twice(HoldUntil until) { return {.request = RequestFate::kTwice, .until = until}; }
constexpr Fate coordinator(CoordinatorFate fate) { return {.coordinator = fate}; }
constexpr Fate altered(ResultAlteration how) { return {.answer = AnswerFate::kAltered, .altered = how}; }
constexpr Fate stray(StrayEvent event) { return {.stray = event}; }
constexpr Fate log(LogFate fate) { return {.log = fate}; }

}  // namespace fault_table

}  // namespace saga_harness
