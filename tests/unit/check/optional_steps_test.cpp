// What the rules make of a step whose failure does not fail the saga (Step::optional).

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

/// The trip, whose hotel (two attempts) is optional.
Saga trip_with_optional_hotel() {
  Saga saga = trip();
  saga.steps[1].optional = true;
  saga.steps[1].retry.attempts = 2;
  return saga;
}

/// The hotel may have been booked, and is given up.
Story& hotel_in_doubt(Story& story) {
  story.does("book_flight").logs_intent("book_hotel");
  for (int attempt = 1; attempt <= 2; ++attempt) {
    story.at(std::chrono::seconds(20 * attempt - 15))
        .sends("book_hotel")
        .fault("book_hotel", FaultKind::kReplyLost)
        .arrives("book_hotel");
    if (attempt == 1) story.takes_effect("book_hotel");
    story.answers("book_hotel").drops("book_hotel").at(Duration(std::chrono::seconds(20 * attempt)));
    story.times_out("book_hotel");
  }
  return story.logs_failed("book_hotel", true);
}

Story& hotel_refused(Story& story) {
  story.does("book_flight").logs_intent("book_hotel").is_made_to_fail("book_hotel");
  return story.logs_failed("book_hotel");
}

/// No timing of these stories is that of an engine.
Claims claims() {
  Claims claims = Claims::all();
  claims.keeps_timeouts = false;
  return claims;
}

TEST(OptionalStepTest, ACompletedSagaDoesWithoutIt) {
  Story story(trip_with_optional_hotel());
  hotel_refused(story).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story, claims()), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story), is_held());
  EXPECT_THAT(verdict_on(Rule::kWriteAheadLog, story), is_held());
}

TEST(OptionalStepTest, WhatItMayHaveLeftMayStayInACompletedSaga) {
  Story story(trip_with_optional_hotel());
  hotel_in_doubt(story).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story, claims()), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
}

TEST(OptionalStepTest, WhatItMayHaveLeftIsUndoneWhenTheSagaFailsLater) {
  Story story(trip_with_optional_hotel());
  hotel_in_doubt(story).logs_intent("charge_card").is_made_to_fail("charge_card").logs_failed("charge_card");
  story.logs_compensating();
  Story forgotten(trip_with_optional_hotel());
  hotel_in_doubt(forgotten).logs_intent("charge_card").is_made_to_fail("charge_card");
  forgotten.logs_failed("charge_card").logs_compensating().undoes("cancel_flight");
  forgotten.ends(Outcome::kCompensated);
  story.undoes("cancel_hotel").undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(story, claims()), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, story), is_held());
  EXPECT_THAT(violated_rules(forgotten, claims()), testing::ElementsAre("I1"));
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, forgotten).step, kHotel);
}

TEST(OptionalStepTest, WhatItMayHaveLeftMayBeUndoneAtOnce) {
  Story story(trip_with_optional_hotel());
  hotel_in_doubt(story).undoes("cancel_hotel").does("charge_card").does("issue_ticket");
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story, claims()), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kNoActionAfterCompensationBegan, story), is_unknown());
  Story later(trip_with_optional_hotel());
  hotel_in_doubt(later).undoes("cancel_hotel").does("charge_card").logs_intent("issue_ticket");
  later.is_made_to_fail("issue_ticket").logs_failed("issue_ticket").logs_compensating();
  later.undoes("refund_card").undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(later, claims()), testing::IsEmpty());
}

TEST(OptionalStepTest, WhatIsKnownToBeDoneMayNotBeUndoneBeforeTheSagaFails) {
  Story story(trip_with_optional_hotel());
  story.does("book_flight").does("book_hotel").undoes("cancel_hotel").does("charge_card");
  story.does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story), testing::IsSupersetOf({"I1", "I4"}));
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story),
              is_violated("the saga was reported completed, so the effect of book_hotel, which was answered "
                          "with success, must be there exactly once, but it was applied once and undone once",
                          kHotel, {story.when(EventType::kUndone, "cancel_hotel"), story.here()}));
}

TEST(OptionalStepTest, WhoWasNotToldThatItIsDoneMayUndoItAtOnce) {
  Story story(trip_with_optional_hotel());
  story.does("book_flight").logs_intent("book_hotel").calls("book_hotel").crashes();
  story.logs_failed("book_hotel", true).undoes("cancel_hotel").does("charge_card").does("issue_ticket");
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story, claims()), testing::IsEmpty());
  Story logged(trip_with_optional_hotel());
  logged.does("book_flight").does("book_hotel").crashes();
  logged.undoes("cancel_hotel").does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(logged, claims()), testing::IsSupersetOf({"I1", "I4", "I12"}));
}

TEST(OptionalStepTest, WhatWasUndoneBeforeARollbackIsNotOfIt) {
  Story story(trip_with_optional_hotel());
  hotel_in_doubt(story).does("charge_card").strikes(FaultKind::kCoordinatorCrash).crashes();
  story.undoes("cancel_hotel").logs_compensating().undoes("refund_card").undoes("cancel_flight");
  story.ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(story, claims()), testing::IsEmpty());
}

TEST(OptionalStepTest, TwoMayBeUndoneAtOnceOneAfterTheOther) {
  Saga saga = trip_with_optional_hotel();
  saga.steps[2].optional = true;
  Story story(saga);
  story.does("book_flight").logs_intent("book_hotel").strikes(FaultKind::kCoordinatorCrash).crashes();
  story.logs_failed("book_hotel", true).undoes_nothing("cancel_hotel").logs_undone("cancel_hotel");
  story.logs_intent("charge_card").strikes(FaultKind::kCoordinatorCrash).crashes();
  story.logs_failed("charge_card", true).undoes_nothing("refund_card").logs_undone("refund_card");
  story.does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story, claims()), testing::IsEmpty());
}

TEST(OptionalStepTest, OnceTheSagaFailsItIsUndoneInItsTurn) {
  Story story(trip_with_optional_hotel());
  hotel_in_doubt(story).does("charge_card").logs_intent("issue_ticket").is_made_to_fail("issue_ticket");
  story.logs_failed("issue_ticket").logs_compensating();
  story.undoes("cancel_hotel").undoes("refund_card").undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(story, claims()), testing::ElementsAre("I2"));
}

TEST(OptionalStepTest, ItIsTriedThough) {
  Story story(trip_with_optional_hotel());
  story.does("book_flight").does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story),
              is_violated("the saga was reported completed, but book_hotel, which is optional and was to be "
                          "tried, was never asked for",
                          kHotel, {story.here()}));
  EXPECT_EQ(verdict_on(Rule::kOrderRespected, story).status, VerdictStatus::kViolated);
}

TEST(OptionalStepTest, ThoseAfterItWaitUntilItIsGivenUp) {
  Story story(trip_with_optional_hotel());
  story.does("book_flight").logs_intent("book_hotel").sends("book_hotel");
  story.logs_intent("charge_card").sends("charge_card");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story),
              is_violated("charge_card comes after book_hotel, but was sent before that was done", kCard,
                          {story.here()}));
}

TEST(OptionalStepTest, WhatIsTriedAgainWasNotGivenUp) {
  Story story(trip_with_optional_hotel());
  story.does("book_flight").logs_intent("book_hotel");
  story.is_made_to_fail("book_hotel", FaultKind::kUnavailable, ReplyStatus::kUnavailable);
  story.logs_intent("charge_card").sends("charge_card");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story), is_held());
  const std::uint32_t early = story.here();
  story.at(std::chrono::seconds(1)).sends("book_hotel");
  EXPECT_THAT(
      verdict_on(Rule::kOrderRespected, story),
      is_violated("charge_card comes after book_hotel, but was sent before that was done", kCard, {early}));
}

TEST(OptionalStepTest, ItsFailureIsNoReasonToCompensate) {
  Story story(trip_with_optional_hotel());
  hotel_refused(story).logs_compensating().undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, story),
              is_violated("only what is optional has failed, which must not fail the saga, but it ended "
                          "compensated",
                          kNoStep, {story.when(EventType::kSent, "cancel_flight"), story.here()}));
  Saga needed = trip_with_optional_hotel();
  needed.steps[1].optional = false;
  Story other(needed);
  hotel_refused(other).logs_compensating().undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(other), testing::IsEmpty());
}

TEST(OptionalStepTest, AFailureBesideItIsAReason) {
  Story story(trip_with_optional_hotel());
  hotel_refused(story).logs_intent("charge_card").is_made_to_fail("charge_card").logs_failed("charge_card");
  story.logs_compensating().undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
}

TEST(OptionalStepTest, WhatWouldHaveHelpedTheSagaMustHelp) {
  Story story(trip_with_optional_hotel());
  hotel_refused(story).logs_intent("charge_card");
  story.is_made_to_fail("charge_card", FaultKind::kUnavailable, ReplyStatus::kUnavailable);
  story.logs_failed("charge_card").logs_compensating().undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kTransientFaultsMasked, story).status, VerdictStatus::kViolated)
      << "the refusal at the hotel is no excuse";
}

TEST(OptionalStepTest, WhatARetryWouldHaveHelpedIsNotGivenUp) {
  Story story(trip_with_optional_hotel());
  story.does("book_flight").logs_intent("book_hotel");
  story.is_made_to_fail("book_hotel", FaultKind::kUnavailable, ReplyStatus::kUnavailable);
  story.logs_failed("book_hotel", true).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(
      verdict_on(Rule::kTransientFaultsMasked, story),
      is_violated("every fault at book_hotel was transient and within the retry budget, so it must be "
                  "done, but it was given up",
                  kHotel, {story.when(EventType::kSent, "book_hotel"), story.here()}));
  Story spent(trip_with_optional_hotel());
  hotel_in_doubt(spent).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTransientFaultsMasked, spent, claims()), is_held());
}

TEST(OptionalStepTest, AnOrdinaryFlagNamesNoneThatIsDone) {
  Story story(trip_with_optional_hotel());
  hotel_refused(story).does("charge_card").does("issue_ticket");
  story.ends(Outcome::kFlagged, {"book_flight", "charge_card", "issue_ticket"});
  EXPECT_THAT(
      verdict_on(Rule::kFlaggedOnlyWhenNeeded, story),
      is_violated("every step was known to be done, so the saga must end completed, but it was flagged",
                  kNoStep, {story.here() - 3}));
}

TEST(OptionalStepTest, WhatWasUnderWayInACrashIsNotKnownToBeGivenUp) {
  Saga saga = trip_with_optional_hotel();
  saga.steps.resize(2);
  saga.steps[0].pivot = true;
  saga.steps[0].compensation = saga.steps[1].compensation = "";
  Story story(saga);
  story.does("book_flight").logs_intent("book_hotel").sends("book_hotel").crashes();
  story.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
  Story tried_again(saga);
  tried_again.does("book_flight").logs_intent("book_hotel");
  tried_again.is_made_to_fail("book_hotel", FaultKind::kUnavailable, ReplyStatus::kUnavailable);
  tried_again.at(std::chrono::seconds(1)).sends("book_hotel").ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, tried_again), is_held());
  Story heard(saga);
  heard.does("book_flight").logs_intent("book_hotel").is_made_to_fail("book_hotel");
  heard.ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_EQ(verdict_on(Rule::kFlaggedOnlyWhenNeeded, heard).status, VerdictStatus::kViolated);
  Story given_up(saga);
  hotel_refused(given_up).ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_EQ(verdict_on(Rule::kFlaggedOnlyWhenNeeded, given_up).status, VerdictStatus::kViolated);
}

TEST(OptionalStepTest, WhatWasUnderWayAsTheSagaWasCancelledNeedNotBeGoneWithout) {
  Saga saga = trip_with_optional_hotel();
  saga.steps = {saga.steps[1]};
  saga.steps[0].compensation.clear();
  saga.steps[0].compensatable = false;
  const auto flagged_with_cancel = [&saga](bool is_under_way) {
    Story story(saga);
    story.logs_intent("book_hotel").sends("book_hotel");
    if (is_under_way) story.strikes(FaultKind::kCancel);
    story.arrives("book_hotel").takes_effect("book_hotel");
    story.answers("book_hotel", ReplyStatus::kError).hears("book_hotel", ReplyStatus::kError);
    story.logs_failed("book_hotel", true);
    if (!is_under_way) story.strikes(FaultKind::kCancel);
    story.ends(Outcome::kFlagged, {"book_hotel"});
    return verdict_on(Rule::kFlaggedOnlyWhenNeeded, story);
  };
  EXPECT_THAT(flagged_with_cancel(true), is_held());
  EXPECT_EQ(flagged_with_cancel(false).status, VerdictStatus::kViolated);
}

TEST(OptionalStepTest, WhatCouldNotBeUndoneAtOnceIsForAPerson) {
  Story story(trip_with_optional_hotel());
  hotel_in_doubt(story).is_refused("cancel_hotel").logs_stuck("cancel_hotel");
  story.does("charge_card").does("issue_ticket").ends(Outcome::kFlagged, {"book_hotel"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
}

TEST(OptionalStepTest, WhatBreaksItsServiceMayBreakTheSaga) {
  Story story(trip_with_optional_hotel());
  story.does("book_flight").logs_intent("book_hotel").sends("book_hotel");
  story.fault("book_hotel", FaultKind::kParticipantForgets).arrives("book_hotel").answers("book_hotel");
  story.hears("book_hotel").logs_done("book_hotel").logs_compensating().undoes_nothing("cancel_hotel");
  story.logs_undone("cancel_hotel").undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kCompensatedThoughNothingFailed, story), is_unknown());
}

TEST(OptionalStepTest, AParticipantMayRefuseIt) {
  Story story(trip_with_optional_hotel());
  story.does("book_flight").logs_intent("book_hotel").is_refused("book_hotel").logs_failed("book_hotel");
  story.does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
  Story other(trip_with_optional_hotel());
  other.logs_intent("book_flight").is_refused("book_flight").logs_failed("book_flight");
  EXPECT_EQ(verdict_on(Rule::kRefusedThoughNothingFailed, other).status, VerdictStatus::kViolated);
}

}  // namespace
}  // namespace saga_harness::check_test
