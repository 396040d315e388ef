// I13 and I16: past the pivot there is no way back; compensating what never happened is accepted, changes
// nothing, and blocks the late action.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

// ---- I13

/// Everything before the ticket, which is the pivot.
void come_to_the_ticket(Story& story) { story.does("book_flight").does("book_hotel").does("charge_card"); }

TEST(PivotTest, HoldsWhenItGoesForward) {
  Story story(trip_with_pivot());
  come_to_the_ticket(story);
  story.does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story), is_held());
}

TEST(PivotTest, HoldsWhenItIsFlagged) {
  Story story(trip_with_pivot());
  come_to_the_ticket(story);
  story.sends("issue_ticket").arrives("issue_ticket").takes_effect("issue_ticket").times_out("issue_ticket");
  story.ends(Outcome::kFlagged, {"book_flight", "book_hotel", "charge_card", "issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story), is_held());
}

TEST(PivotTest, IsViolatedByACompensationAfterAPivotThatTookEffect) {
  Story story(trip_with_pivot());
  come_to_the_ticket(story);
  story.sends("issue_ticket").arrives("issue_ticket").takes_effect("issue_ticket").times_out("issue_ticket");
  story.undoes("refund_card").undoes("cancel_hotel");
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story),
              is_violated("past the pivot issue_ticket a saga must go forward or be flagged, but refund_card "
                          "(of charge_card) "
                          "was sent",
                          kCard,
                          {story.when(EventType::kApplied, "issue_ticket"),
                           story.when(EventType::kSent, "refund_card")}));
}

TEST(PivotTest, IsViolatedByACompensationAfterAPivotThatWasConfirmed) {
  Story story(trip_with_pivot());
  come_to_the_ticket(story);
  story.sends("issue_ticket").hears("issue_ticket").undoes("refund_card");
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story),
              is_violated("past the pivot issue_ticket a saga must go forward or be flagged, but refund_card "
                          "(of charge_card) "
                          "was sent",
                          kCard,
                          {story.when(EventType::kReceived, "issue_ticket"),
                           story.when(EventType::kSent, "refund_card")}));
}

TEST(PivotTest, APivotThatWasRefusedIsNotPassed) {
  Story story(trip_with_pivot());
  come_to_the_ticket(story);
  story.is_refused("issue_ticket").undoes("refund_card").undoes("cancel_hotel").undoes("cancel_flight");
  story.ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story), is_unknown());
}

TEST(PivotTest, GoingBackWhileThePivotMayStillComeTrueIsGoingBackPastIt) {
  Story story(trip_with_pivot());
  come_to_the_ticket(story);
  story.sends("issue_ticket")
      .fault("issue_ticket", FaultKind::kRequestLateAfterEnd)
      .times_out("issue_ticket");
  story.undoes("refund_card")
      .ends(Outcome::kCompensated)
      .arrives("issue_ticket")
      .takes_effect("issue_ticket");
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story),
              is_violated("past the pivot issue_ticket a saga must go forward or be flagged, but refund_card "
                          "(of charge_card) "
                          "was sent",
                          kCard, {story.when(EventType::kSent, "refund_card"), story.here()}));
}

TEST(PivotTest, IsUnknownBeforeThePivot) {
  Story story(trip_with_pivot());
  come_to_the_ticket(story);
  story.is_lost("issue_ticket").ends(Outcome::kFlagged, {"issue_ticket"});
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story), is_unknown());
}

TEST(PivotTest, IsRuledOutByADefinitionWithoutAPivot) {
  Story story(trip());
  story.does("book_flight").undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story), is_not_applicable("the definition has no pivot"));
}

TEST(PivotTest, IsNotJudgedOfASubjectThatDoesNotClaimIt) {
  Story story(trip_with_pivot());
  story.does("issue_ticket").undoes("refund_card");
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story, Claims{}),
              is_not_applicable("the subject does not claim to honour the pivot"));
}

// ---- I16

TEST(NullCompensationTest, HoldsWhenItIsAcceptedAndBlocksTheLateAction) {
  Story story(trip());
  story.sends("book_flight")
      .fault("book_flight", FaultKind::kRequestLateAfterCompensation)
      .times_out("book_flight");
  story.undoes_nothing("cancel_flight").arrives("book_flight").answers("book_flight", ReplyStatus::kRejected);
  story.drops("book_flight");
  EXPECT_THAT(verdict_on(Rule::kNullCompensationIsSafe, story), is_held());
}

TEST(NullCompensationTest, HoldsWhenItIsRepeated) {
  Story story(trip());
  story.is_lost("book_flight").sends("cancel_flight").fault("cancel_flight", FaultKind::kRequestDuplicated);
  story.arrives("cancel_flight")
      .answers("cancel_flight")
      .copy_arrives("cancel_flight")
      .copy_answers("cancel_flight");
  story.hears("cancel_flight").crashes().undoes_nothing("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNullCompensationIsSafe, story), is_held());
}

TEST(NullCompensationTest, IsViolatedWhenItIsRefused) {
  Story story(trip());
  story.is_lost("book_flight").is_refused("cancel_flight").is_refused("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kNullCompensationIsSafe, story),
      is_violated(
          "compensating what never happened must be accepted, but cancel_flight of book_flight was refused",
          kFlight,
          {story.when(EventType::kDelivered, "cancel_flight"),
           story.when(EventType::kAnswered, "cancel_flight")}));
}

TEST(NullCompensationTest, IsViolatedWhenItIsAnsweredWithNothingButErrors) {
  Story story(trip());
  story.is_lost("book_flight");
  for (int i = 0; i < 3; ++i) story.is_refused("cancel_flight", ReplyStatus::kError);
  EXPECT_THAT(
      verdict_on(Rule::kNullCompensationIsSafe, story),
      is_violated("compensating what never happened must be accepted, but cancel_flight of book_flight "
                  "was answered with nothing but errors",
                  kFlight, {story.when(EventType::kAnswered, "cancel_flight")}));
}

TEST(NullCompensationTest, MayBeTurnedAwayAndAcceptedLater) {
  for (const ReplyStatus status : {ReplyStatus::kUnavailable, ReplyStatus::kError}) {
    Story story(trip());
    story.is_lost("book_flight").is_refused("cancel_flight", status).undoes_nothing("cancel_flight");
    EXPECT_EQ(verdict_on(Rule::kNullCompensationIsSafe, story).status, VerdictStatus::kHeld);
  }
}

TEST(NullCompensationTest, IsViolatedWhenItsCopyIsRefused) {
  Story story(trip());
  story.is_lost("book_flight").sends("cancel_flight").fault("cancel_flight", FaultKind::kRequestDuplicated);
  story.arrives("cancel_flight").answers("cancel_flight").copy_arrives("cancel_flight");
  story.copy_answers("cancel_flight", ReplyStatus::kRejected);
  EXPECT_THAT(
      verdict_on(Rule::kNullCompensationIsSafe, story),
      is_violated(
          "compensating what never happened must be accepted, but cancel_flight of book_flight was refused",
          kFlight, {story.when(EventType::kDelivered, "cancel_flight"), story.here()}));
}

TEST(NullCompensationTest, AnErrorThatWasInjectedIsNotTheParticipantsWord) {
  Story error(trip());
  error.is_lost("book_flight").sends("cancel_flight").fault("cancel_flight", FaultKind::kErrorAfterEffect);
  error.arrives("cancel_flight").answers("cancel_flight", ReplyStatus::kError);
  error.hears("cancel_flight", ReplyStatus::kError);
  EXPECT_THAT(verdict_on(Rule::kNullCompensationIsSafe, error), is_unknown()) << "nobody knows its own word";

  for (const FaultKind kind : {FaultKind::kRejected, FaultKind::kUnavailable}) {  // these never reach it
    Story story(trip());
    story.is_lost("book_flight").sends("cancel_flight").fault("cancel_flight", kind).arrives("cancel_flight");
    story.answers("cancel_flight", ReplyStatus::kRejected).hears("cancel_flight", ReplyStatus::kRejected);
    EXPECT_THAT(verdict_on(Rule::kNullCompensationIsSafe, story), is_unknown());
  }
}

TEST(NullCompensationTest, ItsAnswerCountsEvenIfNobodyHearsIt) {
  Story story(trip());
  story.is_lost("book_flight").sends("cancel_flight").fault("cancel_flight", FaultKind::kReplyLost);
  story.arrives("cancel_flight").answers("cancel_flight", ReplyStatus::kRejected).times_out("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kNullCompensationIsSafe, story),
      is_violated(
          "compensating what never happened must be accepted, but cancel_flight of book_flight was refused",
          kFlight,
          {story.when(EventType::kDelivered, "cancel_flight"),
           story.when(EventType::kAnswered, "cancel_flight")}));
}

TEST(NullCompensationTest, IsViolatedWhenItUndoesWhatIsNotThere) {
  Story story(trip());
  story.is_lost("book_flight").calls("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kNullCompensationIsSafe, story),
      is_violated(
          "compensating what never happened must change nothing, but cancel_flight undid an effect that was "
          "not there",
          kFlight,
          {story.when(EventType::kDelivered, "cancel_flight"),
           story.when(EventType::kUndone, "cancel_flight")}));
}

TEST(NullCompensationTest, IsViolatedWhenTheLateActionTakesEffect) {
  Story story(trip());
  story.sends("book_flight").fault("book_flight", FaultKind::kRequestLateAfterEnd).times_out("book_flight");
  story.undoes_nothing("cancel_flight")
      .ends(Outcome::kCompensated)
      .arrives("book_flight")
      .takes_effect("book_flight");
  EXPECT_THAT(
      verdict_on(Rule::kNullCompensationIsSafe, story),
      is_violated(
          "an action that arrives after its compensation must be refused, but book_flight was applied",
          kFlight, {story.when(EventType::kDelivered, "cancel_flight"), story.here()}));
}

TEST(NullCompensationTest, UndoingWhatWasThereIsNotNull) {
  Story story(trip());
  story.does("book_flight").undoes("cancel_flight").sends("cancel_flight").arrives("cancel_flight");
  story.answers("cancel_flight", ReplyStatus::kRejected).hears("cancel_flight", ReplyStatus::kRejected);
  EXPECT_THAT(verdict_on(Rule::kNullCompensationIsSafe, story), is_unknown());
}

TEST(NullCompensationTest, ACompensationThatNeverArrivesIsNotJudged) {
  Story story(trip());
  story.is_lost("book_flight").is_lost("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNullCompensationIsSafe, story), is_unknown());
}

TEST(NullCompensationTest, IsAPromiseOfParticipantsAndJudgedWithoutClaims) {
  Story story(trip());
  story.is_lost("book_flight").is_refused("cancel_flight");
  EXPECT_EQ(verdict_on(Rule::kNullCompensationIsSafe, story, Claims{}).status, VerdictStatus::kViolated);
}

}  // namespace
}  // namespace saga_harness::check_test
