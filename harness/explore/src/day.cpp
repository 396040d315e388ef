#include <saga_harness_internal/day.hpp>

#include <charconv>

namespace saga_harness {

namespace {

constexpr std::size_t kDayLength = 10;  // 2027-06-30

int number_at(std::string_view text, std::size_t from, std::size_t length) {
  int number = -1;
  const char* end = text.data() + from + length;
  const auto [stop, error] = std::from_chars(text.data() + from, end, number);
  return error == std::errc() && stop == end ? number : -1;
}

}  // namespace

bool internal::is_day(std::string_view text) {
  if (text.size() != kDayLength || text[4] != '-' || text[7] != '-') return false;
  const int year = number_at(text, 0, 4);
  const int month = number_at(text, 5, 2);
  const int day = number_at(text, 8, 2);
  if (year < 1 || month < 1 || month > 12) return false;
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const bool is_short = month == 4 || month == 6 || month == 9 || month == 11;
  return day >= 1 && day <= (month == 2 ? (is_leap ? 29 : 28) : is_short ? 30 : 31);
}

}  // namespace saga_harness
