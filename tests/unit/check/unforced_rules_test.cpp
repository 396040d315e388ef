// I19 and the findings without a number: what nothing forced anybody to do.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

// ---- I19: a person is called only where nothing else helps

/// Flight and hotel are booked, the card is refused.
void fail_at_card(Story& story) {
  story.does("book_flight").does("book_hotel").logs_intent("charge_card").is_made_to_fail("charge_card");
  story.logs_failed("charge_card");
}

TEST(FlaggedOnlyWhenNeededTest, HoldsWhereACompensationWasTriedToItsBudget) {
  Story story(trip());
  fail_at_card(story);
  story.logs_compensating().undoes("cancel_hotel");
  for (int attempt = 0; attempt < 3; ++attempt) story.is_lost("cancel_flight");
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
}

TEST(FlaggedOnlyWhenNeededTest, HoldsWhereACompensationWasRefused) {
  Story story(trip());
  fail_at_card(story);
  story.logs_compensating().is_made_to_fail("cancel_hotel").ends(Outcome::kFlagged, {"book_hotel"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
}

TEST(FlaggedOnlyWhenNeededTest, IsViolatedWhereCompensatingWasNotTried) {
  Story story(trip());
  fail_at_card(story);
  story.ends(Outcome::kFlagged, {"book_flight", "book_hotel"});
  EXPECT_THAT(
      verdict_on(Rule::kFlaggedOnlyWhenNeeded, story),
      is_violated(
          "a person may be called only where nothing else helps, but no compensation was refused or tried to "
          "its budget, and each step that may be left has one",
          kNoStep, {story.here() - 2}));
}

TEST(FlaggedOnlyWhenNeededTest, ACompensationThatWorkedInTheEndIsNoReason) {
  Story story(trip());
  fail_at_card(story);
  story.logs_compensating().is_lost("cancel_hotel").is_lost("cancel_hotel").undoes("cancel_hotel");
  story.undoes("cancel_flight").ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_EQ(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story).status, VerdictStatus::kViolated);
}

TEST(FlaggedOnlyWhenNeededTest, HoldsWhereSuccessIsHeardOfAfterTheEnd) {
  Story story(trip());
  fail_at_card(story);
  story.logs_compensating().undoes("cancel_hotel");
  for (int attempt = 0; attempt < 3; ++attempt) story.is_lost("cancel_flight");
  story.ends(Outcome::kFlagged, {"book_flight"}).hears("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
}

TEST(FlaggedOnlyWhenNeededTest, HoldsWhereOnlyADeadIncarnationWasToldOfSuccess) {
  Story story(trip());
  fail_at_card(story);
  story.logs_compensating().undoes("cancel_hotel").calls("cancel_flight").crashes();
  for (int attempt = 0; attempt < 3; ++attempt) story.is_lost("cancel_flight");
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
}

TEST(FlaggedOnlyWhenNeededTest, HoldsWhereWhatMayBeLeftCannotBeUndone) {
  Saga saga = trip();
  saga.steps[kHotel].compensation.clear();
  saga.steps[kHotel].compensatable = false;
  Story story(saga);
  fail_at_card(story);
  story.ends(Outcome::kFlagged, {"book_flight", "book_hotel"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());

  Story before(saga);  // it was not asked for yet
  before.does("book_flight")
      .logs_intent("book_hotel")
      .is_made_to_fail("book_hotel")
      .logs_failed("book_hotel");
  before.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_EQ(verdict_on(Rule::kFlaggedOnlyWhenNeeded, before).status, VerdictStatus::kViolated);
}

TEST(FlaggedOnlyWhenNeededTest, HoldsWhereThePivotIsInDoubt) {
  Story story(trip_with_pivot());
  story.does("book_flight").does("book_hotel").does("charge_card").logs_intent("issue_ticket");
  story.is_lost("issue_ticket").logs_failed("issue_ticket", true);
  story.ends(Outcome::kFlagged, {"book_flight", "book_hotel", "charge_card", "issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
}

TEST(FlaggedOnlyWhenNeededTest, IsViolatedWhereThePivotIsRefused) {
  Story story(trip_with_pivot());
  story.does("book_flight").logs_intent("issue_ticket").is_made_to_fail("issue_ticket");
  story.logs_failed("issue_ticket").ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_EQ(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story).status, VerdictStatus::kViolated);
}

TEST(FlaggedOnlyWhenNeededTest, IsViolatedWhereAllIsDone) {
  Story story(trip_with_pivot());
  story.does("book_flight").does("book_hotel").does("charge_card").does("issue_ticket");
  story.ends(Outcome::kFlagged, {"issue_ticket"});
  EXPECT_THAT(
      verdict_on(Rule::kFlaggedOnlyWhenNeeded, story),
      is_violated("every step was known to be done, so the saga must end completed, but it was flagged",
                  kNoStep, {story.here() - 1}));
}

TEST(FlaggedOnlyWhenNeededTest, WhatADeadIncarnationWasToldIsNotKnown) {
  Story story(trip_with_pivot());
  story.does("book_flight").does("book_hotel").does("charge_card").logs_intent("issue_ticket");
  story.calls("issue_ticket").crashes().ends(Outcome::kFlagged, {"issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
}

TEST(FlaggedOnlyWhenNeededTest, IsUnknownWhereTheLogWasStruck) {
  Story story(trip());
  fail_at_card(story);
  story.strikes(FaultKind::kLogReadStale).ends(Outcome::kFlagged, {"book_flight", "book_hotel"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_unknown());
}

TEST(FlaggedOnlyWhenNeededTest, IsUnknownUnlessFlaggedAndNotJudgedWithoutTheClaim) {
  Story story(trip());
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_unknown());
  EXPECT_THAT(
      verdict_on(Rule::kFlaggedOnlyWhenNeeded, story, Claims{}),
      is_not_applicable(
          "the subject does not claim to call a person only where it can neither go on nor compensate"));
}

// ---- refused though nothing failed

TEST(RefusedThoughNothingFailedTest, HoldsWhereNobodyRefuses) {
  Story story(trip());
  story.calls("book_flight").reports(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, story, Claims{}), is_held());
}

TEST(RefusedThoughNothingFailedTest, IsViolatedByARefusalBeforeAnyFault) {
  Story story(trip());
  story.calls("book_flight").is_refused("book_hotel", ReplyStatus::kConflict).undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, story, Claims{}),
              is_violated("no fault had struck, but the participant refused book_hotel (conflict); say "
                          "\"expects\" if that is meant",
                          kHotel, {story.when(EventType::kAnswered, "book_hotel")}));
}

TEST(RefusedThoughNothingFailedTest, AFaultThatCameBeforeMayBeTheCause) {
  Story story(trip());
  story.calls("book_flight").is_lost("book_hotel").is_refused("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, story, Claims{}), is_unknown());
  Story caused(trip());
  caused.calls("book_flight").is_made_to_fail("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, caused, Claims{}), is_unknown());
}

TEST(RefusedThoughNothingFailedTest, UnavailableIsNoRefusal) {
  Story story(trip());
  story.is_refused("book_flight", ReplyStatus::kUnavailable).calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, story, Claims{}), is_held());
}

TEST(RefusedThoughNothingFailedTest, WhatACopyIsAnsweredNobodyHears) {
  Story story(trip());
  story.calls("book_flight").copy_arrives("book_flight").copy_answers("book_flight", ReplyStatus::kRejected);
  EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, story, Claims{}), is_held());
}

TEST(RefusedThoughNothingFailedTest, IsViolatedWhereACompensationIsRefusedThatNothingDisturbed) {
  Story story(trip());
  story.calls("book_flight").is_made_to_fail("book_hotel").is_refused("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kRefusedThoughNothingFailed, story, Claims{}),
      is_violated("no fault had struck book_flight, and its effect was there, but the participant refused "
                  "cancel_flight (rejected)",
                  kFlight, {story.when(EventType::kAnswered, "cancel_flight")}));
}

TEST(RefusedThoughNothingFailedTest, ACompensationMayBeRefusedWhereItsStepWasStruck) {
  Story story(trip());
  story.sends("book_flight").fault("book_flight", FaultKind::kReplyLost).arrives("book_flight");
  story.takes_effect("book_flight").times_out("book_flight").is_refused("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, story, Claims{}), is_unknown());

  Story crashed(trip());
  crashed.calls("book_flight").strikes(FaultKind::kCoordinatorCrash).crashes().is_refused("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, crashed, Claims{}), is_unknown());

  Story nothing_there(trip());  // I16 is about that
  nothing_there.is_made_to_fail("book_hotel").is_refused("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, nothing_there, Claims{}), is_unknown());
}

TEST(RefusedThoughNothingFailedTest, IsNotJudgedWhereFailureIsExpected) {
  Story story(trip());
  story.is_refused("book_flight");
  for (const Outcome expected : {Outcome::kCompensated, Outcome::kFlagged}) {
    EXPECT_THAT(verdict_on(Rule::kRefusedThoughNothingFailed, story, Claims{}, {}, expected),
                is_not_applicable("without faults, too, the saga is expected to fail"));
  }
  EXPECT_EQ(verdict_on(Rule::kRefusedThoughNothingFailed, story, Claims{}, {}, Outcome::kCompleted).status,
            VerdictStatus::kViolated);
}

// ---- compensated though nothing failed

TEST(CompensatedThoughNothingFailedTest, HoldsWhereTheSagaCompletes) {
  Story story(trip());
  story.calls("book_flight").reports(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, story, Claims{}), is_held());
}

TEST(CompensatedThoughNothingFailedTest, IsViolatedWhereItGoesBackForNoReason) {
  Story story(trip());
  story.calls("book_flight").undoes("cancel_flight").reports(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, story, Claims{}),
              is_violated("no fault struck and nothing failed, but the saga ended compensated; say "
                          "\"expects\" if that is meant",
                          kNoStep, {story.when(EventType::kSent, "cancel_flight"), story.here()}));
}

TEST(CompensatedThoughNothingFailedTest, WhateverFailedIsAReason) {
  Story refused(trip());
  refused.calls("book_flight")
      .is_refused("book_hotel")
      .undoes("cancel_flight")
      .reports(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, refused, Claims{}), is_unknown());

  Story unavailable(trip());
  unavailable.is_refused("book_flight", ReplyStatus::kUnavailable).reports(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, unavailable, Claims{}), is_unknown());

  Story timed_out(trip());
  timed_out.sends("book_flight").times_out("book_flight").reports(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, timed_out, Claims{}), is_unknown());

  Story cancelled(trip());
  cancelled.strikes(FaultKind::kCancel).reports(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, cancelled, Claims{}), is_unknown());
}

TEST(CompensatedThoughNothingFailedTest, ADeadlineIsAReasonUnlessItWasSleptAway) {
  Saga saga = trip();
  saga.deadline = std::chrono::seconds(5);
  Story slow(saga);
  slow.sends("book_flight").at(std::chrono::seconds(5)).answers("book_flight").hears("book_flight");
  slow.undoes("cancel_flight").reports(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, slow, Claims{}), is_unknown());

  Story asleep(saga);
  asleep.calls("book_flight").at(std::chrono::seconds(5)).undoes("cancel_flight");
  asleep.reports(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kCompensatedThoughNothingFailed, asleep, Claims{}).status,
            VerdictStatus::kViolated);
}

TEST(CompensatedThoughNothingFailedTest, IsNotJudgedWhereFailureIsExpected) {
  Story story(trip());
  story.reports(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, story, Claims{}, {}, Outcome::kCompensated),
              is_not_applicable("without faults, too, the saga is expected to fail"));
}

}  // namespace
}  // namespace saga_harness::check_test
