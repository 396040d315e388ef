#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include <saga_harness/fault.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness {

struct Experiment;

/// A finding that somebody knows of and lives with for a while. A search shows it and does not count it: a
/// schedule that violates nothing else violates nothing, and holds nothing by that rule either.
struct KnownFinding {
  std::string rule = {};  ///< its id or name; an invariant of one's own by its name
  std::string step = {};  ///< empty: the saga as a whole
  Outcome outcome = Outcome::kUnresolved;
  std::string reason = {};
  std::string owner = {};    ///< somebody to ask
  std::string expires = {};  ///< `2027-06-30`: from the day after it is an error
  /// One that shows it. Without it only a search of at least two faults, of all kinds and windows, can tell
  /// that the finding shows no more.
  std::optional<FaultPlan> plan = std::nullopt;

  friend bool operator==(const KnownFinding&, const KnownFinding&) = default;
};
void PrintTo(const KnownFinding& value, std::ostream* out);

/// `I1 truthful outcome at pay, ended compensated`.
[[nodiscard]] std::string to_string(const KnownFinding& known);

/// @throws Error if `known` lacks something, its day is no day, or the experiment has no such rule or step.
void validate(const KnownFinding& known, const Experiment& experiment);

/// How a known finding fared in a search.
enum class KnownState : std::uint8_t {
  kShown,        ///< and is not counted
  kOutOfReach,   ///< not shown, by a search that need not have shown it
  kShowsNoMore,  ///< not shown, by one that would have: an error
  kExpired,      ///< an error, whether it shows or not
};
[[nodiscard]] std::string_view name_of(KnownState value);
void PrintTo(KnownState value, std::ostream* out);

/// `shows`: some schedule showed it. `in_reach`: a whole search of these bounds would show it. `is_whole`: it
/// was one, exhausted. `today`: as in ExploreOptions.
[[nodiscard]] KnownState state_of(const KnownFinding& known, bool shows, bool in_reach, bool is_whole,
                                  std::string_view today);
/// What is wrong with it, with the fix; empty if nothing is.
[[nodiscard]] std::string error_of(const KnownFinding& known, KnownState state);
/// The note on the verdict line, if it shows.
[[nodiscard]] std::string note_of(const KnownFinding& known);

}  // namespace saga_harness
