#include <saga_harness/context.hpp>

#include <clocale>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using testing::HasSubstr;

TEST(JsonTest, TakesScalars) {
  EXPECT_EQ(Json("CUST-123").text(), R"("CUST-123")");
  EXPECT_EQ(Json(true).text(), "true");
  EXPECT_EQ(Json(-7).text(), "-7");
  EXPECT_EQ(Json(std::int64_t{1} << 62).text(), "4611686018427387904");
  EXPECT_EQ(Json(0.1).text(), "0.1");
  EXPECT_EQ(Json(2.0).text(), "2");
  EXPECT_EQ(Json(-0.0).text(), "0");
  EXPECT_EQ(Json(1e300).text(), "1e+300");
}

TEST(JsonTest, TakesEveryKindOfInteger) {
  EXPECT_EQ(Json(7U).text(), "7");
  EXPECT_EQ(Json(7LL).text(), "7");
  EXPECT_EQ(Json(std::size_t{7}).text(), "7");
  EXPECT_EQ(Json(std::numeric_limits<std::int64_t>::min()).text(), "-9223372036854775808");
  EXPECT_THAT(error_of([] { return Json(std::numeric_limits<std::uint64_t>::max()); }),
              HasSubstr("does not fit"));
}

TEST(JsonTest, ANumberTooLargeForAnIntegerReadsBackAsANumber) {
  const std::string text = Json(123456789012345680000.0).text();
  EXPECT_EQ(Json::parse(text).text(), text);
}

TEST(JsonTest, EscapesWhatMustBe) {
  EXPECT_EQ(Json(std::string("\"\\/\b\f\n\r\t\x01\x1f\0 <\xC3\xA9", 15)).text(),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000 <\xC3\xA9\"");
}

TEST(JsonTest, RefusesWhatIsNotJson) {
  EXPECT_THAT(error_of([] { return Json("\xff"); }), HasSubstr("not UTF-8"));
  EXPECT_THAT(error_of([] { return Json(static_cast<const char*>(nullptr)); }), HasSubstr("null pointer"));
  EXPECT_THAT(error_of([] { return Json(std::numeric_limits<double>::quiet_NaN()); }), HasSubstr("NaN"));
  EXPECT_THAT(error_of([] { return Json(std::numeric_limits<double>::infinity()); }), HasSubstr("infinite"));
}

TEST(JsonTest, ParsesToTheCanonicalForm) {
  EXPECT_EQ(Json::parse(" { \"b\" : [ 1.0 , 2.50, 1e2 ] , \"a\" : { } } ").text(),
            R"({"a":{},"b":[1,2.5,100]})");
  EXPECT_EQ(Json::parse("null").text(), "null");
  EXPECT_EQ(Json::parse(R"("\u00e9\ud83d\ude00\u0041")").text(),
            "\"\xC3\xA9\xF0\x9F\x98\x80"
            "A\"");
}

std::string parsed_or_refused(std::string_view text) {
  try {
    return Json::parse(text).text();
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(JsonTest, DoesNotDependOnTheLocale) {
  if (std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr) {
    GTEST_SKIP() << "there is no locale with a decimal comma";
  }
  const std::string text = parsed_or_refused("[1.5, 1234567.25, 1e-7]");
  std::setlocale(LC_ALL, "C");
  EXPECT_EQ(text, "[1.5,1234567.25,1e-07]");
}

TEST(JsonTest, SaysWhereTheTextIsWrong) {
  EXPECT_THAT(error_of([] { return Json::parse("[1,\n  2,,\n  3]"); }),
              HasSubstr("JSON text:2:5: not JSON: "));
  EXPECT_THAT(error_of([] { return Json::parse("[\"\xC3\xA9\", x]"); }),
              HasSubstr("JSON text:1:7: not JSON: "));
  EXPECT_THAT(error_of([] { return Json::parse(""); }), HasSubstr("JSON text:1:1: not JSON: "));
  EXPECT_THAT(error_of([] { return Json::parse("1 2"); }), HasSubstr("JSON text:1:3: not JSON: "));
}

TEST(ContextTest, IsTheEmptyObjectByDefault) { EXPECT_EQ(Context().text(), "{}"); }

TEST(ContextTest, TakesMembersInAnyOrder) {
  const Context context{{"quantity", 2}, {"customer_id", "CUST-123"}, {"items", Json::parse("[ 1 ]")}};
  EXPECT_EQ(context.text(), R"({"customer_id":"CUST-123","items":[1],"quantity":2})");
  EXPECT_EQ(context, Context::parse(context.text()));
}

TEST(ContextTest, RefusesANameTwice) {
  EXPECT_EQ(error_of([] {
              return Context{{"a", 1}, {"a", 2}};
            }),
            "context: the name \"a\" is given twice; remove one");
  EXPECT_EQ(error_of([] { return Context::parse(R"({"a": 1, "a": 2})"); }),
            "context: /a: the key \"a\" is given twice; remove one");
}

TEST(ContextTest, RefusesWhatIsNoObject) {
  EXPECT_THAT(error_of([] { return Context::parse("[]"); }), HasSubstr("expected an object"));
}

}  // namespace
}  // namespace saga_harness
