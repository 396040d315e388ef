// The judge as a whole: what is judged of whom, and that it remembers nothing.

#include <string>

#include <saga_harness/error.hpp>

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A run in which everything goes wrong that can.
void break_everything(Story& story) {
  story.sends_keyed("book_flight", "").hears("book_flight", ReplyStatus::kRejected).calls("book_flight");
  story.copy_arrives("book_flight").takes_effect("book_flight").fault("book_flight", FaultKind::kReplyLost);
  story.quantity({.name = "bank/all the money", .at_start = 500, .at_end = 499});
  story.calls("charge_card")
      .calls("issue_ticket")
      .is_lost("refund_card")
      .calls("cancel_flight")
      .calls("cancel_hotel")
      .sends("book_hotel");
  story.reports(Outcome::kFlagged).gives_up("the bound on calls").sends("book_hotel");
}

TEST(JudgeTest, AFaultlessRunViolatesNothing) {
  Story story(trip_with_pivot());
  story.logs_started().does("book_flight").does("book_hotel").does("charge_card").does("issue_ticket");
  story.ends(Outcome::kCompleted).recovery_repeats(Outcome::kCompleted).recovery_repeats(Outcome::kCompleted);
  EXPECT_THAT(violated_rules(story), IsEmpty());
}

TEST(JudgeTest, ACompensatedRunViolatesNothing) {
  Story story(trip_with_pivot());
  story.logs_started()
      .does("book_flight")
      .does("book_hotel")
      .logs_intent("charge_card")
      .is_made_to_fail("charge_card");
  story.logs_failed("charge_card").logs_compensating().undoes("cancel_hotel");
  story.sends("cancel_flight").fault("cancel_flight", FaultKind::kRequestLost);
  story.at(std::chrono::seconds(10)).times_out("cancel_flight");
  story.at(std::chrono::milliseconds(10'100)).undoes("cancel_flight");
  story.ends(Outcome::kCompensated).recovery_repeats(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(story), IsEmpty());
}

TEST(JudgeTest, WithoutPromisesOnlyOutcomeOrderAndParticipantsAreJudged) {
  Story story(trip_with_pivot());
  break_everything(story);
  EXPECT_THAT(violated_rules(story, Claims{}), ElementsAre("I1", "I2", "I3", "I4", "I5", "I6", "I16", "I17"));
}

TEST(JudgeTest, EachPromiseIsJudgedByItself) {
  Story story(trip_with_pivot());
  break_everything(story);
  const auto added_by = [&](Claims claims) {
    claims.names_flagged_steps = false;
    std::vector<std::string> ids = violated_rules(story, claims);
    for (const char* always : {"I1", "I2", "I3", "I4", "I5", "I6", "I16", "I17"}) std::erase(ids, always);
    return ids;
  };
  EXPECT_THAT(added_by({.durable_word = true}), ElementsAre("I7"));
  EXPECT_THAT(added_by({.idempotency_keys = true}), ElementsAre("I8"));
  EXPECT_THAT(added_by({.silence = true}), ElementsAre("I9"));
  EXPECT_THAT(added_by({.retries = true}), ElementsAre("I10", "I18", "I23"));
  EXPECT_THAT(added_by({.write_ahead = true}), ElementsAre("I12"));
  EXPECT_THAT(added_by({.honours_pivot = true}), ElementsAre("I13"));
  EXPECT_THAT(added_by({.accepts_rejection = true}), ElementsAre("I14"));
  EXPECT_THAT(added_by({.survives_crashes = true}), IsEmpty());
  EXPECT_THAT(added_by({.keeps_timeouts = true}), ElementsAre("I23"));

  Story unmasked(trip());
  unmasked.does("book_flight")
      .does("book_hotel")
      .is_lost("charge_card")
      .undoes("cancel_hotel")
      .undoes("cancel_flight")
      .reports(Outcome::kCompensated);
  EXPECT_THAT(violated_rules(unmasked, Claims{}), IsEmpty());
  EXPECT_THAT(violated_rules(unmasked, {.retries = true}), ElementsAre("I15"));
}

TEST(JudgeTest, SwitchedOffRulesSayWhy) {
  Story story(trip());
  story.ends(Outcome::kCompleted);
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story).status, VerdictStatus::kViolated);
  EXPECT_THAT(verdict_on(Rule::kTruthfulOutcome, story, Claims::all(),
                         {{Rule::kTruthfulOutcome, "the ledger are lost"}}),
              is_not_applicable("switched off: the ledger are lost"));
  EXPECT_THAT(verdict_on(Rule::kPivotRespected, story, Claims::all(), {{Rule::kPivotRespected, "not today"}}),
              is_not_applicable("switched off: not today"));
  EXPECT_EQ(verdict_on(Rule::kTruthfulOutcome, story, Claims::all(), {{Rule::kTerminates, "a demonstration"}})
                .status,
            VerdictStatus::kViolated);
}

TEST(JudgeTest, NoRuleIsSwitchedOffWithoutAReason) {
  const auto saga = std::make_shared<const SagaIndex>(trip());
  std::string message;
  try {
    const Judge judge(saga, Claims::all(), {{Rule::kStableIdempotencyKey, ""}});
  } catch (const Error& error) {
    message = error.what();
  }
  EXPECT_EQ(message, "rule I8 is switched off without a reason; say why");
}

TEST(JudgeTest, JudgesEachRunByItself) {
  Story broken(trip_with_pivot());
  break_everything(broken);
  Story good(trip_with_pivot());
  good.logs_started().does("book_flight").does("book_hotel").does("charge_card").does("issue_ticket");
  good.ends(Outcome::kCompleted);

  Judge judge(good.saga(), Claims::all());
  const std::vector<Verdict> first = judge.explain(good.observation());
  const Judgement first_judgement = judge.judge(good.observation());
  const std::vector<Verdict> worst = judge.explain(broken.observation());
  EXPECT_EQ(judge.explain(good.observation()), first);
  EXPECT_EQ(judge.judge(good.observation()), first_judgement);
  EXPECT_EQ(judge.explain(broken.observation()), worst);
  EXPECT_NE(worst, first);
}

TEST(JudgeTest, ThereIsNoCulpritWhereNothingIsViolated) {
  Story story(trip());
  story.does("book_flight").undoes("cancel_flight").ends(Outcome::kCompensated);
  Judge judge(story.saga(), Claims{});
  for (std::size_t i = 0; i < kRuleCount; ++i) EXPECT_EQ(judge.culprit(static_cast<Rule>(i)), kNoStep);
  static_cast<void>(judge.judge(story.observation()));
  for (std::size_t i = 0; i < kRuleCount; ++i) EXPECT_EQ(judge.culprit(static_cast<Rule>(i)), kNoStep);
}

TEST(JudgeTest, EvidenceIsInTheOrderOfTheTraceAndNamesNoEventTwice) {
  for (int flagged = 0; flagged < 2; ++flagged) {
    Story story(trip_with_pivot());
    break_everything(story);
    if (flagged == 1) story.logs_end(Outcome::kCompensated).recovery_repeats(Outcome::kCompensated);
    for (const Verdict& verdict : Judge(story.saga(), Claims::all()).explain(story.observation())) {
      for (std::size_t i = 1; i < verdict.evidence.size(); ++i) {
        EXPECT_LT(verdict.evidence[i - 1], verdict.evidence[i]) << verdict.explanation;
      }
      for (const std::uint32_t at : verdict.evidence) EXPECT_LE(at, story.here());
    }
  }
}

TEST(JudgeTest, MessagesOfCallsThatNobodySentDoNoHarm) {
  // A recorder of real traffic may see an answer whose request it missed.
  std::vector<Event> events(3);
  events[0] = {.call = 7, .step = 0, .type = EventType::kDelivered, .operation = Operation::kCompensation};
  events[1] = {
      .call = 9, .step = 0, .type = EventType::kAnswered, .operation = Operation::kCompensation, .detail = 1};
  events[2] = {.call = 11, .step = 1, .type = EventType::kReceived, .detail = 1};
  const auto saga = std::make_shared<const SagaIndex>(trip());
  const std::vector<Verdict> verdicts = Judge(saga, Claims::all()).explain({.events = events});
  EXPECT_EQ(verdicts[static_cast<std::size_t>(Rule::kTerminates)].status, VerdictStatus::kViolated);
}

}  // namespace
}  // namespace saga_harness::check_test
