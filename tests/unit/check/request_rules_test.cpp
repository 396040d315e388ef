// I17, I18, I20 and I22: the turn and the number of requests.

#include <chrono>

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

// ---- I17: no action before those it comes after, no fallback before its action is settled

TEST(OrderRespectedTest, HoldsWhenEachStepWaitsForTheOneBefore) {
  Story story(trip());
  story.calls("book_flight").calls("book_hotel").calls("charge_card").calls("issue_ticket");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story, Claims{}), is_held());
}

TEST(OrderRespectedTest, IsViolatedWhenAStepIsAskedForBeforeTheOneItComesAfter) {
  Story story(trip());
  story.calls("book_flight").sends("charge_card").calls("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story, Claims{}),
              is_violated("charge_card comes after book_hotel, but was sent before that was done", kCard,
                          {story.when(EventType::kSent, "charge_card")}));
}

TEST(OrderRespectedTest, AStepThatIsUnderWayIsNotDone) {
  Story story(trip());
  story.sends("book_flight").sends("book_hotel").hears("book_flight");
  EXPECT_EQ(verdict_on(Rule::kOrderRespected, story, Claims{}).step, kHotel);
}

TEST(OrderRespectedTest, AJoinWaitsForEveryBranch) {
  Story story(parallel_trip());
  story.sends("book_flight").sends("book_hotel").hears("book_hotel").sends("charge_card");
  EXPECT_EQ(verdict_on(Rule::kOrderRespected, story, Claims{}).step, kCard);

  Story waits(parallel_trip());
  waits.sends("book_flight")
      .sends("book_hotel")
      .hears("book_hotel")
      .hears("book_flight")
      .sends("charge_card");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, waits, Claims{}), is_held());
}

TEST(OrderRespectedTest, WhatTheLedgerShowsInEffectMayHaveBeenAskedForInAnotherWay) {
  Story story(trip());
  story.sends("book_flight").arrives("book_flight").takes_effect("book_flight").times_out("book_flight");
  story.sends("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story, Claims{}), is_held());
}

TEST(OrderRespectedTest, SuccessThatAnotherIncarnationHeardCounts) {
  Story story(trip());
  story.sends("book_flight").hears("book_flight").crashes().sends("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story, Claims{}), is_held());
}

TEST(OrderRespectedTest, AFallbackResolvesItsStep) {
  Story story(trip());
  story.calls("book_flight").calls("book_hotel").is_refused("charge_card").calls("send_invoice");
  story.calls("issue_ticket");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story, Claims{}), is_held());
}

TEST(OrderRespectedTest, AFallbackWaitsForItsAction) {
  Story story(trip());
  story.calls("book_flight").calls("book_hotel").sends("charge_card").sends("send_invoice");
  EXPECT_THAT(
      verdict_on(Rule::kOrderRespected, story, Claims{}),
      is_violated("a fallback must wait until its action is settled, but send_invoice (of charge_card) "
                  "was sent before charge_card was",
                  kCard, {story.here() - 1, story.here()}));

  Story never(trip());
  never.calls("book_flight").calls("book_hotel").sends("send_invoice");
  EXPECT_EQ(verdict_on(Rule::kOrderRespected, never, Claims{}).status, VerdictStatus::kViolated);
}

TEST(OrderRespectedTest, AFallbackNeedNotWaitForAnActionOfAnIncarnationThatDied) {
  Story story(trip());
  story.calls("book_flight").calls("book_hotel").sends("charge_card").crashes().sends("send_invoice");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story, Claims{}), is_held());
}

TEST(OrderRespectedTest, WhatIsSkippedIsNotWaitedFor) {
  Story story(trip());
  story.skips("book_hotel").calls("book_flight").calls("charge_card");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story, Claims{}), is_held());

  Story early(trip());
  early.skips("book_hotel").calls("charge_card");
  EXPECT_EQ(verdict_on(Rule::kOrderRespected, early, Claims{}).step, kCard);
}

TEST(OrderRespectedTest, IsUnknownUntilAStepThatComesAfterAnotherIsAskedFor) {
  Story story(trip());
  story.calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story, Claims{}), is_unknown());
}

// ---- I18: no more attempts than declared

TEST(BudgetRespectedTest, HoldsWhenTheBudgetIsUsedUpAndNoMore) {
  Story story(trip());
  story.is_lost("charge_card").is_lost("charge_card").is_lost("charge_card");
  EXPECT_THAT(verdict_on(Rule::kBudgetRespected, story), is_held());
}

TEST(BudgetRespectedTest, IsViolatedByOneAttemptMore) {
  Story story(trip());
  story.is_lost("charge_card").is_lost("charge_card").is_lost("charge_card").calls("charge_card");
  EXPECT_THAT(verdict_on(Rule::kBudgetRespected, story),
              is_violated("charge_card may be tried 3 times, but one incarnation sent it once more (what a "
                          "client library sends again by itself counts)",
                          kCard,
                          {story.when(EventType::kSent, "charge_card"),
                           story.when(EventType::kSent, "charge_card", 4)}));
}

TEST(BudgetRespectedTest, CompensationsHaveABudgetToo) {
  Story story(trip());
  story.calls("book_flight");
  for (int attempt = 0; attempt < 4; ++attempt) story.is_lost("cancel_flight");
  EXPECT_EQ(verdict_on(Rule::kBudgetRespected, story).step, kFlight);
}

TEST(BudgetRespectedTest, EachIncarnationHasItsOwn) {
  Story story(trip());
  story.is_lost("charge_card").is_lost("charge_card").crashes();
  story.is_lost("charge_card").is_lost("charge_card").is_lost("charge_card");
  EXPECT_THAT(verdict_on(Rule::kBudgetRespected, story), is_held());
}

TEST(BudgetRespectedTest, CopiesOfTheNetworkDoNotCount) {
  Story story(trip());
  story.is_lost("charge_card").is_lost("charge_card").sends("charge_card").arrives("charge_card");
  story.copy_arrives("charge_card").answers("charge_card").hears("charge_card");
  EXPECT_THAT(verdict_on(Rule::kBudgetRespected, story), is_held());
}

TEST(BudgetRespectedTest, IsUnknownWhereNothingFailed) {
  Story story(trip());
  story.calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kBudgetRespected, story), is_unknown());
}

TEST(BudgetRespectedTest, IsNotJudgedOfASubjectThatDoesNotClaimIt) {
  Story story(trip());
  EXPECT_THAT(verdict_on(Rule::kBudgetRespected, story, Claims{}),
              is_not_applicable("the subject does not claim to use its retry budgets"));
}

// ---- I20: what is not idempotent is not repeated once it may have worked

Saga once_only() {
  Saga saga = trip();
  saga.steps[kCard].idempotent = false;
  return saga;
}

TEST(NotRepeatedTest, HoldsWhereWhatMayHaveWorkedIsNotAskedForAgain) {
  Story story(once_only());
  story.is_lost("charge_card").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kNotIdempotentNotRepeated, story, Claims{}), is_held());
}

TEST(NotRepeatedTest, IsViolatedWhereItIs) {
  Story story(once_only());
  story.is_lost("charge_card").sends("charge_card");
  EXPECT_THAT(
      verdict_on(Rule::kNotIdempotentNotRepeated, story, Claims{}),
      is_violated(
          "charge_card is declared not idempotent, so it must not be asked for again once it may have "
          "worked, but was",
          kCard,
          {story.when(EventType::kSent, "charge_card"), story.when(EventType::kSent, "charge_card", 2)}));
}

TEST(NotRepeatedTest, AttemptsThatCertainlyDidNothingMayBeRepeated) {
  Story story(once_only());
  story.is_refused("charge_card", ReplyStatus::kUnavailable).calls("charge_card");
  EXPECT_THAT(verdict_on(Rule::kNotIdempotentNotRepeated, story, Claims{}), is_held());

  Story error(once_only());
  error.is_refused("charge_card", ReplyStatus::kError).sends("charge_card");
  EXPECT_EQ(verdict_on(Rule::kNotIdempotentNotRepeated, error, Claims{}).status, VerdictStatus::kViolated);
}

TEST(NotRepeatedTest, ACrashLeavesOpenWhatWasDone) {
  Story story(once_only());
  story.sends("charge_card").crashes().sends("charge_card");
  EXPECT_EQ(verdict_on(Rule::kNotIdempotentNotRepeated, story, Claims{}).status, VerdictStatus::kViolated);
}

TEST(NotRepeatedTest, OtherStepsMayBeRepeated) {
  Story story(once_only());
  story.is_lost("book_hotel").calls("book_hotel").calls("charge_card");
  EXPECT_THAT(verdict_on(Rule::kNotIdempotentNotRepeated, story, Claims{}), is_held());
}

TEST(NotRepeatedTest, IsUnknownBeforeAndNotJudgedWithoutSuchAStep) {
  Story story(once_only());
  story.calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kNotIdempotentNotRepeated, story, Claims{}), is_unknown());
  Story none(trip());
  EXPECT_THAT(verdict_on(Rule::kNotIdempotentNotRepeated, none, Claims{}),
              is_not_applicable("every step is declared idempotent"));
}

// ---- I22: nothing is begun after a cancel

TEST(CancelHeededTest, HoldsWhereNothingIsBegunAfterTheNextAnswer) {
  Story story(trip());
  story.sends("book_flight").strikes(FaultKind::kCancel).hears("book_flight").undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kCancelHeeded, story), is_held());
}

TEST(CancelHeededTest, IsViolatedWhereAFurtherActionIsBegun) {
  Story story(trip());
  story.sends("book_flight").strikes(FaultKind::kCancel).hears("book_flight").sends("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kCancelHeeded, story),
              is_violated("a cancelled saga must begin nothing more, but book_hotel was sent after the next "
                          "answer",
                          kHotel, {story.here() - 2, story.here() - 1, story.here()}));
}

TEST(CancelHeededTest, WhatIsUnderWayMayBeTriedAgain) {
  Story story(trip());
  story.sends("charge_card").strikes(FaultKind::kCancel).times_out("charge_card").sends("charge_card");
  EXPECT_THAT(verdict_on(Rule::kCancelHeeded, story), is_held());
}

TEST(CancelHeededTest, APivotThatWasBegunComesFirst) {
  Story story(trip_with_pivot());
  story.sends("issue_ticket").strikes(FaultKind::kCancel).hears("issue_ticket").sends("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kCancelHeeded, story), is_unknown());

  Story intended(trip_with_pivot());
  intended.sends("book_flight").logs_intent("issue_ticket").strikes(FaultKind::kCancel).hears("book_flight");
  intended.sends("issue_ticket");
  EXPECT_THAT(verdict_on(Rule::kCancelHeeded, intended), is_unknown());
}

TEST(CancelHeededTest, ACancelThatNobodyCouldHaveSeenBindsNothing) {
  Story story(trip());
  story.calls("book_flight").strikes(FaultKind::kCancel).sends("book_hotel").crashes().hears("book_flight");
  story.sends("charge_card");
  EXPECT_THAT(verdict_on(Rule::kCancelHeeded, story), is_unknown());
}

TEST(CancelHeededTest, IsUnknownWithoutACancelAndNotJudgedWithoutTheClaim) {
  Story story(trip());
  story.calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kCancelHeeded, story), is_unknown());
  EXPECT_THAT(verdict_on(Rule::kCancelHeeded, story, Claims{}),
              is_not_applicable("the subject does not claim to heed `Runtime::cancel_requested()`"));
}

}  // namespace
}  // namespace saga_harness::check_test
