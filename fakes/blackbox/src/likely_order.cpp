#include "likely_order.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include <saga_harness_internal/likely_faults.hpp>
#include <saga_harness_internal/random_numbers.hpp>

namespace saga_harness::blackbox {
namespace {

using Places = std::vector<std::size_t>;

constexpr std::uint64_t kSeed = 1;

std::size_t below(RandomNumbers& random, std::size_t bound) {
  return random.below(static_cast<std::uint32_t>(bound));
}

std::size_t take_one(Places& places, RandomNumbers& random) {
  std::swap(places[below(random, places.size())], places.back());
  const std::size_t taken = places.back();
  places.pop_back();
  return taken;
}

std::vector<FaultKind> kinds_of(const Node& node) {
  std::vector<FaultKind> kinds;
  for (const Pick& pick : node.picks) kinds.push_back(pick.alternative.kind);
  std::ranges::sort(kinds);
  return kinds;
}

/// The single faults that likely_faults() names, in its order.
Places likely_singles(std::span<const Node> level, const SagaIndex& saga) {
  std::map<LikelyFault, Places> by_fault;
  for (std::size_t at = level.size(); at-- > 0;) {  // the earliest comes to stand last, where it is taken
    const std::vector<Pick>& picks = level[at].picks;
    if (picks.size() == 1)
      by_fault[likely_fault_of(picks[0].point, picks[0].alternative, saga)].push_back(at);
  }
  Places order;
  for (const LikelyFault& likely : likely_faults()) {
    const auto found = by_fault.find(likely);
    if (found == by_fault.end() || found->second.empty()) continue;
    order.push_back(found->second.back());
    found->second.pop_back();
  }
  return order;
}

}  // namespace

std::vector<std::size_t> likely_order(std::span<const Node> level, const SagaIndex& saga) {
  Places order = likely_singles(level, saga);
  std::vector<bool> is_taken(level.size());
  for (const std::size_t at : order) is_taken[at] = true;
  std::map<std::vector<FaultKind>, Places> by_kinds;
  for (std::size_t at = 0; at < level.size(); ++at) {
    if (!is_taken[at]) by_kinds[kinds_of(level[at])].push_back(at);
  }
  std::vector<Places> groups;
  for (auto& [kinds, places] : by_kinds) groups.push_back(std::move(places));
  RandomNumbers random(kSeed);
  while (!groups.empty()) {
    Places& group = groups[below(random, groups.size())];
    order.push_back(take_one(group, random));
    if (!group.empty()) continue;
    std::swap(group, groups.back());
    groups.pop_back();
  }
  return order;
}

}  // namespace saga_harness::blackbox
