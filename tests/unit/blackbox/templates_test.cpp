#include "templates.hpp"

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

namespace saga_harness::blackbox {
namespace {

TemplateValues values() {
  TemplateValues values;
  values.texts = {{"saga_id", "s-1"}, {"context", R"({"name":"{saga_id} \"x\""})"}};
  values.service_urls = {{"stock", "http://127.0.0.1:1/~s-1"}};
  return values;
}

TEST(TemplatesTest, PlaceholdersAreFilledIn) {
  EXPECT_EQ(fill("{service_url:stock}/reserve?id={saga_id}", values()),
            "http://127.0.0.1:1/~s-1/reserve?id=s-1");
}

TEST(TemplatesTest, OtherBracesAreLeftAlone) {
  EXPECT_EQ(fill(R"({"id": "{saga_id}", "list": [{}]})", values()), R"({"id": "s-1", "list": [{}]})");
}

TEST(TemplatesTest, AWholeStringBecomesTheObjectItStandsFor) {
  EXPECT_EQ(
      fill_json(R"({"all":"{service_urls}","context":"{context}","id":"<{saga_id}>"})", values()),
      R"({"all":{"stock":"http://127.0.0.1:1/~s-1"},"context":{"name":"{saga_id} \"x\""},"id":"<s-1>"})");
}

TEST(TemplatesTest, WithinAStringAnObjectIsItsText) {
  EXPECT_EQ(fill_json(R"({"context":"= {context}"})", values()),
            R"({"context":"= {\"name\":\"{saga_id} \\\"x\\\"\"}"})");
}

TEST(TemplatesTest, WhatHasNoValueIsAnError) {
  EXPECT_THROW(static_cast<void>(fill("{port}", values())), Error);
  EXPECT_THROW(static_cast<void>(fill("{service_url:payments}", values())), Error);
}

}  // namespace
}  // namespace saga_harness::blackbox
