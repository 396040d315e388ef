#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <saga_harness/interleaving.hpp>

#include "interleaving_scheduler.hpp"

namespace saga_harness {

/// Turns and faults as a plan says.
class PlannedTurns final : public ConcurrentChoices {
 public:
  /// @throws Error if the plan names what is not there.
  PlannedTurns(const ConcurrentExperiment& experiment, const ConcurrentPlan& plan);

  std::size_t turn(std::span<const Waiting> waiting) override;
  std::size_t fault(std::size_t saga, const Point& point, std::span<const Alternative> legal) override;

  [[nodiscard]] FaultPlan unfired() const;
  /// Whose turn it really was.
  [[nodiscard]] const std::vector<std::uint8_t>& taken() const noexcept { return taken_; }

 private:
  struct Planned {
    Fault fault;
    Point point;
    bool fired = false;
  };
  std::vector<std::vector<Planned>> faults_;  // by saga
  std::vector<std::uint8_t> turns_;
  std::size_t next_ = 0;
  std::vector<std::uint8_t> taken_;
};

}  // namespace saga_harness
