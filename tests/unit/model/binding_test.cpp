#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness_internal/bound_data.hpp>

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Saga paid_order() {
  Saga saga{.name = "order"};
  saga.steps = {{.name = "pay",
                 .service = "payments",
                 .compensation = "refund",
                 .input = {{"amount", context("/total")}, {"/why/text", constant("order")}},
                 .compensation_input = {{"payment", result("pay", "/id")}},
                 .result = {{"id"}, {"fee", ResultType::kNumber}}},
                {.name = "ship",
                 .service = "shipping",
                 .compensation = "recall",
                 .input = {{"payment", result("pay", "/id")}},
                 .compensates_without_result = false}};
  saga.context = {{"total", 7}};
  return saga;
}

std::vector<std::string> pointers_of_problems(const Saga& saga) {
  std::vector<std::string> pointers;
  for (const Problem& problem : find_problems(saga)) pointers.push_back(problem.pointer);
  return pointers;
}

TEST(BindingTest, AGoodDefinitionHasNoProblem) { EXPECT_THAT(find_problems(paid_order()), IsEmpty()); }

TEST(BindingTest, JsonReadsBackToTheSameDefinition) {
  const Saga saga = paid_order();
  EXPECT_EQ(parse_saga(to_json(saga), "order.json"), [&] {
    Saga read = saga;
    return read;
  }());
  EXPECT_THAT(to_json(saga), HasSubstr(R"("input":{"amount":"/context/total","/why/text":{"const":"order"}},)"
                                       R"("compensation_input":{"payment":"/results/pay/id"},)"
                                       R"("result":{"id":"string","fee":"number"})"));
}

TEST(BindingTest, ADefinitionWithoutDataIsWrittenAsBefore) {
  Saga saga{.name = "order", .steps = {{.name = "pay", .service = "payments", .compensation = "refund"}}};
  for (const char* key : {"input", "\"result\"", "compensates_without_result"})
    EXPECT_THAT(to_json(saga), testing::Not(HasSubstr(key)));
}

TEST(BindingTest, APointerThatLeadsNowhereInTheContextIsRefused) {
  Saga saga = paid_order();
  saga.steps[0].input[0].source = context("/totl");
  EXPECT_THAT(pointers_of_problems(saga), ElementsAre("/steps/0/input/amount"));
  EXPECT_THAT(find_problems(saga).front().message,
              HasSubstr("\"/context/totl\" leads nowhere in the context"));
}

TEST(BindingTest, AContextThatTheDefinitionDoesNotHaveIsLookedAtLater) {
  Saga saga = paid_order();
  saga.context = {};
  EXPECT_THAT(find_problems(saga), IsEmpty());
}

TEST(BindingTest, AResultUsedBeforeItsStepIsRefused) {
  Saga saga = paid_order();
  saga.steps[1].result = {{"id"}};
  saga.steps[0].input.push_back({"shipment", result("ship", "/id")});
  EXPECT_THAT(pointers_of_problems(saga), ElementsAre("/steps/0/input/shipment"));
  EXPECT_THAT(find_problems(saga).front().message, HasSubstr("is used before that step is done"));
}

TEST(BindingTest, TheOwnResultIsForTheCompensationAlone) {
  Saga saga = paid_order();
  saga.steps[0].input.push_back({"id", result("pay", "/id")});
  EXPECT_THAT(pointers_of_problems(saga), ElementsAre("/steps/0/input/id"));
}

TEST(BindingTest, AResultOfAStepBesideItIsRefused) {
  Saga saga = paid_order();
  saga.steps[1].after = kNoPredecessors;
  EXPECT_THAT(pointers_of_problems(saga), ElementsAre("/steps/1/input/payment"));
}

TEST(BindingTest, AResultThatNobodyDeclaresIsRefusedWithTheNearest) {
  Saga saga = paid_order();
  saga.steps[1].input[0].source = result("pay", "/ids");
  EXPECT_THAT(find_problems(saga).front().fix, HasSubstr("/id"));
}

TEST(BindingTest, AStepThatIsNotThereIsRefusedWithTheNearest) {
  Saga saga = paid_order();
  saga.steps[1].input[0].source = result("pai", "/id");
  EXPECT_THAT(find_problems(saga).front().message, HasSubstr("\"pai\" is no step of this saga"));
  EXPECT_THAT(find_problems(saga).front().fix, HasSubstr("pay"));
}

TEST(BindingTest, TwoFieldsInOnePlaceAreRefused) {
  Saga saga = paid_order();
  saga.steps[0].input.push_back({"why", constant(1)});
  EXPECT_THAT(pointers_of_problems(saga), ElementsAre("/steps/0/input/why"));
}

TEST(BindingTest, DataOfACompensationNeedsACompensation) {
  Saga saga = paid_order();
  saga.steps[1].compensation.clear();
  saga.steps[1].compensatable = false;
  saga.steps[1].compensation_input = {{"why", constant(1)}};
  EXPECT_THAT(pointers_of_problems(saga), ElementsAre("/steps/1/compensation_input"));
}

TEST(BindingTest, JsonSaysWhereAPointerIsNone) {
  const std::string json =
      R"({"name":"s","steps":[{"name":"a","service":"x","compensation":"b","input":{"f":"/contxt/x"}}]})";
  try {
    static_cast<void>(parse_saga(json, "s.json"));
    FAIL() << "it was read";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/steps/0/input/f"));
    EXPECT_THAT(error.what(), HasSubstr("leads neither into the context nor to a result of a step"));
  }
}

TEST(BindingTest, JsonRefusesATypeThatThereIsNot) {
  const std::string json =
      R"({"name":"s","steps":[{"name":"a","service":"x","compensation":"b","result":{"id":"strin"}}]})";
  EXPECT_THROW(static_cast<void>(parse_saga(json, "s.json")), Error);
}

TEST(BindingTest, AChoreographyIsToldThatItsEventsCannotBeBound) {
  Saga saga = paid_order();
  saga.choreography = Choreography{.starts_with = "ordered"};
  EXPECT_THAT(pointers_of_problems(saga), testing::Contains("/steps/0/input"));
}

TEST(BoundDataTest, AnAnswerMustGiveEachResultOfItsType) {
  const std::vector<ResultField> results = {{"id"}, {"/data/fee", ResultType::kNumber}};
  EXPECT_TRUE(internal::gives_results(results, R"({"id":"x","data":{"fee":0.5}})"));
  EXPECT_FALSE(internal::gives_results(results, R"({"id":"x","data":{}})"));
  EXPECT_FALSE(internal::gives_results(results, R"({"id":null,"data":{"fee":1}})"));
  EXPECT_FALSE(internal::gives_results(results, R"({"id":"x","data":{"fee":"1"}})"));
  EXPECT_FALSE(internal::gives_results(results, R"({"id":"x",)"));
  EXPECT_TRUE(internal::gives_results({}, ""));
}

TEST(BoundDataTest, FaultsTakeResultsAwayAndLeaveTheRest) {
  const std::vector<ResultField> results = {{"id"}, {"/data/fee", ResultType::kNumber}};
  const std::string answer = R"({"data":{"fee":1},"id":"x","more":true})";
  const auto altered = [&](ResultAlteration how) { return internal::altered_answer(results, answer, how); };
  EXPECT_EQ(altered(ResultAlteration::kNone), answer);
  EXPECT_EQ(altered(ResultAlteration::kMissing), R"({"data":{},"more":true})");
  EXPECT_EQ(altered(ResultAlteration::kNull), R"({"data":{"fee":null},"id":null,"more":true})");
  EXPECT_EQ(altered(ResultAlteration::kOtherType), R"({"data":{"fee":"a text"},"id":0,"more":true})");
  EXPECT_EQ(internal::altered_answer(results, "no JSON", ResultAlteration::kNull), "no JSON");
}

TEST(BoundDataTest, AnObjectIsBuiltAtPointers) {
  EXPECT_EQ(internal::object_of({{"/b", "1"}, {"/a/x~1y", "\"t\""}, {"/a/z", "[]"}}),
            R"({"a":{"x/y":"t","z":[]},"b":1})");
}

}  // namespace
}  // namespace saga_harness
