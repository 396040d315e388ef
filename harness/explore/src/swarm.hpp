#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/choices.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness_internal/picks.hpp>

#include <saga_harness_internal/random_numbers.hpp>

namespace saga_harness {

/// Random answers. Every schedule draws a mood first: how many faults at most, which half of the kinds,
/// whether they may last, and how rarely they strike. Schedules that differ in mood find what schedules that
/// all have everything do not (Groce et al.: "Swarm testing", 2012).
class SwarmChoices final : public Choices {
 public:
  /// `questions`: about how many a run asks, so that rare faults are not too rare.
  SwarmChoices(const ExploreOptions& options, std::uint32_t questions);

  /// Prepares schedule `number` of the seed; the same one whatever was run before.
  void start(std::uint64_t number);
  std::size_t pick(const Point& point, std::span<const Alternative> legal) override;

  [[nodiscard]] std::span<const Pick> picks() const { return picks_; }
  /// The questions that could have been answered with a fault.
  [[nodiscard]] std::span<const Branch> branches() const { return branches_; }

 private:
  [[nodiscard]] bool allows(Alternative alternative) const {
    return (kinds_ >> static_cast<unsigned>(alternative.kind) & 1U) != 0 &&
           (windows_ || alternative.window == FaultDuration::kOnce);
  }

  std::uint64_t seed_;
  std::uint64_t all_kinds_ = 0;
  bool may_have_windows_;
  std::uint32_t max_faults_;
  std::uint32_t rarest_;  // bits

  RandomNumbers random_;
  std::uint64_t kinds_ = 0;
  bool windows_ = false;
  std::uint64_t rarely_ = 0;  // a fault strikes where these bits of a random number are all 0
  std::size_t faults_ = 0;
  std::uint32_t position_ = 0;
  std::vector<Pick> picks_;
  std::vector<Branch> branches_;
};

}  // namespace saga_harness
