// Fields of a body are found by skipping over the rest of it: that must give what reading it whole gives.

#include "mapping/body_fields.hpp"

#include <gtest/gtest.h>

namespace saga_harness::http_tests {
namespace {

std::string found(std::string_view body, std::string_view pointer) {
  http::BodyFields fields(body);
  const std::string first = fields.find(pointer);
  EXPECT_EQ(fields.find(pointer), first) << body;
  return first;
}

TEST(BodyFieldsTest, StringsAndIntegersAreFoundWhereverTheyStand) {
  const std::string_view body =
      R"( {"a":"x", "deep" : { "b":[1,{"c":"}"}], "d":-42,"e":"" } ,"f":{"g":{"h":"deep down"}}, "i":true,
           "list":[{"k":"first"},{"k":"second"}],"last":0} )";
  EXPECT_EQ(found(body, "/a"), "x");
  EXPECT_EQ(found(body, "/deep/d"), "-42");
  EXPECT_EQ(found(body, "/deep/e"), "");
  EXPECT_EQ(found(body, "/f/g/h"), "deep down");
  EXPECT_EQ(found(body, "/list/1/k"), "second");
  EXPECT_EQ(found(body, "/last"), "0");
  for (const std::string_view nothing :
       {"/i", "/deep", "/list", "/g", "/c", "/f/h", "/a/b", "/list/2/k", "/deep/b"})
    EXPECT_EQ(found(body, nothing), "") << nothing;
}

TEST(BodyFieldsTest, EscapesAreDecodedInKeysAndValues) {
  const std::string_view body =
      R"({"q\"uote":"skip","text":"a \"b\" \u00e4","s\u0061ga":"id","x/y":"slash","~":"tilde"})";
  EXPECT_EQ(found(body, "/text"), "a \"b\" \xc3\xa4");
  EXPECT_EQ(found(body, "/saga"), "id");
  EXPECT_EQ(found(body, "/x~1y"), "slash");
  EXPECT_EQ(found(body, "/~0"), "tilde");
  EXPECT_EQ(found(R"({"a":"\\","b":"c"})", "/b"), "c");
}

TEST(BodyFieldsTest, NumbersThatAreNoIntegersAreNotFound) {
  EXPECT_EQ(found(R"({"n":1.5})", "/n"), "");
  EXPECT_EQ(found(R"({"n":1e3})", "/n"), "");
  EXPECT_EQ(found(R"({"n":9223372036854775807})", "/n"), "9223372036854775807");
  EXPECT_EQ(found(R"({"n":99999999999999999999})", "/n"), "");
  EXPECT_EQ(found(R"({"n":007})", "/n"), "");
  EXPECT_EQ(found(R"({"n":-})", "/n"), "");
}

TEST(BodyFieldsTest, WhatIsNoJsonHasNoFields) {
  for (const std::string_view body :
       {"", "saga_id", "\"saga_id\"", "{\"saga_id\"", "{\"saga_id\":", "{\"saga_id\":\"x", "{saga_id:1}",
        "[[[[saga_id", "{\"a\":[1,\"saga_id\":\"x\"", "}\"saga_id\":\"x\"", "{\"a\":\"\\", "{\"saga_id\":12"})
    EXPECT_EQ(found(body, "/saga_id"), "") << body;
}

}  // namespace
}  // namespace saga_harness::http_tests
