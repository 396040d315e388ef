#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using model_test::order_saga;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

// Every problem as `POINTER: MESSAGE`.
std::vector<std::string> problems_of(const Saga& saga) {
  std::vector<std::string> texts;
  for (const Problem& problem : find_problems(saga)) {
    EXPECT_FALSE(problem.fix.empty()) << problem.message;
    texts.push_back(problem.pointer + ": " + problem.message);
  }
  return texts;
}

Step step(const std::string& name) {
  return {.name = name, .service = "service", .compensation = "undo_" + name};
}

Saga three_steps() { return {.name = "three", .steps = {step("a"), step("b"), step("c")}}; }

TEST(FindProblemsTest, FindsNoneInGoodDefinitions) {
  EXPECT_THAT(problems_of(order_saga()), IsEmpty());
  EXPECT_THAT(problems_of(three_steps()), IsEmpty());
}

TEST(FindProblemsTest, AcceptsNamesInAnyScript) {
  Saga saga = three_steps();
  saga.name =
      "Bestellung pr\xC3\xBC"
      "fen, Nr. 1";
  saga.steps[0].name = "\xE6\xB3\xA8\xE6\x96\x87/*<b>";
  EXPECT_THAT(problems_of(saga), IsEmpty());
}

TEST(FindProblemsTest, RefusesASagaWithoutNameOrSteps) {
  EXPECT_THAT(problems_of({}), ElementsAre("/name: the saga has no name", "/steps: the saga has no steps"));
}

TEST(FindProblemsTest, RefusesABadSagaName) {
  Saga saga = three_steps();
  saga.name = "a\nb";
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/name: the saga's name \"a\\x0ab\" has bad UTF-8 or a control character"));
  saga.name = "\xC0\x80";
  EXPECT_THAT(problems_of(saga), ElementsAre(HasSubstr("bad UTF-8")));
  saga.name = std::string(201, 'x');
  EXPECT_THAT(problems_of(saga), ElementsAre("/name: the saga's name is longer than 200 bytes"));
  saga.name.pop_back();
  EXPECT_THAT(problems_of(saga), IsEmpty());
}

TEST(FindProblemsTest, RefusesMoreThanAThousandSteps) {
  Saga saga{.name = "long"};
  for (int number = 0; number < 1000; ++number) saga.steps.push_back(step("s" + std::to_string(number)));
  EXPECT_THAT(problems_of(saga), IsEmpty());
  saga.steps.push_back(step("one_more"));
  EXPECT_THAT(problems_of(saga), ElementsAre("/steps: the saga has 1001 steps, more than 1000"));
}

TEST(FindProblemsTest, RefusesEmptyNames) {
  Saga saga = three_steps();
  saga.steps[0].name = "";
  saga.steps[1].service = "";
  EXPECT_THAT(problems_of(saga), ElementsAre("/steps/0/name: the step's name is empty",
                                             "/steps/1/service: the step's service is empty"));
}

TEST(FindProblemsTest, RefusesNamesThatAPlanCouldNotWrite) {
  for (const char* name : {"a#b", "a@b", "a:b", "a,b", "a.b", "a b", "a\tb", "a\x7f", "a\xC2\x85"}) {
    Saga saga = three_steps();
    saga.steps[0] = {.name = name, .service = name, .action = name, .compensation = name, .fallback = name};
    std::vector<std::string> pointers;
    for (const Problem& problem : find_problems(saga)) {
      if (problem.message.find("has a space, a control character or one of") != std::string::npos) {
        pointers.push_back(problem.pointer);
      }
    }
    EXPECT_THAT(pointers, ElementsAre("/steps/0/name", "/steps/0/service", "/steps/0/action",
                                      "/steps/0/compensation", "/steps/0/fallback"))
        << name;
  }
}

TEST(FindProblemsTest, RefusesNamesThatAreNotUtf8OrTooLong) {
  Saga saga = three_steps();
  saga.steps[0].service = "caf\xE9";
  saga.steps[1].compensation = std::string(201, 'x');
  EXPECT_THAT(problems_of(saga), ElementsAre("/steps/0/service: the service \"caf\\xe9\" is not UTF-8",
                                             testing::EndsWith("...\" is longer than 200 bytes")));
}

TEST(FindProblemsTest, RefusesARepeatedOrReservedStepName) {
  Saga saga = three_steps();
  saga.steps[1].name = "saga";
  saga.steps[2].name = "a";
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre("/steps/1/name: a step is called \"saga\", which in fault plans stands for the saga itself",
                  "/steps/2/name: step \"a\" has the name of /steps/0"));
}

TEST(FindProblemsTest, RefusesAnUnknownDependencyWithTheNearest) {
  Saga saga = order_saga();
  saga.steps[3].after = {"create_order", "process_paymnt"};
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/steps/3/after/1: step \"create_shipment\" waits for \"process_paymnt\", which is "
                          "no step"));
  EXPECT_EQ(find_problems(saga)[0].fix, "did you mean \"process_payment\"?; name a step of this saga");
}

TEST(FindProblemsTest, RefusesADependencyOnItselfOrTwice) {
  Saga saga = three_steps();
  saga.steps[1].after = {"b"};
  saga.steps[2].after = {"a", "a"};
  EXPECT_THAT(problems_of(saga), ElementsAre("/steps/1/after/0: step \"b\" waits for itself",
                                             "/steps/2/after/1: \"a\" is named twice"));
}

TEST(FindProblemsTest, NamesTheStepsOfACycle) {
  Saga saga = three_steps();
  saga.steps.push_back(step("d"));
  saga.steps[1].after = {"a", "d"};
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre(
          "/steps/1/after: steps wait for each other: \"b\" waits for \"d\" waits for \"c\" waits for "
          "\"b\""));
}

TEST(FindProblemsTest, SeesACycleThroughTheFirstStep) {
  Saga saga = three_steps();
  saga.steps[0].after = {"c"};
  EXPECT_THAT(problems_of(saga),
              ElementsAre(HasSubstr("\"a\" waits for \"c\" waits for \"b\" waits for \"a\"")));
}

TEST(FindProblemsTest, NamesOnlyTheStepsOfTheCycleAndNotThoseThatWaitForIt) {
  Saga saga = three_steps();
  saga.steps[0].after = {"c"};
  saga.steps[1].after = {"c"};
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre("/steps/1/after: steps wait for each other: \"b\" waits for \"c\" waits for \"b\""));
}

TEST(FindProblemsTest, RefusesAMissingCompensation) {
  Saga saga = order_saga();
  saga.steps[1].compensation = "";
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/steps/1/compensation: step \"reserve_inventory\" has no compensation"));
  saga.steps[1].compensatable = false;
  EXPECT_THAT(problems_of(saga), IsEmpty());
}

TEST(FindProblemsTest, RefusesACompensationOfWhatCannotBeUndone) {
  Saga saga = three_steps();
  saga.steps[2].compensatable = false;
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre("/steps/2/compensation: step \"c\" has a compensation, but is declared not compensatable"));
}

TEST(FindProblemsTest, RefusesACompensationOfThePivot) {
  Saga saga = three_steps();
  saga.steps[2].pivot = true;
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/steps/2/compensation: step \"c\" is the pivot and has a compensation; a "
                          "pivot is the point of no return"));
}

TEST(FindProblemsTest, RefusesACompensatableStepAfterThePivot) {
  Saga saga = order_saga();
  saga.steps.push_back(step("send_receipt"));
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre(
          "/steps/5/compensation: step \"send_receipt\" comes after the pivot \"confirm_order\" and has "
          "a compensation, which would never be called"));
  saga.steps[5].compensation = "";
  EXPECT_THAT(problems_of(saga), IsEmpty());
}

TEST(FindProblemsTest, RefusesASecondPivot) {
  Saga saga = order_saga();
  saga.steps.push_back({.name = "send_receipt", .service = "mail_service", .pivot = true});
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre("/steps/5/pivot: step \"send_receipt\" is a second pivot after step \"confirm_order\""));
}

TEST(FindProblemsTest, RefusesAStepBesideThePivot) {
  Saga saga = order_saga();
  saga.steps[4].after = {"process_payment"};
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre("/steps/3/after: step \"create_shipment\" runs beside the pivot \"confirm_order\""));
}

TEST(FindProblemsTest, RefusesAConditionOfThePivotAndABadOne) {
  Saga saga = order_saga();
  saga.steps[1].only_if = Condition{.pointer = "/items"};
  EXPECT_THAT(problems_of(saga), IsEmpty());
  saga.steps[1].only_if->pointer = "items\n";
  saga.steps[2].only_if = Condition{.pointer = "/x", .comparison = Comparison::kAtMost, .value = "7"};
  saga.steps[4].only_if = Condition{.pointer = "/gift"};
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre(
          "/steps/1/only_if/pointer: the pointer \"items\\x0a\" has bad UTF-8 or a control character",
          "/steps/2/only_if/at_most: \"7\" is compared by \"at_most\", but no number",
          "/steps/4/only_if: step \"confirm_order\" is the pivot and has a condition; the steps after "
          "it count on it"));
}

TEST(FindProblemsTest, RefusesAnOptionalStepThatOthersCountOn) {
  Saga saga = order_saga();
  saga.steps[0].optional = saga.steps[1].optional = true;
  EXPECT_THAT(problems_of(saga), IsEmpty());
  saga.steps[4].optional = true;
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/steps/4/optional: step \"confirm_order\" is the pivot and optional; the steps "
                          "after it count on it"));
  EXPECT_EQ(find_problems(saga).front().fix,
            "remove \"optional\", or make a step that has to be done the pivot");
}

TEST(FindProblemsTest, AStepThatIsCompensatedThoughRefusedHasACompensationThatNeedsNoResult) {
  Saga saga = order_saga();
  saga.steps[1].compensated_if_refused = true;
  EXPECT_THAT(problems_of(saga), IsEmpty());
  saga.steps[1].result = {{"id"}};
  saga.steps[1].compensation_input = {{"id", result(saga.steps[1].name, "/id")}};
  EXPECT_THAT(problems_of(saga), IsEmpty());
  const std::string who =
      "step \"" + saga.steps[1].name + "\" is to be compensated though it is refused, but ";
  saga.steps[1].compensates_without_result = false;
  ASSERT_THAT(problems_of(saga), ElementsAre("/steps/1/compensated_if_refused: " + who +
                                             "its compensation needs a result, which no refusal gives"));
  EXPECT_EQ(
      find_problems(saga).front().fix,
      "let it work without: \"compensates_without_result\": true, or remove \"compensated_if_refused\"");
  saga.steps[1].compensation_input.clear();
  EXPECT_THAT(problems_of(saga), IsEmpty());
  saga.steps[1].compensation.clear();
  saga.steps[1].compensatable = false;
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/steps/1/compensated_if_refused: " + who + "has no compensation"));
}

TEST(FindProblemsTest, RefusesAStepThatIsCompensatedThoughRefusedInAChoreography) {
  Saga saga{.name = "s", .choreography = Choreography{.starts_with = "begun"}};
  saga.steps.push_back(
      {.name = "pay", .service = "bank", .compensation = "refund", .compensated_if_refused = true});
  saga.steps[0].on_event = {"begun"};
  saga.steps[0].emits = {.success = "paid", .failure = "unpaid"};
  saga.steps[0].compensate_on = {"unpaid"};
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/steps/0/compensated_if_refused: step \"pay\" is to be compensated though it is "
                          "refused, but in a choreography a compensation follows events"));
}

TEST(FindProblemsTest, AStepThatOnlyLooksNeedsNoCompensationAndMayHaveNone) {
  Saga saga = order_saga();
  saga.steps[1].has_effect = false;
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/steps/1/compensation: step \"" + saga.steps[1].name +
                          "\" has no effect, but a compensation: there is nothing to undo"));
  EXPECT_EQ(find_problems(saga).front().fix, "remove \"compensation\", or \"has_effect\": false");
  saga.steps[1].compensation.clear();
  EXPECT_THAT(problems_of(saga), IsEmpty());
  saga.steps[1].fallback = "look_elsewhere";
  saga.steps[1].optional = true;
  saga.steps[1].result = {{"found"}};
  saga.steps[1].only_if = Condition{.pointer = "/items"};
  EXPECT_THAT(problems_of(saga), IsEmpty());
}

TEST(FindProblemsTest, RefusesToUndoAStepThatOnlyLooksAndAPivotThatDoes) {
  Saga saga = order_saga();
  saga.steps[1].has_effect = saga.steps[4].has_effect = false;
  saga.steps[1].compensation.clear();
  saga.steps[1].compensation_input = {{"items", context("/items")}};
  saga.context = Context::parse(R"({"items":1})");
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre("/steps/1/compensation_input: step \"" + saga.steps[1].name +
                      "\" has no effect, but says what its compensation carries: there is nothing to undo",
                  "/steps/4/pivot: step \"confirm_order\" has no effect, but is the pivot: what only "
                  "looks leaves a way back"));
}

TEST(FindProblemsTest, RefusesAStepThatOnlyLooksInAChoreography) {
  Saga saga{.name = "s", .choreography = Choreography{.starts_with = "begun"}};
  saga.steps.push_back({.name = "look", .service = "x", .has_effect = false});
  saga.steps[0].on_event = {"begun"};
  saga.steps[0].emits = {.success = "seen", .failure = "unseen"};
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre("/steps/0/has_effect: step \"look\" has no effect, but in a choreography a step is done "
                  "when its effect is there"));
}

TEST(FindProblemsTest, RefusesTimesThatAreNotPositive) {
  Saga saga = three_steps();
  saga.steps[0].timeout = 0s;
  saga.steps[1].compensation_timeout = -1ms;
  saga.deadline = 0s;
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/steps/0/timeout: the timeout is 0s, not positive",
                          "/steps/1/compensation_timeout: the compensation_timeout is -1ms, not "
                          "positive",
                          "/deadline: the deadline is 0s, not positive"));
}

TEST(FindProblemsTest, RefusesParallelCompensationWhereNobodyDrivesIt) {
  Saga saga = three_steps();
  saga.parallel_compensation = true;
  EXPECT_THAT(problems_of(saga), IsEmpty());
  saga.choreography = Choreography{.starts_with = "started"};
  EXPECT_THAT(problems_of(saga), Contains("/parallel_compensation: nobody drives the compensations of a "
                                          "choreography"));
}

TEST(FindProblemsTest, RefusesTimesWithWhichVirtualTimeCouldOverflow) {
  Saga saga = three_steps();
  saga.steps[0].timeout = Duration::max();
  saga.steps[0].retry.max_delay = Duration::max();
  saga.deadline = 24h * 367;
  EXPECT_THAT(problems_of(saga),
              ElementsAre(HasSubstr("/steps/0/timeout: "), HasSubstr("/steps/0/retry/max_delay: "),
                          "/deadline: the deadline is 8808h, longer than a year"));
}

TEST(FindProblemsTest, RefusesABadRetryPolicy) {
  Saga saga = three_steps();
  saga.steps[0].retry = {.attempts = 0, .delay = -1s, .factor = 0.5, .max_delay = -1s};
  saga.steps[1].compensation_retry = {.attempts = 1001, .factor = std::nan("")};
  saga.steps[2].retry.factor = std::numeric_limits<double>::infinity();
  EXPECT_THAT(problems_of(saga),
              ElementsAre("/steps/0/retry/attempts: there are 0 attempts",
                          "/steps/0/retry/delay: the delay is -1s, negative",
                          "/steps/0/retry/factor: the factor is not a number of at least 1",
                          "/steps/0/retry/max_delay: the max_delay is -1s, negative",
                          "/steps/1/compensation_retry/attempts: there are 1001 attempts",
                          "/steps/1/compensation_retry/factor: the factor is not a number of at least 1",
                          "/steps/2/retry/factor: the factor is not a number of at least 1"));
}

TEST(FindProblemsTest, RefusesTwoOperationsOfAStepUnderOneName) {
  Saga saga = three_steps();
  saga.steps[0].compensation = "a";
  saga.steps[1].action = "do_b";
  saga.steps[1].fallback = "do_b";
  saga.steps[2].fallback = "undo_c";
  EXPECT_THAT(
      problems_of(saga),
      ElementsAre(
          "/steps/0/compensation: action and compensation \"a\" would be two operations under one name",
          "/steps/1/fallback: action and fallback \"do_b\" would be two operations under one name",
          "/steps/2/fallback: compensation and fallback \"undo_c\" would be two operations under one "
          "name"));
}

TEST(FindProblemsTest, LetsTwoStepsShareServiceAndAction) {
  Saga saga = three_steps();
  for (Step& each : saga.steps) each.action = "do_it";
  EXPECT_THAT(problems_of(saga), IsEmpty());
}

TEST(ValidateTest, ListsEveryProblemWithPointerAndMend) {
  Saga saga = three_steps();
  saga.steps[0].timeout = 0s;
  saga.steps[2].service = "";
  EXPECT_EQ(
      error_of([&] {
        validate(saga);
        return 0;
      }),
      "saga \"three\": /steps/0/timeout: the timeout is 0s, not positive; give a positive duration, like "
      "\"10s\"\n"
      "saga \"three\": /steps/2/service: the step's service is empty; give one");
}

TEST(ValidateTest, CutsALongListOff) {
  Saga saga{.name = "bad", .steps = std::vector<Step>(100)};
  EXPECT_THAT(error_of([&] {
                validate(saga);
                return 0;
              }),
              testing::EndsWith("more problems"));
}

}  // namespace
}  // namespace saga_harness
