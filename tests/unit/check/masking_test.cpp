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

TEST(MaskingTest, IsUnknownWhenTheDeadlineHasPassed) {
  Saga saga = trip();
  saga.deadline = 30s;
  Story late(saga);
  lose(late, "charge_card", 1);
  late.at(Time(30s)).ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, late), is_unknown());

  Story in_time(saga);
  lose(in_time, "charge_card", 1);
  in_time.at(Time(29s)).ends(Outcome::kCompensated);
  expect_violated(in_time, "compensated");
}

TEST(MaskingTest, IsUnknownWhenARetryWouldComeTooLateForTheDeadline) {
  Saga saga = trip();
  saga.deadline = 30s;
  saga.steps[kCard].retry.delay = 5s;
  Story late(saga);
  late.at(Time(25s)).is_lost("charge_card").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, late), is_unknown());

  Story in_time(saga);
  in_time.at(Time(24s)).is_lost("charge_card").ends(Outcome::kCompensated);
  expect_violated(in_time, "compensated");

  Story twice(saga);  // the second wait is twice as long
  twice.at(Time(2s)).is_lost("charge_card").at(Time(20s)).is_lost("charge_card").ends(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(kMaskingRule, twice), is_unknown());
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
