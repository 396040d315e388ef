#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <saga_harness/score.hpp>

namespace saga_harness {

/// How many schedules random searches with different seeds took to their first violation; one entry per seed
/// that found one, sorted.
inline std::vector<std::uint64_t> swarm_schedules(const Experiment& mutated, ExploreOptions options,
                                                  const ScoreOptions& wanted) {
  std::vector<std::uint64_t> needed;
  options.stop_at_first_violation = true;
  for (int seed = 1; seed <= wanted.swarm_seeds; ++seed) {
    options.swarm = Swarm{.seed = "score-" + std::to_string(seed), .schedules = wanted.swarm_schedules};
    const Exploration exploration = explore(mutated, options);
    if (!exploration.finds_no_violation()) needed.push_back(exploration.schedules);
  }
  std::ranges::sort(needed);
  return needed;
}

}  // namespace saga_harness
