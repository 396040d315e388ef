// I2 to I4: the order of compensations, none that was never intended, and no action after them.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

// ---- I2: compensations run in the reverse of the (partial) order of the actions

TEST(ReverseOrderTest, HoldsForTheReverseOrder) {
  Story story(trip());
  story.does("book_flight")
      .does("book_hotel")
      .is_refused("charge_card")
      .undoes("cancel_hotel")
      .undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, story), is_held());
}

TEST(ReverseOrderTest, IsViolatedWhenAnEarlierStepIsCompensatedFirst) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").does("charge_card").is_refused("issue_ticket");
  story.undoes("refund_card").undoes("cancel_flight").undoes("cancel_hotel");
  EXPECT_THAT(
      verdict_on(Rule::kReverseOrder, story),
      is_violated(
          "book_hotel comes after book_flight, so it must be compensated first, but cancel_flight was sent "
          "before cancel_hotel",
          kHotel,
          {story.when(EventType::kSent, "cancel_flight"), story.when(EventType::kSent, "cancel_hotel")}));
}

TEST(ReverseOrderTest, LooksAtStepsFarApart) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").does("charge_card").is_refused("issue_ticket");
  story.undoes("cancel_flight").undoes("refund_card");
  EXPECT_THAT(
      verdict_on(Rule::kReverseOrder, story),
      is_violated(
          "charge_card comes after book_flight, so it must be compensated first, but cancel_flight was "
          "sent before refund_card",
          kCard,
          {story.when(EventType::kSent, "cancel_flight"), story.when(EventType::kSent, "refund_card")}));
}

TEST(ReverseOrderTest, ParallelBranchesMayBeCompensatedInEitherOrder) {
  Story one(parallel_trip());
  one.does("book_flight").does("book_hotel").does("charge_card");
  one.undoes("refund_card").undoes("cancel_hotel").undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, one), is_held());

  Story other(parallel_trip());
  other.does("book_flight").does("book_hotel").does("charge_card");
  other.undoes("refund_card").undoes("cancel_flight").undoes("cancel_hotel");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, other), is_held());
}

TEST(ReverseOrderTest, JoinsComeBeforeTheirBranches) {
  Story story(parallel_trip());
  story.does("book_flight").does("book_hotel").does("charge_card");
  story.undoes("cancel_hotel").undoes("refund_card").undoes("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kReverseOrder, story),
      is_violated(
          "charge_card comes after book_hotel, so it must be compensated first, but cancel_hotel was sent "
          "before refund_card",
          kCard,
          {story.when(EventType::kSent, "cancel_hotel"), story.when(EventType::kSent, "refund_card")}));
}

TEST(ReverseOrderTest, IsViolatedWhenTheLaterStepIsStillBeingCompensated) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").is_refused("charge_card");
  story.sends("cancel_hotel").sends("cancel_flight");
  story.hears("cancel_hotel").hears("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kReverseOrder, story),
      is_violated(
          "book_hotel comes after book_flight, so it must be compensated first, but cancel_flight was sent "
          "while cancel_hotel was still under way",
          kHotel,
          {story.when(EventType::kSent, "cancel_hotel"), story.when(EventType::kSent, "cancel_flight"),
           story.when(EventType::kReceived, "cancel_hotel")}));
}

TEST(ReverseOrderTest, ARefusalThatIsStillHeardShowsAsWellThatItWasUnderWay) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").is_refused("charge_card");
  story.sends("cancel_hotel").sends("cancel_flight").hears("cancel_hotel", ReplyStatus::kRejected);
  EXPECT_EQ(verdict_on(Rule::kReverseOrder, story).status, VerdictStatus::kViolated);
}

TEST(ReverseOrderTest, ACompensationThatNobodyWaitsForAnyMoreIsNotUnderWay) {
  Story timed_out(trip());
  timed_out.does("book_flight").does("book_hotel").is_refused("charge_card");
  timed_out.sends("cancel_hotel").times_out("cancel_hotel").sends("cancel_flight").hears("cancel_hotel");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, timed_out), is_held());

  // Whoever sent it may have given up unseen: only a reply that it still hears shows that it did not.
  Story unheard(trip());
  unheard.does("book_flight").does("book_hotel").is_refused("charge_card");
  unheard.sends("cancel_hotel").sends("cancel_flight").times_out("cancel_hotel").hears("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, unheard), is_held());
}

TEST(ReverseOrderTest, TheAnswerToALaterAttemptShowsNothingOfTheEarlierOne) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").is_refused("charge_card");
  story.sends("cancel_hotel").sends("cancel_flight").times_out("cancel_hotel").hears("cancel_flight");
  story.sends("cancel_hotel").hears("cancel_hotel");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, story), is_held());
}

TEST(ReverseOrderTest, BranchesMayBeUnderWayTogether) {
  Story story(parallel_trip());
  story.does("book_flight").does("book_hotel").is_refused("charge_card");
  story.sends("cancel_hotel").sends("cancel_flight").hears("cancel_hotel").hears("cancel_flight");
  EXPECT_NE(verdict_on(Rule::kReverseOrder, story).status, VerdictStatus::kViolated);
}

TEST(ReverseOrderTest, TryingACompensationAgainLaterIsNoReordering) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").is_refused("charge_card");
  story.is_lost("cancel_hotel")
      .is_lost("cancel_flight")
      .crashes()
      .undoes("cancel_hotel")
      .undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, story), is_held());
}

TEST(ReverseOrderTest, DeliveryOutOfOrderIsNotTheCoordinatorsDoing) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").is_refused("charge_card");
  story.sends("cancel_hotel").fault("cancel_hotel", FaultKind::kRequestLate).times_out("cancel_hotel");
  story.undoes("cancel_flight").arrives("cancel_hotel").takes_effect("cancel_hotel");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, story), is_held());
}

TEST(ReverseOrderTest, IsUnknownWithoutTwoCompensationsThatHaveAnOrder) {
  Story none(trip());
  none.does("book_flight").does("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, none), is_unknown());

  Story one(trip());
  one.does("book_flight").is_refused("book_hotel").is_lost("cancel_flight").undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, one), is_unknown());

  Story side_by_side(parallel_trip());
  side_by_side.does("book_flight").does("book_hotel").is_refused("charge_card");
  side_by_side.undoes("cancel_flight").undoes("cancel_hotel");
  EXPECT_THAT(verdict_on(Rule::kReverseOrder, side_by_side), is_unknown());
}

TEST(ReverseOrderTest, WorksForMoreStepsThanAMachineWordHasBits) {
  Saga saga = {.name = "long"};
  for (int i = 0; i < 70; ++i) {
    const std::string number = std::to_string(i);
    saga.steps.push_back({.name = "do_" + number, .service = "s", .compensation = "undo_" + number});
  }
  Story story(std::move(saga));
  story.does("do_0").does("do_1").does("do_69").undoes("undo_69").undoes("undo_0").undoes("undo_1");
  EXPECT_THAT(
      verdict_on(Rule::kReverseOrder, story),
      is_violated("do_1 comes after do_0, so it must be compensated first, but undo_0 was sent before undo_1",
                  1, {story.when(EventType::kSent, "undo_0"), story.when(EventType::kSent, "undo_1")}));
}

// ---- I3: no compensation of a step that was never intended

TEST(NothingUnintendedTest, HoldsWhenTheStepWasAttempted) {
  Story story(trip());
  story.is_lost("book_flight").undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNoUnintendedCompensation, story), is_held());
}

TEST(NothingUnintendedTest, HoldsWhenOnlyTheIntentIsInTheLog) {
  Story story(trip());
  story.logs_intent("book_flight").crashes().undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNoUnintendedCompensation, story), is_held());
}

TEST(NothingUnintendedTest, HoldsWhenOnlyTheFallbackWasTried) {
  Story attempted(trip());
  attempted.is_lost("send_invoice").undoes("refund_card");
  EXPECT_THAT(verdict_on(Rule::kNoUnintendedCompensation, attempted), is_held());

  Story intended(trip());
  intended.logs_intent("send_invoice").undoes("refund_card");
  EXPECT_THAT(verdict_on(Rule::kNoUnintendedCompensation, intended), is_held());
}

TEST(NothingUnintendedTest, IsViolatedWhenTheStepWasNeverTouched) {
  Story story(trip());
  story.does("book_flight").is_refused("book_hotel").sends("refund_card");
  const std::uint32_t sent = story.here();
  story.sends("refund_card").undoes("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kNoUnintendedCompensation, story),
      is_violated(
          "only what was intended may be compensated, but refund_card was sent though charge_card was never "
          "attempted nor its intent logged",
          kCard, {sent}));
}

TEST(NothingUnintendedTest, IntendingItAfterwardsDoesNotHelp) {
  Story story(trip());
  story.undoes("cancel_hotel").does("book_hotel");
  EXPECT_THAT(
      verdict_on(Rule::kNoUnintendedCompensation, story),
      is_violated(
          "only what was intended may be compensated, but cancel_hotel was sent though book_hotel was never "
          "attempted nor its intent logged",
          kHotel, {story.when(EventType::kSent, "cancel_hotel")}));
}

TEST(NothingUnintendedTest, IsUnknownWithoutACompensation) {
  Story story(trip());
  story.does("book_flight").logs_compensating();
  EXPECT_THAT(verdict_on(Rule::kNoUnintendedCompensation, story), is_unknown());
}

// ---- I4: no forward action once compensation began

TEST(NoGoingOnTest, HoldsWhenOnlyCompensationsFollow) {
  Story story(trip());
  story.does("book_flight").is_refused("book_hotel").logs_compensating().undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNoActionAfterCompensationBegan, story), is_held());
}

TEST(NoGoingOnTest, IsViolatedByAnActionAfterACompensation) {
  Story story(trip());
  story.does("book_flight").is_refused("book_hotel").undoes("cancel_flight").is_lost("book_hotel");
  EXPECT_THAT(
      verdict_on(Rule::kNoActionAfterCompensationBegan, story),
      is_violated(
          "once compensation has begun no action may be sent, but book_hotel was sent (attempt 2)", kHotel,
          {story.when(EventType::kSent, "cancel_flight"), story.when(EventType::kSent, "book_hotel", 2)}));
}

TEST(NoGoingOnTest, IsViolatedByAFallbackAfterTheCompensatingRecord) {
  Story story(trip());
  story.is_refused("charge_card").logs_compensating();
  const std::uint32_t began = story.here();
  story.crashes().calls("send_invoice");
  EXPECT_THAT(
      verdict_on(Rule::kNoActionAfterCompensationBegan, story),
      is_violated(
          "once compensation has begun no action may be sent, but send_invoice (of charge_card) was sent "
          "(attempt 1)",
          kCard, {began, story.when(EventType::kSent, "send_invoice")}));
}

TEST(NoGoingOnTest, ActionsThatArriveLateWereSentBefore) {
  Story story(trip());
  story.does("book_flight").sends("book_hotel").fault("book_hotel", FaultKind::kRequestLateAfterCompensation);
  story.times_out("book_hotel").undoes("cancel_hotel").arrives("book_hotel");
  story.answers("book_hotel", ReplyStatus::kRejected).drops("book_hotel").undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNoActionAfterCompensationBegan, story), is_held());
}

TEST(NoGoingOnTest, IsUnknownBeforeAnyCompensation) {
  Story story(trip());
  story.does("book_flight").is_refused("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kNoActionAfterCompensationBegan, story), is_unknown());
}

}  // namespace
}  // namespace saga_harness::check_test
