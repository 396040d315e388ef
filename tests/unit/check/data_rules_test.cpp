// I21: what requests carry, beside what the definition binds them to.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

constexpr std::string_view kBooked = R"({"id":"F-1"})";
constexpr std::string_view kCancels = R"({"booking":"F-1","reason":"cancelled"})";

/// The flight's booking number goes to the card; who cancels the flight names it.
Saga bound_trip() {
  Saga saga = trip();
  saga.steps[0].result = {{"id", ResultType::kString}};
  saga.steps[0].compensation_input = {{"booking", result("book_flight", "/id")},
                                      {"reason", constant("cancelled")}};
  saga.steps[2].input = {{"amount", context("/price")}, {"/for/booking", result("book_flight", "/id")}};
  saga.context = {{"price", 99}};
  return saga;
}

Story& book_flight(Story& story, std::string_view answer = kBooked) {
  story.starts_with(R"({"price":99})").logs_intent("book_flight").sends("book_flight").arrives("book_flight");
  story.takes_effect("book_flight").answers("book_flight").saying(answer);
  return story.hears("book_flight").saying(answer).logs_done("book_flight").does("book_hotel");
}

TEST(RightDataTest, HoldsWhereEveryFieldIsWhatItIsBoundTo) {
  Story story(bound_trip());
  book_flight(story).sends("charge_card").carrying(R"({"amount":99.0,"for":{"booking":"F-1"},"more":1})");
  EXPECT_THAT(verdict_on(Rule::kRightData, story), is_held());
}

TEST(RightDataTest, SaysWhatMustHaveBeenCarriedAndWhatWas) {
  Story story(bound_trip());
  book_flight(story).sends("charge_card").carrying(R"({"amount":100,"for":{"booking":"F-1"}})");
  EXPECT_THAT(
      verdict_on(Rule::kRightData, story),
      is_violated("charge_card must carry /context/price as \"amount\", which is 99, but it carried 100",
                  kCard, {story.here()}));
}

TEST(RightDataTest, ShowsNothingThatIsMasked) {
  Saga saga = bound_trip();
  saga.mask = {"/price"};
  Story one(saga);
  book_flight(one).sends("charge_card").carrying(R"({"amount":100,"for":{"booking":"F-1"}})");
  EXPECT_THAT(verdict_on(Rule::kRightData, one),
              is_violated("charge_card must carry /context/price as \"amount\", which is \"***\", but it "
                          "carried \"***\"",
                          kCard, {one.here()}));
  saga.context = {{"price", 9999}};
  Story other(saga);
  other.starts_with(R"({"price":9999})")
      .logs_intent("book_flight")
      .sends("book_flight")
      .arrives("book_flight");
  other.takes_effect("book_flight").answers("book_flight").saying(kBooked);
  other.hears("book_flight").saying(kBooked).logs_done("book_flight").does("book_hotel");
  other.sends("charge_card").carrying(R"({"amount":9999,"for":{"booking":9999}})");
  EXPECT_THAT(verdict_on(Rule::kRightData, other).explanation, HasSubstr("but it carried \"***\""))
      << "the price, where a booking belongs";
}

TEST(RightDataTest, NamesTheAnswerThatHadTheRightValue) {
  Story story(bound_trip());
  book_flight(story).sends("charge_card").carrying(R"({"amount":99,"for":{"booking":"F-2"}})");
  EXPECT_THAT(verdict_on(Rule::kRightData, story),
              is_violated("charge_card must carry /results/book_flight/id as \"/for/booking\", which is "
                          "\"F-1\", but it carried \"F-2\"",
                          kCard, {story.when(EventType::kReceived, "book_flight"), story.here()}));
}

TEST(RightDataTest, AMissingFieldIsAWrongOne) {
  Story story(bound_trip());
  book_flight(story).sends("charge_card").carrying(R"({"amount":99})");
  EXPECT_EQ(verdict_on(Rule::kRightData, story).status, VerdictStatus::kViolated);
}

TEST(RightDataTest, WithoutAPayloadTheContextIsCarried) {
  Story story(bound_trip());
  book_flight(story).sends("charge_card");
  EXPECT_THAT(verdict_on(Rule::kRightData, story).explanation,
              testing::HasSubstr("as \"amount\", which is 99"));
}

TEST(RightDataTest, ATextWhereANumberIsBoundIsThatNumberIfItReadsLikeIt) {
  Story story(bound_trip());  // as a path or a header carries it
  book_flight(story).sends("charge_card").carrying(R"({"amount":"99","for":{"booking":"F-1"}})");
  EXPECT_THAT(verdict_on(Rule::kRightData, story), is_held());
}

TEST(RightDataTest, AConstantIsCarriedAsItIs) {
  Story story(bound_trip());
  book_flight(story)
      .logs_compensating()
      .sends("cancel_flight")
      .carrying(R"({"booking":"F-1","reason":"other"})");
  EXPECT_THAT(verdict_on(Rule::kRightData, story).explanation,
              testing::HasSubstr("cancel_flight (of book_flight) must carry \"cancelled\" as \"reason\""));
}

TEST(RightDataTest, OfSeveralAnswersThatLastHeardCounts) {
  Story story(bound_trip());
  book_flight(story).sends("book_flight").answers("book_flight").saying(R"({"id":"F-9"})");
  story.hears("book_flight").saying(R"({"id":"F-9"})").logs_compensating();
  story.sends("cancel_flight").carrying(kCancels);
  EXPECT_THAT(verdict_on(Rule::kRightData, story).explanation, testing::HasSubstr("which is \"F-9\""));
}

TEST(RightDataTest, ACompensationLeavesOutWhatItsCoordinatorWasNeverTold) {
  Story story(bound_trip());
  story.logs_intent("book_flight").sends("book_flight").arrives("book_flight").takes_effect("book_flight");
  story.answers("book_flight").saying(kBooked).times_out("book_flight").logs_compensating();
  story.sends("cancel_flight").carrying(R"({"reason":"cancelled"})");
  EXPECT_THAT(verdict_on(Rule::kRightData, story), is_held());
}

TEST(RightDataTest, NobodyMayInventWhatWasNeverTold) {
  Story story(bound_trip());
  story.logs_intent("book_flight").sends("book_flight").times_out("book_flight").logs_compensating();
  story.sends("cancel_flight").carrying(kCancels);
  EXPECT_THAT(
      verdict_on(Rule::kRightData, story),
      is_violated("cancel_flight (of book_flight) carried \"F-1\" as \"booking\", but nobody was ever "
                  "told what /results/book_flight/id is",
                  kFlight, {story.here()}));
}

TEST(RightDataTest, WhatTheParticipantReallyAnsweredMayHaveBeenAskedFor) {
  Story story(bound_trip());
  story.logs_intent("book_flight").sends("book_flight").arrives("book_flight").takes_effect("book_flight");
  story.answers("book_flight").saying(kBooked).times_out("book_flight").logs_compensating();
  story.sends("cancel_flight").carrying(kCancels);
  EXPECT_THAT(verdict_on(Rule::kRightData, story), is_held());
}

TEST(RightDataTest, WhoWasToldMayNotLeaveItOut) {
  Story story(bound_trip());
  book_flight(story).logs_compensating().sends("cancel_flight").carrying(R"({"reason":"cancelled"})");
  EXPECT_THAT(verdict_on(Rule::kRightData, story).explanation, testing::HasSubstr("but it carried nothing"));
}

TEST(RightDataTest, AResultThatIsInTheLogIsKnownAfterARestart) {
  Story story(bound_trip());
  book_flight(story)
      .crashes()
      .logs_compensating()
      .sends("cancel_flight")
      .carrying(R"({"reason":"cancelled"})");
  EXPECT_EQ(verdict_on(Rule::kRightData, story).status, VerdictStatus::kViolated);
}

TEST(RightDataTest, AResultThatDiedWithItsCoordinatorIsNot) {
  Story story(bound_trip());
  story.logs_intent("book_flight").sends("book_flight").arrives("book_flight").takes_effect("book_flight");
  story.answers("book_flight").saying(kBooked).hears("book_flight").saying(kBooked).crashes();
  story.logs_compensating().sends("cancel_flight").carrying(R"({"reason":"cancelled"})");
  EXPECT_THAT(verdict_on(Rule::kRightData, story), is_held());
}

TEST(RightDataTest, OneKeyStandsForOneSetOfBoundFields) {
  Saga saga = bound_trip();
  saga.steps[2].input = {{"for", result("book_flight", "/id")}};
  Story story(saga);
  book_flight(story).sends("charge_card").carrying(R"({"for":"F-1"})").is_lost("book_hotel");
  story.sends("book_flight").answers("book_flight").saying(R"({"id":"F-2"})");
  story.hears("book_flight").saying(R"({"id":"F-2"})");
  const std::uint32_t first = story.when(EventType::kSent, "charge_card");
  story.sends("charge_card").carrying(R"({"for":"F-2"})");
  EXPECT_THAT(
      verdict_on(Rule::kRightData, story),
      is_violated("one idempotency key stands for one set of data, but charge_card carried \"F-1\" as "
                  "\"for\" before, and now \"F-2\"",
                  kCard, {first, story.here()}));
}

TEST(RightDataTest, IsNotExercisedWhereNothingBoundWasSent) {
  Story story(bound_trip());
  story.does("book_flight").does("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kRightData, story), is_unknown());
}

TEST(RightDataTest, DoesNotApplyToASagaThatBindsNothing) {
  Story story(trip());
  story.does("book_flight");
  EXPECT_THAT(verdict_on(Rule::kRightData, story),
              is_not_applicable("the definition binds no request to data"));
}

TEST(RightDataTest, AFlagThatNamesWhatNobodyCouldNameToTheServiceIsNeeded) {
  Saga saga = bound_trip();
  saga.steps[0].compensates_without_result = false;
  Story story(saga);
  story.logs_started().logs_intent("book_flight").sends("book_flight").arrives("book_flight");
  story.takes_effect("book_flight").times_out("book_flight").logs_failed("book_flight", true);
  story.logs_compensating().ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story), is_held());
  EXPECT_THAT(verdict_on(Rule::kCompensationRetriedToBudget, story), is_unknown());
}

TEST(RightDataTest, AFlagIsNotNeededWhereTheKeySaysWhatToUndo) {
  Story story(bound_trip());
  story.logs_started().logs_intent("book_flight").sends("book_flight").arrives("book_flight");
  story.takes_effect("book_flight").times_out("book_flight").logs_failed("book_flight", true);
  story.logs_compensating().ends(Outcome::kFlagged, {"book_flight"});
  EXPECT_EQ(verdict_on(Rule::kFlaggedOnlyWhenNeeded, story).status, VerdictStatus::kViolated);
  EXPECT_EQ(verdict_on(Rule::kCompensationRetriedToBudget, story).status, VerdictStatus::kViolated);
}

}  // namespace
}  // namespace saga_harness::check_test
