#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include <saga_harness/fault.hpp>

namespace saga_harness {

/// Faults that go on striking later attempts of their operation, by its place.
class FaultWindows {
 public:
  explicit FaultWindows(std::size_t places) : windows_(places) {}

  void reset() { std::ranges::fill(windows_, LastingFault{}); }
  /// What strikes this attempt since an earlier one; nullptr: nothing does.
  [[nodiscard]] const Alternative* striking(std::size_t place, std::uint16_t attempt) const {
    const LastingFault& window = windows_[place];
    return window.is_open && attempt <= window.last_attempt ? &window.fault : nullptr;
  }
  /// `fault` has struck an attempt of an operation that has so many.
  void note(std::size_t place, const Alternative& fault, std::uint16_t attempt, std::uint16_t budget) {
    windows_[place] = {.is_open = fault.window != FaultDuration::kOnce,
                       .fault = fault,
                       .last_attempt = fault.window == FaultDuration::kBudget
                                           ? static_cast<std::uint16_t>(attempt + budget - 1)
                                           : std::numeric_limits<std::uint16_t>::max()};
  }
  void heal() {
    for (LastingFault& window : windows_) {
      if (window.fault.window != FaultDuration::kForever) window.is_open = false;
    }
  }

 private:
  struct LastingFault {
    bool is_open = false;
    Alternative fault = {FaultKind::kRejected, FaultDuration::kOnce};
    std::uint16_t last_attempt = 0;
  };
  std::vector<LastingFault> windows_;
};

/// Operations whose participant answers that it is asked too often, by place.
class RateLimits {
 public:
  explicit RateLimits(std::size_t places) : until_(places) {}

  void lift() { std::ranges::fill(until_, std::int64_t{0}); }
  void limit(std::size_t place, std::int64_t until) { until_[place] = until; }
  [[nodiscard]] std::int64_t until(std::size_t place) const { return until_[place]; }

 private:
  std::vector<std::int64_t> until_;
};

}  // namespace saga_harness
