#pragma once

#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/observation.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness {

/// A rule of your own, judged of every run beside the built-in ones:
///
/// ```cpp
/// harness.add_invariant({.name = "never oversold", .check = [](const Observation& seen, const SagaIndex&) {
///   for (const Quantity& quantity : seen.quantities) {
///     if (quantity.at_end < 0) return Verdict{.status = VerdictStatus::kViolated,
///                                             .explanation = quantity.name + " is below zero"};
///   }
///   return Verdict{.status = VerdictStatus::kHeld};
/// }});
/// ```
///
/// `check` is a pure function of what it is given and is called after every run of a search, so it is to say
/// no more than it must. It returns a status, and where that is kViolated one sentence, the events that show
/// it and the step it is about, if one. What was not exercised is kUnknown: never green.
struct Invariant {
  std::string name = {};  ///< not empty, on one line, neither the id nor the name of a built-in rule
  std::function<Verdict(const Observation& seen, const SagaIndex& saga)> check = {};
  bool from_scenario = false;  ///< it comes with the scenario: whoever loads that has it, too

  friend bool operator==(const Invariant& a, const Invariant& b) { return a.name == b.name; }
};
void PrintTo(const Invariant& value, std::ostream* out);

/// @throws Error if one has no name, no check, or a name that is taken.
void validate(std::span<const Invariant> invariants);

}  // namespace saga_harness
