#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <saga_harness/fault.hpp>

namespace saga_harness {

/// How often each instant was reached, and whether a crash now would be the same as one that was offered.
class CrashInstants {
 public:
  /// `places` have instants of their own.
  explicit CrashInstants(std::size_t places) : occurrences_(places * kInstantCount) {}

  void reset() {
    std::ranges::fill(occurrences_, std::uint16_t{0});
    something_happened();
  }
  /// The occurrence: each time a place is reached it is another Point.
  std::uint16_t reached(std::size_t place, Instant instant) {
    return ++occurrences_[place * kInstantCount + static_cast<std::size_t>(instant)];
  }

  void note_offered(std::int64_t now) { offered_at_ = now; }
  void something_happened() { offered_at_ = -1; }
  [[nodiscard]] bool is_offered(std::int64_t now) const { return offered_at_ == now; }

 private:
  std::vector<std::uint16_t> occurrences_;
  std::int64_t offered_at_ = -1;
};

}  // namespace saga_harness
