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

}  // namespace
}  // namespace saga_harness::internal
