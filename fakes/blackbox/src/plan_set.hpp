#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/cause.hpp>
#include <saga_harness_internal/picks.hpp>

namespace saga_harness::blackbox {

/// A set of faults by number, whatever the order they strike in.
using PlanKey = std::vector<std::uint64_t>;
[[nodiscard]] PlanKey key_of(std::span<const Pick> picks);

/// What smaller plans have shown.
class Shown {
 public:
  void note(std::span<const Pick> picks, std::vector<CausedViolation> violations);
  /// Gives each of `violations` the cause of the smallest part of `picks` that explains it, if one does, and
  /// returns those that no smaller part shows by itself.
  [[nodiscard]] std::vector<Violation> unexplained(std::span<const Pick> picks,
                                                   std::span<CausedViolation> violations) const;

 private:
  [[nodiscard]] const std::vector<CausedViolation>* shown_by(std::span<const Pick> picks,
                                                             std::uint32_t chosen) const;

  std::map<PlanKey, std::vector<CausedViolation>> by_plan_;
};

/// Where a point stands among all of a saga: the way forward, then the way back. Does not depend on the
/// order in which parallel steps happen to be sent.
[[nodiscard]] std::uint32_t place_in_order(const Point& point, const SagaIndex& saga);

}  // namespace saga_harness::blackbox
