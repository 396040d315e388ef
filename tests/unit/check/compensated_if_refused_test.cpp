// What the rules make of a step that is compensated though it was refused (Step::compensated_if_refused).

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

/// The trip, whose hotel is cancelled also where it refused.
Saga trip_with_owed_hotel() {
  Saga saga = trip();
  saga.steps[kHotel].compensated_if_refused = true;
  return saga;
}

Story& is_refused_at_hotel(Story& story) {
  return story.does("book_flight").logs_intent("book_hotel").is_made_to_fail("book_hotel");
}

TEST(CompensatedIfRefusedTest, IsCompensatedInItsTurn) {
  Story story(trip_with_owed_hotel());
  is_refused_at_hotel(story).logs_failed("book_hotel").logs_compensating();
  story.undoes_nothing("cancel_hotel")
      .logs_undone("cancel_hotel")
      .undoes("cancel_flight")
      .ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
}

TEST(CompensatedIfRefusedTest, MayNotBeLeftOut) {
  const auto leave_out = [](Story& story) {
    is_refused_at_hotel(story).logs_failed("book_hotel").logs_compensating();
    story.undoes("cancel_flight").ends(Outcome::kCompensated);
  };
  Story story(trip_with_owed_hotel());
  leave_out(story);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story),
              is_violated("the saga was reported compensated, so book_hotel, which was refused and is to be "
                          "compensated all the same, must have been, but cancel_hotel was never asked for",
                          kHotel, {story.when(EventType::kReceived, "book_hotel"), story.here()}));
  Story usual(trip());
  leave_out(usual);
  EXPECT_THAT(violated_rules(usual), testing::IsEmpty());
}

TEST(CompensatedIfRefusedTest, ItsCompensationHasToSucceed) {
  Story story(trip_with_owed_hotel());
  is_refused_at_hotel(story).logs_failed("book_hotel").logs_compensating();
  story.is_lost("cancel_hotel").undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story).step, kHotel);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story).explanation,
              testing::HasSubstr("cancel_hotel was never answered with success"));
}

TEST(CompensatedIfRefusedTest, WhereItCannotBeCompensatedAPersonIsNeeded) {
  Story story(trip_with_owed_hotel());
  is_refused_at_hotel(story).logs_failed("book_hotel").logs_compensating();
  story.is_made_to_fail("cancel_hotel").logs_stuck("cancel_hotel").undoes("cancel_flight");
  story.ends(Outcome::kFlagged, {"book_hotel"});
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
}

TEST(CompensatedIfRefusedTest, WhoFindsTheRefusalInTheLogKnowsOfIt) {
  Story story(trip_with_owed_hotel());
  is_refused_at_hotel(story).logs_failed("book_hotel").crashes().logs_compensating();
  story.undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story).step, kHotel);
}

TEST(CompensatedIfRefusedTest, WhoKeepsNoLogKnowsWhatItWasTold) {
  Story story(trip_with_owed_hotel());
  is_refused_at_hotel(story).undoes("cancel_flight").reports(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story).step, kHotel);
}

TEST(CompensatedIfRefusedTest, OtherStepsOfTheSagaOweNothing) {
  Story story(trip_with_owed_hotel());
  story.does("book_flight").does("book_hotel").logs_intent("charge_card").is_made_to_fail("charge_card");
  story.logs_failed("charge_card").logs_compensating().undoes("cancel_hotel").undoes("cancel_flight");
  story.ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
}

TEST(CompensatedIfRefusedTest, WhoDiedWithTheRefusalHasToldNobody) {
  Story story(trip_with_owed_hotel());
  is_refused_at_hotel(story)
      .crashes()
      .logs_compensating()
      .undoes("cancel_flight")
      .ends(Outcome::kCompensated);
  EXPECT_NE(verdict_on(Rule::kTruthfulOutcome, story).status, VerdictStatus::kViolated);
}

TEST(CompensatedIfRefusedTest, TheRefusalOfItsFallbackCountsToo) {
  Saga saga = trip_with_owed_hotel();
  saga.steps[kHotel].fallback = "book_hostel";
  Story story(saga);
  story.does("book_flight").logs_intent("book_hotel");
  story.is_made_to_fail("book_hotel", FaultKind::kUnavailable, ReplyStatus::kUnavailable);
  story.logs_intent("book_hostel")
      .is_made_to_fail("book_hostel")
      .logs_failed("book_hostel")
      .logs_compensating();
  story.undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story).step, kHotel);
}

TEST(CompensatedIfRefusedTest, ACompletedSagaOwesNothing) {
  Saga saga = trip_with_owed_hotel();
  saga.steps[kHotel].optional = true;
  Story story(saga);
  is_refused_at_hotel(story).logs_failed("book_hotel").does("charge_card").does("issue_ticket");
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
}

}  // namespace
}  // namespace saga_harness::check_test
