#include "text/foreign_text.hpp"

#include <string>

#include <gtest/gtest.h>

namespace saga_harness::reports {
namespace {

using namespace std::string_literals;

TEST(ForeignTextTest, CleanTextShowsWhatWouldHaveActed) {
  EXPECT_EQ(clean("a\0b"s), "a\\x00b");
  EXPECT_EQ(clean("\x1b[31mred\x7f"), "\\x1b[31mred\\x7f");
  EXPECT_EQ(clean("\xff\xc3("), "\\xff\\xc3(");
  EXPECT_EQ(clean("a\nb"), "a\\x0ab");
  EXPECT_EQ(clean("\u2028\u202e\u200f\ufeff\uffff"), "\\u{2028}\\u{202e}\\u{200f}\\u{feff}\\u{ffff}");
  EXPECT_EQ(clean("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half of a surrogate pair";
  EXPECT_EQ(clean("naïve Ω 😀 مرحبا"), "naïve Ω 😀 مرحبا");
}

TEST(ForeignTextTest, LineEndsStayWhereTheyAreAskedFor) { EXPECT_EQ(clean_lines("a\nb\r"), "a\nb\\x0d"); }

TEST(ForeignTextTest, LongTextIsCutBetweenCharactersAndSaysHowMuchIsMissing) {
  EXPECT_EQ(clean(std::string(100'000, 'x'), 10), "xxxxxxxxxx... (99990 bytes more)");
  EXPECT_EQ(clean("ΩΩΩ", 3), "Ω... (4 bytes more)");
}

TEST(ForeignTextTest, XmlHasNoMarkupLeft) {
  EXPECT_EQ(xml("<a b=\"c\">&'</a>]]>"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;&lt;/a&gt;]]&gt;");
  EXPECT_EQ(xml("a\nb\x01"), "a&#10;b\\x01");
}

TEST(ForeignTextTest, MarkdownHasNoMarkupLeft) {
  EXPECT_EQ(markdown("a | b"), "a &#124; b");
  EXPECT_EQ(markdown("*_`<#@[]"), "&#42;&#95;&#96;&#60;&#35;&#64;&#91;&#93;");
}

TEST(ForeignTextTest, MermaidEscapesAllButAFew) {
  EXPECT_EQ(mermaid("end;#$$\"<Ω"), "end#59;#35;#36;#36;#34;#60;#937;");
  EXPECT_EQ(mermaid("pay (2) a-b_c.d/e, f"), "pay (2) a-b_c.d/e, f");
}

TEST(ForeignTextTest, FittedTextIsNoWiderThanAskedFor) {
  EXPECT_EQ(fitted("abcdef", 6), "abcdef");
  EXPECT_EQ(fitted("abcdefg", 6), "abc...");
  EXPECT_EQ(fitted("ΩΩΩΩΩΩΩ", 6), "ΩΩΩ...");
  EXPECT_EQ(fitted("\u6F22\u5B57\u6F22\u5B57", 6), "\u6F22...") << "two would be a column too many";
}

}  // namespace
}  // namespace saga_harness::reports
