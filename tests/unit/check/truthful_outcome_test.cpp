// I1: completed, every effect once; compensated, every effect net zero; flagged, names every step with an
// effect left and none whose undoing was confirmed.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

constexpr Rule kTruthfulOutcomeRule = Rule::kTruthfulOutcome;

void do_all(Story& story) {
  story.does("book_flight").does("book_hotel").does("charge_card").does("issue_ticket");
}

/// Flight and hotel are booked, the card is refused, and the flight cannot be cancelled.
void get_stuck_with_the_flight(Story& story) {
  story.does("book_flight").does("book_hotel").logs_intent("charge_card").is_refused("charge_card");
  story.logs_failed("charge_card").logs_compensating().undoes("cancel_hotel");
  story.is_lost("cancel_flight")
      .is_lost("cancel_flight")
      .is_lost("cancel_flight")
      .logs_stuck("cancel_flight");
}

TEST(TruthfulOutcomeTest, HoldsWhenCompletedMeansEveryEffectOnce) {
  Story story(trip());
  do_all(story);
  story.ends(Outcome::kCompleted).recovery_repeats(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story), is_held());
}

TEST(TruthfulOutcomeTest, HoldsWhenTheFallbackHadTheEffect) {
  Story story(trip());
  story.does("book_flight")
      .does("book_hotel")
      .is_refused("charge_card")
      .does("send_invoice")
      .does("issue_ticket");
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story), is_held());
}

TEST(TruthfulOutcomeTest, IsViolatedWhenACompletedStepNeverTookEffect) {
  Story story(trip());
  story.does("book_flight")
      .does("book_hotel")
      .is_lost("charge_card")
      .does("issue_ticket")
      .ends(Outcome::kCompleted);
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated(
          "the saga was reported completed, so the effect of charge_card must be there exactly once, but "
          "it was never applied",
          kCard, {story.here()}));
}

TEST(TruthfulOutcomeTest, IsViolatedWhenACompletedStepTookEffectTwice) {
  Story story(trip());
  do_all(story);
  story.copy_arrives("book_hotel").takes_effect("book_hotel");
  const std::uint32_t twice = story.here();
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated(
          "the saga was reported completed, so the effect of book_hotel must be there exactly once, but "
          "it was applied twice and never undone",
          kHotel, {twice, story.here()}));
}

TEST(TruthfulOutcomeTest, HoldsWhenCompensatedMeansNothingIsLeft) {
  Story story(trip());
  story.does("book_flight")
      .does("book_hotel")
      .is_refused("charge_card")
      .undoes("cancel_hotel")
      .undoes("cancel_flight");
  story.ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story), is_held());
}

TEST(TruthfulOutcomeTest, IsViolatedWhenACompensatedEffectIsStillThere) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").is_refused("charge_card").undoes("cancel_hotel");
  story.ends(Outcome::kCompensated);
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated(
          "the saga was reported compensated, so the effect of book_flight must be there no more, but it "
          "was applied once and never undone",
          kFlight, {story.when(EventType::kApplied, "book_flight"), story.here()}));
}

TEST(TruthfulOutcomeTest, IsViolatedWhenACompensatedEffectComesLate) {
  Story story(trip());
  story.sends("book_flight").fault("book_flight", FaultKind::kRequestLateAfterEnd).times_out("book_flight");
  story.undoes_nothing("cancel_flight");
  story.ends(Outcome::kCompensated);
  const std::uint32_t reported = story.here();
  story.arrives("book_flight").takes_effect("book_flight");
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated(
          "the saga was reported compensated, so the effect of book_flight must be there no more, but it "
          "was applied once and never undone",
          kFlight, {reported, story.here()}));
}

TEST(TruthfulOutcomeTest, SaysSoWhenWhatNeverHappenedWasUndone) {
  Story story(trip());
  story.is_lost("book_flight").calls("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated(
          "the saga was reported compensated, so the effect of book_flight must be there no more, but it "
          "was never applied and undone once",
          kFlight, {story.when(EventType::kUndone, "cancel_flight"), story.here()}));
}

TEST(TruthfulOutcomeTest, HoldsWhenFlaggedNamesWhatIsLeft) {
  Story story(trip());
  get_stuck_with_the_flight(story);
  story.ends(Outcome::kFlagged, {"book_flight"}).recovery_repeats(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story), is_held());
}

TEST(TruthfulOutcomeTest, HoldsWhenFlaggedAlsoNamesAStepOfUnknownFate) {
  Story story(trip());
  story.does("book_flight").is_lost("book_hotel").is_lost("cancel_hotel").undoes("cancel_flight");
  story.ends(Outcome::kFlagged, {"book_hotel"});
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story), is_held());
}

TEST(TruthfulOutcomeTest, IsViolatedWhenFlaggedDoesNotNameWhatIsLeft) {
  Story story(trip());
  get_stuck_with_the_flight(story);
  story.ends(Outcome::kFlagged).recovers().reports(Outcome::kFlagged);
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated("the saga was flagged, so every step with an effect left must be named, but book_flight is "
                  "not: it was applied once and never undone",
                  kFlight, {story.when(EventType::kApplied, "book_flight"), story.here()}));
}

TEST(TruthfulOutcomeTest, TakesTheListOfTheLastReport) {
  Story story(trip());
  get_stuck_with_the_flight(story);
  story.ends(Outcome::kFlagged, {"book_flight"}).recovery_repeats(Outcome::kFlagged, {"book_hotel"});
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated("the saga was flagged, so every step with an effect left must be named, but book_flight is "
                  "not: it was applied once and never undone",
                  kFlight, {story.when(EventType::kApplied, "book_flight"), story.here() - 1}));
}

TEST(TruthfulOutcomeTest, IsViolatedWhenFlaggedNamesAStepWhoseUndoingWasConfirmed) {
  Story story(trip());
  get_stuck_with_the_flight(story);
  story.ends(Outcome::kFlagged, {"book_flight", "book_hotel"});
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated(
          "the saga was flagged naming book_hotel, but the undoing of that step had been confirmed to "
          "the coordinator",
          kHotel, {story.when(EventType::kReceived, "cancel_hotel"), story.here()}));
}

TEST(TruthfulOutcomeTest, RepeatingAFalseFlagAfterwardsDoesNotExcuseIt) {
  // The hotel's undoing is confirmed but never logged; the incarnation that heard it flags the hotel all the
  // same.
  Story story(trip());
  story.does("book_hotel").is_refused("charge_card").logs_compensating().calls("cancel_hotel");
  story.ends(Outcome::kFlagged, {"book_hotel"});
  const std::uint32_t named = story.here();
  story.recovery_repeats(Outcome::kFlagged, {"book_hotel"})
      .recovery_repeats(Outcome::kFlagged, {"book_hotel"});
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated(
          "the saga was flagged naming book_hotel, but the undoing of that step had been confirmed to "
          "the coordinator",
          kHotel, {story.when(EventType::kReceived, "cancel_hotel"), named}));
}

TEST(TruthfulOutcomeTest, ConfirmationToAnIncarnationThatDiedIsNotKnown) {
  Story story(trip());
  story.does("book_hotel").is_refused("charge_card").logs_compensating().calls("cancel_hotel").crashes();
  story.is_lost("cancel_hotel").is_lost("cancel_hotel").is_lost("cancel_hotel").logs_stuck("cancel_hotel");
  story.ends(Outcome::kFlagged, {"book_hotel"}).recovery_repeats(Outcome::kFlagged, {"book_hotel"});
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story), is_held());
}

TEST(TruthfulOutcomeTest, ConfirmationThatIsInTheLogIsKnownAfterACrash) {
  Story story(trip());
  story.does("book_hotel").is_refused("charge_card").logs_compensating().undoes("cancel_hotel").crashes();
  story.ends(Outcome::kFlagged, {"book_hotel"});
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated(
          "the saga was flagged naming book_hotel, but the undoing of that step had been confirmed to "
          "the coordinator",
          kHotel, {story.when(EventType::kReceived, "cancel_hotel"), story.here()}));
}

TEST(TruthfulOutcomeTest, AcceptsFlaggedWithoutAListFromASubjectThatNamesNoSteps) {
  Story story(trip());
  get_stuck_with_the_flight(story);
  story.reports(Outcome::kFlagged);
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story, Claims{}), is_held());
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story, Claims{.names_flagged_steps = true}).status,
              VerdictStatus::kViolated);
}

TEST(TruthfulOutcomeTest, IsUnknownWhenNothingWasReported) {
  Story story(trip());
  story.does("book_flight");
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story), is_unknown());
}

TEST(TruthfulOutcomeTest, IsNotRuledOutByAbsentPromises) {
  Story story(trip());
  story.ends(Outcome::kCompleted);
  EXPECT_EQ(verdict_on(kTruthfulOutcomeRule, story, Claims{}).status, VerdictStatus::kViolated);
}

TEST(TruthfulOutcomeTest, LateEffectsThatATombstoneRefusedLeaveNothing) {
  Story story(trip());
  story.sends("book_flight").fault("book_flight", FaultKind::kRequestLateAfterEnd).times_out("book_flight");
  story.undoes_nothing("cancel_flight");
  story.ends(Outcome::kCompensated);
  story.arrives("book_flight").answers("book_flight", ReplyStatus::kRejected).drops("book_flight");
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story), is_held());
}

TEST(TruthfulOutcomeTest, IsUnknownWhereAParticipantRefusesWhatItHasPromised) {
  const auto told = [](ReplyStatus later, bool is_undone_before) {
    Story story(trip());
    story.sends("book_flight").fault("book_flight", FaultKind::kOkBeforeEffect).arrives("book_flight");
    story.answers("book_flight").hears("book_flight");
    for (const char* const action : {"book_hotel", "charge_card", "issue_ticket"}) story.calls(action);
    if (is_undone_before) story.undoes_nothing("cancel_flight");
    story.copy_arrives("book_flight").copy_answers("book_flight", later).reports(Outcome::kCompleted);
    return verdict_on(Rule::kTruthfulOutcome, story).status;
  };
  EXPECT_EQ(told(ReplyStatus::kRejected, false), VerdictStatus::kUnknown);
  EXPECT_EQ(told(ReplyStatus::kOk, false), VerdictStatus::kViolated);
  EXPECT_EQ(told(ReplyStatus::kRejected, true), VerdictStatus::kViolated);
}

TEST(TruthfulOutcomeTest, BelievesTheLedgerRatherThanTheTrace) {
  Story story(trip());
  do_all(story);
  story.ends(Outcome::kCompleted).ledger_says("book_hotel", {.applied = 3, .undone = 1});
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated(
          "the saga was reported completed, so the effect of book_hotel must be there exactly once, but "
          "it was applied 3 times and undone once",
          kHotel, {story.when(EventType::kApplied, "book_hotel"), story.here()}));
}

// ---- business quantities

TEST(TruthfulOutcomeTest, IsViolatedWhenAConservedQuantityChanges) {
  for (const Outcome outcome : {Outcome::kCompleted, Outcome::kCompensated, Outcome::kFlagged}) {
    Story story(trip());
    if (outcome == Outcome::kCompleted) do_all(story);
    story.ends(outcome).quantity({.name = "bank/all the money", .at_start = 500, .at_end = 499});
    EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story),
                is_violated("bank/all the money must be conserved whatever happens, but went from 500 to 499",
                            kNoStep, {story.here()}));
  }
}

TEST(TruthfulOutcomeTest, ConservedQuantitiesCountWithoutAnOutcome) {
  Story story(trip());
  story.does("book_flight").quantity({.name = "bank/all the money", .at_start = 500, .at_end = 501});
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story),
              is_violated("bank/all the money must be conserved whatever happens, but went from 500 to 501",
                          kNoStep, {}));
}

TEST(TruthfulOutcomeTest, IsViolatedWhenCompensationDoesNotRestoreAQuantity) {
  Story story(trip());
  story.does("book_hotel").undoes("cancel_hotel").ends(Outcome::kCompensated);
  story.quantity({.name = "hotel/free rooms", .rule = QuantityRule::kRestored, .at_start = 9, .at_end = 9});
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, story), is_held());
  story.quantity({.name = "hotel/breakfasts", .rule = QuantityRule::kRestored, .at_start = 9, .at_end = 10});
  EXPECT_THAT(
      verdict_on(kTruthfulOutcomeRule, story),
      is_violated("the saga was reported compensated, so hotel/breakfasts must be back at 9, but it is 10",
                  kNoStep, {story.here()}));
}

TEST(TruthfulOutcomeTest, WhatCompensationRestoresMayChangeOtherwise) {
  Story completed(trip());
  do_all(completed);
  completed.ends(Outcome::kCompleted);
  completed.quantity(
      {.name = "hotel/free rooms", .rule = QuantityRule::kRestored, .at_start = 9, .at_end = 8});
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, completed), is_held());

  Story flagged(trip());
  get_stuck_with_the_flight(flagged);
  flagged.ends(Outcome::kFlagged, {"book_flight"});
  flagged.quantity({.name = "airline/seats", .rule = QuantityRule::kRestored, .at_start = 9, .at_end = 8});
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, flagged), is_held());
}

TEST(TruthfulOutcomeTest, AStepIsNamedBeforeAQuantity) {
  Story story(trip());
  story.does("book_hotel").ends(Outcome::kCompensated);
  story.quantity({.name = "hotel/rooms", .at_start = 9, .at_end = 8});
  EXPECT_EQ(verdict_on(kTruthfulOutcomeRule, story).step, kHotel);
}

TEST(TruthfulOutcomeTest, AFlagWithoutNamesIsViolatedWhereNobodyTriedToUndoWhatIsLeft) {
  Story story(trip());
  story.does("book_flight").is_refused("book_hotel").ends(Outcome::kFlagged);
  const Verdict verdict = verdict_on(kTruthfulOutcomeRule, story, Claims{});
  EXPECT_EQ(verdict.status, VerdictStatus::kViolated);
  EXPECT_EQ(verdict.step, kFlight);
  EXPECT_THAT(verdict.explanation,
              testing::HasSubstr("though nothing kept cancel_flight from being asked for"));
}

TEST(TruthfulOutcomeTest, AFlagWithoutNamesHoldsWhereWhatIsLeftHasAReason) {
  Story kept(trip());
  get_stuck_with_the_flight(kept);
  kept.ends(Outcome::kFlagged);
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, kept, Claims{}), is_held()) << "its compensation was lost";

  Story nothing_left(trip());
  nothing_left.is_refused("book_flight").ends(Outcome::kFlagged);
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, nothing_left, Claims{}), is_held());

  Story in_doubt(trip());
  in_doubt.sends("book_flight").fault("book_flight", FaultKind::kReplyLost).arrives("book_flight");
  in_doubt.takes_effect("book_flight").answers("book_flight").times_out("book_flight");
  in_doubt.ends(Outcome::kFlagged);
  EXPECT_THAT(verdict_on(kTruthfulOutcomeRule, in_doubt, Claims{}), is_held()) << "nobody knew of the effect";
}

TEST(TruthfulOutcomeTest, AFlagWithoutNamesIsUnknownWhereSomethingElseStruck) {
  Story story(trip());
  story.does("book_flight").strikes(FaultKind::kCancel).ends(Outcome::kFlagged);
  EXPECT_EQ(verdict_on(kTruthfulOutcomeRule, story, Claims{}).status, VerdictStatus::kUnknown);
}

// ---- one saga, one outcome

TEST(TruthfulOutcomeTest, ALaterReportDoesNotMakeAnEarlierOneTrue) {
  Story story(trip());
  story.reports(Outcome::kCompleted);
  const std::uint32_t first = story.here();
  story.calls("book_flight").calls("cancel_flight").reports(Outcome::kCompensated);
  EXPECT_THAT(
      verdict_on(Rule::kTruthfulOutcome, story, Claims{}),
      is_violated("one saga has one outcome, but it was reported completed first and then compensated",
                  kNoStep, {first, story.here()}));
}

TEST(TruthfulOutcomeTest, TheFirstContradictionStandsThoughTheFirstReportIsRepeatedAtLast) {
  Story story(trip());
  story.reports(Outcome::kCompensated);
  const std::uint32_t first = story.here();
  story.reports(Outcome::kFlagged).reports(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story, Claims{}),
              is_violated("one saga has one outcome, but it was reported compensated first and then flagged",
                          kNoStep, {first, first + 1}));
}

TEST(TruthfulOutcomeTest, TheSameReportMayBeMadeAgain) {
  Story story(trip());
  story.reports(Outcome::kCompensated).reports(Outcome::kCompensated).recovery_repeats(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story, Claims{}), is_held());
}

}  // namespace
}  // namespace saga_harness::check_test
