#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/fault.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using testing::HasSubstr;
using testing::StartsWith;

std::string plan_refusal(std::string_view text) {
  return error_of([&] { return parse_plan(text); });
}

std::string json_refusal(std::string_view json) {
  return error_of([&] { return parse_plan_json(json, "plan.json"); });
}

FaultPlan every_fault() {
  FaultPlan plan;
  for (std::size_t kind = 0; kind < kFaultKindCount; ++kind) {
    for (std::size_t operation = 0; operation < kOperationCount; ++operation) {
      for (std::size_t window = 0; window < kFaultDurationCount; ++window) {
        for (const int attempt : {1, 2, 65535}) {
          plan.faults.push_back({.step = "\xE6\xB3\xA8*\"",
                                 .operation = static_cast<Operation>(operation),
                                 .attempt = attempt,
                                 .window = static_cast<FaultDuration>(window),
                                 .instant = static_cast<Instant>(kind % kInstantCount),
                                 .kind = static_cast<FaultKind>(kind),
                                 .operation_given = true});
        }
      }
    }
  }
  plan.faults.push_back({.step = "a", .kind = FaultKind::kReplyLost, .operation_given = false});
  plan.faults.push_back({.step = "", .instant = Instant::kBeforeEnd, .kind = FaultKind::kCoordinatorCrash});
  return plan;
}

TEST(PlanTextTest, IsReadAndWrittenAsInTheDocumentation) {
  const std::string text =
      "process_payment.action#1:reply_lost, reserve_inventory.compensation#*:unavailable, "
      "process_payment.action#1@after_call:coordinator_crash, saga#1@before_end:coordinator_crash, "
      "a.fallback#2..heal:request_lost, a.action#3..budget:reply_lost, a.action#2..forever:unavailable";
  EXPECT_EQ(to_string(parse_plan(text)), text);
}

TEST(PlanTextTest, IsReadBackForEveryKindOperationWindowAndAttempt) {
  const FaultPlan plan = every_fault();
  EXPECT_EQ(parse_plan(to_string(plan)), plan);
}

TEST(PlanTextTest, TheEmptyPlanIsNone) {
  EXPECT_EQ(to_string(FaultPlan{}), "none");
  for (const char* text : {"none", "", "  ", " none\n"}) EXPECT_TRUE(parse_plan(text).empty()) << text;
}

TEST(PlanTextTest, AttemptAndOperationMayBeLeftOut) {
  const FaultPlan plan = parse_plan("process_payment:rejected");
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan.faults[0], (Fault{.step = "process_payment", .operation_given = false}));
  EXPECT_EQ(to_string(plan), "process_payment#1:rejected");
}

TEST(PlanTextTest, AStarIsEveryAttempt) {
  EXPECT_EQ(parse_plan("a.action#*:reply_lost"), parse_plan("a.action#1..forever:reply_lost"));
  EXPECT_EQ(to_string(parse_plan("a.action#1..forever:reply_lost")), "a.action#*:reply_lost");
}

TEST(PlanTextTest, SpacesMayStandAroundFaults) {
  EXPECT_EQ(parse_plan("  a:rejected ,\n b:rejected\t"), parse_plan("a:rejected,b:rejected"));
}

TEST(PlanTextTest, QuotesTheFaultyPartAndSaysWhatIsExpected) {
  EXPECT_EQ(
      plan_refusal("a:rejected, b.action#1 reply_lost"),
      "fault \"b.action#1 reply_lost\": expected \":\" and a fault kind, found \" reply_lost\"; the form is "
      "STEP[.OPERATION][#ATTEMPT[..WINDOW]][@WHERE]:KIND");
}

TEST(PlanTextTest, SuggestsTheNearestName) {
  EXPECT_THAT(plan_refusal("a:reply_lots"),
              HasSubstr("no fault kind \"reply_lots\"; did you mean \"reply_lost\"?"));
  EXPECT_THAT(plan_refusal("a.compensatoin:rejected"), HasSubstr("did you mean \"compensation\"?"));
  EXPECT_THAT(plan_refusal("a@befor_call:coordinator_crash"), HasSubstr("did you mean \"before_call\"?"));
  EXPECT_THAT(plan_refusal("a#1..heel:rejected"), HasSubstr("did you mean \"heal\"?"));
  EXPECT_THAT(plan_refusal("a:qqq"), HasSubstr("there is no fault kind \"qqq\""));
}

TEST(PlanTextTest, RefusesWhatIsNoPlan) {
  EXPECT_THAT(plan_refusal(","), HasSubstr("nothing stands beside a \",\""));
  EXPECT_THAT(plan_refusal("a:rejected,"), HasSubstr("nothing stands beside a \",\""));
  EXPECT_THAT(plan_refusal("a"), HasSubstr("expected \":\" and a fault kind, but the text ends"));
  EXPECT_THAT(plan_refusal("a:"), HasSubstr("expected a fault kind after \":\", but the text ends"));
  EXPECT_THAT(plan_refusal(":rejected"), HasSubstr("expected the name of a step"));
  EXPECT_THAT(plan_refusal("a.:rejected"), HasSubstr("expected action, fallback or compensation"));
  EXPECT_THAT(plan_refusal("a#:rejected"), HasSubstr("expected the number of an attempt"));
  EXPECT_THAT(plan_refusal("a#0:rejected"), HasSubstr("numbered from 1 to 65535"));
  EXPECT_THAT(plan_refusal("a#65536:rejected"), HasSubstr("numbered from 1 to 65535"));
  EXPECT_THAT(plan_refusal("a#99999999999999999999:rejected"), HasSubstr("numbered from 1 to 65535"));
  EXPECT_THAT(plan_refusal("a#-1:rejected"), HasSubstr("expected the number of an attempt"));
  EXPECT_THAT(plan_refusal("a#*..heal:rejected"), HasSubstr("is every attempt already"));
  EXPECT_THAT(plan_refusal("a#1..:rejected"), HasSubstr("expected a window"));
  EXPECT_THAT(plan_refusal("a@:rejected"), HasSubstr("expected a place"));
  EXPECT_THAT(plan_refusal("a:rejected:rejected"), HasSubstr("more than one fault"));
  EXPECT_THAT(plan_refusal("a:rejected b:rejected"), HasSubstr("separate faults with \",\""));
  EXPECT_THAT(plan_refusal("saga.action@before_end:coordinator_crash"),
              HasSubstr("the saga itself has no operations"));
  EXPECT_THAT(plan_refusal("a:rej\xff"), HasSubstr("\"rej\\xff\""));
}

TEST(PlanJsonTest, IsAnArrayOfObjects) {
  EXPECT_EQ(to_json(parse_plan("a.compensation#*:unavailable, saga@after_end:coordinator_crash, b:rejected")),
            R"([{"step":"a","operation":"compensation","attempt":1,"window":"forever","where":"call",)"
            R"("kind":"unavailable"},)"
            R"({"step":"saga","attempt":1,"window":"once","where":"after_end","kind":"coordinator_crash"},)"
            R"({"step":"b","attempt":1,"window":"once","where":"call","kind":"rejected"}])");
  EXPECT_EQ(to_json(FaultPlan{}), "[]");
}

TEST(PlanJsonTest, IsReadBack) {
  const FaultPlan plan = every_fault();
  EXPECT_EQ(parse_plan_json(to_json(plan), "f"), plan);
}

TEST(PlanJsonTest, NeedsOnlyStepAndKind) {
  EXPECT_EQ(parse_plan_json(R"([{"step": "a", "kind": "reply_lost"}])", "f"), parse_plan("a:reply_lost"));
}

TEST(PlanJsonTest, RefusesWithSourcePointerAndMend) {
  EXPECT_THAT(json_refusal("{}"), StartsWith("plan.json: expected an array, found an object; "));
  EXPECT_THAT(json_refusal(R"([{"step": "a"}])"),
              StartsWith("plan.json: /0: the key \"kind\" is missing; add it"));
  EXPECT_THAT(
      json_refusal(R"([{"step": "a", "kind": "reply_lots"}])"),
      StartsWith("plan.json: /0/kind: there is no fault kind \"reply_lots\"; did you mean \"reply_lost\"?"));
  EXPECT_THAT(json_refusal(R"([{"step": "", "kind": "rejected"}])"), StartsWith("plan.json: /0/step: "));
  EXPECT_THAT(json_refusal(R"([{"step": "a", "kind": "rejected", "atempt": 1}])"),
              StartsWith("plan.json: /0/atempt: a fault has no key \"atempt\"; did you mean \"attempt\"?"));
  EXPECT_THAT(json_refusal(R"([{"step": "a", "kind": "rejected", "attempt": 0}])"),
              StartsWith("plan.json: /0/attempt: the integer 0 is out of range"));
  EXPECT_THAT(json_refusal(R"([{"step": "saga", "operation": "action", "kind": "rejected"}])"),
              StartsWith("plan.json: /0/operation: the saga itself has no operations"));
}

}  // namespace
}  // namespace saga_harness
