#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness/guarantee.hpp>

namespace saga_harness {

/// One guarantee of a participant, taken away at one step.
struct GuaranteeRemoval {
  std::string step = {};
  Guarantee guarantee = Guarantee::kDeduplicates;
  Experiment experiment = {};   ///< as the one it is compared with, but for that
  std::string impossible = {};  ///< not empty: why there is nothing to take away, and no experiment
};
void PrintTo(const GuaranteeRemoval& value, std::ostream* out);

/// What a saga makes of the want of a guarantee.
enum class Need : std::uint8_t {
  kNeeded,         ///< some schedule goes wrong without it, and none with it
  kNotNeeded,      ///< it was missed, and no schedule went wrong; all of them were run
  kNotExercised,   ///< it was never missed; all schedules were run
  kUndecided,      ///< nothing went wrong so far, but the search was cut short
  kNotApplicable,  ///< there is nothing to take away
};
[[nodiscard]] std::string_view name_of(Need need);

/// Whether a saga needs a guarantee at a step, and if so, what shows it.
struct GuaranteeDependency {
  std::string step = {};
  Guarantee guarantee = Guarantee::kDeduplicates;
  Need need = Need::kUndecided;
  std::string why = {};          ///< where there is nothing to take away: why
  std::string participant = {};  ///< the name under which explore and replay know these participants
  std::uint64_t schedules = 0;
  bool exhausted = false;
  // Where it is needed: the first finding of the fewest faults, and how the same plan ends with and
  // without.
  Finding finding = {};
  Outcome with = Outcome::kUnresolved;
  Outcome without = Outcome::kUnresolved;
};
void PrintTo(const GuaranteeDependency& value, std::ostream* out);

/// What a saga relies on.
struct GuaranteeDependencies {
  int max_faults = 0;
  std::uint64_t schedules = 0;         ///< of the search with every guarantee given
  bool exhausted = false;              ///< … which ran them all
  bool upheld = false;                 ///< … and met no violation; else nothing more was tried
  SearchVerdict reference = {};        ///< what that search is worth, where it met none
  std::vector<Finding> findings = {};  ///< of that search
  std::vector<GuaranteeDependency> rows = {};
  SearchVerdict verdict = {};  ///< verdict_of() it all

  [[nodiscard]] std::uint64_t count(Need need) const;
};
void PrintTo(const GuaranteeDependencies& value, std::ostream* out);

/// Upheld if it could be determined for every guarantee, whatever came out; violated if the saga goes wrong
/// with all of them given. Where none was ever missed, nothing was tried: inconclusive.
[[nodiscard]] SearchVerdict verdict_of(const GuaranteeDependencies& dependencies);

/// Searches `reference`, then each removal up to its first violation. `options` as for explore();
/// `on_progress` is called before each search with what is known so far.
[[nodiscard]] GuaranteeDependencies relies_on(
    const Experiment& reference, std::span<const GuaranteeRemoval> guarantee_removals,
    const ExploreOptions& options = {},
    const std::function<void(const GuaranteeDependencies&)>& on_progress = {});

}  // namespace saga_harness
