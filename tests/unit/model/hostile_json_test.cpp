#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using model_test::order_saga;
using testing::HasSubstr;
using testing::StartsWith;

std::string refusal(std::string_view json) {
  return error_of([&] { return parse_saga(json, "orders.json"); });
}

TEST(HostileJsonTest, RefusesSixtyFourMebibytesBeforeReadingThem) {
  EXPECT_EQ(refusal(std::string(std::size_t{64} << 20U, '[')),
            "orders.json: the text has 67108864 bytes, more than 16777216 (16 MiB); split it");
}

TEST(HostileJsonTest, ReadsTextsUpToTheLimit) {
  std::string text = to_json(order_saga());
  text.resize(std::size_t{16} << 20U, ' ');
  EXPECT_EQ(parse_saga(text, "f"), order_saga());
  text += ' ';
  EXPECT_THAT(refusal(text), HasSubstr("more than 16777216"));
}

TEST(HostileJsonTest, RefusesAHundredThousandLevels) {
  for (const char* level : {"[", "{\"a\":", "[{\"a\":"}) {
    std::string text;
    for (int depth = 0; depth < 100'000; ++depth) text += level;
    EXPECT_THAT(refusal(text), HasSubstr("nests deeper than 64 levels"));
  }
}

TEST(HostileJsonTest, AcceptsSixtyFourLevels) {
  const std::string levels = std::string(64, '[') + std::string(64, ']');
  EXPECT_EQ(Json::parse(levels).text(), levels);
  EXPECT_THAT(error_of([&] { return Json::parse("[" + levels + "]"); }),
              HasSubstr("nests deeper than 64 levels"));
}

TEST(HostileJsonTest, RefusesMoreThanAMillionValues) {
  std::string text = "[0";
  for (int count = 0; count < 1'000'000; ++count) text += ",0";
  EXPECT_THAT(refusal(text + "]"), HasSubstr("more than 1000000 values"));
}

TEST(HostileJsonTest, RefusesBadUtf8) {
  for (const char* bytes : {"\xff", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3", "\x80"}) {
    const std::string message = refusal(std::string("{\"name\": \"") + bytes + "\"}");
    EXPECT_THAT(message, StartsWith("orders.json:1:1")) << message;
    EXPECT_THAT(message, HasSubstr("UTF-8")) << message;
  }
}

TEST(HostileJsonTest, RefusesLoneSurrogates) {
  EXPECT_THAT(refusal(R"({"name": "\ud800"})"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(R"({"name": "\udc00"})"), HasSubstr("not JSON"));
}

TEST(HostileJsonTest, RefusesRepeatedKeysAtAnyDepth) {
  EXPECT_EQ(refusal(R"({"name": "a", "steps": [], "name": "b"})"),
            "orders.json: /name: the key \"name\" is given twice; remove one");
  EXPECT_EQ(refusal(R"({"name": "s", "steps": [{}, {"a~/b": [1, {"x": 0, "y": 1, "x": 2}]}]})"),
            "orders.json: /steps/1/a~0~1b/1/x: the key \"x\" is given twice; remove one");
  EXPECT_THAT(refusal(R"({"a": 1, "\u0061": 2})"), HasSubstr("/a: the key \"a\" is given twice"));
}

TEST(HostileJsonTest, EscapesPointers) {
  EXPECT_THAT(refusal(R"({"~/\n": 1})"),
              StartsWith("orders.json: /~0~1\\x0a: a saga has no key \"~/\\x0a\""));
}

TEST(HostileJsonTest, RefusesEveryTruncation) {
  const std::string whole = to_json(order_saga());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_THAT(refusal(whole.substr(0, length)), StartsWith("orders.json:1:")) << length;
  }
}

TEST(HostileJsonTest, SurvivesEveryReplacedByte) {
  const std::string whole = to_json(
      {.name = "s", .steps = {{.name = "a", .service = "x", .pivot = true, .after = {{}}}}, .deadline = {}});
  for (std::size_t place = 0; place < whole.size(); ++place) {
    for (const char byte : {'\0', '"', '{', '}', ',', '9', '\\', '\xff'}) {
      std::string changed = whole;
      changed[place] = byte;
      const std::string message = refusal(changed);  // either refused with an Error, or read whole
      ASSERT_THAT(message, testing::AnyOf("(no error)", StartsWith("orders.json:")));
    }
  }
}

TEST(HostileJsonTest, RefusesNumbersThatDoNotFit) {
  EXPECT_THAT(refusal(R"({"name": 1e400})"), HasSubstr("orders.json:1:"));
  EXPECT_THAT(refusal(R"({"name": 1e400})"), HasSubstr("a number is out of range"));
  EXPECT_EQ(
      refusal(R"({"name": "s", "steps": [9223372036854775808]})"),
      "orders.json: /steps/0: the integer 9223372036854775808 does not fit in 64 bits; write it as a string");
  EXPECT_THAT(refusal(R"({"a": -123456789012345678901234567890})"), HasSubstr("/a: the integer -1234567890"));
  EXPECT_THAT(
      refusal(
          R"({"name": "s", "steps": [{"name": "a", "service": "x", "retry": {"attempts": 4294967297}}]})"),
      HasSubstr("/steps/0/retry/attempts: the integer 4294967297 is out of range"));
}

TEST(HostileJsonTest, RefusesWhatOnlyLooksLikeJson) {
  for (const char* text : {"NaN", "{\"a\": Infinity}", "{'a': 1}", "{\"a\": 1,}", "// a\n{}", "{\"a\": 01}",
                           "{} {}", "\"a\tb\"", "[1 2]", "tru"}) {
    EXPECT_THAT(refusal(text), HasSubstr("not JSON: ")) << text;
  }
}

TEST(HostileJsonTest, SaysLineAndColumnOfASyntaxError) {
  EXPECT_EQ(refusal("{\n  \"name\": \"s\",\n  \"steps\": [}\n"),
            "orders.json:3:13: not JSON: syntax error while parsing value - unexpected '}'; expected '[', "
            "'{', or a "
            "literal; fix the text there");
}

TEST(HostileJsonTest, ShowsNoLongOrRawTextInErrors) {
  EXPECT_EQ(
      refusal("[tru\xff"),
      "orders.json:1:5: not JSON: syntax error while parsing value - invalid literal; fix the text there");
  const std::string message = refusal("{\"" + std::string(1'000'000, 'x') + "\x7f\": 1}");
  EXPECT_LT(message.size(), 2000U);
}

}  // namespace
}  // namespace saga_harness
