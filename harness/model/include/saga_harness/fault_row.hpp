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
using WindowSet = std::uint8_t;
[[nodiscard]] constexpr WindowSet window_bit(Window window) {
  return static_cast<WindowSet>(1U << static_cast<unsigned>(window));
}
/// A set of instants.
using InstantSet = std::uint32_t;
template <class... Wheres>
[[nodiscard]] constexpr InstantSet instants(Wheres... wheres) {
  return ((InstantSet{1} << static_cast<unsigned>(wheres)) | ... | InstantSet{0});
}

/// Where a kind is legal, for which windows beside `once`, and what it means there if that is special.
struct Legality {
  InstantSet at = 0;
  WindowSet windows = 0;
  std::string_view what = {};

  [[nodiscard]] constexpr bool includes(Where where) const { return (at & instants(where)) != 0; }
};
void PrintTo(const Legality& value, std::ostream* out);

/// What a saga or an operation must have for a kind to be legal.
enum class FaultNeed : std::uint8_t {
  kNothing,
  kCompensation,  ///< the step has one, and it is not that which is struck
  kDeadline,      ///< the saga has one
  kForward,       ///< the operation is no compensation
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
  Reach over_http = Reach::kNone;
  bool over_broker = false;  ///< at a delivery of a real broker
};
void PrintTo(const FaultRow& value, std::ostream* out);

/// What the rows of the catalogue are made of.
namespace fault_table {

inline constexpr WindowSet kOnce = 0;
inline constexpr WindowSet kLasting =
    window_bit(Window::kBudget) | window_bit(Window::kHeal) | window_bit(Window::kForever);
inline constexpr WindowSet kUntilDeadLetter = window_bit(Window::kBudget) | window_bit(Window::kForever);
inline constexpr WindowSet kUntilHeal = window_bit(Window::kHeal);

constexpr Legality calls(WindowSet windows = kOnce) { return {instants(Where::kCall), windows, {}}; }
constexpr Legality deliveries(WindowSet windows = kOnce, std::string_view what = {}) {
  return {instants(Where::kCall), windows, what};
}
constexpr Legality publications(WindowSet windows, std::string_view what) {
  return {instants(Where::kPublish), windows, what};
}
inline constexpr Legality kDuringCalls{instants(Where::kDuringCall), kOnce, {}};
inline constexpr InstantSet kWrites =
    instants(Where::kBeforeIntent, Where::kBeforeResult, Where::kBeforeStarted, Where::kBeforeCompensating,
             Where::kBeforeEnd, Where::kBeforeNote);
inline constexpr InstantSet kAroundCallsAndWrites =
    kWrites | instants(Where::kBeforeCall, Where::kAfterCall, Where::kAfterIntent, Where::kAfterResult,
                       Where::kAfterStarted, Where::kAfterCompensating, Where::kAfterEnd, Where::kAfterNote);
constexpr Legality writes(WindowSet windows = kOnce) { return {kWrites, windows, {}}; }

inline constexpr std::string_view kErrorBody = R"({"error":"internal error"})";
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
constexpr Fate log(LogFate fate) { return {.log = fate}; }

}  // namespace fault_table

}  // namespace saga_harness
