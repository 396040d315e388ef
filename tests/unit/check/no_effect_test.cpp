// What the rules make of a step that only looks (Step::has_effect).

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

/// The trip, whose hotel is only looked up.
Saga trip_that_looks() {
  Saga saga = trip();
  saga.steps[kHotel].has_effect = false;
  saga.steps[kHotel].compensation.clear();
  return saga;
}

Story& looks(Story& story) {
  story.logs_intent("book_hotel").sends("book_hotel").arrives("book_hotel").answers("book_hotel");
  return story.hears("book_hotel").logs_done("book_hotel");
}

/// The hotel has been looked up, and the card is refused.
Story& looks_in_vain(Story& story) {
  looks(story.does("book_flight")).logs_intent("charge_card").is_made_to_fail("charge_card");
  return story.logs_failed("charge_card");
}

TEST(NoEffectTest, ACompletedSagaNeedsNoEffectOfIt) {
  Story story(trip_that_looks());
  looks(story.does("book_flight")).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
  EXPECT_THAT(verdict_on(Rule::kOrderRespected, story), is_held());
}

TEST(NoEffectTest, ACompletedSagaHasBeenToldWhatItSaw) {
  Story story(trip_that_looks());
  story.does("book_flight").logs_intent("book_hotel").is_lost("book_hotel").logs_done("book_hotel");
  story.does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(
      verdict_on(Rule::kTruthfulOutcome, story),
      is_violated("the saga was reported completed, so book_hotel must have been answered with success, "
                  "but it was never answered so",
                  kHotel, {story.when(EventType::kSent, "book_hotel"), story.here()}));
}

TEST(NoEffectTest, ItMayNotBeLeftOut) {
  Story story(trip_that_looks());
  story.does("book_flight").does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(
      verdict_on(Rule::kTruthfulOutcome, story),
      is_violated("the saga was reported completed, so book_hotel must have been answered with success, "
                  "but it was never asked for",
                  kHotel, {story.here()}));
  EXPECT_THAT(violated_rules(story), testing::IsSupersetOf({"I1", "I17"}));
}

TEST(NoEffectTest, WhoeverWasToldNeedNotLive) {
  Story story(trip_that_looks());
  looks(story.does("book_flight")).crashes().does("charge_card").does("issue_ticket");
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
}

TEST(NoEffectTest, WhatCameLateOverAWireMayHaveBeenHeard) {
  Story story(trip_that_looks());
  story.does("book_flight").logs_intent("book_hotel").sends("book_hotel").arrives("book_hotel");
  story.answers("book_hotel").times_out("book_hotel").drops("book_hotel").logs_done("book_hotel");
  story.does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  Observation observation = story.observation();
  Judge judge(story.saga(), Claims{});
  const auto status_of = [&](Rule rule) { return judge.judge(observation)[static_cast<std::size_t>(rule)]; };
  EXPECT_EQ(status_of(Rule::kTruthfulOutcome), VerdictStatus::kViolated);
  EXPECT_EQ(status_of(Rule::kOrderRespected), VerdictStatus::kViolated);
  observation.tolerance = std::chrono::milliseconds(1);
  EXPECT_EQ(status_of(Rule::kTruthfulOutcome), VerdictStatus::kHeld);
  EXPECT_EQ(status_of(Rule::kOrderRespected), VerdictStatus::kHeld);
}

TEST(NoEffectTest, WhatWasSeenBeforeTheRunTookTheSagaUpIsNotMissed) {
  Story story(trip_that_looks());
  story.does("book_flight").does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  Observation observation = story.observation();
  std::vector<Event> events(observation.events.begin(), observation.events.end());
  events.front().detail = static_cast<std::uint8_t>(StartCause::kRecovery);
  observation.events = events;
  Judge judge(story.saga(), Claims{});
  EXPECT_EQ(judge.judge(observation)[static_cast<std::size_t>(Rule::kTruthfulOutcome)], VerdictStatus::kHeld);
}

TEST(NoEffectTest, AnEffectOfItIsAViolationHoweverTheSagaEnds) {
  Story completed(trip_that_looks());
  completed.does("book_flight").does("book_hotel").does("charge_card").does("issue_ticket");
  completed.ends(Outcome::kCompleted);
  const std::uint32_t applied = completed.when(EventType::kApplied, "book_hotel");
  EXPECT_THAT(
      verdict_on(Rule::kTruthfulOutcome, completed),
      is_violated("book_hotel is declared to have no effect, but it was applied once and never undone",
                  kHotel, {applied, completed.here()}));
  for (const Outcome outcome : {Outcome::kCompensated, Outcome::kFlagged}) {
    Story story(trip_that_looks());
    story.does("book_flight").does("book_hotel").logs_intent("charge_card").is_made_to_fail("charge_card");
    story.logs_failed("charge_card").logs_compensating().undoes("cancel_flight").ends(outcome);
    EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story).step, kHotel);
  }
}

TEST(NoEffectTest, IsPassedOverOnTheWayBack) {
  Story story(trip_that_looks());
  looks_in_vain(story).logs_compensating().undoes("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
}

TEST(NoEffectTest, OnlyACompletedSagaNeedsItsAnswer) {
  Story story(trip_that_looks());
  story.logs_intent("book_flight").is_made_to_fail("book_flight").logs_failed("book_flight");
  story.logs_compensating().ends(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
}

TEST(NoEffectTest, CallsForNobody) {
  Story story(trip_that_looks());
  looks_in_vain(story).logs_compensating().undoes("cancel_flight").ends(Outcome::kFlagged, {"book_hotel"});
  EXPECT_EQ(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story).status, VerdictStatus::kViolated);
  Saga cannot_be_undone = trip_that_looks();
  cannot_be_undone.steps[kHotel].has_effect = true;
  cannot_be_undone.steps[kHotel].compensatable = false;
  Story needed(cannot_be_undone);
  looks_in_vain(needed).logs_compensating().undoes("cancel_flight").ends(Outcome::kFlagged, {"book_hotel"});
  EXPECT_EQ(verdict_on(Rule::kFlaggedOnlyWhenNeeded, needed).status, VerdictStatus::kHeld);
}

TEST(NoEffectTest, AFlagForAnotherReasonNeedNotNameIt) {
  Story story(trip_that_looks());
  looks_in_vain(story).logs_compensating();
  for (int attempt = 0; attempt < 3; ++attempt) story.is_lost("cancel_flight");
  story.logs_stuck("cancel_flight").ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story), is_held());
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
}

TEST(NoEffectTest, AnOptionalOneHasOnlyToBeTried) {
  Saga saga = trip_that_looks();
  saga.steps[kHotel].optional = true;
  Story told(saga);
  looks(told.does("book_flight")).does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(told), testing::IsEmpty());
  Story refused(saga);
  refused.does("book_flight")
      .logs_intent("book_hotel")
      .is_made_to_fail("book_hotel")
      .logs_failed("book_hotel");
  refused.does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(refused), testing::IsEmpty());
  Story left_out(saga);
  left_out.does("book_flight").does("charge_card").does("issue_ticket").ends(Outcome::kCompleted);
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, left_out).step, kHotel);
}

TEST(NoEffectTest, OneThatIsSkippedIsNotMissed) {
  Saga saga = trip_that_looks();
  saga.steps[kHotel].only_if = Condition{.pointer = "/stays"};
  Story story(saga);
  story.skips("book_hotel").does("book_flight").does("charge_card").does("issue_ticket");
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story), testing::IsEmpty());
}

TEST(NoEffectTest, OneWhoseChoiceIsInDoubtIsNotMissed) {
  Saga saga = trip_that_looks();
  saga.steps[kFlight].result = {{"class"}};
  saga.steps[kHotel].only_if =
      Condition{.pointer = "/results/book_flight/class", .comparison = Comparison::kEquals, .value = "first"};
  Story story(saga);
  const auto flies = [&story](const char* json) {
    story.sends("book_flight").arrives("book_flight").answers("book_flight").saying(json);
    story.hears("book_flight").saying(json);
  };
  flies(R"({"class": "first"})");
  story.takes_effect("book_flight").crashes();
  flies(R"({"class": "second"})");
  story.calls("charge_card").calls("issue_ticket").reports(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story, Claims{}), testing::IsEmpty());
}

}  // namespace
}  // namespace saga_harness::check_test
