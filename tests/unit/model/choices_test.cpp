// Conditions that look at what earlier steps were answered: where they may look, and what they come to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness_internal/choices.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// What is looked up decides which of two audits is done.
Saga audited() {
  Saga saga{.name = "audited",
            .steps = {{.name = "look_up",
                       .service = "orders",
                       .compensatable = false,
                       .result = {{"order_type", ResultType::kInteger}, {"note", ResultType::kString}}},
                      {.name = "audit_big", .service = "audit", .compensation = "unaudit_big"},
                      {.name = "audit_small", .service = "audit", .compensation = "unaudit_small"},
                      {.name = "sell", .service = "sales", .pivot = true}},
            .context = {{"trade_id", "T-1"}}};
  saga.steps[1].only_if =
      Condition{.pointer = "/results/look_up/order_type", .comparison = Comparison::kEquals, .value = 13};
  saga.steps[2].only_if = Condition{
      .pointer = "/results/look_up/order_type", .comparison = Comparison::kDiffersFrom, .value = 13};
  return saga;
}

/// The problem, its place and fix, of the saga with this condition of `audit_big`; empty if there is none.
std::string problem_with(Condition condition, Saga saga = audited()) {
  saga.steps[1].only_if = std::move(condition);
  const std::vector<Problem> problems = find_problems(saga);
  if (problems.empty()) return {};
  EXPECT_THAT(problems, SizeIs(1));
  return problems.front().pointer + ": " + problems.front().message + "; " + problems.front().fix;
}

TEST(ChoicesTest, ADeclaredResultOfAnEarlierStepCanBeLookedAt) {
  EXPECT_THAT(find_problems(audited()), IsEmpty());
  EXPECT_EQ(parse_saga(to_json(audited()), "f"), audited());
  EXPECT_TRUE(SagaIndex(audited()).has_choices());
  EXPECT_FALSE(SagaIndex(model_test::order_saga()).has_choices());
  EXPECT_EQ(
      problem_with({.pointer = "/results/look_up/order_type", .comparison = Comparison::kAbove, .value = 1}),
      "");
}

TEST(ChoicesTest, APointerIntoNeitherContextNorResultIsRefused) {
  EXPECT_EQ(problem_with({.pointer = "/look_up/order_type", .comparison = Comparison::kEquals, .value = 13}),
            "/steps/1/only_if/pointer: step \"audit_big\": \"/look_up/order_type\" leads neither into the "
            "context nor to a result of an earlier step; did you mean \"/results/look_up/order_type\"?");
  EXPECT_THAT(problem_with({.pointer = "/trade_ic", .comparison = Comparison::kEquals, .value = "T"}),
              HasSubstr("; did you mean \"/trade_id\"?"));
  EXPECT_EQ(problem_with({.pointer = "/trade_id/none", .comparison = Comparison::kEquals, .value = "T"}), "");
  EXPECT_THAT(problem_with({.pointer = "/look_up/order_type"}), HasSubstr("leads neither into the context"));
}

TEST(ChoicesTest, WhetherSomethingIsInTheContextMayBeAsked) {
  EXPECT_EQ(problem_with({.pointer = "/voucher"}), "");
  EXPECT_EQ(problem_with({.pointer = "/voucher", .value = false}), "");
}

TEST(ChoicesTest, WithoutAContextOnlyWhatIsOfAStepIsRefused) {
  Saga saga = audited();
  saga.context = {};
  EXPECT_EQ(problem_with({.pointer = "/kind/of", .comparison = Comparison::kEquals, .value = 1}, saga), "");
  EXPECT_THAT(
      problem_with({.pointer = "/look_up/order_type", .comparison = Comparison::kEquals, .value = 1}, saga),
      HasSubstr("did you mean \"/results/look_up/order_type\"?"));
}

TEST(ChoicesTest, WhatIsNoResultOfAnEarlierStepIsRefused) {
  const auto of = [](const char* pointer) {
    return problem_with({.pointer = pointer, .comparison = Comparison::kEquals, .value = 13});
  };
  EXPECT_THAT(of("/results/lok_up/order_type"),
              HasSubstr("\"lok_up\" is no step of this saga; did you mean \"look_up\"?"));
  EXPECT_THAT(of("/results/look_up/ordertype"),
              HasSubstr("declares no result \"/ordertype\"; did you mean \"/order_type\"?"));
  EXPECT_THAT(of("/results/look_up"), HasSubstr("declares no result \"\""));
  EXPECT_THAT(of("/results/sell/id"), HasSubstr("is looked at before that step is done; order the step"));
  EXPECT_THAT(of("/results/audit_big/id"), HasSubstr("is looked at before that step is done"));
  EXPECT_THAT(of("/results/audit_small/id"), HasSubstr("is looked at before that step is done"));
}

TEST(ChoicesTest, WhatCanNeverFitIsRefused) {
  EXPECT_EQ(
      problem_with(
          {.pointer = "/results/look_up/order_type", .comparison = Comparison::kEquals, .value = "13"}),
      "/steps/1/only_if/equals: step \"audit_big\": \"/results/look_up/order_type\" is declared a "
      "integer, and never \"13\"; compare it with a value of its type, or declare the type that it has");
  EXPECT_THAT(
      problem_with({.pointer = "/results/look_up/note", .comparison = Comparison::kAtMost, .value = 1}),
      HasSubstr("is declared a string, but compared by \"at_most\""));
}

TEST(ChoicesTest, AreMadeByTheAnswer) {
  const SagaIndex saga(audited());
  internal::ResultChoices choices(saga);
  EXPECT_THAT(choices.steps(), ElementsAre(1, 2));
  EXPECT_EQ(choices.decided_by(1), 0U);
  EXPECT_EQ(choices.decided_by(0), kNoStep);
  EXPECT_TRUE(choices.holds(1, R"({"order_type": 13.0})"));
  EXPECT_FALSE(choices.holds(2, R"({"order_type": 13.0})"));
  EXPECT_FALSE(choices.holds(1, R"({"order_type": 7})"));
  EXPECT_TRUE(choices.holds(2, R"({"order_type": 7})"));
  EXPECT_FALSE(choices.holds(1, ""));
  EXPECT_TRUE(choices.holds(2, "")) << "it differs from what is not there";
  EXPECT_FALSE(choices.holds(1, "no JSON"));
}

TEST(ChoicesTest, NoContextSkipsWhatAnAnswerDecides) {
  EXPECT_THAT(skipped_steps(audited(), audited().context), IsEmpty());
}

TEST(ChoicesTest, AWholeNumberIsAnInteger) {
  const std::vector<ResultField> results = audited().steps[0].result;
  EXPECT_TRUE(internal::gives_results(results, R"({"order_type": 13, "note": ""})"));
  EXPECT_TRUE(internal::gives_results(results, R"({"order_type": 13.0, "note": ""})"));
  EXPECT_FALSE(internal::gives_results(results, R"({"order_type": 13.5, "note": ""})"));
  EXPECT_EQ(name_of(ResultType::kInteger), "integer");
}

}  // namespace
}  // namespace saga_harness
