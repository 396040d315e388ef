#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/saga_index.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::order_saga;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr StepId kCreateOrder = 0;
constexpr StepId kPayment = 2;
constexpr StepId kConfirm = 4;

std::vector<std::string> legal_at(Where where, OperationId operation) {
  const SagaIndex saga(order_saga());
  std::vector<std::string> names;
  for (const Alternative& each : legal_alternatives(where, operation, saga)) {
    std::string name(name_of(each.kind));
    if (each.window != Window::kOnce) name.append("..").append(name_of(each.window));
    names.push_back(name);
  }
  return names;
}

TEST(LegalAlternativesTest, AreInFixedOrderAtACall) {
  EXPECT_THAT(
      legal_at(Where::kCall, {kPayment, Operation::kAction}),
      ElementsAre("rejected", "unavailable", "error_after_effect", "request_lost", "request_duplicated",
                  "request_duplicated_later", "request_late", "request_late_after_compensation",
                  "request_late_after_end", "reply_lost", "reply_late", "delay_under_timeout",
                  "delay_at_timeout", "delay_over_timeout",                            //
                  "unavailable..budget", "unavailable..heal", "unavailable..forever",  //
                  "error_after_effect..budget", "error_after_effect..heal", "error_after_effect..forever",
                  "request_lost..budget", "request_lost..heal", "request_lost..forever",  //
                  "request_late..budget", "request_late..heal", "request_late..forever",  //
                  "request_late_after_end..budget", "request_late_after_end..heal",
                  "request_late_after_end..forever",  //
                  "reply_lost..budget", "reply_lost..heal", "reply_lost..forever"));
}

TEST(LegalAlternativesTest, LeaveOutTheBudgetWindowWhereTheBudgetIsOneAttempt) {
  const std::vector<std::string> legal = legal_at(Where::kCall, {kCreateOrder, Operation::kAction});
  EXPECT_EQ(legal.size(), 14U + 6U * 2U);
  EXPECT_THAT(legal, testing::Not(testing::Contains(testing::EndsWith("..budget"))));
}

TEST(LegalAlternativesTest, LeaveOutAfterCompensationWhereThereIsNone) {
  const auto late = testing::Contains("request_late_after_compensation");
  EXPECT_THAT(legal_at(Where::kCall, {kPayment, Operation::kFallback}), late);
  EXPECT_THAT(legal_at(Where::kCall, {kPayment, Operation::kCompensation}), testing::Not(late));
  EXPECT_THAT(legal_at(Where::kCall, {kConfirm, Operation::kAction}), testing::Not(late));
}

TEST(LegalAlternativesTest, AreACrashEverywhereElse) {
  for (std::size_t place = 1; place < kWhereCount; ++place) {
    const auto where = static_cast<Where>(place);
    const bool about_saga = where >= Where::kBeforeStarted;
    const OperationId of_step{kPayment, Operation::kCompensation};
    const OperationId of_saga{kNoStep, Operation::kAction};
    EXPECT_THAT(legal_at(where, about_saga ? of_saga : of_step), ElementsAre("coordinator_crash"))
        << name_of(where);
    EXPECT_THAT(legal_at(where, about_saga ? of_step : of_saga), IsEmpty()) << name_of(where);
  }
}

TEST(LegalAlternativesTest, AreNoneForAnOperationThatAStepDoesNotHave) {
  EXPECT_THAT(legal_at(Where::kCall, {kCreateOrder, Operation::kFallback}), IsEmpty());
  EXPECT_THAT(legal_at(Where::kBeforeCall, {kConfirm, Operation::kCompensation}), IsEmpty());
  EXPECT_THAT(legal_at(Where::kCall, {kNoStep, Operation::kAction}), IsEmpty());
  EXPECT_THAT(legal_at(Where::kCall, {99, Operation::kAction}), IsEmpty());
}

TEST(FaultKindTest, IsTransientUnlessDefiniteOrACrash) {
  for (std::size_t place = 0; place < kFaultKindCount; ++place) {
    const auto kind = static_cast<FaultKind>(place);
    const bool lasting = kind == FaultKind::kRejected || kind == FaultKind::kCoordinatorCrash;
    EXPECT_EQ(is_transient(kind), !lasting) << name_of(kind);
  }
}

TEST(FaultKindTest, FailsTheAttemptIfNoUsableReplyComesInTime) {
  std::vector<std::string_view> harmless;
  for (std::size_t place = 0; place < kFaultKindCount; ++place) {
    const auto kind = static_cast<FaultKind>(place);
    if (!fails_the_attempt(kind)) harmless.push_back(name_of(kind));
  }
  EXPECT_THAT(harmless, ElementsAre("request_duplicated", "request_duplicated_later", "delay_under_timeout",
                                    "coordinator_crash"));
}

}  // namespace
}  // namespace saga_harness
