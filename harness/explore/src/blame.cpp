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

const std::vector<CausedViolation>& Blame::shown_by(std::span<const Pick> picks, std::uint32_t chosen) {
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
  std::vector<CausedViolation> shown;
  for (const Violation& violation : runner_->run(strikes_))
    shown.push_back({violation, cause_of(runner_->engine().observation(), violation.step)});
  return known_.emplace(part_, std::move(shown)).first->second;
}

bool Blame::explains_all(std::span<const Pick> picks, std::uint32_t chosen) {
  const std::vector<CausedViolation>& shown = shown_by(picks, chosen);
  bool is_all = true;
  for (std::size_t i = 0; i < caused_.size(); ++i) {
    Explained& explained = explained_[i];
    const auto part = std::ranges::find(shown, caused_[i].violation, &CausedViolation::violation);
    if (part != shown.end()) {
      explained.is_shown = true;
      if (!explained.has_cause && explains(part->cause, caused_[i].cause.outcome)) {
        caused_[i].cause = part->cause;
        explained.has_cause = true;
      }
    }
    is_all = is_all && explained.has_cause;
  }
  return is_all;
}

void Blame::look_at_parts(std::span<const Pick> picks) {
  const std::uint32_t whole = (std::uint32_t{1} << picks.size()) - 1;
  if (explains_all(picks, 0)) return;
  if (picks.size() > kMostFaultsInAllParts) {
    for (std::size_t i = 0; i < picks.size(); ++i) {
      if (explains_all(picks, whole & ~(std::uint32_t{1} << i))) return;
    }
    return;
  }
  for (int size = 1; size < static_cast<int>(picks.size()); ++size) {  // the likeliest first
    for (std::uint32_t chosen = 1; chosen < whole; ++chosen) {
      if (std::popcount(chosen) == size && explains_all(picks, chosen)) return;
    }
  }
}

bool Blame::falls_on(std::span<const Pick> picks, std::span<const CausedViolation> violations) {
  caused_.assign(violations.begin(), violations.end());
  explained_.assign(violations.size(), Explained{});
  if (violations.empty()) return false;
  if (!picks.empty() && picks.size() <= kMostFaults) look_at_parts(picks);
  return !std::ranges::all_of(explained_, &Explained::is_shown);
}

}  // namespace saga_harness
