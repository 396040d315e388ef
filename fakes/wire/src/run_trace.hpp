#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/trace.hpp>
#include <saga_harness_internal/served_scenario.hpp>
#include <saga_harness_internal/wire_clock.hpp>

namespace saga_harness::wire {

using TextNumbers = internal::ByText<std::uint32_t>;

/// Of the texts in a trace, and of the keys that are known.
inline constexpr std::size_t kMostTextBytesOfRun = 16U << 20U;

/// The number of an attempt as traces and plans hold it, which count no further.
[[nodiscard]] constexpr std::uint16_t attempt_in_trace(std::uint32_t attempt) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint16_t>::max();
  return static_cast<std::uint16_t>(std::min(attempt, kMost));
}

/// The trace of a run, bounded: events that it has no room for are counted.
class RunTrace {
 public:
  /// The event may be completed until the next one.
  Event& emit(EventType type);
  /// An event that nobody is to see.
  Event& spare() {
    spare_ = Event{};
    return spare_;
  }
  std::uint32_t text_number(std::string_view text);
  /// Nothing is noted any more.
  void close() noexcept { closed_ = true; }
  void begin_incarnation() noexcept { ++incarnation_; }
  [[nodiscard]] std::uint8_t incarnation() const noexcept { return incarnation_; }
  /// Something of the run is not in the trace.
  void note_gap() noexcept { ++dropped_; }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }
  [[nodiscard]] std::int64_t now() const;
  [[nodiscard]] std::size_t event_count() const noexcept { return events_.size(); }
  [[nodiscard]] std::size_t kept_bytes() const noexcept {
    return events_.capacity() * sizeof(Event) + 2 * text_bytes_;  // as a text, and as a key to its number
  }
  [[nodiscard]] Trace copy() const { return {events_, texts_}; }

 private:
  const Clock::time_point opened_ = Clock::now();
  std::vector<Event> events_;
  Event spare_;
  std::vector<std::string> texts_ = {std::string()};
  TextNumbers text_numbers_;
  std::size_t text_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint8_t incarnation_ = 1;
  bool closed_ = false;
};

}  // namespace saga_harness::wire
