// I23 and I24: the time of requests, and what is under way; I9 after a restart.

#include <chrono>

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// ---- I23: back-off, Retry-After and time-outs are kept

/// Unavailable at once, asked again after `wait`.
void ask_again_after(Story& story, Duration wait) {
  story.is_refused("charge_card", ReplyStatus::kUnavailable).at(wait).sends("charge_card");
}

TEST(TimingKeptTest, HoldsWhenTheBackOffIsWaitedFor) {
  Story story(trip());
  ask_again_after(story, milliseconds(100));
  EXPECT_THAT(verdict_on(Rule::kTimingKept, story), is_held());
}

TEST(TimingKeptTest, IsViolatedWhenARetryComesTooEarly) {
  Story story(trip());
  ask_again_after(story, milliseconds(99));
  EXPECT_THAT(verdict_on(Rule::kTimingKept, story, {.retries = true}),
              is_violated("charge_card must wait 100ms before it is tried again, but was sent after 99ms "
                          "(attempt 2)",
                          kCard, {story.here() - 1, story.here()}));
}

TEST(TimingKeptTest, TheBackOffGrows) {
  Story story(trip());
  ask_again_after(story, milliseconds(100));
  story.hears("charge_card", ReplyStatus::kUnavailable).at(milliseconds(299)).sends("charge_card");
  EXPECT_EQ(verdict_on(Rule::kTimingKept, story).explanation,
            "charge_card must wait 200ms before it is tried again, but was sent after 199ms (attempt 3)");
}

TEST(TimingKeptTest, ARetryAfterIsWaitedForWhenUndoingToo) {
  Story story(trip());
  story.calls("book_flight")
      .sends("cancel_flight")
      .hears("cancel_flight", ReplyStatus::kRateLimited, seconds(2));
  story.at(seconds(1)).sends("cancel_flight");
  EXPECT_EQ(verdict_on(Rule::kTimingKept, story).explanation,
            "cancel_flight (of book_flight) must wait 2s before it is tried again, but was sent after 1s "
            "(attempt 2)");
}

TEST(TimingKeptTest, AnotherIncarnationKnowsOfNoWait) {
  Story story(trip());
  story.is_refused("charge_card", ReplyStatus::kUnavailable).crashes().sends("charge_card");
  EXPECT_THAT(verdict_on(Rule::kTimingKept, story), is_held());
}

TEST(TimingKeptTest, ARetryMayComeLater) {
  Story story(trip());
  ask_again_after(story, seconds(40));
  EXPECT_THAT(verdict_on(Rule::kTimingKept, story), is_held());
}

TEST(TimingKeptTest, OverAWireTimesMayBeALittleOff) {
  Story story(trip());
  ask_again_after(story, milliseconds(99));
  Observation seen = story.observation();
  seen.tolerance = kWireTolerance;
  const auto place = static_cast<std::size_t>(Rule::kTimingKept);
  EXPECT_EQ(Judge(story.saga(), Claims::all()).judge(seen)[place], VerdictStatus::kHeld);

  Story hasty(trip());
  ask_again_after(hasty, milliseconds(49));
  seen = hasty.observation();
  seen.tolerance = kWireTolerance;
  EXPECT_EQ(Judge(hasty.saga(), Claims::all()).judge(seen)[place], VerdictStatus::kViolated);
}

TEST(TimingKeptTest, OverAWireNobodySeesWhenACallerGaveUp) {
  Story story(trip());
  story.sends("charge_card").at(seconds(10)).times_out("charge_card").sends("charge_card");
  EXPECT_EQ(verdict_on(Rule::kTimingKept, story).status, VerdictStatus::kViolated);
  Observation seen = story.observation();
  seen.tolerance = kWireTolerance;
  EXPECT_EQ(Judge(story.saga(), Claims::all()).judge(seen)[static_cast<std::size_t>(Rule::kTimingKept)],
            VerdictStatus::kHeld);
}

TEST(TimingKeptTest, AnAnswerIsWaitedForAsLongAsDeclared) {
  Story story(trip());
  story.sends("charge_card").at(seconds(10)).times_out("charge_card");
  EXPECT_THAT(verdict_on(Rule::kTimingKept, story, {.keeps_timeouts = true}), is_held());

  Story late(trip());
  late.sends("charge_card").at(hours(24)).times_out("charge_card");
  EXPECT_THAT(verdict_on(Rule::kTimingKept, late, {.keeps_timeouts = true}),
              is_violated("an answer to charge_card must be waited for 10s, but was given up after 24h",
                          kCard, {late.here() - 1, late.here()}));

  Story early(trip());
  early.sends("charge_card").at(seconds(9)).times_out("charge_card");
  EXPECT_EQ(verdict_on(Rule::kTimingKept, early, {.keeps_timeouts = true}).status, VerdictStatus::kViolated);
  EXPECT_THAT(verdict_on(Rule::kTimingKept, early, {.retries = true}), is_unknown());
}

TEST(TimingKeptTest, ADeadlineCutsWhatIsWaitedFor) {
  Saga saga = trip();
  saga.deadline = seconds(5);
  Story story(saga);
  story.sends("charge_card").at(seconds(5)).times_out("charge_card");
  EXPECT_THAT(verdict_on(Rule::kTimingKept, story), is_held());

  Story undoing(saga);
  undoing.calls("book_flight").sends("cancel_flight").at(seconds(5)).times_out("cancel_flight");
  EXPECT_EQ(verdict_on(Rule::kTimingKept, undoing).status, VerdictStatus::kViolated);
}

TEST(TimingKeptTest, WhoeverIsBusyComesLateToWhatIsOver) {
  Story story(parallel_trip());
  story.sends("book_flight").sends("book_hotel").at(seconds(15)).hears("book_flight").times_out("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kTimingKept, story, {.keeps_timeouts = true}), is_held());
}

TEST(TimingKeptTest, AClockThatJumpedExcusesAll) {
  Story story(trip());
  story.strikes(FaultKind::kClockForward);
  ask_again_after(story, milliseconds(1));
  EXPECT_THAT(verdict_on(Rule::kTimingKept, story), is_held());
}

TEST(TimingKeptTest, IsUnknownWhereNothingIsRetriedAndNotJudgedWithoutAClaim) {
  Story story(trip());
  story.calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kTimingKept, story), is_unknown());
  EXPECT_THAT(
      verdict_on(Rule::kTimingKept, story, Claims{}),
      is_not_applicable("the subject does not claim to use its retry budgets, nor to wait for an answer "
                        "as long as is declared, and no longer"));
}

// ---- I24: nothing is undone while it is under way

TEST(NotUndoneInFlightTest, HoldsWhenTheAnswerIsAwaited) {
  Story story(trip());
  story.sends("book_flight").hears("book_flight").sends("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNotUndoneInFlight, story), is_held());
}

TEST(NotUndoneInFlightTest, IsViolatedWhenItIsNot) {
  Story story(trip());
  story.sends("book_flight").sends("cancel_flight").hears("book_flight");
  EXPECT_THAT(verdict_on(Rule::kNotUndoneInFlight, story),
              is_violated("a step must be settled before it is undone, but cancel_flight was sent while "
                          "book_flight was still "
                          "under way",
                          kFlight, {story.here() - 2, story.here() - 1}));
}

TEST(NotUndoneInFlightTest, WhatTimedOutIsNoLongerUnderWay) {
  Story story(trip());
  story.sends("book_flight").at(seconds(10)).times_out("book_flight").sends("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNotUndoneInFlight, story), is_held());
  Story uncollected(trip());
  uncollected.sends("book_flight").at(seconds(10)).sends("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNotUndoneInFlight, uncollected), is_held());
}

TEST(NotUndoneInFlightTest, NorIsWhatADeadIncarnationWaitedFor) {
  Story story(trip());
  story.sends("book_flight").crashes().sends("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kNotUndoneInFlight, story), is_held());
}

TEST(NotUndoneInFlightTest, IsUnknownWhereNothingIsUndoneAndNotJudgedWithoutTheClaim) {
  Story story(trip());
  story.calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kNotUndoneInFlight, story), is_unknown());
  EXPECT_THAT(
      verdict_on(Rule::kNotUndoneInFlight, story, Claims{}),
      is_not_applicable("the subject does not claim to undo no step whose action it still waits for"));
}

// ---- I9 after a restart: over a wire nobody sees a log

constexpr Claims kResumes = {.resumes_where_it_stopped = true};

TEST(ResumesWhereItStoppedTest, HoldsWhereOnlyWhatWasUnderWayIsAskedForAgain) {
  Story story(trip());
  story.calls("book_flight").sends("book_hotel").crashes().calls("book_hotel").reports(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story, kResumes), is_held());
}

TEST(ResumesWhereItStoppedTest, IsViolatedWhereWhatIsOverIsAskedForAgain) {
  Story story(trip());
  story.calls("book_flight").sends("book_hotel").crashes().sends("book_flight").reports(Outcome::kCompleted);
  EXPECT_THAT(
      verdict_on(Rule::kSilenceAfterEnd, story, kResumes),
      is_violated(
          "what was answered with success before the step after it was asked for must not be asked for "
          "again after a restart, but book_flight was",
          kFlight,
          {story.when(EventType::kSent, "book_hotel"), story.when(EventType::kSent, "book_flight", 2)}));
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story, {.silence = true}), is_held());
}

TEST(ResumesWhereItStoppedTest, TheLastAnswerBeforeACrashMayNotHaveBeenWrittenDown) {
  Story story(trip());
  story.calls("book_flight").crashes().calls("book_flight").reports(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story, kResumes), is_held());
}

TEST(ResumesWhereItStoppedTest, ABranchBesideItSaysNothingOfIt) {
  Story story(parallel_trip());
  story.calls("book_flight").calls("book_hotel").crashes().calls("book_flight").reports(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story, kResumes), is_held());
}

TEST(ResumesWhereItStoppedTest, WhatIsUndoneIsNotUndoneAgain) {
  Story story(trip());
  story.calls("book_flight").calls("book_hotel").calls("cancel_hotel").sends("cancel_flight").crashes();
  story.sends("cancel_hotel").reports(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kSilenceAfterEnd, story, kResumes).step, kHotel);
}

TEST(ResumesWhereItStoppedTest, TheEndIsNoConcernOfThisClaim) {
  Story story(trip());
  story.calls("book_flight").reports(Outcome::kCompleted).sends("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story, kResumes), is_held());
}

}  // namespace
}  // namespace saga_harness::check_test
