#include <saga_harness/condition.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using model_test::order_saga;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Context kContext = Context::parse(
    R"({"gift": true, "total": 99.5, "count": 2, "none": null, "a/b": {"~": [10, {"x": 1}]}, "": "empty"})");

bool is(const char* pointer, Comparison comparison, Json value) {
  return holds({.pointer = pointer, .comparison = comparison, .value = std::move(value)}, kContext);
}

TEST(HoldsTest, ComparesForEquality) {
  EXPECT_TRUE(is("/gift", Comparison::kEquals, true));
  EXPECT_FALSE(is("/gift", Comparison::kEquals, false));
  EXPECT_FALSE(is("/gift", Comparison::kEquals, "true"));
  EXPECT_TRUE(is("/none", Comparison::kEquals, Json::parse("null")));
  EXPECT_FALSE(is("/nowhere", Comparison::kEquals, Json::parse("null")));
}

TEST(HoldsTest, TakesNumbersForWhatTheyAreWorth) {
  EXPECT_TRUE(is("/count", Comparison::kEquals, 2.0));
  EXPECT_TRUE(is("/a~1b/~0", Comparison::kEquals, Json::parse(R"([10.0, {"x": 1e0}])")));
  EXPECT_FALSE(is("/count", Comparison::kEquals, 2.5));
  const Condition large{.pointer = "/n", .comparison = Comparison::kEquals, .value = 1e17};
  EXPECT_TRUE(holds(large, Context{{"n", 100'000'000'000'000'000}}));
}

TEST(HoldsTest, DiffersFromWhatIsNotThere) {
  EXPECT_TRUE(is("/gift", Comparison::kDiffersFrom, false));
  EXPECT_FALSE(is("/gift", Comparison::kDiffersFrom, true));
  EXPECT_TRUE(is("/nowhere", Comparison::kDiffersFrom, true));
}

TEST(HoldsTest, ABoundIsAtMostItself) {
  EXPECT_TRUE(is("/total", Comparison::kAbove, 99));
  EXPECT_FALSE(is("/total", Comparison::kAbove, 99.5));
  EXPECT_TRUE(is("/total", Comparison::kAtMost, 99.5));
  EXPECT_FALSE(is("/count", Comparison::kAtMost, 1));
  EXPECT_TRUE(is("/count", Comparison::kAbove, 1));
}

TEST(HoldsTest, NumbersBeyondWhatADoubleHoldsAreComparedExactly) {
  const Context context = Context::parse(R"({"id": 9007199254740993})");
  const Condition above{.pointer = "/id", .comparison = Comparison::kAbove, .value = 9007199254740992};
  EXPECT_TRUE(holds(above, context));
}

TEST(HoldsTest, PresentIsWhateverIsThere) {
  EXPECT_TRUE(is("/none", Comparison::kPresent, true));
  EXPECT_FALSE(is("/none", Comparison::kPresent, false));
  EXPECT_FALSE(is("/nowhere", Comparison::kPresent, true));
  EXPECT_TRUE(is("/nowhere", Comparison::kPresent, false));
}

TEST(HoldsTest, FollowsPointers) {
  EXPECT_TRUE(is("", Comparison::kPresent, true));
  EXPECT_TRUE(is("/", Comparison::kEquals, "empty"));
  EXPECT_TRUE(is("/a~1b/~0/0", Comparison::kEquals, 10));
  EXPECT_TRUE(is("/a~1b/~0/1/x", Comparison::kEquals, 1));
  for (const char* nowhere : {"/a/b", "/a~1b/~0/00", "/a~1b/~0/01", "/a~1b/~0/2", "/a~1b/~0/-", "/a~1b/~0/1x",
                              "/a~1b/~0/", "/gift/x", "/gift/", "/a~1b/~0/99999999999999999999"}) {
    EXPECT_FALSE(is(nowhere, Comparison::kPresent, true)) << nowhere;
  }
}

TEST(HoldsTest, WithoutANumberThereIsNoMore) {
  EXPECT_THAT(error_of([] { return is("/gift", Comparison::kAbove, 1); }),
              testing::AllOf(HasSubstr(R"("/gift above 1" needs a number)"), HasSubstr("leads to true in")));
  EXPECT_THAT(error_of([] { return is("/nowhere", Comparison::kAtMost, 1); }), HasSubstr("leads to nothing"));
}

TEST(HoldsTest, RefusesABadCondition) {
  EXPECT_THAT(error_of([] { return is("gift", Comparison::kPresent, true); }), HasSubstr("no JSON pointer"));
  EXPECT_THAT(error_of([] { return is("/count", Comparison::kAbove, "1"); }), HasSubstr("no number"));
}

TEST(ConditionTextTest, ReadsAsASentenceWould) {
  EXPECT_EQ(to_string(Condition{.pointer = "/gift", .comparison = Comparison::kEquals}), "/gift equals true");
  EXPECT_EQ(to_string(Condition{.pointer = "/total", .comparison = Comparison::kAtMost, .value = 5}),
            "/total at most 5");
  EXPECT_EQ(to_string(Condition{.pointer = "/voucher"}), "/voucher present");
  EXPECT_EQ(to_string(Condition{.pointer = "/voucher", .value = false}), "/voucher not present");
}

TEST(SkippedStepsTest, AreThoseWhoseConditionDoesNotHold) {
  Saga saga = order_saga();
  EXPECT_THAT(skipped_steps(saga, kContext), IsEmpty());
  saga.steps[1].only_if = Condition{.pointer = "/gift"};
  EXPECT_THAT(skipped_steps(saga, kContext), IsEmpty());
  saga.steps[3].only_if = Condition{.pointer = "/count", .comparison = Comparison::kAbove, .value = 2};
  EXPECT_THAT(skipped_steps(saga, kContext), ElementsAre(0, 0, 0, 1, 0));
  EXPECT_THAT(skipped_steps(saga, Context{{"count", 3}}), ElementsAre(0, 1, 0, 0, 0));
}

TEST(SkippedStepsTest, AnErrorNamesTheStep) {
  Saga saga = order_saga();
  saga.steps[3].only_if = Condition{.pointer = "/weight", .comparison = Comparison::kAbove, .value = 2};
  EXPECT_EQ(error_of([&] { return skipped_steps(saga, {}); }),
            "saga \"order_processing\", step \"create_shipment\": the condition \"/weight above 2\" needs a "
            "number, but \"/weight\" leads to nothing in the context that the saga starts with; start the "
            "saga with one there, or "
            "compare otherwise");
}

}  // namespace
}  // namespace saga_harness
