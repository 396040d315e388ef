#include <saga_harness_internal/text.hpp>

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace saga_harness::internal {
namespace {

TEST(Utf8Test, IsTold) {
  for (const char* text :
       {"", "a", "\x7f", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "a\xC3\xA9z"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

TEST(Utf8Test, IsToldFromWhatResemblesIt) {
  for (const char* text :
       {"\x80", "\xBF", "\xC3", "\xC3z", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE2\x82",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xFE"}) {
    EXPECT_FALSE(is_utf8(text)) << printable(text);
  }
}

TEST(PrintableTest, EscapesControlCharactersAndBadBytes) {
  EXPECT_EQ(printable("a\n\x1b[31m\x7f\xC2\x9B\xFF \xC3\xA9"),
            "a\\x0a\\x1b[31m\\x7f\\xc2\\x9b\\xff \xC3\xA9");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(PrintableTest, EscapesWhatActsOnTheTextAroundIt) {
  EXPECT_EQ(printable("pay\u202Eyap\u2066\u200F"), "pay\\u{202e}yap\\u{2066}\\u{200f}") << "direction";
  EXPECT_EQ(printable("a\u200Bb\u00AD\uFEFF\u2060"), "a\\u{200b}b\\u{ad}\\u{feff}\\u{2060}") << "no width";
  EXPECT_EQ(printable("a\u2028b\u2029"), "a\\u{2028}b\\u{2029}") << "ends of lines";
  EXPECT_EQ(printable("\U000E0041\uFFFF"), "\\u{e0041}\\u{ffff}") << "a tag, and no character";
  EXPECT_EQ(printable("na\u00EFve \u03A9 \u6F22 \u0645\u0631 e\u0301"),
            "na\u00EFve \u03A9 \u6F22 \u0645\u0631 e\u0301");
}

TEST(DisplayWidthTest, IsThatOfATerminal) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("\u03A9\u00EF"), 2U);
  EXPECT_EQ(display_width("\u6F22\u5B57"), 4U) << "wide";
  EXPECT_EQ(display_width("\U0001F600"), 2U);
  EXPECT_EQ(display_width("e\u0301"), 1U) << "a mark on the letter before";
}

TEST(PrintableTest, CutsOffWhatIsLong) {
  EXPECT_EQ(printable("12345", 5), "12345");
  EXPECT_EQ(printable("123456", 5), "12345...");
}

TEST(ListedTest, ReadsLikeASentence) {
  const std::array<std::string_view, 3> names{"a", "b", "c"};
  EXPECT_EQ(listed(names), "a, b or c");
  EXPECT_EQ(listed(std::span(names).first(2), "and"), "a and b");
  EXPECT_EQ(listed(std::span(names).first(1)), "a");
  EXPECT_EQ(listed({}), "");
}

TEST(SuggestionTest, NamesTheNearestElseAllIfTheyAreFew) {
  const std::array<std::string_view, 2> names{"timeout", "retry"};
  EXPECT_EQ(name_fix("timeot", names), "did you mean \"timeout\"?");
  EXPECT_EQ(name_fix("zzzzzz", names), "expected timeout or retry");
  const std::array<std::string_view, 21> many{"a"};
  EXPECT_EQ(name_fix("zzzzzz", many), "");
  EXPECT_EQ(name_fix("zzzzzz", {}), "");
  EXPECT_EQ(suggestion("timeot", names), "; did you mean \"timeout\"?");
  EXPECT_EQ(suggestion("zzzzzz", {}), "");
  EXPECT_EQ(name_fix("timeot", names, "remove it"), "did you mean \"timeout\"?; remove it");
  EXPECT_EQ(name_fix("zzzzzz", many, "remove it"), "remove it");
}

}  // namespace
}  // namespace saga_harness::internal
