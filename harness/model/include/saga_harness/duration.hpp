#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace saga_harness {

/// Virtual time and every timeout are counted in whole microseconds.
using Duration = std::chrono::microseconds;

/// Virtual time since the run began.
using Time = std::chrono::microseconds;

/// Reads `"250ms"`, `"10s"`, `"1.5min"`, `"40us"`, `"2h"`. The unit is mandatory.
/// @throws Error that quotes the text, if it is not a non-negative number with one of those units or does not
/// fit.
[[nodiscard]] Duration parse_duration(std::string_view text);

/// In the largest unit of which it is a whole number, so that parse_duration() reads it back exactly:
/// `"10s"`, `"2min"`,
/// `"1500ms"`, `"7us"`.
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace saga_harness
