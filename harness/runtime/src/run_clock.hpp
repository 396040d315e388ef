#pragma once

#include <algorithm>
#include <cstdint>

namespace saga_harness {

/// What a definition may ask for at most, too. As long as nothing waits longer, virtual time cannot overflow.
inline constexpr std::int64_t kLongestWait = std::int64_t{366} * 24 * 3600 * 1'000'000;

/// Virtual time in microseconds, and what the subject's clock shows of it.
class RunClock {
 public:
  void reset() { *this = {}; }

  [[nodiscard]] std::int64_t now() const { return now_; }
  [[nodiscard]] std::int64_t shown() const { return now_ + ahead_; }
  /// When the subject's clock shows `time`.
  [[nodiscard]] std::int64_t real_time_of(std::int64_t time) const { return time - ahead_; }

  void advance_to(std::int64_t time) { now_ = std::max(now_, time); }
  /// The subject's clock is set: by so much, forward or back.
  void jump(std::int64_t by) { ahead_ += by; }

 private:
  std::int64_t now_ = 0;
  std::int64_t ahead_ = 0;
};

}  // namespace saga_harness
