#include <saga_harness/duration.hpp>

#include <cstdint>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(ParseDurationTest, ReadsEveryUnit) {
  EXPECT_EQ(parse_duration("40us"), 40us);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("3min"), 3min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("0ms"), 0us);
  EXPECT_EQ(parse_duration("007s"), 7s);
}

TEST(ParseDurationTest, ReadsFractionsThatAreWholeMicroseconds) {
  EXPECT_EQ(parse_duration("1.5min"), 90s);
  EXPECT_EQ(parse_duration("0.001ms"), 1us);
  EXPECT_EQ(parse_duration("1.50000000000000000000000000s"), 1500ms);
  EXPECT_EQ(parse_duration("0.0009765625h"), 3515625us);
}

TEST(ParseDurationTest, RefusesWhatIsFinerThanAMicrosecond) {
  for (const char* text : {"1.5us", "0.0001ms", "0.00000000001h", "0.3333333333h"}) {
    EXPECT_THAT(error_of([&] { return parse_duration(text); }), HasSubstr("finer than a microsecond"))
        << text;
  }
}

TEST(ParseDurationTest, QuotesTheTextAndSaysTheMend) {
  EXPECT_EQ(
      error_of([] { return parse_duration("250"); }),
      "\"250\" is not a duration: it has no unit; write a number and a unit (us, ms, s, min or h) without a "
      "space, like \"250ms\"");
}

TEST(ParseDurationTest, RefusesEverythingElse) {
  EXPECT_THAT(error_of([] { return parse_duration(""); }), HasSubstr("does not begin with a number"));
  EXPECT_THAT(error_of([] { return parse_duration("ms"); }), HasSubstr("does not begin with a number"));
  EXPECT_THAT(error_of([] { return parse_duration("+1s"); }), HasSubstr("does not begin with a number"));
  EXPECT_THAT(error_of([] { return parse_duration(".5s"); }), HasSubstr("does not begin with a number"));
  EXPECT_THAT(error_of([] { return parse_duration("-1s"); }), HasSubstr("it is negative"));
  EXPECT_THAT(error_of([] { return parse_duration("5.s"); }), HasSubstr("no digit follows the point"));
  EXPECT_THAT(error_of([] { return parse_duration("5m"); }), HasSubstr("\"m\" is not a unit"));
  EXPECT_THAT(error_of([] { return parse_duration("5 s"); }), HasSubstr("\" s\" is not a unit"));
  EXPECT_THAT(error_of([] { return parse_duration("5S"); }), HasSubstr("\"S\" is not a unit"));
  EXPECT_THAT(error_of([] { return parse_duration("5s "); }), HasSubstr("\"s \" is not a unit"));
  EXPECT_THAT(error_of([] { return parse_duration("1e3s"); }), HasSubstr("\"e3s\" is not a unit"));
  EXPECT_THAT(error_of([] { return parse_duration("5\xffs"); }), HasSubstr("\"\\xffs\" is not a unit"));
}

TEST(ParseDurationTest, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parse_duration("9223372036854775807us").count(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_duration("9223372036854.775807s").count(), std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"9223372036854775808us", "9223372036854.775808s", "2562047789h",
                           "99999999999999999999999999999999s", "18446744073709551617us"}) {
    EXPECT_THAT(error_of([&] { return parse_duration(text); }), HasSubstr("too long"))

        << text;
  }
}

TEST(FormatDurationTest, TakesTheLargestUnitThatGivesAWholeNumber) {
  EXPECT_EQ(format_duration(0us), "0s");
  EXPECT_EQ(format_duration(7us), "7us");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(10s), "10s");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(120s), "2min");
  EXPECT_EQ(format_duration(48h), "48h");
}

TEST(FormatDurationTest, ShowsTheExtremes) {
  EXPECT_EQ(format_duration(-5ms), "-5ms");
  EXPECT_EQ(format_duration(Duration::min()), "-9223372036854775808us");
  EXPECT_EQ(format_duration(Duration::max()), "9223372036854775807us");
}

TEST(FormatDurationTest, IsReadBackExactly) {
  for (const std::int64_t count :
       {0L, 1L, 999L, 1000L, 1001L, 59999999L, 60000000L, 3600000000L, 123456789012L}) {
    EXPECT_EQ(parse_duration(format_duration(Duration(count))), Duration(count));
  }
}

}  // namespace
}  // namespace saga_harness
