// I7 and I9: what was reported is what the log says; nothing happens after the end.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

// ---- I7

TEST(DurableWordTest, HoldsWhenReportAndLogAgree) {
  Story story(trip());
  story.does("book_flight").ends(Outcome::kCompleted).recovery_repeats(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kReportMatchesLog, story), is_held());
}

TEST(DurableWordTest, HoldsWhenACrashKeepsTheReportFromBeingMadeAtOnce) {
  Story story(trip());
  story.logs_end(Outcome::kFlagged, {"book_flight"}).crashes().reports(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kReportMatchesLog, story), is_held());
}

TEST(DurableWordTest, IsViolatedWhenNoEndIsLogged) {
  Story story(trip());
  story.does("book_flight").reports(Outcome::kCompleted);
  EXPECT_THAT(
      verdict_on(Rule::kReportMatchesLog, story),
      is_violated(
          "what is reported must be in the log, but the saga was reported completed and no end was logged",
          kNoStep, {story.here()}));
}

TEST(DurableWordTest, IsViolatedWhenTheLogSaysSomethingElse) {
  Story story(trip());
  story.logs_end(Outcome::kFlagged).reports(Outcome::kCompensated);
  EXPECT_THAT(
      verdict_on(Rule::kReportMatchesLog, story),
      is_violated(
          "what is reported must be what the log says, but the log says flagged and the report compensated",
          kNoStep, {story.here() - 1, story.here()}));
}

TEST(DurableWordTest, IsViolatedWhenALaterReportContradictsAnEarlierOne) {
  Story story(trip());
  story.logs_end(Outcome::kFlagged);
  const std::uint32_t logged = story.here();
  story.reports(Outcome::kCompensated).recovery_repeats(Outcome::kFlagged);
  EXPECT_THAT(
      verdict_on(Rule::kReportMatchesLog, story),
      is_violated("one saga has one outcome, but a later report or log record contradicts an earlier one",
                  kNoStep, {logged, logged + 1, story.here()}));
}

TEST(DurableWordTest, IsViolatedWhenALaterEndContradictsAnEarlierOne) {
  Story story(trip());
  story.logs_end(Outcome::kCompensated);
  const std::uint32_t logged = story.here();
  story.logs_end(Outcome::kFlagged).reports(Outcome::kFlagged);
  EXPECT_THAT(
      verdict_on(Rule::kReportMatchesLog, story),
      is_violated("one saga has one outcome, but a later report or log record contradicts an earlier one",
                  kNoStep, {logged, logged + 1, logged + 2}));
}

TEST(DurableWordTest, IsViolatedWhenTheLogNamesAStepThatTheReportDoesNot) {
  Story story(trip());
  story.logs_end(Outcome::kFlagged, {"book_flight", "book_hotel"});
  const std::uint32_t logged = story.here() - 2;
  story.reports(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kReportMatchesLog, story),
              is_violated("log and report must name the same steps, but book_hotel is named only by the log",
                          kNoStep, {logged, story.here() - 1}));
}

TEST(DurableWordTest, IsViolatedWhenTheReportNamesAStepThatTheLogDoesNot) {
  Story story(trip());
  story.logs_end(Outcome::kFlagged);
  const std::uint32_t logged = story.here();
  story.reports(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(
      verdict_on(Rule::kReportMatchesLog, story),
      is_violated("log and report must name the same steps, but book_flight is named only by the report",
                  kNoStep, {logged, logged + 1}));
}

TEST(DurableWordTest, IsViolatedWhenOnlyTheRepeatedReportNamesAStep) {
  // Who heard the first report knows nothing of the flight, whatever recovery says later.
  Story story(trip());
  story.logs_end(Outcome::kFlagged, {"book_flight"}).reports(Outcome::kFlagged);
  const std::uint32_t first = story.here();
  story.recovery_repeats(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(
      verdict_on(Rule::kReportMatchesLog, story),
      is_violated("one saga has one outcome, but book_flight is named by one report and not by another",
                  kNoStep, {first, story.here() - 1}));
}

TEST(DurableWordTest, NamingAStepTwiceInOneListIsNoContradiction) {
  Story story(trip());
  story.ends(Outcome::kFlagged, {"book_flight", "book_flight"})
      .recovery_repeats(Outcome::kFlagged, {"book_flight"});
  EXPECT_THAT(verdict_on(Rule::kReportMatchesLog, story), is_held());
}

TEST(DurableWordTest, ListsDoNotCountForASubjectThatNamesNoSteps) {
  Story story(trip());
  story.logs_end(Outcome::kFlagged, {"book_flight"})
      .reports(Outcome::kFlagged)
      .recovery_repeats(Outcome::kFlagged);
  EXPECT_THAT(verdict_on(Rule::kReportMatchesLog, story, {.durable_word = true}), is_held());
  EXPECT_EQ(verdict_on(Rule::kReportMatchesLog, story).status, VerdictStatus::kViolated);
}

TEST(DurableWordTest, IsUnknownWhenNothingIsReported) {
  Story story(trip());
  story.logs_end(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kReportMatchesLog, story), is_unknown());
}

TEST(DurableWordTest, IsNotJudgedOfASubjectThatDoesNotClaimIt) {
  Story story(trip());
  story.reports(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kReportMatchesLog, story, Claims{}),
              is_not_applicable("the subject does not claim that its log has the last word"));
}

// ---- I9

TEST(SilenceTest, HoldsWhenNothingHappensAfterTheEnd) {
  Story story(trip());
  story.does("book_flight").ends(Outcome::kCompleted).recovery_repeats(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story), is_held());
}

TEST(SilenceTest, HoldsOfWhatIsLoggedAsDoneBeforeTheEnd) {
  Story story(trip());
  story.does("book_flight").is_lost("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story), is_held());
}

TEST(SilenceTest, IsViolatedByARequestAfterTheLoggedEnd) {
  Story story(trip());
  story.does("book_flight").logs_end(Outcome::kCompensated);
  const std::uint32_t end = story.here();
  story.calls("cancel_flight").reports(Outcome::kCompensated);
  EXPECT_THAT(
      verdict_on(Rule::kSilenceAfterEnd, story),
      is_violated("nothing may be sent once the saga has ended, but cancel_flight (of book_flight) was",
                  kFlight, {end, end + 1}));
}

TEST(SilenceTest, IsViolatedByARequestAfterTheReport) {
  Story story(trip());
  story.does("book_flight").reports(Outcome::kCompensated);
  const std::uint32_t end = story.here();
  story.calls("cancel_flight").logs_end(Outcome::kCompensated);
  EXPECT_THAT(
      verdict_on(Rule::kSilenceAfterEnd, story),
      is_violated("nothing may be sent once the saga has ended, but cancel_flight (of book_flight) was",
                  kFlight, {end, end + 1}));
}

TEST(SilenceTest, IsViolatedWhenWhatIsDoneIsSentAgain) {
  Story story(trip());
  story.does("book_flight");
  const std::uint32_t done = story.here();
  story.crashes().calls("book_flight").logs_done("book_flight").is_lost("book_hotel");
  EXPECT_THAT(
      verdict_on(Rule::kSilenceAfterEnd, story),
      is_violated(
          "what is logged as settled must not be asked for again, but book_flight was sent after that",
          kFlight, {done, story.when(EventType::kSent, "book_flight", 2)}));
}

TEST(SilenceTest, IsViolatedWhenWhatIsUndoneIsSentAgain) {
  Story story(trip());
  story.does("book_flight").undoes("cancel_flight");
  const std::uint32_t undone = story.here();
  story.crashes().calls("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kSilenceAfterEnd, story),
      is_violated(
          "what is logged as settled must not be asked for again, but cancel_flight (of book_flight) was "
          "sent after that",
          kFlight, {undone, story.when(EventType::kSent, "cancel_flight", 2)}));
}

TEST(SilenceTest, IsViolatedWhenAResultIsLoggedBeforeItsCall) {
  Story story(trip());
  story.logs_done("book_flight").calls("book_flight");
  EXPECT_THAT(
      verdict_on(Rule::kSilenceAfterEnd, story),
      is_violated(
          "what is logged as settled must not be asked for again, but book_flight was sent after that",
          kFlight, {1, 2}));
}

TEST(SilenceTest, ShowsOnlyTheEvidenceOfWhatItSays) {
  Story story(trip());
  story.does("book_flight").crashes().calls("book_flight").ends(Outcome::kCompleted);
  const std::uint32_t end = story.here() - 1;
  story.recovers().sends("book_hotel");
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story),
              is_violated("nothing may be sent once the saga has ended, but book_hotel was", kHotel,
                          {end, story.here()}));
}

TEST(SilenceTest, IsViolatedWhenRecoveryOfAFinishedSagaWritesToTheLog) {
  Story again(trip());
  again.ends(Outcome::kCompleted);
  const std::uint32_t end = again.here() - 1;
  again.heals().recovers().logs_end(Outcome::kCompleted).reports(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, again),
              is_violated("nothing may be logged once the saga has ended, but a further record was: end",
                          kNoStep, {end, again.here() - 1}));

  Story note(trip());
  note.ends(Outcome::kCompleted).recovers().logs_note("looked at it once more");
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, note),
              is_violated("nothing may be logged once the saga has ended, but a further record was: note",
                          kNoStep, {end, note.here()}));
}

TEST(SilenceTest, IsViolatedWhenWorkIsLoggedAfterTheEnd) {
  Story story(trip());
  story.calls("book_flight")
      .logs_end(Outcome::kCompleted)
      .logs_done("book_flight")
      .reports(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story),
              is_violated("nothing may be logged once the saga has ended, but a further record was: done",
                          kFlight, {story.here() - 2, story.here() - 1}));
}

TEST(SilenceTest, ANoteByTheIncarnationThatEndedTheSagaIsItsOwnBusiness) {
  Story story(trip());
  story.ends(Outcome::kCompleted).logs_note("customer told").recovery_repeats(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story), is_held());
}

TEST(SilenceTest, AnEndWhoseWriteWasReportedFailedMayBeWrittenAgain) {
  Story story(trip());
  story.calls("book_flight").strikes(FaultKind::kLogWriteUnconfirmed).logs_end(Outcome::kCompleted);
  story.logs_end(Outcome::kCompleted).reports(Outcome::kCompleted);
  EXPECT_EQ(verdict_on(Rule::kSilenceAfterEnd, story).status, VerdictStatus::kHeld);
  Story told(trip());
  told.calls("book_flight").logs_end(Outcome::kCompleted).logs_end(Outcome::kCompleted);
  EXPECT_EQ(verdict_on(Rule::kSilenceAfterEnd, told).status, VerdictStatus::kViolated);
}

TEST(DurableWordTest, IsViolatedWhenAnEndWhoseWriteWasReportedFailedIsWrittenDifferently) {
  Story story(trip());
  story.calls("book_flight").strikes(FaultKind::kLogWriteUnconfirmed).logs_end(Outcome::kCompleted);
  story.ends(Outcome::kCompensated);
  EXPECT_EQ(verdict_on(Rule::kReportMatchesLog, story).status, VerdictStatus::kViolated);
}

TEST(SilenceTest, LateMessagesAreNotTheCoordinatorsDoing) {
  Story story(trip());
  story.sends("book_flight").fault("book_flight", FaultKind::kRequestLateAfterEnd).times_out("book_flight");
  story.undoes_nothing("cancel_flight").ends(Outcome::kCompensated);
  story.arrives("book_flight").answers("book_flight", ReplyStatus::kRejected).drops("book_flight");
  story.recovery_repeats(Outcome::kCompensated);
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story), is_held());
}

TEST(SilenceTest, RetriesBeforeAResultIsLoggedAreNoNoise) {
  Story story(trip());
  story.logs_intent("charge_card").is_lost("charge_card").calls("charge_card").crashes().calls("charge_card");
  story.logs_done("charge_card").ends(Outcome::kCompleted);
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story), is_held());
}

TEST(SilenceTest, IsUnknownBeforeAnythingIsSettled) {
  Story story(trip());
  story.logs_intent("book_flight").is_lost("book_flight");
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story), is_unknown());
}

TEST(SilenceTest, IsNotJudgedOfASubjectThatDoesNotClaimIt) {
  Story story(trip());
  story.reports(Outcome::kCompleted).calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kSilenceAfterEnd, story, Claims{}),
              is_not_applicable(
                  "the subject does not claim silence after the end, nor to ask again, after a restart, for "
                  "nothing that was answered with success before the step after it was asked for"));
}

}  // namespace
}  // namespace saga_harness::check_test
