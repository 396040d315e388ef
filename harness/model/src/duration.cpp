#include <saga_harness/duration.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

struct TimeUnit {
  std::string_view name;
  std::uint64_t microseconds;
};

// Largest first.
constexpr std::array kUnits{TimeUnit{"h", 3'600'000'000}, TimeUnit{"min", 60'000'000},
                            TimeUnit{"s", 1'000'000}, TimeUnit{"ms", 1'000}, TimeUnit{"us", 1}};

constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw Error(
      ErrorText{.message = internal::in_quotes(text) + " is not a duration: " + std::string(why),
                .fix = "write a number and a unit (us, ms, s, min or h) without a space, like \"250ms\""});
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }

std::string_view take_digits(std::string_view& rest) {
  std::size_t count = 0;
  while (count < rest.size() && is_digit(rest[count])) ++count;
  const std::string_view digits = rest.substr(0, count);
  rest.remove_prefix(count);
  return digits;
}

std::optional<std::uint64_t> whole_part(std::string_view digits, std::uint64_t unit) {
  std::uint64_t value = 0;
  for (const char digit : digits) {
    const auto added = static_cast<std::uint64_t>(digit - '0');
    if (value > (kLargest - added) / 10) return std::nullopt;
    value = value * 10 + added;
  }
  if (value > kLargest / unit) return std::nullopt;
  return value * unit;
}

std::optional<std::uint64_t> fraction_part(std::string_view digits, std::uint64_t unit) {
  while (!digits.empty() && digits.back() == '0') digits.remove_suffix(1);
  // No unit has more than ten digits of microseconds.
  if (digits.size() > 10) return std::nullopt;
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 1;
  for (const char digit : digits) {
    numerator = numerator * 10 + static_cast<std::uint64_t>(digit - '0');
    denominator *= 10;
  }
  const std::uint64_t common = std::gcd(denominator, unit);
  if (numerator % (denominator / common) != 0) return std::nullopt;
  return numerator / (denominator / common) * (unit / common);
}

const TimeUnit* find_unit(std::string_view name) {
  for (const TimeUnit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

}  // namespace

Duration parse_duration(std::string_view text) {
  std::string_view rest = text;
  if (!rest.empty() && rest.front() == '-') refuse(text, "it is negative");
  const std::string_view whole = take_digits(rest);
  if (whole.empty()) refuse(text, "it does not begin with a number");
  std::string_view fraction;
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
    if (fraction.empty()) refuse(text, "no digit follows the point");
  }
  if (rest.empty()) refuse(text, "it has no unit");
  const TimeUnit* unit = find_unit(rest);
  if (unit == nullptr) refuse(text, internal::in_quotes(rest) + " is not a unit");

  const std::optional<std::uint64_t> whole_microseconds = whole_part(whole, unit->microseconds);
  if (!whole_microseconds) refuse(text, "it is too long");
  const std::optional<std::uint64_t> microseconds = fraction_part(fraction, unit->microseconds);
  if (!microseconds) refuse(text, "it is finer than a microsecond");
  if (*whole_microseconds > kLargest - *microseconds) refuse(text, "it is too long");
  return Duration(static_cast<std::int64_t>(*whole_microseconds + *microseconds));
}

std::string format_duration(Duration duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  const std::uint64_t magnitude =
      count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  std::string text = count < 0 ? "-" : "";
  for (const TimeUnit& unit : kUnits) {
    if (magnitude % unit.microseconds == 0) {
      text += std::to_string(magnitude / unit.microseconds);
      text += unit.name;
      break;
    }
  }
  return text;
}

}  // namespace saga_harness
