// I15: transient faults inside the retry budget, and nothing else, end completed.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

using std::chrono_literals::operator""s;

constexpr Rule kMaskingRule = Rule::kTransientFaultsMasked;

/// `attempts` requests that get no answer.
void lose(Story& story, std::string_view action, int attempts) {
  for (int i = 0; i < attempts; ++i) story.is_lost(action);
}

void expect_violated(const Story& story, const std::string& outcome) {
  EXPECT_THAT(
      verdict_on(kMaskingRule, story),
      is_violated(
          "every fault was transient and within the retry budget, so the saga must end completed, but it "
          "ended " +
              outcome,
          kNoStep, {story.here()}));
}

TEST(MaskingTest, HoldsWhenRetriesMaskTheFaults) {
  Story story(trip());
  lose(story, "charge_card", 2);
  story.calls("charge_card").ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(kMaskingRule, story), is_held());
}

TEST(MaskingTest, IsViolatedWhenTheSagaGivesUpWithinTheBudget) {
  Story story(trip());
  lose(story, "charge_card", 2);
  story.ends(Outcome::kCompensated);
  expect_violated(story, "compensated");
}

TEST(MaskingTest, IsViolatedWhenItDoesNotEndAtAll) {
  Story story(trip());
  lose(story, "charge_card", 1);
  EXPECT_THAT(
      verdict_on(kMaskingRule, story),
      is_violated(
          "every fault was transient and within the retry budget, so the saga must end completed, but it "
          "ended unresolved",
          kNoStep, {}));
}

TEST(MaskingTest, FaultsThatFailNoAttemptMustBeMaskedEvenWithoutRetries) {
  for (const FaultKind kind :
       {FaultKind::kRequestDuplicated, FaultKind::kRequestDuplicatedLater, FaultKind::kDelayUnderTimeout}) {
    Story story(trip());
    story.sends("book_flight").fault("book_flight", kind).arrives("book_flight").answers("book_flight");
    story.hears("book_flight").ends(Outcome::kFlagged);
    expect_violated(story, "flagged");
  }
}

TEST(MaskingTest, SpreadOverStepsFaultsStayWithinTheirBudgets) {
  Saga saga = trip();
  saga.steps[kHotel].retry.attempts = 2;
  Story story(saga);
  lose(story, "charge_card", 2);
  lose(story, "book_hotel", 1);
  story.ends(Outcome::kCompensated);
  expect_violated(story, "compensated");
}

TEST(MaskingTest, IsUnknownWhenTheBudgetIsUsedUp) {
  Story story(trip());
  lose(story, "charge_card", 3);
  story.ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, story), is_unknown());

  Story single(trip());
  lose(single, "book_flight", 1);
  single.ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, single), is_unknown());
}

TEST(MaskingTest, IsUnknownWhenAFaultIsNotTransient) {
  for (const FaultKind kind : {FaultKind::kRejected, FaultKind::kCoordinatorCrash}) {
    Story story(trip());
    lose(story, "charge_card", 1);
    story.sends("charge_card").fault("charge_card", kind).ends(Outcome::kCompensated);
    EXPECT_THAT(verdict_on(kMaskingRule, story), is_unknown());
  }
}

TEST(MaskingTest, IsUnknownWhenAnUnrepeatableStepMayBeDone) {
  Saga saga = trip();
  saga.steps[kCard].idempotent = false;
  Story lost(saga);
  lose(lost, "charge_card", 1);
  lost.ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, lost), is_unknown());

  Story unavailable(saga);  // certainly not done: it may be asked for again
  unavailable.sends("charge_card").fault("charge_card", FaultKind::kUnavailable).arrives("charge_card");
  unavailable.answers("charge_card", ReplyStatus::kUnavailable)
      .hears("charge_card", ReplyStatus::kUnavailable);
  unavailable.ends(Outcome::kCompensated);
  expect_violated(unavailable, "compensated");
}

TEST(MaskingTest, IsUnknownWhenAParticipantRefusesByItself) {
  for (const ReplyStatus status : {ReplyStatus::kRejected, ReplyStatus::kUnavailable, ReplyStatus::kError}) {
    Story story(trip());
    lose(story, "charge_card", 1);
    story.is_refused("book_flight", status).ends(Outcome::kCompensated);
    EXPECT_THAT(verdict_on(kMaskingRule, story), is_unknown()) << name_of(status);
  }
}

TEST(MaskingTest, IsUnknownWhenAParticipantIsSlowByItself) {
  Story story(trip());
  lose(story, "charge_card", 1);
  story.sends("book_flight").times_out("book_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, story), is_unknown());
}

TEST(MaskingTest, ARefusalUnderAFaultThatFailsNothingIsTheParticipantsOwn) {
  Story story(trip());
  story.sends("book_flight").fault("book_flight", FaultKind::kRequestDuplicated).arrives("book_flight");
  story.answers("book_flight", ReplyStatus::kRejected).copy_arrives("book_flight");
  story.copy_answers("book_flight", ReplyStatus::kRejected).hears("book_flight", ReplyStatus::kRejected);
  story.ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, story), is_unknown());
}

/// The request for the card comes after the one for the hotel, and is then answered so.
void reorder_the_card(Story& story, ReplyStatus status) {
  story.sends("charge_card").fault("charge_card", FaultKind::kRequestReordered);
  story.calls("book_hotel").arrives("charge_card").answers("charge_card", status);
  story.hears("charge_card", status).ends(Outcome::kCompensated);
}

TEST(MaskingTest, ARefusalOfARequestThatCameOutOfOrderIsTheParticipantsOwn) {
  for (const ReplyStatus status :
       {ReplyStatus::kRejected, ReplyStatus::kUnauthorized, ReplyStatus::kConflict}) {
    Story refused(trip());
    reorder_the_card(refused, status);
    EXPECT_THAT(verdict_on(kMaskingRule, refused), is_unknown()) << name_of(status);
  }
  Story unavailable(trip());  // which is no refusal: there are attempts left
  reorder_the_card(unavailable, ReplyStatus::kUnavailable);
  expect_violated(unavailable, "compensated");
}

TEST(MaskingTest, WhatIsAnsweredToACopyIsNoExcuse) {
  Story story(trip());
  story.sends("book_flight").fault("book_flight", FaultKind::kRequestDuplicatedLater).arrives("book_flight");
  story.takes_effect("book_flight").answers("book_flight").hears("book_flight").undoes("cancel_flight");
  story.copy_arrives("book_flight")
      .copy_answers("book_flight", ReplyStatus::kRejected)
      .ends(Outcome::kCompensated);
  expect_violated(story, "compensated");
}

TEST(MaskingTest, AnInjectedAnswerIsNoExcuse) {
  Story story(trip());
  story.sends("charge_card").fault("charge_card", FaultKind::kErrorAfterEffect).arrives("charge_card");
  story.takes_effect("charge_card").answers("charge_card", ReplyStatus::kError);
  story.hears("charge_card", ReplyStatus::kError).ends(Outcome::kFlagged);
  expect_violated(story, "flagged");
}

/// A trip that must be over in 30 s, and waits 25 s for an answer about the card.
Saga trip_in_half_a_minute() {
  Saga saga = trip();
  saga.deadline = 30s;
  for (Step& step : saga.steps) step.timeout = 25s;
  return saga;
}

/// Sent now, and answered by nobody until its timeout is over.
void wait_in_vain(Story& story, std::string_view action, Duration sent_at) {
  story.at(sent_at).sends(action).fault(action, FaultKind::kRequestLost);
  story.at(sent_at + 25s).times_out(action);
}

TEST(MaskingTest, IsUnknownWhenTheDeadlineHasPassedWhileAnswersWereWaitedFor) {
  Story late(trip_in_half_a_minute());
  wait_in_vain(late, "charge_card", 0s);
  wait_in_vain(late, "charge_card", 25s);
  late.ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, late), is_unknown());

  Story in_time(trip_in_half_a_minute());
  wait_in_vain(in_time, "charge_card", 0s);
  in_time.at(29s).ends(Outcome::kCompensated);
  expect_violated(in_time, "compensated");
}

TEST(MaskingTest, ADeadlineThatTheCoordinatorSleptAwayIsNoExcuse) {
  Story asleep(trip_in_half_a_minute());
  lose(asleep, "charge_card", 1);
  asleep.at(30s).ends(Outcome::kCompensated);
  expect_violated(asleep, "compensated");

  Story idle_before_its_last_attempt(trip_in_half_a_minute());
  wait_in_vain(idle_before_its_last_attempt, "charge_card", 6s);
  idle_before_its_last_attempt.ends(Outcome::kCompensated);
  expect_violated(idle_before_its_last_attempt, "compensated");

  Story late_only_as_it_undoes(trip_in_half_a_minute());
  lose(late_only_as_it_undoes, "charge_card", 1);
  late_only_as_it_undoes.sends("cancel_flight").at(30s).answers("cancel_flight").hears("cancel_flight");
  late_only_as_it_undoes.ends(Outcome::kCompensated);
  expect_violated(late_only_as_it_undoes, "compensated");
}

TEST(MaskingTest, TimeWithoutTheCoordinatorIsNotItsOwn) {
  Story story(trip_in_half_a_minute());
  lose(story, "charge_card", 1);
  story.dies().at(30s).recovers().ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, story), is_unknown());
}

TEST(MaskingTest, IsUnknownWhenARetryWouldComeTooLateForTheDeadline) {
  Saga saga = trip_in_half_a_minute();
  saga.steps[kCard].retry.delay = 5s;
  Story late(saga);
  wait_in_vain(late, "charge_card", 0s);
  late.ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, late), is_unknown());

  saga.steps[kCard].retry.delay = 4s;
  Story in_time(saga);
  wait_in_vain(in_time, "charge_card", 0s);
  in_time.ends(Outcome::kCompensated);
  expect_violated(in_time, "compensated");

  saga.steps[kCard].timeout = 17s;
  Story twice(saga);  // the second wait is twice as long
  twice.sends("charge_card").fault("charge_card", FaultKind::kRequestLost).at(17s).times_out("charge_card");
  twice.at(21s).is_made_to_fail("charge_card", FaultKind::kUnavailable, ReplyStatus::kUnavailable);
  twice.at(22s).ends(Outcome::kCompensated);
  expect_violated(twice, "compensated");
  Story later(saga);
  later.sends("charge_card").fault("charge_card", FaultKind::kRequestLost).at(17s).times_out("charge_card");
  later.at(21s).sends("charge_card").fault("charge_card", FaultKind::kRequestLost);
  later.at(22s).times_out("charge_card").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, later), is_unknown());
}

TEST(MaskingTest, RepeatingTheReportAfterTheDeadlineIsNoExcuse) {
  Saga saga = trip();
  saga.deadline = 30s;
  Story story(saga);
  lose(story, "charge_card", 1);
  story.at(Time(29s)).ends(Outcome::kCompensated).at(Time(60s)).recovery_repeats(Outcome::kCompensated);
  expect_violated(story, "compensated");
}

TEST(MaskingTest, IsUnknownWithoutFaults) {
  Story story(trip());
  story.does("book_flight").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, story), is_unknown());
}

TEST(MaskingTest, IsNotJudgedOfASubjectThatDoesNotClaimRetries) {
  Story story(trip());
  lose(story, "charge_card", 1);
  story.ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, story, Claims{}),
              is_not_applicable("the subject does not claim to use its retry budgets"));
}

}  // namespace
}  // namespace saga_harness::check_test
