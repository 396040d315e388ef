// What the rules make of a step whose condition does not hold (Observation::skipped).

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

Saga conditional_trip() {
  Saga saga = trip();
  saga.steps[1].only_if = Condition{.pointer = "/nights", .comparison = Comparison::kAbove, .value = 0};
  return saga;
}

/// The trip without a hotel.
Story& complete(Story& story) {
  return story.does("book_flight").does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
}

TEST(SkippedStepTest, ACompletedSagaDoesWithoutIt) {
  Story story(conditional_trip());
  complete(story.skips("book_hotel")).recovery_repeats(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
  EXPECT_THAT(verdict_on(Rule::kNoUnintendedCompensation, story), is_held());
  EXPECT_THAT(verdict_on(Rule::kWriteAheadLog, story), is_held());
}

TEST(SkippedStepTest, OneWhoseConditionHoldsIsWanted) {
  Story story(conditional_trip());
  complete(story);
  EXPECT_THAT(
      verdict_on(Rule::kTruthfulOutcome, story),
      is_violated("the saga was reported completed, so the effect of book_hotel must be there exactly "
                  "once, but it was never applied",
                  kHotel, {story.here()}));
}

TEST(SkippedStepTest, ItsEffectMayNotBeThereWhenTheSagaHasCompleted) {
  Story story(conditional_trip());
  story.skips("book_hotel").does("book_flight").does("book_hotel").does("charge_card").does("issue_ticket");
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story),
              is_violated("the saga was reported completed, so book_hotel, whose condition (/nights above 0) "
                          "does not hold, must have no effect, but it was applied once and never undone",
                          kHotel, {story.when(EventType::kApplied, "book_hotel"), story.here()}));
}

TEST(SkippedStepTest, ItsEffectMayNotBeThereWhenTheSagaIsCompensated) {
  Story story(conditional_trip());
  story.skips("book_hotel").does("book_flight").does("book_hotel").logs_compensating();
  story.undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story).step, kHotel);
}

TEST(SkippedStepTest, ItsEffectIsNamedWhenTheSagaIsFlagged) {
  Story story(conditional_trip());
  story.skips("book_hotel").does("book_flight").does("book_hotel").logs_compensating();
  story.is_lost("cancel_hotel").is_lost("cancel_hotel").is_lost("cancel_hotel").logs_stuck("cancel_hotel");
  story.undoes("cancel_flight").ends(Outcome::kFlagged, {"book_hotel"});
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
  EXPECT_EQ(verdict_on(Rule::kNoUnintendedCompensation, story).step, kHotel);
}

TEST(SkippedStepTest, MayNotBeAskedForThoughItIsUndoneAgain) {
  Story story(conditional_trip());
  story.skips("book_hotel").does("book_flight").does("book_hotel").logs_intent("charge_card");
  story.is_made_to_fail("charge_card").logs_failed("charge_card").logs_compensating();
  story.undoes("cancel_hotel").undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
  EXPECT_THAT(
      verdict_on(Rule::kNoUnintendedCompensation, story),
      is_violated("what the context rules out may not be asked for, but book_hotel was sent though the "
                  "condition of its step (/nights above 0) does not hold",
                  kHotel, {story.when(EventType::kSent, "book_hotel")}));
  EXPECT_THAT(violated_rules(story), testing::ElementsAre("I3"));
}

TEST(SkippedStepTest, MayNotBeUndoneEither) {
  Story story(conditional_trip());
  story.skips("book_hotel").does("book_flight").logs_intent("book_hotel").logs_compensating();
  story.undoes_nothing("cancel_hotel").undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kNoUnintendedCompensation, story).step, kHotel);
}

TEST(SkippedStepTest, WhatComesBeforeItMustBeDurableBeforeWhatComesAfterIt) {
  Story story(conditional_trip());
  story.skips("book_hotel").logs_intent("book_flight").calls("book_flight").logs_intent("charge_card");
  story.sends("charge_card");
  EXPECT_THAT(
      verdict_on(Rule::kWriteAheadLog, story),
      is_violated("a result must be durable before the next call, but charge_card was sent before the "
                  "result of book_flight was logged",
                  kCard, {story.here()}));
}

TEST(SkippedStepTest, SeveralInARowArePassedOver) {
  Saga saga = conditional_trip();
  saga.steps[2].only_if = Condition{.pointer = "/card"};
  Story story(saga);
  story.skips("book_hotel").skips("charge_card").logs_intent("book_flight").calls("book_flight");
  story.logs_intent("issue_ticket").sends("issue_ticket");
  EXPECT_EQ(verdict_on(Rule::kWriteAheadLog, story).evidence, std::vector<std::uint32_t>{story.here()});
  Story orderly(saga);
  orderly.skips("book_hotel").skips("charge_card").does("book_flight").does("issue_ticket");
  orderly.ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(orderly), testing::IsEmpty());
}

TEST(SkippedStepTest, IsAnotherFromRunToRun) {
  Story skipping(conditional_trip());
  complete(skipping.skips("book_hotel"));
  Story hasty(conditional_trip());
  hasty.does("book_flight").logs_intent("charge_card").sends("charge_card");
  Judge judge(skipping.saga(), Claims::all());
  constexpr auto kPlace = static_cast<std::size_t>(Rule::kWriteAheadLog);
  EXPECT_EQ(judge.judge(skipping.observation())[kPlace], VerdictStatus::kHeld);
  EXPECT_EQ(judge.judge(hasty.observation())[kPlace], VerdictStatus::kViolated);
  EXPECT_EQ(judge.judge(skipping.observation())[kPlace], VerdictStatus::kHeld);
}

}  // namespace
}  // namespace saga_harness::check_test
