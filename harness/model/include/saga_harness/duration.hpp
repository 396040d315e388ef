#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <string_view>

namespace saga_harness {

/// Virtual time and every timeout are counted in whole microseconds.
using Duration = std::chrono::microseconds;

/// The clock of a run, which begins with it. Nobody reads it but through Runtime::now().
struct VirtualClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<VirtualClock, duration>;
  static constexpr bool is_steady = false;  // see FaultKind::kClockBack
};

/// A point in virtual time. A duration between two of them is no Time, nor the sum of two.
using Time = VirtualClock::time_point;
void PrintTo(const Time& value, std::ostream* out);  ///< `1500ms`, since the run began

/// Reads `"250ms"`, `"10s"`, `"1.5min"`, `"40us"`, `"2h"`. The unit is mandatory.
/// @throws Error that quotes the text, if it is not a non-negative number with one of those units or does not
/// fit.
[[nodiscard]] Duration parse_duration(std::string_view text);

/// In the largest unit of which it is a whole number, so that parse_duration() reads it back exactly:
/// `"10s"`, `"2min"`,
/// `"1500ms"`, `"7us"`.
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace saga_harness

// A Duration is a type of the standard library, where gtest finds nothing of ours beside it: of all that it
// shows, this is how it shows one. Nothing of gtest is needed here.
namespace testing::internal {
template <typename T>
class UniversalPrinter;
/// A saga_harness::Duration as format_duration() has it: `1500ms`.
template <>
class UniversalPrinter<saga_harness::Duration> {
 public:
  static void Print(const saga_harness::Duration& value, std::ostream* out);
};
}  // namespace testing::internal
