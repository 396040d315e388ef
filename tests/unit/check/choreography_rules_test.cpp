// What the rules make of a choreography, where nobody asks and nobody reports.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/judge.hpp>

namespace saga_harness {
namespace {

using testing::HasSubstr;

constexpr StepId kFirst = 0;
constexpr StepId kSecond = 1;

/// The first waits for the compensation of the second before it undoes its own.
std::shared_ptr<const SagaIndex> chain() {
  return std::make_shared<const SagaIndex>(Saga{
      .name = "chain",
      .steps =
          {{.name = "first",
            .service = "a",
            .compensation = "undo_first",
            .on_event = {"start"},
            .emits = {.success = "first.done", .failure = "first.failed"},
            .compensate_on = {"second.failed", "second.undone"}},
           {.name = "second",
            .service = "b",
            .compensation = "undo_second",
            .on_event = {"first.done"},
            .emits = {.success = "second.done", .failure = "second.failed", .compensated = "second.undone"},
            .compensate_on = {"third.failed"}},
           {.name = "third",
            .service = "c",
            .pivot = true,
            .on_event = {"second.done"},
            .emits = {.success = "third.done", .failure = "third.failed"}}},
      .choreography = Choreography{.starts_with = "start"}});
}

/// A trace in the making.
class Story {
 public:
  Story& applied(StepId step) {
    ++effects_[step].applied;
    return add(EventType::kApplied, step, Operation::kAction);
  }
  Story& undone(StepId step) {
    ++effects_[step].undone;
    return add(EventType::kUndone, step, Operation::kCompensation);
  }
  Story& sent(StepId step, Operation operation = Operation::kAction, std::uint8_t lacks = 0) {
    return add(EventType::kSent, step, operation, lacks);
  }
  Story& told(EventRole role, StepId step) {
    return add(EventType::kPublished, step, Operation::kAction, static_cast<std::uint8_t>(role));
  }
  Story& handled_compensation(StepId step) {
    return add(EventType::kAnswered, step, Operation::kCompensation);
  }
  Story& ended(Outcome outcome) {
    outcome_ = outcome;
    return add(EventType::kReported, kNoStep, Operation::kAction, static_cast<std::uint8_t>(outcome));
  }

  [[nodiscard]] Verdict verdict(Rule rule) const {
    Claims claims;
    claims.silence = claims.carries_context = claims.retries = claims.names_flagged_steps = true;
    Judge judge(chain(), claims);
    return judge.explain({.events = events_,
                          .effects = effects_,
                          .texts = texts_,
                          .outcome = outcome_})[static_cast<std::size_t>(rule)];
  }

 private:
  Story& add(EventType type, StepId step, Operation operation, std::uint8_t detail = 0) {
    events_.push_back(
        {.call = 1, .step = step, .attempt = 1, .type = type, .operation = operation, .detail = detail});
    return *this;
  }
  std::vector<Event> events_;
  std::vector<Effect> effects_ = std::vector<Effect>(3);
  std::vector<std::string_view> texts_{""};
  Outcome outcome_ = Outcome::kUnresolved;
};

Story both_done() { return Story().applied(kFirst).applied(kSecond).told(EventRole::kFailure, 2); }

TEST(ChoreographyRulesTest, ReverseOrderIsThatOfCompensationsThatWaitForEachOther) {
  EXPECT_EQ(both_done().undone(kSecond).undone(kFirst).verdict(Rule::kReverseOrder).status,
            VerdictStatus::kHeld);
  const Verdict wrong = both_done().undone(kFirst).undone(kSecond).verdict(Rule::kReverseOrder);
  EXPECT_EQ(wrong.status, VerdictStatus::kViolated);
  EXPECT_THAT(wrong.explanation,
              HasSubstr("first waits for second to be compensated, but was undone before it"));
  EXPECT_EQ(Story().applied(kFirst).undone(kFirst).verdict(Rule::kReverseOrder).status,
            VerdictStatus::kUnknown);
}

TEST(ChoreographyRulesTest, OnlyAFailureMayUndo) {
  EXPECT_EQ(both_done().undone(kSecond).verdict(Rule::kNoUnintendedCompensation).status,
            VerdictStatus::kHeld);
  EXPECT_EQ(Story().applied(kFirst).undone(kFirst).verdict(Rule::kNoUnintendedCompensation).status,
            VerdictStatus::kViolated);
  EXPECT_EQ(Story()
                .applied(kFirst)
                .told(EventRole::kDeadline, kNoStep)
                .undone(kFirst)
                .verdict(Rule::kNoUnintendedCompensation)
                .status,
            VerdictStatus::kHeld);
}

TEST(ChoreographyRulesTest, WhatHasHandledItsCompensationIsNotDoneAnyMore) {
  EXPECT_EQ(Story()
                .handled_compensation(kFirst)
                .applied(kSecond)
                .verdict(Rule::kNoActionAfterCompensationBegan)
                .status,
            VerdictStatus::kHeld);
  const Verdict wrong =
      Story().handled_compensation(kSecond).applied(kSecond).verdict(Rule::kNoActionAfterCompensationBegan);
  EXPECT_EQ(wrong.status, VerdictStatus::kViolated);
  EXPECT_EQ(wrong.step, kSecond);
}

TEST(ChoreographyRulesTest, NothingChangesAfterTheEndButEventsMayStillCome) {
  EXPECT_EQ(both_done().ended(Outcome::kCompleted).sent(kFirst).verdict(Rule::kSilenceAfterEnd).status,
            VerdictStatus::kHeld);
  const Verdict wrong =
      both_done().ended(Outcome::kCompleted).undone(kSecond).verdict(Rule::kSilenceAfterEnd);
  EXPECT_EQ(wrong.status, VerdictStatus::kViolated);
  EXPECT_THAT(wrong.explanation, HasSubstr("nothing may change once the saga has ended"));
}

TEST(ChoreographyRulesTest, AnEndIsMissedWhereNothingShowsIt) {
  const Verdict wrong = Story().applied(kFirst).verdict(Rule::kTerminates);
  EXPECT_EQ(wrong.status, VerdictStatus::kViolated);
  EXPECT_THAT(wrong.explanation, HasSubstr("nor a failure was on the bus"));
}

TEST(ChoreographyRulesTest, ContextGoesFromEventToEvent) {
  EXPECT_EQ(Story().sent(kFirst).verdict(Rule::kContextTravels).status, VerdictStatus::kHeld);
  EXPECT_EQ(Story().sent(kFirst, Operation::kAction, kWithoutToken).verdict(Rule::kContextTravels).status,
            VerdictStatus::kViolated);
}

TEST(ChoreographyRulesTest, EndsWordsAgreeWithTheLedgers) {
  EXPECT_EQ(both_done().ended(Outcome::kCompensated).verdict(Rule::kTruthfulOutcome).status,
            VerdictStatus::kViolated);
  EXPECT_EQ(both_done()
                .undone(kSecond)
                .undone(kFirst)
                .ended(Outcome::kCompensated)
                .verdict(Rule::kTruthfulOutcome)
                .status,
            VerdictStatus::kHeld);
}

}  // namespace
}  // namespace saga_harness
