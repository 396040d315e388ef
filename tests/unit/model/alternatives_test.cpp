#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/saga_index.hpp>
#include <saga_harness/verdict.hpp>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::order_saga;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr StepId kCreateOrder = 0;
constexpr StepId kPayment = 2;
constexpr StepId kConfirm = 4;

std::vector<std::string> legal_at(Instant instant, OperationId operation) {
  const SagaIndex saga(order_saga());
  std::vector<std::string> names;
  for (const Alternative& each : legal_alternatives(instant, operation, saga)) {
    std::string name(name_of(each.kind));
    if (each.window != FaultDuration::kOnce) name.append("..").append(name_of(each.window));
    names.push_back(name);
  }
  return names;
}

TEST(LegalAlternativesTest, AreInFixedOrderAtACall) {
  std::vector<std::string> expected = {"rejected",
                                       "rejected_in_body",
                                       "unauthorized",
                                       "conflict",
                                       "unavailable",
                                       "rate_limited",
                                       "error_after_effect",
                                       "participant_crash_before",
                                       "participant_crash_after",
                                       "participant_forgets",
                                       "request_lost",
                                       "request_duplicated",
                                       "request_duplicated_later",
                                       "request_reordered",
                                       "request_late",
                                       "request_late_after_compensation",
                                       "request_late_after_end",
                                       "reply_lost",
                                       "reply_late",
                                       "reply_duplicated",
                                       "reply_corrupt",
                                       "reply_corrupt_without_effect",
                                       "reply_mismatched",
                                       "delay_under_timeout",
                                       "delay_at_timeout",
                                       "delay_over_timeout",
                                       "ok_before_effect",
                                       "participant_restored"};
  for (const char* const kind :
       {"unavailable", "rate_limited", "error_after_effect", "participant_crash_before", "request_lost",
        "request_late", "request_late_after_end", "reply_lost", "reply_corrupt",
        "reply_corrupt_without_effect"}) {
    for (const char* const window : {"..budget", "..heal", "..forever"})
      expected.push_back(std::string(kind) + window);
  }
  EXPECT_THAT(legal_at(Instant::kCall, {kPayment, Operation::kAction}), testing::ElementsAreArray(expected));
}

TEST(LegalAlternativesTest, LeaveOutTheBudgetWindowWhereTheBudgetIsOneAttempt) {
  const std::vector<std::string> legal = legal_at(Instant::kCall, {kCreateOrder, Operation::kAction});
  EXPECT_EQ(legal.size(), 28U + 10U * 2U);
  EXPECT_THAT(legal, testing::Not(testing::Contains(testing::EndsWith("..budget"))));
}

TEST(LegalAlternativesTest, ReachPastTheDeadlineOnlyWhereThereIsOne) {
  Saga saga = order_saga();
  const auto past = testing::Contains(Alternative{FaultKind::kDelayPastDeadline, FaultDuration::kOnce});
  const OperationId payment{kPayment, Operation::kAction};
  saga.deadline.reset();
  EXPECT_THAT(legal_alternatives(Instant::kCall, payment, SagaIndex(saga)), testing::Not(past));
  saga.deadline = std::chrono::minutes(1);
  EXPECT_THAT(legal_alternatives(Instant::kCall, payment, SagaIndex(saga)), past);
}

TEST(LegalAlternativesTest, LeaveOutAfterCompensationWhereThereIsNone) {
  const auto late = testing::Contains("request_late_after_compensation");
  EXPECT_THAT(legal_at(Instant::kCall, {kPayment, Operation::kFallback}), late);
  EXPECT_THAT(legal_at(Instant::kCall, {kPayment, Operation::kCompensation}), testing::Not(late));
  EXPECT_THAT(legal_at(Instant::kCall, {kConfirm, Operation::kAction}), testing::Not(late));
}

std::vector<std::string> expected_at(Instant instant) {
  switch (instant) {
    case Instant::kDuringCall:
      return {"takeover", "start_duplicated", "clock_forward", "clock_back", "cancel_during_compensation"};
    case Instant::kBeforeIntent:
    case Instant::kBeforeResult:
    case Instant::kBeforeStarted:
    case Instant::kBeforeCompensating:
    case Instant::kBeforeEnd:
    case Instant::kBeforeNote:
      return {"coordinator_crash", "log_write_error", "log_write_error..heal",
              "log_write_torn",    "log_write_lost",  "log_write_unconfirmed"};
    case Instant::kAfterEnd:
      return {"coordinator_crash", "start_duplicated"};
    case Instant::kOnResume:
      return {"log_read_stale"};
    case Instant::kPublish:  // nobody does, but in a choreography
      return {};
    case Instant::kCommit:
      return {"participant_crash_between"};
    case Instant::kTie:
      return {"order_swapped"};
    default:
      return {"coordinator_crash"};
  }
}

TEST(LegalAlternativesTest, BelongToTheInstantAndToTheSagaOrAStep) {
  for (std::size_t place = 1; place < kInstantCount; ++place) {
    const auto instant = static_cast<Instant>(place);
    const bool about_saga = instant >= Instant::kBeforeStarted && instant < Instant::kPublish;
    const OperationId of_step{kPayment, Operation::kCompensation};
    const OperationId of_saga{kNoStep, Operation::kAction};
    EXPECT_THAT(legal_at(instant, about_saga ? of_saga : of_step),
                testing::ElementsAreArray(expected_at(instant)))
        << name_of(instant);
    EXPECT_THAT(legal_at(instant, about_saga ? of_step : of_saga), IsEmpty()) << name_of(instant);
  }
}

TEST(LegalAlternativesTest, CancelOnlyWhatStillGoesForward) {
  const auto cancel = testing::Contains("cancel");
  const auto cancel_late = testing::Contains("cancel_during_compensation");
  EXPECT_THAT(legal_at(Instant::kDuringCall, {kPayment, Operation::kAction}), cancel);
  EXPECT_THAT(legal_at(Instant::kDuringCall, {kPayment, Operation::kFallback}), cancel);
  EXPECT_THAT(legal_at(Instant::kDuringCall, {kPayment, Operation::kCompensation}), testing::Not(cancel));
  EXPECT_THAT(legal_at(Instant::kDuringCall, {kPayment, Operation::kAction}), testing::Not(cancel_late));
  EXPECT_THAT(legal_at(Instant::kDuringCall, {kPayment, Operation::kCompensation}), cancel_late);
}

TEST(LegalAlternativesTest, AreNoneForAnOperationThatAStepDoesNotHave) {
  EXPECT_THAT(legal_at(Instant::kCall, {kCreateOrder, Operation::kFallback}), IsEmpty());
  EXPECT_THAT(legal_at(Instant::kBeforeCall, {kConfirm, Operation::kCompensation}), IsEmpty());
  EXPECT_THAT(legal_at(Instant::kCall, {kNoStep, Operation::kAction}), IsEmpty());
  EXPECT_THAT(legal_at(Instant::kCall, {99, Operation::kAction}), IsEmpty());
}

template <class Trait>
std::vector<std::string_view> kinds_that(Trait trait) {
  std::vector<std::string_view> names;
  for (std::size_t place = 0; place < kFaultKindCount; ++place) {
    const auto kind = static_cast<FaultKind>(place);
    if (trait(kind)) names.push_back(name_of(kind));
  }
  return names;
}

TEST(FaultKindTest, IsTransientIfOverWithinOneAttempt) {
  EXPECT_THAT(kinds_that([](FaultKind kind) { return !is_transient(kind); }),
              ElementsAre("rejected", "rejected_in_body", "unauthorized", "conflict", "participant_forgets",
                          "coordinator_crash", "takeover", "cancel", "start_duplicated", "clock_forward",
                          "clock_back", "log_write_error", "log_write_torn", "log_write_lost",
                          "log_read_stale", "subscriber_missing", "cancel_during_compensation",
                          "log_write_unconfirmed", "ok_before_effect", "participant_restored"));
}

TEST(FaultKindTest, FailsTheAttemptIfNoUsableReplyComesInTime) {
  EXPECT_THAT(
      kinds_that([](FaultKind kind) { return is_transient(kind) && !fails_the_attempt(kind); }),
      ElementsAre("request_duplicated", "request_duplicated_later", "reply_duplicated", "delay_under_timeout",
                  "order_swapped", "unreadable_event", "unknown_event", "foreign_event"));
  EXPECT_THAT(kinds_that([](FaultKind kind) { return !is_transient(kind) && fails_the_attempt(kind); }),
              ElementsAre("rejected", "rejected_in_body", "unauthorized", "conflict"));
}

TEST(FaultKindTest, KeepsFromTheParticipantWhatItNeverSees) {
  EXPECT_THAT(kinds_that(keeps_from_participant),
              ElementsAre("rejected", "rejected_in_body", "unauthorized", "conflict", "unavailable",
                          "rate_limited", "participant_crash_before", "request_lost",
                          "reply_corrupt_without_effect", "reply_mismatched", "ok_before_effect"));
  EXPECT_THAT(
      kinds_that([](FaultKind kind) { return replaces_answer(kind) && !keeps_from_participant(kind); }),
      ElementsAre("error_after_effect", "participant_crash_after", "participant_crash_between"));
}

TEST(FaultKindTest, IsABreachIfNoSagaCanBeExpectedToBearIt) {
  EXPECT_THAT(kinds_that(is_breach), ElementsAre("participant_forgets", "log_write_lost",
                                                 "subscriber_missing", "participant_restored"));
}

TEST(ScopeTest, FollowsWhatIsClaimed) {
  const auto outside = [](Claims claims) {
    return kinds_that([&](FaultKind kind) { return !is_in_scope(kind, claims); });
  };
  EXPECT_THAT(outside(Claims::all()), ElementsAre("participant_forgets", "log_write_lost",
                                                  "subscriber_missing", "participant_restored"));
  EXPECT_THAT(outside({}),
              ElementsAre("rejected_in_body", "participant_forgets", "reply_mismatched", "coordinator_crash",
                          "takeover", "cancel", "start_duplicated", "log_write_error", "log_write_torn",
                          "log_write_lost", "log_read_stale", "subscriber_missing",
                          "cancel_during_compensation", "log_write_unconfirmed", "participant_restored",
                          "participant_crash_between", "foreign_event"));
  EXPECT_THAT(
      outside({.survives_crashes = true}),
      ElementsAre("rejected_in_body", "participant_forgets", "reply_mismatched", "takeover", "cancel",
                  "start_duplicated", "log_write_error", "log_write_torn", "log_write_lost", "log_read_stale",
                  "subscriber_missing", "cancel_during_compensation", "log_write_unconfirmed",
                  "participant_restored", "participant_crash_between", "foreign_event"));
  EXPECT_THAT(
      outside({.survives_crashes = true, .checks_log_writes = true, .fences = true}),
      ElementsAre("rejected_in_body", "participant_forgets", "reply_mismatched", "cancel", "start_duplicated",
                  "log_write_lost", "subscriber_missing", "cancel_during_compensation",
                  "participant_restored", "participant_crash_between", "foreign_event"));
  EXPECT_THAT(
      outside({.carries_context = true, .reads_bodies = true, .starts_once = true, .honours_cancel = true}),
      ElementsAre("participant_forgets", "coordinator_crash", "takeover", "log_write_error", "log_write_torn",
                  "log_write_lost", "log_read_stale", "subscriber_missing", "log_write_unconfirmed",
                  "participant_restored", "participant_crash_between"));
}

}  // namespace
}  // namespace saga_harness
