#include "blame.hpp"

#include <algorithm>
#include <bit>

namespace saga_harness {
namespace {

constexpr std::size_t kMostKnown = 1U << 18U;
constexpr std::size_t kMostFaultsInAllParts = 6;  // 62 parts; of larger plans only those of one fault fewer
constexpr std::size_t kMostFaults = 31;

std::uint64_t number_of(const Pick& pick) {
  return std::uint64_t{pick.point.step} << 48U | std::uint64_t{pick.point.attempt} << 32U |
         static_cast<std::uint64_t>(pick.point.operation) << 24U |
         static_cast<std::uint64_t>(pick.point.instant) << 16U |
         static_cast<std::uint64_t>(pick.alternative.kind) << 8U |
         static_cast<std::uint64_t>(pick.alternative.window);
}

}  // namespace

const std::vector<Violation>& Blame::shown_by(std::span<const Pick> picks, std::uint32_t chosen) {
  part_.clear();
  for (std::size_t i = 0; i < picks.size(); ++i) {
    if ((chosen >> i & 1U) != 0) part_.push_back(number_of(picks[i]));
  }
  std::ranges::sort(part_);
  if (const auto known = known_.find(part_); known != known_.end()) return known->second;
  strikes_.clear();
  for (std::size_t i = 0; i < picks.size(); ++i) {
    if ((chosen >> i & 1U) != 0) strikes_.push_back({picks[i].point, picks[i].alternative});
  }
  if (!runner_) runner_.emplace(experiment_);
  if (known_.size() == kMostKnown) known_.clear();
  return known_.emplace(part_, runner_->run(strikes_)).first->second;
}

bool Blame::explains_all(std::span<const Pick> picks, std::uint32_t chosen) {
  const std::vector<Violation>& shown = shown_by(picks, chosen);
  std::erase_if(
      left_, [&](const Violation& violation) { return std::ranges::find(shown, violation) != shown.end(); });
  return left_.empty();
}

bool Blame::falls_on(std::span<const Pick> picks, std::span<const Violation> violations) {
  if (picks.empty() || violations.empty() || picks.size() > kMostFaults) return !violations.empty();
  left_.assign(violations.begin(), violations.end());
  const std::uint32_t whole = (std::uint32_t{1} << picks.size()) - 1;
  if (explains_all(picks, 0)) return false;
  if (picks.size() > kMostFaultsInAllParts) {
    for (std::size_t i = 0; i < picks.size(); ++i) {
      if (explains_all(picks, whole & ~(std::uint32_t{1} << i))) return false;
    }
    return true;
  }
  for (int size = 1; size < static_cast<int>(picks.size()); ++size) {  // the likeliest first
    for (std::uint32_t chosen = 1; chosen < whole; ++chosen) {
      if (std::popcount(chosen) == size && explains_all(picks, chosen)) return false;
    }
  }
  return true;
}

}  // namespace saga_harness
