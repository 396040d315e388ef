// I5 and I6: no effect twice and none undone below zero; every run ends.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

// ---- I5

TEST(AtMostOnceTest, HoldsForEffectsThatComeOnceAndGoOnce) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").undoes("cancel_hotel");
  EXPECT_THAT(verdict_on(Rule::kAtMostOnce, story), is_held());
}

TEST(AtMostOnceTest, IsViolatedWhenAnEffectIsAppliedTwice) {
  Story story(trip());
  story.does("book_hotel").copy_arrives("book_hotel").takes_effect("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kAtMostOnce, story),
              is_violated("the effect of book_hotel must be applied at most once, but was applied twice",
                          kHotel, {story.when(EventType::kApplied, "book_hotel"), story.here()}));
}

TEST(AtMostOnceTest, ActionAndFallbackAreOneEffect) {
  Story story(trip());
  story.sends("charge_card").arrives("charge_card").takes_effect("charge_card").times_out("charge_card");
  story.calls("send_invoice");
  EXPECT_THAT(
      verdict_on(Rule::kAtMostOnce, story),
      is_violated(
          "the effect of charge_card must be applied at most once, but was applied twice", kCard,
          {story.when(EventType::kApplied, "charge_card"), story.when(EventType::kApplied, "send_invoice")}));
}

TEST(AtMostOnceTest, UndoingInBetweenDoesNotAllowASecondTime) {
  Story story(trip());
  story.does("book_hotel").undoes("cancel_hotel").calls("book_hotel");
  const std::uint32_t second = story.when(EventType::kApplied, "book_hotel", 2);
  story.copy_arrives("book_hotel").takes_effect("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kAtMostOnce, story),
              is_violated("the effect of book_hotel must be applied at most once, but was applied 3 times",
                          kHotel, {story.when(EventType::kApplied, "book_hotel"), second}));
}

TEST(AtMostOnceTest, IsViolatedWhenAnEffectIsUndoneTwice) {
  Story story(trip());
  story.does("book_hotel").undoes("cancel_hotel").copy_arrives("cancel_hotel").takes_effect("cancel_hotel");
  EXPECT_THAT(
      verdict_on(Rule::kAtMostOnce, story),
      is_violated("the effect of book_hotel must be undone at most as often as it was applied, but it was "
                  "applied once and undone twice",
                  kHotel, {story.here()}));
}

TEST(AtMostOnceTest, UndoingBeforeApplyingIsBelowZeroForAMoment) {
  Story story(trip());
  story.calls("cancel_hotel");
  const std::uint32_t below_zero = story.when(EventType::kUndone, "cancel_hotel");
  story.calls("book_hotel");
  EXPECT_THAT(
      verdict_on(Rule::kAtMostOnce, story),
      is_violated(
          "the effect of book_hotel was undone before it was there: it must be undone at most as often as "
          "it was applied",
          kHotel, {below_zero}));
}

TEST(AtMostOnceTest, RequestsThatArriveTwiceWithoutEffectAreFine) {
  Story story(trip());
  story.does("book_hotel").copy_arrives("book_hotel").copy_answers("book_hotel").calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kAtMostOnce, story), is_held());
}

TEST(AtMostOnceTest, BelievesTheLedgerRatherThanTheTrace) {
  Story twice(trip());
  twice.does("book_hotel").ledger_says("book_hotel", {.applied = 2});
  EXPECT_THAT(verdict_on(Rule::kAtMostOnce, twice),
              is_violated("the effect of book_hotel must be applied at most once, but was applied twice",
                          kHotel, {twice.when(EventType::kApplied, "book_hotel")}));

  Story below_zero(trip());
  below_zero.ledger_says("book_hotel", {.undone = 1});
  EXPECT_THAT(
      verdict_on(Rule::kAtMostOnce, below_zero),
      is_violated("the effect of book_hotel must be undone at most as often as it was applied, but it was "
                  "never applied and undone once",
                  kHotel, {}));
}

TEST(AtMostOnceTest, IsUnknownWithoutEffects) {
  Story story(trip());
  story.is_lost("book_flight").is_refused("book_flight");
  EXPECT_THAT(verdict_on(Rule::kAtMostOnce, story), is_unknown());
}

// ---- I6

TEST(EndsTest, HoldsForEveryOutcome) {
  for (const Outcome outcome : {Outcome::kCompleted, Outcome::kCompensated, Outcome::kFlagged}) {
    Story story(trip());
    story.ends(outcome);
    EXPECT_THAT(verdict_on(Rule::kTerminates, story), is_held());
  }
}

TEST(EndsTest, HoldsWhenOnlyRecoveryFindsTheEnd) {
  Story story(trip());
  story.does("book_flight")
      .throws("out of memory")
      .heals()
      .recovers()
      .undoes("cancel_flight")
      .ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kTerminates, story), is_held());
}

TEST(EndsTest, IsViolatedWhenNothingIsReported) {
  Story story(trip());
  story.does("book_flight").heals();
  EXPECT_THAT(
      verdict_on(Rule::kTerminates, story),
      is_violated(
          "every run must end completed, compensated or flagged, but when all faults had stopped nothing "
          "was reported",
          kNoStep, {story.here()}));
}

TEST(EndsTest, SaysThatRecoveryDidNotHelpEither) {
  Story story(trip());
  story.does("book_flight").heals().recovers().recovers();
  EXPECT_THAT(
      verdict_on(Rule::kTerminates, story),
      is_violated(
          "every run must end completed, compensated or flagged, but after all faults had stopped and "
          "recovery had run twice nothing was reported",
          kNoStep, {story.here()}));
}

TEST(EndsTest, IsViolatedWhenOnlyAnExceptionCameOut) {
  Story story(trip());
  story.does("book_flight").throws("out of seats");
  const std::uint32_t threw = story.here();
  story.heals();
  EXPECT_THAT(
      verdict_on(Rule::kTerminates, story),
      is_violated(
          "every run must end with an outcome, but the coordinator only let an exception out: out of seats",
          kNoStep, {threw}));
}

TEST(EndsTest, IsViolatedWhenARunReachesABound) {
  Story story(trip());
  story.ends(Outcome::kCompleted).is_lost("book_flight").gives_up("the bound on calls");
  EXPECT_THAT(
      verdict_on(Rule::kTerminates, story),
      is_violated("every run must end, but this one was still busy when it reached the bound on calls",
                  kNoStep, {story.here()}));
}

TEST(EndsTest, ARunOfWhichNothingWasSeenDidNotEnd) {
  const auto saga = std::make_shared<const SagaIndex>(trip());
  const std::vector<Verdict> verdicts = Judge(saga, Claims::all()).explain({});
  EXPECT_THAT(
      verdicts[static_cast<std::size_t>(Rule::kTerminates)],
      is_violated(
          "every run must end completed, compensated or flagged, but when all faults had stopped nothing "
          "was reported",
          kNoStep, {}));
}

}  // namespace
}  // namespace saga_harness::check_test
