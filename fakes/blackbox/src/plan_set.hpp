#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/picks.hpp>

namespace saga_harness::blackbox {

/// A set of faults by number, whatever the order they strike in.
using PlanKey = std::vector<std::uint64_t>;
[[nodiscard]] PlanKey key_of(std::span<const Pick> picks);

/// What smaller plans have shown.
class Shown {
 public:
  void note(std::span<const Pick> picks, std::vector<Violation> violations);
  /// Those of `violations` that no smaller part of `picks` shows by itself.
  [[nodiscard]] std::vector<Violation> unexplained(std::span<const Pick> picks,
                                                   std::span<const Violation> violations) const;

 private:
  std::map<PlanKey, std::vector<Violation>> by_plan_;
};

/// Where a point stands among all of a saga: the way forward, then the way back. Does not depend on the
/// order in which parallel steps happen to be sent.
[[nodiscard]] std::uint32_t place_in_order(const Point& point, const SagaIndex& saga);

}  // namespace saga_harness::blackbox
