// What the rules make of steps that depend on what others were answered.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

constexpr const char* kFull = R"({"class": "first"})";
constexpr const char* kCheap = R"({"class": "second"})";

/// The hotel only for those who fly first class.
Saga trip_of_class() {
  Saga saga = trip();
  saga.steps[0].result = {{"class"}};
  saga.steps[1].only_if =
      Condition{.pointer = "/results/book_flight/class", .comparison = Comparison::kEquals, .value = "first"};
  return saga;
}

/// The flight is booked, and answered with `json`; its record is still to come.
Story& flies(Story& story, const char* json) {
  return story.sends("book_flight")
      .arrives("book_flight")
      .takes_effect("book_flight")
      .answers("book_flight")
      .saying(json)
      .hears("book_flight")
      .saying(json);
}
Story& flown(Story& story, const char* json) {
  return flies(story.logs_intent("book_flight"), json).logs_done("book_flight");
}

TEST(ChoiceTest, TheAnswerSaysWhatACompletedSagaHasDone) {
  Story with(trip_of_class());
  flown(with, kFull).does("book_hotel").does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(with), testing::IsEmpty());
  Story without(trip_of_class());
  flown(without, kCheap).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(without), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, without), is_held());
  EXPECT_THAT(verdict_on(Rule::kNoUnintendedCompensation, without), is_held());
}

TEST(ChoiceTest, WhatTheAnswerWantsMayNotBeMissing) {
  Story story(trip_of_class());
  flown(story, kFull).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(
      verdict_on(Rule::kTruthfulOutcome, story),
      is_violated("the saga was reported completed, so the effect of book_hotel must be there exactly "
                  "once, but it was never applied",
                  kHotel, {story.here()}));
  EXPECT_EQ(verdict_on(Rule::kOrderRespected, story).status, VerdictStatus::kViolated);
}

TEST(ChoiceTest, WhatTheAnswerRulesOutMayNotBeAskedFor) {
  Story story(trip_of_class());
  flown(story, kCheap).does("book_hotel").does("charge_card").does("issue_ticket");
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(
      verdict_on(Rule::kNoUnintendedCompensation, story),
      is_violated(
          "what the answer of another step rules out may not be asked for, but book_hotel was sent "
          "though the condition of its step (/results/book_flight/class equals \"first\") does not hold",
          kHotel, {story.when(EventType::kSent, "book_hotel")}));
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story).step, kHotel);
}

TEST(ChoiceTest, WhatComesAfterItWaitsForTheStepThatDecides) {
  Story story(trip_of_class());
  flies(story.logs_intent("book_flight"), kCheap).logs_intent("charge_card").sends("charge_card");
  EXPECT_EQ(verdict_on(Rule::kWriteAheadLog, story).status, VerdictStatus::kViolated);
  Story early(trip_of_class());
  early.logs_intent("book_flight").sends("book_flight").logs_intent("charge_card").sends("charge_card");
  EXPECT_EQ(verdict_on(Rule::kOrderRespected, early).status, VerdictStatus::kViolated);
}

TEST(ChoiceTest, OfTwoAnswersTheOneInTheLogCounts) {
  Story story(trip_of_class());
  flies(story.logs_intent("book_flight"), kFull).crashes();
  story.sends("book_flight").arrives("book_flight").answers("book_flight").saying(kCheap);
  story.hears("book_flight").saying(kCheap).logs_done("book_flight");
  story.does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
  Story other(trip_of_class());
  flown(other, kFull).crashes().does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(other), testing::IsSupersetOf({"I1"})) << "the log has it";
}

/// Asked for again after a crash, the flight is answered otherwise.
Story& flies_cheaply_after_a_crash(Story& story) {
  story.sends("book_flight").arrives("book_flight").answers("book_flight").saying(kCheap);
  return story.hears("book_flight").saying(kCheap);
}

TEST(ChoiceTest, WhatIsAnsweredAfterTheRecordDoesNotCount) {
  Story story(trip_of_class());
  flown(story, kFull).crashes();
  flies_cheaply_after_a_crash(story).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story).step, kHotel);
}

TEST(ChoiceTest, ARecordOfOneWhoWasToldNothingSettlesNothing) {
  Story story(trip_of_class());
  flies(story.logs_intent("book_flight"), kFull).crashes().logs_done("book_flight");
  flies_cheaply_after_a_crash(story).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
}

TEST(ChoiceTest, AStepThatIsSkippedAnswersNothing) {
  Story story(trip_of_class());
  story.skips("book_flight").does("book_hotel").does("charge_card").does("issue_ticket");
  story.ends(Outcome::kCompleted);
  EXPECT_EQ(verdict_on(Rule::kNoUnintendedCompensation, story).step, kHotel);
}

TEST(ChoiceTest, WhoWasNeverToldIsInDoubt) {
  Story story(trip_of_class());
  story.sends("book_flight").arrives("book_flight").takes_effect("book_flight").drops("book_flight");
  story.calls("charge_card").calls("issue_ticket").reports(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
}

TEST(ChoiceTest, WhatIsInDoubtIsNoReasonForAFlag) {
  Story story(trip_of_class());
  flies(story.logs_intent("book_flight"), kFull).crashes();
  flies_cheaply_after_a_crash(story).does("charge_card").does("issue_ticket");
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story).explanation,
              testing::HasSubstr("every step was known to be done"));
}

TEST(ChoiceTest, WithoutALogEitherOfTwoAnswersMayCount) {
  Claims claims;
  for (const bool is_done : {false, true}) {
    Story story(trip_of_class());
    flies(story, kFull).crashes();
    story.sends("book_flight").arrives("book_flight").answers("book_flight").saying(kCheap);
    story.hears("book_flight").saying(kCheap);
    if (is_done) story.calls("book_hotel");
    story.calls("charge_card").calls("issue_ticket").reports(Outcome::kCompleted);
    EXPECT_THAT(violated_rules(story, claims), testing::IsEmpty()) << is_done;
  }
}

TEST(ChoiceTest, WhoeverFailedThoughOptionalHasAnsweredNothing) {
  Saga saga = trip_of_class();
  saga.steps[0].optional = true;
  Story story(saga);
  story.logs_intent("book_flight").is_made_to_fail("book_flight").logs_failed("book_flight");
  story.does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
  Story wrong(saga);
  wrong.logs_intent("book_flight").is_made_to_fail("book_flight").logs_failed("book_flight");
  wrong.does("book_hotel").does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(wrong), testing::ElementsAre("I1", "I3"));
}

TEST(ChoiceTest, WhoeverIsGivenUpWithoutALogHasAnsweredNothing) {
  Saga saga = trip_of_class();
  saga.steps[0].optional = true;
  Story story(saga);
  story.is_made_to_fail("book_flight").calls("book_hotel").calls("charge_card").calls("issue_ticket");
  story.reports(Outcome::kCompleted);
  EXPECT_EQ(verdict_on(Rule::kNoUnintendedCompensation, story).step, kHotel);
}

TEST(ChoiceTest, WhoeverIsGivenUpAfterACrashHasAnsweredNothing) {
  Saga saga = trip_of_class();
  saga.steps[0].optional = true;
  Story story(saga);
  flies(story.logs_intent("book_flight"), kFull).strikes(FaultKind::kCoordinatorCrash).crashes();
  story.logs_failed("book_flight", true).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
}

TEST(ChoiceTest, WhatAnOptionalStepAnsweredNeedNotBeKnownAfterACrash) {
  Saga saga = trip_of_class();
  saga.steps[0].optional = true;
  Story story(saga);
  flies(story, kFull).strikes(FaultKind::kCoordinatorCrash).crashes();
  story.calls("charge_card").calls("issue_ticket").reports(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
}

TEST(ChoiceTest, AreMadeAnewInEveryRun) {
  Story with(trip_of_class());
  flown(with, kFull).does("book_hotel").does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  Story without(trip_of_class());
  flown(without, kCheap).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  Judge judge(with.saga(), Claims::all());
  for (int round = 0; round < 2; ++round) {
    for (const Story* story : {&with, &without}) {
      const Judgement judgement = judge.judge(story->observation());
      EXPECT_EQ(judgement[static_cast<std::size_t>(Rule::kTruthfulOutcome)], VerdictStatus::kHeld);
      EXPECT_EQ(judgement[static_cast<std::size_t>(Rule::kOrderRespected)], VerdictStatus::kHeld);
    }
  }
}

}  // namespace
}  // namespace saga_harness::check_test
