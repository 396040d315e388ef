#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/interleaving.hpp>

namespace saga_harness {

/// The known findings of several sagas, as a search of their orders meets them.
class ConcurrentKnownFindings {
 public:
  explicit ConcurrentKnownFindings(const ConcurrentExperiment& experiment);

  [[nodiscard]] bool empty() const noexcept { return seen_.empty(); }
  /// Is this known of a saga that ended so?
  [[nodiscard]] bool contains(const ConcurrentViolation& violation, Outcome outcome) const;
  /// Takes what is known out of `violations`, those of the run of `plan`, in which the sagas ended so. What
  /// is known to end otherwise is known here, too, if a smaller part of the plan shows it and the rest only
  /// made less of its end.
  void set_aside(std::vector<ConcurrentViolation>& violations, std::span<const Outcome> outcomes,
                 const ConcurrentPlan& plan);
  /// Says in `found` how each fared, and in its verdict what is wrong with them. `kinds`: by saga, those that
  /// were searched for.
  void conclude(const InterleavingOptions& options, std::span<const std::vector<FaultKind>> kinds,
                bool is_sample, Interleavings& found) const;

 private:
  [[nodiscard]] bool is_of(const ConcurrentKnown& each, const ConcurrentViolation& violation) const;
  [[nodiscard]] bool shows_with_less(const ConcurrentKnown& each, const ConcurrentViolation& violation,
                                     const ConcurrentPlan& plan) const;
  [[nodiscard]] bool is_in_reach(const KnownFinding& known, const InterleavingOptions& options,
                                 std::span<const std::vector<FaultKind>> kinds, bool is_sample) const;

  const ConcurrentExperiment& experiment_;
  std::vector<ConcurrentKnown> seen_;
  std::vector<std::string> rules_;  // of `seen_`, as ConcurrentViolation::rule says it
};

}  // namespace saga_harness
