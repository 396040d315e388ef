#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <saga_harness/explore.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/score.hpp>

namespace saga_harness::property_test {

/// Numbers that are the same everywhere (SplitMix64).
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}

  std::uint64_t operator()() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30U) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ mixed >> 27U) * 0x94D049BB133111EBU;
    return mixed ^ mixed >> 31U;
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>((*this)() % bound); }
  bool one_in(std::size_t bound) { return below(bound) == 0; }

 private:
  std::uint64_t state_;
};

struct DrawnSearch {
  Experiment experiment = {};
  ExploreOptions options = {};
};

/// A saga, a coordinator with or without a bug, or one that does nothing, and bounds of every sort.
[[nodiscard]] DrawnSearch draw_search(Numbers& numbers);
/// A mutant of the catalogue on the scenario that shows it: coordinators, participants, choreographies.
[[nodiscard]] DrawnSearch draw_mutant(Numbers& numbers);

/// Two sagas that share values, with some of what keeps them from coming between each other.
struct DrawnOrders {
  ConcurrentExperiment experiment = {};
  InterleavingOptions options = {};
};
[[nodiscard]] DrawnOrders draw_orders(Numbers& numbers);

/// What a drawn saga relies on, driven by a coordinator with or without a bug.
struct DrawnDependencies {
  Scenario scenario = {};
  Experiment reference = {};
  ExploreOptions options = {};
};
[[nodiscard]] DrawnDependencies draw_dependencies(Numbers& numbers);

/// A few known bugs, of which one may be in what is taken for correct.
struct DrawnBugs {
  std::vector<MutantCase> cases = {};
  ScoreOptions options = {};
};
[[nodiscard]] DrawnBugs draw_bugs(Numbers& numbers);

}  // namespace saga_harness::property_test
