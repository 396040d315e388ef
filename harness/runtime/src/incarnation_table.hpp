#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <saga_harness/trace.hpp>

namespace saga_harness {

inline constexpr int kMostIncarnations = 200;           // events have one byte for their number
inline constexpr std::size_t kIncarnationPlaces = 256;  // whatever the byte says

/// The incarnations of the coordinator: numbered from 1, why each began, and which have ended.
class IncarnationTable {
 public:
  void reset() { running_ = count_ = 0; }

  std::uint32_t begin(StartCause why) {
    running_ = ++count_;
    ended_[running_] = false;
    causes_[running_] = why;
    return running_;
  }
  void end(std::uint32_t incarnation) { ended_[incarnation] = true; }
  void end_all() { ended_.fill(true); }
  /// One that was suspended goes on.
  void resume(std::uint32_t incarnation) { running_ = incarnation; }

  [[nodiscard]] std::uint32_t running() const { return running_; }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  /// For good: nothing that it asks for is done.
  [[nodiscard]] bool has_ended(std::uint32_t incarnation) const { return ended_[incarnation]; }
  [[nodiscard]] StartCause cause_of(std::uint32_t incarnation) const { return causes_[incarnation]; }

 private:
  std::array<bool, kIncarnationPlaces> ended_ = {};
  std::array<StartCause, kIncarnationPlaces> causes_ = {};
  std::uint32_t running_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace saga_harness
