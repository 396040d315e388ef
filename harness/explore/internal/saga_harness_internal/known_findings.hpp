#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/cause.hpp>

namespace saga_harness {

/// The known findings of an experiment, as a search meets them.
class KnownFindings {
 public:
  explicit KnownFindings(const Experiment& experiment);

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// Is there one of the rule at the step, whatever the outcome?
  [[nodiscard]] bool concerns(const Violation& violation) const;
  [[nodiscard]] bool contains(const CausedViolation& violation) const;
  [[nodiscard]] bool contains_all(std::span<const CausedViolation> violations) const;

 private:
  struct Entry {
    Violation violation;
    Outcome outcome;
  };
  std::vector<Entry> entries_;
};

/// A schedule as it counts: without what is known.
struct Counted {
  std::vector<Violation> violations = {};
  Judgement judgement = {};  ///< rules whose violation is known are unknown
};
[[nodiscard]] Counted without_known(const KnownFindings& known, const Judgement& judgement,
                                    std::span<const CausedViolation> violations);

/// Would a whole search within these bounds meet it? `options`: with the kinds that were searched for.
[[nodiscard]] bool is_in_reach(const KnownFinding& known, const Experiment& experiment,
                               const ExploreOptions& options);

/// How a known finding fared, as the verdict tells it: a note if it shows, and what is wrong with it added to
/// `errors`.
void tell(const KnownFinding& known, KnownState state, bool shows, SearchVerdict& verdict,
          std::string& errors);

/// Moves the findings that are known to `exploration.known`. Returns where they stood, in order.
std::vector<std::size_t> set_aside_known(const Experiment& experiment, Exploration& exploration);

/// Says in `exploration` how each known finding fared, and in its verdict what is wrong with them.
/// `options`: with the kinds that were searched for.
void judge_known(const Experiment& experiment, const ExploreOptions& options, Exploration& exploration);

}  // namespace saga_harness
