#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/saga_index.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using model_test::order_saga;
using testing::EndsWith;
using testing::HasSubstr;

std::string resolved(std::string_view plan, const Saga& definition = order_saga()) {
  const SagaIndex saga(definition);
  return to_string(resolve(parse_plan(plan), saga));
}

std::string resolve_refusal(std::string_view plan, const Saga& definition = order_saga()) {
  return error_of([&] { return resolved(plan, definition); });
}

// Two steps that call the same action, one of which has a compensation of that name's other meaning.
Saga twins() {
  return {.name = "twins",
          .steps = {{.name = "a", .service = "x", .action = "book", .compensation = "undo"},
                    {.name = "b", .service = "x", .action = "book", .compensation = "cancel"},
                    {.name = "c", .service = "y", .action = "cancel", .compensation = "keep"}}};
}

TEST(ResolveTest, LeavesCanonicalPlansAlone) {
  const std::string plan =
      "process_payment.action#1:reply_lost, reserve_inventory.compensation#*:unavailable, "
      "process_payment.fallback#2@after_call:coordinator_crash, saga#1@before_end:coordinator_crash";
  EXPECT_EQ(resolved(plan), plan);
  EXPECT_EQ(resolved("none"), "none");
}

TEST(ResolveTest, TakesTheActionOfAStepByDefault) {
  EXPECT_EQ(resolved("process_payment:reply_lost"), "process_payment.action#1:reply_lost");
}

TEST(ResolveTest, FindsStepsByWhatTheyCall) {
  EXPECT_EQ(resolved("reserve#1:unavailable"), "reserve_inventory.action#1:unavailable");
  EXPECT_EQ(resolved("release_inventory#1:unavailable"), "reserve_inventory.compensation#1:unavailable");
  EXPECT_EQ(resolved("release_inventory.compensation#*:unavailable"),
            "reserve_inventory.compensation#*:unavailable");
  EXPECT_EQ(resolved("invoice_payment:rejected"), "process_payment.fallback#1:rejected");
}

TEST(ResolveTest, MakesPlansEqualThatMeanTheSame) {
  const SagaIndex saga(order_saga());
  EXPECT_EQ(resolve(parse_plan("release_inventory:rejected"), saga),
            (FaultPlan{{{.step = "reserve_inventory", .operation = Operation::kCompensation}}}));
}

TEST(ResolveTest, PrefersTheNameOfAStep) {
  Saga saga = twins();
  saga.steps[2].name = "book";
  EXPECT_EQ(resolved("book:rejected", saga), "book.action#1:rejected");
}

TEST(ResolveTest, RefusesAnUnknownNameWithTheNearest) {
  EXPECT_EQ(
      resolve_refusal("process_paymnet:rejected"),
      "fault \"process_paymnet#1:rejected\": saga \"order_processing\" has no step, action or compensation "
      "\"process_paymnet\"; did you mean \"process_payment\"?");
  EXPECT_THAT(resolve_refusal("relase_inventory:rejected"), HasSubstr("did you mean \"release_inventory\"?"));
  EXPECT_THAT(resolve_refusal("sagga@before_end:coordinator_crash"), HasSubstr("did you mean \"saga\"?"));
  EXPECT_THAT(resolve_refusal("zzz:rejected"),
              HasSubstr("\"zzz\"; expected create_order, reserve_inventory, "));
}

TEST(ResolveTest, RefusesAnAmbiguousNameWithTheCandidates) {
  EXPECT_THAT(resolve_refusal("book:rejected", twins()),
              EndsWith("\"book\" is ambiguous; write a.action or b.action"));
  EXPECT_THAT(resolve_refusal("cancel:rejected", twins()),
              EndsWith("\"cancel\" is ambiguous; write b.compensation or c.action"));
  EXPECT_EQ(resolved("cancel.compensation:rejected", twins()), "b.compensation#1:rejected");
}

TEST(ResolveTest, RefusesAnOperationThatContradictsTheName) {
  EXPECT_THAT(
      resolve_refusal("release_inventory.action:rejected"),
      EndsWith(
          "\"release_inventory\" is the compensation of step \"reserve_inventory\", not an action; write "
          "reserve_inventory.compensation"));
  EXPECT_THAT(resolve_refusal("reserve.fallback:rejected"),
              HasSubstr("not a fallback; write reserve_inventory.action"));
}

TEST(ResolveTest, RefusesAnOperationThatAStepDoesNotHave) {
  EXPECT_THAT(resolve_refusal("create_order.fallback:rejected"),
              HasSubstr("step \"create_order\" has no fallback"));
  EXPECT_THAT(resolve_refusal("confirm_order.compensation:rejected"),
              HasSubstr("\"confirm_order\" has no compensation"));
}

TEST(ResolveTest, RefusesAKindThatIsNotLegalThereWithThoseThatAre) {
  EXPECT_THAT(
      resolve_refusal("process_payment:coordinator_crash"),
      HasSubstr("coordinator_crash cannot strike here; it can at @before_call, after_call, before_intent, "
                "after_intent, before_result or after_result; here are legal rejected, "));
  EXPECT_THAT(resolve_refusal("process_payment@after_call:reply_lost"),
              EndsWith("reply_lost cannot strike here; it can at @call; here are legal coordinator_crash"));
  EXPECT_THAT(resolve_refusal("process_payment:cancel"),
              HasSubstr("cancel cannot strike here; it can at @during_call; "));
  EXPECT_THAT(resolve_refusal("confirm_order:request_late_after_compensation"),
              HasSubstr("request_late_after_compensation cannot strike here"));
}

TEST(ResolveTest, RefusesAWindowThatIsNotLegalThere) {
  EXPECT_THAT(resolve_refusal("process_payment#*:rejected"),
              EndsWith("rejected cannot last \"forever\" here; legal is once"));
  EXPECT_THAT(resolve_refusal("create_order#1..budget:unavailable"),
              EndsWith("legal is once, heal or forever"));
}

TEST(ResolveTest, TellsInstantsOfTheSagaFromThoseOfAStep) {
  EXPECT_THAT(resolve_refusal("saga:rejected"), HasSubstr("the saga itself has no call; name a step"));
  EXPECT_THAT(
      resolve_refusal("process_payment@before_end:coordinator_crash"),
      HasSubstr("before_end belongs to the saga and to no step; write saga#1@before_end:coordinator_crash"));
}

TEST(ResolveTest, RefusesTwoFaultsAtOnePoint) {
  EXPECT_THAT(
      resolve_refusal("release_inventory:rejected, reserve_inventory.compensation#1..heal:unavailable"),
      HasSubstr("it strikes at the same point as \"reserve_inventory.compensation#1:rejected\""));
  EXPECT_EQ(resolved("reserve:rejected, reserve@after_call:coordinator_crash, reserve#2:rejected"),
            "reserve_inventory.action#1:rejected, reserve_inventory.action#1@after_call:coordinator_crash, "
            "reserve_inventory.action#2:rejected");
}

TEST(ResolveTest, RefusesAnAttemptOutOfRange) {
  const SagaIndex saga(order_saga());
  for (const int attempt : {0, -1, 65536}) {
    EXPECT_THAT(error_of([&] { return resolve({{{.step = "create_order", .attempt = attempt}}}, saga); }),
                HasSubstr("numbered from 1 to 65535"));
  }
}

TEST(PointOfTest, IsTheInverseOfFaultAt) {
  const SagaIndex saga(order_saga());
  const FaultPlan plan =
      resolve(parse_plan("process_payment.fallback#3..heal:reply_lost, "
                         "reserve_inventory.compensation#1@after_result:coordinator_crash, "
                         "saga#2@before_note:coordinator_crash"),
              saga);
  const Point points[] = {
      {.step = 2, .operation = Operation::kFallback, .instant = Instant::kCall, .attempt = 3},
      {.step = 1, .operation = Operation::kCompensation, .instant = Instant::kAfterResult},
      {.step = kNoStep, .instant = Instant::kBeforeNote, .attempt = 2}};
  for (std::size_t place = 0; place < plan.size(); ++place) {
    const Fault& fault = plan.faults[place];
    EXPECT_EQ(point_of(fault, saga), points[place]) << to_string(fault);
    EXPECT_EQ(fault_at(points[place], {fault.kind, fault.window}, saga), fault) << to_string(fault);
  }
}

TEST(PointOfTest, EveryLegalFaultResolvesToItself) {
  const SagaIndex saga(order_saga());
  std::size_t count = 0;
  for (std::size_t step = 0; step <= saga.step_count(); ++step) {
    const StepId id = step == saga.step_count() ? kNoStep : static_cast<StepId>(step);
    for (std::size_t operation = 0; operation < (id == kNoStep ? 1 : kOperationCount); ++operation) {
      for (std::size_t instant = 0; instant < kInstantCount; ++instant) {
        const Point point{.step = id,
                          .operation = static_cast<Operation>(operation),
                          .instant = static_cast<Instant>(instant),
                          .attempt = 7};
        for (const Alternative& legal : legal_alternatives(point.instant, {id, point.operation}, saga)) {
          const FaultPlan plan{{fault_at(point, legal, saga)}};
          EXPECT_EQ(resolve(parse_plan(to_string(plan)), saga), plan) << to_string(plan);
          EXPECT_EQ(point_of(plan.faults[0], saga), point);
          ++count;
        }
      }
    }
  }
  EXPECT_GT(count, 250U);
}

}  // namespace
}  // namespace saga_harness
