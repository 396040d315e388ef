// I11: correlation id and auth token travel with every request. And what I6 has to say of a saga's deadline.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

using std::chrono_literals::operator""s;

TEST(ContextRuleTest, HoldsWhereEveryRequestHasBoth) {
  Story story(trip());
  story.does("book_flight").calls("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kContextTravels, story), is_held());
}

TEST(ContextRuleTest, IsUnknownWhereNothingWasSent) {
  EXPECT_THAT(verdict_on(Rule::kContextTravels, Story(trip())), is_unknown());
}

TEST(ContextRuleTest, IsViolatedByARequestThatLacksEither) {
  const std::string begin =
      "correlation id and auth token must travel with every request, but cancel_hotel (of book_hotel) was "
      "sent without ";
  for (const auto& [lacks, what] :
       {std::pair<std::uint8_t, std::string>{kWithoutCorrelation, "its correlation id"},
        {kWithoutToken, "its auth token"},
        {static_cast<std::uint8_t>(kWithoutCorrelation | kWithoutToken), "either"}}) {
    Story story(trip());
    story.does("book_flight").sends("cancel_hotel").without(lacks);
    const std::uint32_t sent = story.here();
    story.sends("cancel_hotel").without(kWithoutToken);
    EXPECT_THAT(verdict_on(Rule::kContextTravels, story), is_violated(begin + what, kHotel, {sent}));
  }
}

TEST(ContextRuleTest, IsNoneOfTheBusinessOfASubjectThatDoesNotClaimIt) {
  Story story(trip());
  story.sends("book_flight").without(kWithoutToken);
  EXPECT_THAT(verdict_on(Rule::kContextTravels, story, {}),
              is_not_applicable("the subject does not claim to carry correlation id and auth token"));
}

Saga hurried_trip() {
  Saga saga = trip();
  saga.deadline = 20s;
  return saga;
}

TEST(DeadlineTest, ForwardWorkThatEndsInTimeIsFine) {
  Story story(hurried_trip());
  story.logs_started()
      .at(Time(Duration(19'999'999)))
      .sends("book_flight")
      .at(Time(60s))
      .ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kTerminates, story), is_held());
}

TEST(DeadlineTest, AForwardRequestOnceItHasPassedIsNot) {
  Story story(hurried_trip());
  story.logs_started().sends("book_flight").at(Time(20s)).sends("book_flight");
  const std::uint32_t sent = story.here();
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTerminates, story),
              is_violated("forward work must end with the saga's deadline, but book_flight was sent after it "
                          "(attempt 2)",
                          kFlight, {sent}));
}

TEST(DeadlineTest, CountsFromTheStartOfTheSagaAsLogged) {
  Story story(hurried_trip());
  story.at(Time(5s)).logs_started().at(Time(24s)).sends("book_flight").ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTerminates, story), is_held());
}

TEST(DeadlineTest, CompensationsMayComeAfterIt) {
  Story story(hurried_trip());
  story.logs_started().at(Time(30s)).sends("cancel_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kTerminates, story), is_held());
}

TEST(DeadlineTest, ACoordinatorWhoseClockJumpedCannotKnow) {
  Story story(hurried_trip());
  story.logs_started().strikes(FaultKind::kClockBack).at(Time(30s)).sends("book_flight");
  story.ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kTerminates, story), is_held());
}

TEST(RateLimitTest, AnAttemptThatCameTooEarlyIsItsOwnFault) {
  Story story(trip());
  story.sends("charge_card").fault("charge_card", FaultKind::kRateLimited);
  story.arrives("charge_card").answers("charge_card", ReplyStatus::kRateLimited);
  story.hears("charge_card", ReplyStatus::kRateLimited);
  for (int attempt = 2; attempt <= 3; ++attempt) {
    story.is_refused("charge_card", ReplyStatus::kRateLimited);
  }
  story.ends(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kTransientFaultsMasked, story).status, VerdictStatus::kViolated);
}

TEST(RateLimitTest, AParticipantThatLimitsByItselfExcusesTheCoordinator) {
  Story story(trip());
  story.sends("charge_card").fault("charge_card", FaultKind::kUnavailable).arrives("charge_card");
  story.answers("charge_card", ReplyStatus::kUnavailable).hears("charge_card", ReplyStatus::kUnavailable);
  story.is_refused("charge_card", ReplyStatus::kRateLimited).ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kTransientFaultsMasked, story), is_unknown());
}

TEST(RateLimitTest, ACompensationThatWasTurnedAwayIsNoNullCompensation) {
  Story story(trip());
  story.is_refused("cancel_flight", ReplyStatus::kRateLimited).calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kNullCompensationIsSafe, story), is_unknown());
}

}  // namespace
}  // namespace saga_harness::check_test
