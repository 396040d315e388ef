#pragma once

#include <compare>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include <saga_harness/explore.hpp>

namespace saga_harness {

/// What the coordinator had last heard of a step's action.
enum class AnswerKnown : std::uint8_t { kNone, kDone, kRefused, kInDoubt };
/// How far the step was undone.
enum class Undoing : std::uint8_t { kNeverAsked, kNotConfirmed, kDone };

/// How a run came to violate a rule at a step, as its trace tells: two violations of one rule at one step
/// that came about otherwise are two findings.
struct Cause {
  Outcome outcome = Outcome::kUnresolved;
  AnswerKnown answer = AnswerKnown::kNone;
  Undoing undoing = Undoing::kNeverAsked;
  bool applied_again = false;  ///< more than once
  bool restarted = false;      ///< another incarnation of the coordinator took the saga up in its midst
  bool has_step = false;       ///< answer, undoing and applied_again are of a step

  friend auto operator<=>(const Cause&, const Cause&) = default;
};
void PrintTo(const Cause& value, std::ostream* out);

/// `in doubt, never undone, after a restart`; the outcome stands apart. Empty for a saga as a whole that
/// nothing is to be said of.
[[nodiscard]] std::string to_string(const Cause& cause);

/// One number per cause, for files; and back, if it is one.
[[nodiscard]] std::uint32_t number_of(const Cause& cause);
[[nodiscard]] std::optional<Cause> cause_of_number(std::uint32_t number);

/// Of a violation at this step (kNoStep: of the saga as a whole).
[[nodiscard]] Cause cause_of(const Observation& observation, StepId step);

/// Does a smaller part of a plan that shows the violation with this cause explain that the whole shows it
/// with `outcome`? Not if it ended otherwise: what completed with an effect too many does not explain what
/// was compensated with an effect left. But where the whole only came to less of an end, flagged or
/// unresolved, the part does.
[[nodiscard]] constexpr bool explains(const Cause& part, Outcome outcome) {
  return part.outcome == outcome || outcome == Outcome::kFlagged || outcome == Outcome::kUnresolved;
}

/// A violation with the cause of the smallest part of its plan that shows it: what a finding is known by.
struct CausedViolation {
  Violation violation = {};
  Cause cause = {};

  friend auto operator<=>(const CausedViolation&, const CausedViolation&) = default;
};
void PrintTo(const CausedViolation& value, std::ostream* out);

}  // namespace saga_harness
