// I10, I14 and I15: compensations are tried to their budget, rejections are accepted, transient faults are
// masked.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

// ---- I10: compensations are retried to their budget before flagging

/// The flight is booked, then it goes backward.
void turn_back(Story& story) {
  story.does("book_flight").logs_intent("book_hotel").is_refused("book_hotel").logs_failed("book_hotel");
  story.logs_compensating();
}

TEST(PersistenceTest, HoldsWhenTheBudgetIsUsedUp) {
  Story story(trip());
  turn_back(story);
  story.is_lost("cancel_flight").is_lost("cancel_flight").is_lost("cancel_flight");
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_held());
}

TEST(PersistenceTest, HoldsWhenARestartLeavesTheBudgetToTwoIncarnations) {
  Story story(trip());
  turn_back(story);
  story.is_lost("cancel_flight").is_lost("cancel_flight").crashes().is_lost("cancel_flight");
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_held());
}

TEST(PersistenceTest, IsViolatedWhenACompensationIsGivenUpEarly) {
  Story story(trip());
  turn_back(story);
  story.is_lost("cancel_flight").is_lost("cancel_flight").ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(
      verdict_on(Rule::kCompensationRetriedToBudget, story),
      is_violated(
          "cancel_flight (of book_flight) must be tried 3 times before the saga is flagged, but was sent "
          "twice",
          kFlight, {story.when(EventType::kSent, "cancel_flight", 2), story.here() - 1}));
}

TEST(PersistenceTest, IsViolatedWhenACompensationIsNotTriedAtAll) {
  Story story(trip());
  turn_back(story);
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(
      verdict_on(Rule::kCompensationRetriedToBudget, story),
      is_violated(
          "cancel_flight (of book_flight) must be tried 3 times before the saga is flagged, but was never "
          "sent",
          kFlight, {story.here() - 1}));
}

TEST(PersistenceTest, JudgesEffectsThatAreLeftWithoutBeingNamed) {
  Story story(trip());
  turn_back(story);
  story.is_lost("cancel_flight").reports(Outcome::kFlagged);
  EXPECT_THAT(
      verdict_on(Rule::kCompensationRetriedToBudget, story, {.retries = true}),
      is_violated(
          "cancel_flight (of book_flight) must be tried 3 times before the saga is flagged, but was sent "
          "once",
          kFlight, {story.when(EventType::kSent, "cancel_flight"), story.here()}));
}

TEST(PersistenceTest, ADefiniteRejectionNeedsNoRetry) {
  Story story(trip());
  turn_back(story);
  story.is_refused("cancel_flight").ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_unknown());
}

TEST(PersistenceTest, UnavailableIsNoRejection) {
  Story story(trip());
  turn_back(story);
  story.is_refused("cancel_flight", ReplyStatus::kUnavailable).ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_EQ(verdict_on(Rule::kCompensationRetriedToBudget, story).status, VerdictStatus::kViolated);
}

TEST(PersistenceTest, StepsThatCannotBeUndoneAreNotTried) {
  Saga saga = trip();
  saga.steps[kFlight].compensation.clear();
  saga.steps[kFlight].compensatable = false;
  Story story(saga);
  turn_back(story);
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_unknown());
}

TEST(PersistenceTest, OtherStepsAreNoConcernOfTheOneThatIsStuck) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").is_refused("charge_card").logs_compensating();
  story.undoes("cancel_hotel").is_lost("cancel_flight").is_lost("cancel_flight").is_lost("cancel_flight");
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_held());
}

TEST(PersistenceTest, NothingIsCompensatedPastAPivot) {
  Story done(trip_with_pivot());
  done.does("book_flight").does("book_hotel").does("charge_card").calls("issue_ticket");
  done.ends(Outcome::kFlagged, {"book_flight", "book_hotel", "charge_card", "issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, done), is_unknown());

  Story unknown_fate(trip_with_pivot());
  unknown_fate.does("book_flight").is_lost("issue_ticket");
  unknown_fate.ends(Outcome::kFlagged, {"book_flight", "issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, unknown_fate), is_unknown());
}

TEST(PersistenceTest, PastAPivotOnlyWhoBeganToUndoAnOptionalStepMustGoOn) {
  Saga saga = trip_with_pivot();
  saga.steps[1].optional = true;
  const auto flagged_past_pivot = [&saga](bool is_crash_between) {
    Story story(saga);
    story.does("book_flight").logs_intent("book_hotel").sends("book_hotel").arrives("book_hotel");
    story.takes_effect("book_hotel").answers("book_hotel", ReplyStatus::kError);
    story.hears("book_hotel", ReplyStatus::kError).logs_failed("book_hotel", true).is_lost("cancel_hotel");
    if (is_crash_between) story.crashes();
    story.does("charge_card").is_lost("issue_ticket");
    story.ends(Outcome::kFlagged, {"book_flight", "book_hotel", "charge_card", "issue_ticket"});
    return verdict_on(Rule::kCompensationRetriedToBudget, story);
  };
  EXPECT_EQ(flagged_past_pivot(false).status, VerdictStatus::kViolated);
  EXPECT_THAT(flagged_past_pivot(true), is_unknown());
}

TEST(PersistenceTest, APivotOfUnknownFateStaysSoWhenLaterRefused) {
  Story story(trip_with_pivot());
  story.does("book_flight").is_lost("issue_ticket").is_refused("issue_ticket");
  story.ends(Outcome::kFlagged, {"book_flight", "issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_unknown());
}

TEST(PersistenceTest, ARefusalOfThePivotHeardByAnIncarnationThatDiedIsNotKnown) {
  Story story(trip_with_pivot());
  story.does("book_flight").logs_intent("issue_ticket").is_refused("issue_ticket").crashes();
  story.ends(Outcome::kFlagged, {"book_flight", "issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_unknown());
}

TEST(PersistenceTest, APivotThatWasIntendedBeforeACrashMayBeDone) {
  Story story(trip_with_pivot());
  story.does("book_flight").logs_intent("issue_ticket").crashes();
  story.ends(Outcome::kFlagged, {"book_flight", "issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_unknown());

  // The next incarnation cannot know that it was never sent, so its own refusal proves nothing.
  Story refused(trip_with_pivot());
  refused.does("book_flight").logs_intent("issue_ticket").crashes().is_refused("issue_ticket");
  refused.logs_failed("issue_ticket", true).ends(Outcome::kFlagged, {"book_flight", "issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, refused), is_unknown());
}

TEST(PersistenceTest, APivotThatWasOnlyIntendedIsNotDone) {
  Story story(trip_with_pivot());
  story.does("book_flight").logs_intent("issue_ticket").ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_EQ(verdict_on(Rule::kCompensationRetriedToBudget, story).status, VerdictStatus::kViolated);
}

TEST(PersistenceTest, APivotThatWasTurnedAwayMayBeDoneByACopyOfItsRequest) {
  Story story(trip_with_pivot());
  story.does("book_flight").is_refused("issue_ticket", ReplyStatus::kUnavailable).is_refused("issue_ticket");
  story.ends(Outcome::kFlagged, {"book_flight", "issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_unknown());
}

TEST(PersistenceTest, IsViolatedWhenAPivotThatWasRefusedIsTakenAsAnExcuse) {
  Story story(trip_with_pivot());
  story.does("book_flight").is_refused("issue_ticket");
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(
      verdict_on(Rule::kCompensationRetriedToBudget, story),
      is_violated(
          "cancel_flight (of book_flight) must be tried 3 times before the saga is flagged, but was never "
          "sent",
          kFlight, {story.here() - 1}));

  Story logged(trip_with_pivot());
  logged.does("book_flight").is_refused("issue_ticket").logs_failed("issue_ticket").crashes();
  logged.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_EQ(verdict_on(Rule::kCompensationRetriedToBudget, logged).status, VerdictStatus::kViolated);
}

TEST(PersistenceTest, IsUnknownUnlessTheSagaIsFlagged) {
  Story story(trip());
  turn_back(story);
  story.is_lost("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_unknown());
}

TEST(PersistenceTest, IsNotJudgedOfASubjectThatDoesNotClaimIt) {
  Story story(trip());
  turn_back(story);
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story, Claims{}),
              is_not_applicable("the subject does not claim to use its retry budgets"));
}

// ---- I14: a definite rejection is not retried

TEST(NoArgumentTest, HoldsWhenARejectionIsAccepted) {
  Story story(trip());
  story.does("book_flight").is_refused("charge_card").logs_failed("charge_card").undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kRejectionIsFinal, story), is_held());
}

TEST(NoArgumentTest, IsViolatedWhenARejectionIsRetried) {
  Story story(trip());
  story.is_refused("charge_card").is_refused("charge_card").is_refused("charge_card");
  EXPECT_THAT(
      verdict_on(Rule::kRejectionIsFinal, story),
      is_violated(
          "a definite rejection must be accepted, but charge_card was sent again after one", kCard,
          {story.when(EventType::kReceived, "charge_card"), story.when(EventType::kSent, "charge_card", 2)}));
}

TEST(NoArgumentTest, IsViolatedWhenARejectedCompensationIsRetried) {
  Story story(trip());
  story.does("book_flight").is_refused("cancel_flight").undoes("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kRejectionIsFinal, story),
      is_violated(
          "a definite rejection must be accepted, but cancel_flight (of book_flight) was sent again after "
          "one",
          kFlight,
          {story.when(EventType::kReceived, "cancel_flight"),
           story.when(EventType::kSent, "cancel_flight", 2)}));
}

TEST(NoArgumentTest, ARejectionHeardByAnIncarnationThatDiedMayBeAskedForAgain) {
  Story story(trip());
  story.logs_intent("charge_card").is_refused("charge_card").crashes().is_refused("charge_card");
  EXPECT_THAT(verdict_on(Rule::kRejectionIsFinal, story), is_held());
}

TEST(NoArgumentTest, ARejectionThatIsInTheLogIsKnownAfterACrash) {
  Story story(trip());
  story.is_refused("charge_card").logs_failed("charge_card").crashes().calls("charge_card");
  EXPECT_THAT(
      verdict_on(Rule::kRejectionIsFinal, story),
      is_violated(
          "a definite rejection must be accepted, but charge_card was sent again after one", kCard,
          {story.when(EventType::kReceived, "charge_card"), story.when(EventType::kSent, "charge_card", 2)}));
}

TEST(NoArgumentTest, ARejectionThatWasFollowedBySuccessIsSettledOtherwise) {
  // What is sent after that breaks silence, but argues with nobody.
  Story story(trip());
  story.is_refused("charge_card")
      .crashes()
      .calls("charge_card")
      .logs_done("charge_card")
      .crashes()
      .calls("charge_card");
  EXPECT_THAT(verdict_on(Rule::kRejectionIsFinal, story), is_held());
  EXPECT_EQ(verdict_on(Rule::kSilenceAfterEnd, story).status, VerdictStatus::kViolated);
}

TEST(NoArgumentTest, AFallbackIsAnotherQuestion) {
  Story story(trip());
  story.is_refused("charge_card").calls("send_invoice");
  EXPECT_THAT(verdict_on(Rule::kRejectionIsFinal, story), is_held());
}

TEST(NoArgumentTest, UnavailableAndErrorsMayBeRetried) {
  Story story(trip());
  story.is_refused("charge_card", ReplyStatus::kUnavailable).is_refused("charge_card", ReplyStatus::kError);
  story.is_lost("charge_card").calls("charge_card");
  EXPECT_THAT(verdict_on(Rule::kRejectionIsFinal, story), is_unknown());
}

TEST(NoArgumentTest, ARejectionThatNobodyHeardIsNone) {
  Story story(trip());
  story.sends("charge_card").fault("charge_card", FaultKind::kReplyLost).arrives("charge_card");
  story.answers("charge_card", ReplyStatus::kRejected).times_out("charge_card").is_lost("charge_card");
  EXPECT_THAT(verdict_on(Rule::kRejectionIsFinal, story), is_unknown());
}

TEST(NoArgumentTest, IsNotJudgedOfASubjectThatDoesNotClaimIt) {
  Story story(trip());
  story.is_refused("charge_card").calls("charge_card");
  EXPECT_THAT(verdict_on(Rule::kRejectionIsFinal, story, Claims{}),
              is_not_applicable("the subject does not claim to accept rejections"));
}

}  // namespace
}  // namespace saga_harness::check_test
