#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <saga_harness/score.hpp>

namespace saga_harness {

/// How many schedules random searches with different seeds took to their first violation; one entry per seed
/// that found one, sorted. A build without random search has none to tell of.
template <class Options = ExploreOptions>
std::vector<std::uint64_t> swarm_schedules(const Experiment& mutated, Options options,
                                           const ScoreOptions& wanted) {
  std::vector<std::uint64_t> needed;
  if constexpr (requires { options.swarm; }) {
    options.stop_at_first_violation = true;
    for (int seed = 1; seed <= wanted.swarm_seeds; ++seed) {
      options.swarm.emplace();
      options.swarm->seed = "score-" + std::to_string(seed);
      options.swarm->schedules = wanted.swarm_schedules;
      const Exploration exploration = explore(mutated, options);
      if (!exploration.finds_no_violation()) needed.push_back(exploration.schedules);
    }
    std::ranges::sort(needed);
  }
  return needed;
}

template <class Options = ExploreOptions>
constexpr bool has_swarm() {
  return requires(Options options) { options.swarm; };
}

}  // namespace saga_harness
