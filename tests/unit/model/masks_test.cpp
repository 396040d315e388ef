#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/masks.hpp>
#include <saga_harness_internal/saga_json.hpp>

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Saga paid_by_card() {
  return {.name = "order",
          .steps = {{.name = "pay",
                     .service = "payments",
                     .compensation = "refund",
                     .input = {{"number", context("/card/number")}, {"/wallet/first", context("/card")}},
                     .compensation_input = {{"payment", result("pay", "/id")}},
                     .result = {{"id"}}}},
          .context = {{"card", Json::parse(R"({"number":"4111-1111","until":"12/29"})")},
                      {"pin", 918273},
                      {"total", 7}},
          .mask = {"/card/number", "/pin"}};
}

TEST(MasksTest, HideWhatStandsAtTheirPointers) {
  const Masks masks(paid_by_card());
  EXPECT_EQ(masks.shown(R"({"card":{"number":"5500","until":"12/29"},"pin":1,"total":7})"),
            R"({"card":{"number":"***","until":"12/29"},"pin":"***","total":7})");
  EXPECT_EQ(masks.shown(R"({"total":7})"), R"({"total":7})");
}

TEST(MasksTest, HideTheFieldsThatAreBoundToIt) {
  const Masks masks(paid_by_card());
  EXPECT_EQ(masks.shown(R"({"number":"1","wallet":{"first":{"number":"2","until":"3"}}})"),
            R"({"number":"***","wallet":{"first":{"number":"***","until":"3"}}})");
}

TEST(MasksTest, HideAResultAndWhatIsBoundToIt) {
  Saga saga = paid_by_card();
  saga.mask = {"/id"};
  EXPECT_EQ(Masks(saga).shown(R"({"id":"P-1"})"), R"({"id":"***"})");
  EXPECT_EQ(Masks(saga).shown(R"({"payment":"P-1"})"), R"({"payment":"***"})");
}

TEST(MasksTest, HideTheValuesOfTheContextWhereverTheyStand) {
  const Masks masks(paid_by_card());
  EXPECT_EQ(masks.shown(R"({"note":["4111-1111",{"to":918273}],"for":"me"})"),
            R"({"for":"me","note":["***",{"to":"***"}]})");
}

TEST(MasksTest, ShortValuesAreHiddenWhereTheyBelongAlone) {
  Saga saga = paid_by_card();
  saga.mask = {"/total"};
  EXPECT_EQ(Masks(saga).shown(R"({"total":7,"items":7})"), R"({"items":7,"total":"***"})");
}

TEST(MasksTest, OfAnotherStartItsValuesAreHidden) {
  const Masks masks(paid_by_card(), {{"pin", 555444}});
  EXPECT_EQ(masks.shown(R"({"code":555444})"), R"({"code":"***"})");
  EXPECT_EQ(masks.shown(R"({"code":918273})"), R"({"code":918273})");
}

TEST(MasksTest, AStarIsAnyMemberOrItem) {
  Saga saga = paid_by_card();
  saga.mask = {"/cards/*/number"};
  EXPECT_EQ(Masks(saga).shown(R"({"cards":[{"number":1},{"number":2,"x":3}]})"),
            R"({"cards":[{"number":"***"},{"number":"***","x":3}]})");
}

TEST(MasksTest, WhatCannotBeReadIsHiddenAsAWhole) {
  EXPECT_EQ(Masks(paid_by_card()).shown("number=4111-1111"), R"("***")");
  EXPECT_EQ(Masks().shown("number=4111-1111"), "number=4111-1111");
  EXPECT_EQ(Masks(paid_by_card()).shown(""), "");
}

TEST(MasksTest, AValueIsHiddenByThePlaceWhereItStands) {
  const Masks masks(paid_by_card());
  EXPECT_EQ(masks.shown_at("/number", R"("5")"), R"("***")");
  EXPECT_EQ(masks.shown_at("/number/part", R"("5")"), R"("***")");
  EXPECT_EQ(masks.shown_at("/wallet", R"({"first":{"number":2}})"), R"({"first":{"number":"***"}})");
  EXPECT_EQ(masks.shown_at("/total", "7"), "7");
}

TEST(MasksTest, ADefinitionIsShownAndKnownWithoutThem) {
  Saga other = paid_by_card();
  other.context = {
      {"card", Json::parse(R"({"number":"5500-0000","until":"12/29"})")}, {"pin", 111222}, {"total", 7}};
  EXPECT_EQ(to_json(Masks::shown(other)), to_json(Masks::shown(paid_by_card())));
  EXPECT_EQ(definition_hash(other), definition_hash(paid_by_card()));
  EXPECT_EQ(definition_hash(Masks::shown(other)), definition_hash(other));
  EXPECT_EQ(parse_saga(to_json(other), "x"), other) << "the definition itself keeps them";
  EXPECT_THAT(testing::PrintToString(other), Not(HasSubstr("5500-0000")));
  other.context = {
      {"card", Json::parse(R"({"number":"5500-0000","until":"01/30"})")}, {"pin", 1}, {"total", 7}};
  EXPECT_NE(definition_hash(other), definition_hash(paid_by_card()));
}

std::vector<std::string> places_of_problems(const std::vector<Problem>& problems) {
  std::vector<std::string> pointers;
  for (const Problem& problem : problems) pointers.push_back(problem.pointer);
  return pointers;
}

TEST(MasksTest, MustBePointersToFieldsThatNoConditionLooksAt) {
  Saga saga = paid_by_card();
  EXPECT_THAT(find_problems(saga), IsEmpty());
  saga.mask = {"/card", "pin", "", "/a~2"};
  EXPECT_THAT(places_of_problems(find_problems(saga)), ElementsAre("/mask/1", "/mask/2", "/mask/3"));
  EXPECT_THAT(testing::PrintToString(saga), Not(HasSubstr("4111"))) << "a wrong one can be shown, too";
  saga.mask = {"/card"};
  saga.steps[0].only_if = Condition{.pointer = "/card/number"};
  EXPECT_THAT(places_of_problems(find_problems(saga)), ElementsAre("/steps/0/only_if/pointer"));
  saga.steps[0].only_if = Condition{.pointer = "/total"};
  EXPECT_THAT(find_problems(saga), IsEmpty());
}

TEST(MasksTest, ATextIsHiddenByItsPlaceOrByWhatItIs) {
  const Masks masks(paid_by_card());
  EXPECT_TRUE(masks.hides("/number", "whatever"));
  EXPECT_TRUE(masks.hides("", "4111-1111"));
  EXPECT_TRUE(masks.hides("", "918273")) << "a number, in a path";
  EXPECT_FALSE(masks.hides("/total", "7"));
  EXPECT_FALSE(Masks().hides("/number", "4111-1111"));
}

}  // namespace
}  // namespace saga_harness
