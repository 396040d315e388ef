#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness_internal/json_pointer.hpp>

namespace saga_harness::internal {
namespace {

std::string string_at(std::string_view pointer) {
  const JsonValue document = parse_json(
      R"({"": "empty", "a": {"b": "deep"}, "list": ["first", {"c": "in a list"}], "x/y": "slash", "m~n": "tilde"})",
      "document");
  const JsonValue* const value = at_pointer(document, pointer);
  return value == nullptr ? "nothing" : value->string;
}

TEST(JsonPointerTest, LeadsThroughObjectsAndLists) {
  EXPECT_EQ(string_at("/a/b"), "deep");
  EXPECT_EQ(string_at("/list/0"), "first");
  EXPECT_EQ(string_at("/list/1/c"), "in a list");
  EXPECT_EQ(string_at("/"), "empty");
  EXPECT_EQ(string_at("/x~1y"), "slash");
  EXPECT_EQ(string_at("/m~0n"), "tilde");
}

TEST(JsonPointerTest, LeadsNowhereWhereThereIsNothing) {
  for (const char* pointer :
       {"/b", "/a/b/c", "/list/2", "/list/00", "/list/-1", "/list/", "/list/0x", "/x/y", "/list/c"})
    EXPECT_EQ(string_at(pointer), "nothing") << pointer;
}

TEST(JsonPointerTest, IsEmptyOrBeginsWithASlashAndEscapesTildes) {
  for (const char* pointer : {"", "/", "/a", "/a/0", "/~0~1"})
    EXPECT_TRUE(is_json_pointer(pointer)) << pointer;
  for (const char* text : {"a", "a/b", "/~", "/~2", "/a~"}) EXPECT_FALSE(is_json_pointer(text)) << text;
}

std::string without(std::string_view json, std::vector<std::string> pointers) {
  return without_fields(json, pointers);
}

TEST(JsonFieldsTest, AreLeftOutWhereverTheyStand) {
  EXPECT_EQ(without(R"({"b": 1, "a": {"x": 2, "y": 3}})", {"/a/x"}), R"({"a":{"y":3},"b":1})");
  EXPECT_EQ(without(R"({"list": [1, {"at": 2}, 3]})", {"/list/1/at", "/list/0"}), R"({"list":[{},3]})");
  EXPECT_EQ(without(R"({"x/y": 1, "z": 2})", {"/x~1y"}), R"({"z":2})");
}

TEST(JsonFieldsTest, ThatAreNotThereChangeNothing) {
  EXPECT_EQ(without(R"({"a":{"x":1}})", {"/b", "/a/y", "/a/x/z", "/a/0"}), R"({"a":{"x":1}})");
  EXPECT_EQ(without("no JSON", {"/a"}), "no JSON");
}

TEST(JsonDifferenceTest, IsWhereTheFirstValueDiffers) {
  EXPECT_EQ(first_difference(R"({"a":1,"b":{"c":[1,2]}})", R"({"b":{"c":[1,3]},"a":1})"), "/b/c/1");
  EXPECT_EQ(first_difference(R"({"a":1})", R"({"a":"1"})"), "/a");
  EXPECT_EQ(first_difference(R"({"a":{"b":1}})", R"({"a":{}})"), "/a/b");
  EXPECT_EQ(first_difference(R"({"a":{}})", R"({"a":{"b":1}})"), "/a/b");
  EXPECT_EQ(first_difference("[1]", "[1,2]"), "/1");
}

TEST(JsonDifferenceTest, IsNowhereInWhatIsTheSameOrCannotBeRead) {
  EXPECT_EQ(first_difference(R"({"a":1,"b":2})", R"({"b":2,"a":1})"), std::nullopt);
  EXPECT_EQ(first_difference("1", "2"), std::nullopt);
  EXPECT_EQ(first_difference("{", "{}"), std::nullopt);
}

}  // namespace
}  // namespace saga_harness::internal
