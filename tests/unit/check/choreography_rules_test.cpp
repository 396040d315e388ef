// What the rules make of a choreography, where nobody asks and nobody reports.

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/judge.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness {
namespace {

using testing::HasSubstr;

constexpr StepId kFirst = 0;
constexpr StepId kSecond = 1;
constexpr StepId kThird = 2;
constexpr Duration kMinute = std::chrono::minutes(1);

/// The first waits for the compensation of the second before it undoes its own.
std::shared_ptr<const SagaIndex> chain() {
  return std::make_shared<const SagaIndex>(Saga{
      .name = "chain",
      .steps =
          {{.name = "first",
            .service = "a",
            .compensation = "undo_first",
            .on_event = {"start"},
            .emits = {.success = "first.done", .failure = "first.failed"},
            .compensate_on = {"second.failed", "second.undone"}},
           {.name = "second",
            .service = "b",
            .compensation = "undo_second",
            .on_event = {"first.done"},
            .emits = {.success = "second.done", .failure = "second.failed", .compensated = "second.undone"},
            .compensate_on = {"third.failed"}},
           {.name = "third",
            .service = "c",
            .pivot = true,
            .on_event = {"second.done"},
            .emits = {.success = "third.done", .failure = "third.failed"}}},
      .choreography = Choreography{.starts_with = "start"}});
}

/// The same, but the third step must be done in a minute.
std::shared_ptr<const SagaIndex> chain_with_timer() {
  Saga saga = chain()->saga();
  saga.deadline = kMinute;
  saga.choreography->at_deadline = "too.late";
  saga.choreography->unless = "third";
  saga.steps[kSecond].compensate_on = {"third.failed", "too.late"};
  return std::make_shared<const SagaIndex>(saga);
}

/// … and each is tried three times, with two minutes between.
std::shared_ptr<const SagaIndex> chain_with_timer_and_retries() {
  Saga saga = chain_with_timer()->saga();
  for (Step& step : saga.steps) step.retry = {.attempts = 3, .delay = 2 * kMinute, .max_delay = 2 * kMinute};
  return std::make_shared<const SagaIndex>(saga);
}

/// A trace in the making.
class Story {
 public:
  Story& at(Duration since_start) {
    now_ = since_start.count();
    return *this;
  }
  Story& fault(FaultKind kind, StepId step) {
    add(EventType::kFault, step, Operation::kAction, static_cast<std::uint8_t>(kind));
    events_.back().text = pack(Instant::kCall, FaultDuration::kOnce);
    return *this;
  }
  /// Its service, between two transactions of what it was handed.
  Story& dies(StepId step) {
    fault(FaultKind::kParticipantCrashBetween, step);
    events_.back().call = 0;
    return *this;
  }
  /// The service asked the bus to lay its event aside.
  Story& laid_aside(StepId step) {
    heard(step, ReplyStatus::kRejected);
    return add(EventType::kDeadLettered, step, Operation::kAction);
  }
  Story& heard(StepId step, ReplyStatus status) {
    return add(EventType::kReceived, step, Operation::kAction, static_cast<std::uint8_t>(status));
  }
  Story& applied(StepId step) {
    ++effects_[step].applied;
    return add(EventType::kApplied, step, Operation::kAction);
  }
  Story& undone(StepId step) {
    ++effects_[step].undone;
    return add(EventType::kUndone, step, Operation::kCompensation);
  }
  Story& sent(StepId step, Operation operation = Operation::kAction, std::uint8_t lacks = 0) {
    return add(EventType::kSent, step, operation, lacks);
  }
  Story& handed_over(StepId step) { return add(EventType::kDelivered, step, Operation::kAction); }
  Story& told(EventRole role, StepId step) {
    return add(EventType::kPublished, step, Operation::kAction, static_cast<std::uint8_t>(role));
  }
  Story& handled_compensation(StepId step) {
    return add(EventType::kAnswered, step, Operation::kCompensation);
  }
  Story& ended(Outcome outcome) {
    outcome_ = outcome;
    return add(EventType::kReported, kNoStep, Operation::kAction, static_cast<std::uint8_t>(outcome));
  }

  [[nodiscard]] Verdict verdict(Rule rule, const std::shared_ptr<const SagaIndex>& saga = chain()) const {
    Claims claims;
    claims.silence = claims.carries_context = claims.retries = claims.names_flagged_steps = true;
    claims.accepts_rejection = true;
    Judge judge(saga, claims);
    return judge.explain(observation())[static_cast<std::size_t>(rule)];
  }
  [[nodiscard]] Observation observation() const {
    return {.events = events_, .effects = effects_, .texts = texts_, .outcome = outcome_};
  }

 private:
  Story& add(EventType type, StepId step, Operation operation, std::uint8_t detail = 0) {
    events_.push_back({.at = now_,
                       .call = 1,
                       .step = step,
                       .attempt = 1,
                       .type = type,
                       .operation = operation,
                       .detail = detail});
    return *this;
  }
  std::int64_t now_ = 0;
  std::vector<Event> events_;
  std::vector<Effect> effects_ = std::vector<Effect>(3);
  std::vector<std::string_view> texts_{""};
  Outcome outcome_ = Outcome::kUnresolved;
};

Story both_done() { return Story().applied(kFirst).applied(kSecond).told(EventRole::kFailure, 2); }

TEST(ChoreographyRulesTest, ReverseOrderIsThatOfCompensationsThatWaitForEachOther) {
  EXPECT_EQ(both_done().undone(kSecond).undone(kFirst).verdict(Rule::kReverseOrder).status,
            VerdictStatus::kHeld);
  const Verdict wrong = both_done().undone(kFirst).undone(kSecond).verdict(Rule::kReverseOrder);
  EXPECT_EQ(wrong.status, VerdictStatus::kViolated);
  EXPECT_THAT(wrong.explanation,
              HasSubstr("first waits for second to be compensated, but was undone before it"));
  EXPECT_EQ(Story().applied(kFirst).undone(kFirst).verdict(Rule::kReverseOrder).status,
            VerdictStatus::kUnknown);
}

TEST(ChoreographyRulesTest, OnlyAFailureMayUndo) {
  EXPECT_EQ(both_done().undone(kSecond).verdict(Rule::kNoUnintendedCompensation).status,
            VerdictStatus::kHeld);
  EXPECT_EQ(Story().applied(kFirst).undone(kFirst).verdict(Rule::kNoUnintendedCompensation).status,
            VerdictStatus::kViolated);
  EXPECT_EQ(Story()
                .applied(kFirst)
                .told(EventRole::kDeadline, kNoStep)
                .undone(kFirst)
                .verdict(Rule::kNoUnintendedCompensation)
                .status,
            VerdictStatus::kHeld);
}

TEST(ChoreographyRulesTest, WhatHasHandledItsCompensationIsNotDoneAnyMore) {
  EXPECT_EQ(Story()
                .handled_compensation(kFirst)
                .applied(kSecond)
                .verdict(Rule::kNoActionAfterCompensationBegan)
                .status,
            VerdictStatus::kHeld);
  const Verdict wrong =
      Story().handled_compensation(kSecond).applied(kSecond).verdict(Rule::kNoActionAfterCompensationBegan);
  EXPECT_EQ(wrong.status, VerdictStatus::kViolated);
  EXPECT_EQ(wrong.step, kSecond);
}

TEST(ChoreographyRulesTest, NothingChangesAfterTheEndButEventsMayStillCome) {
  EXPECT_EQ(both_done().ended(Outcome::kCompleted).sent(kFirst).verdict(Rule::kSilenceAfterEnd).status,
            VerdictStatus::kHeld);
  const Verdict wrong =
      both_done().ended(Outcome::kCompleted).undone(kSecond).verdict(Rule::kSilenceAfterEnd);
  EXPECT_EQ(wrong.status, VerdictStatus::kViolated);
  EXPECT_THAT(wrong.explanation, HasSubstr("nothing may change once the saga has ended"));
}

TEST(ChoreographyRulesTest, AnEndIsMissedWhereNothingShowsIt) {
  const Verdict wrong = Story().applied(kFirst).verdict(Rule::kTerminates);
  EXPECT_EQ(wrong.status, VerdictStatus::kViolated);
  EXPECT_THAT(wrong.explanation, HasSubstr("nor a failure was on the bus"));
}

TEST(ChoreographyRulesTest, ContextGoesFromEventToEvent) {
  EXPECT_EQ(Story().sent(kFirst).verdict(Rule::kContextTravels).status, VerdictStatus::kHeld);
  EXPECT_EQ(Story().sent(kFirst, Operation::kAction, kWithoutToken).verdict(Rule::kContextTravels).status,
            VerdictStatus::kViolated);
}

TEST(ChoreographyRulesTest, EndsWordsAgreeWithTheLedgers) {
  EXPECT_EQ(both_done().ended(Outcome::kCompensated).verdict(Rule::kTruthfulOutcome).status,
            VerdictStatus::kViolated);
  EXPECT_EQ(both_done()
                .undone(kSecond)
                .undone(kFirst)
                .ended(Outcome::kCompensated)
                .verdict(Rule::kTruthfulOutcome)
                .status,
            VerdictStatus::kHeld);
}

TEST(ChoreographyRulesTest, TheStepThatATimerGuardsIsNotDoneAfterTheDeadline) {
  const Verdict late = Story()
                           .at(kMinute + std::chrono::seconds(1))
                           .applied(kThird)
                           .verdict(Rule::kTerminates, chain_with_timer());
  EXPECT_EQ(late.status, VerdictStatus::kViolated);
  EXPECT_THAT(late.explanation, HasSubstr("third was done after it"));
  EXPECT_EQ(Story()
                .at(kMinute)
                .applied(kThird)
                .ended(Outcome::kCompleted)
                .verdict(Rule::kTerminates, chain_with_timer())
                .status,
            VerdictStatus::kHeld);
}

TEST(ChoreographyRulesTest, ADeadlineIsTold) {
  const auto seen = [](Story story) {
    return story.at(2 * kMinute).ended(Outcome::kFlagged).verdict(Rule::kTerminates, chain_with_timer());
  };
  const Verdict ignored = seen(Story());
  EXPECT_EQ(ignored.status, VerdictStatus::kViolated);
  EXPECT_EQ(ignored.step, kThird);
  EXPECT_THAT(ignored.explanation, HasSubstr("too.late must be told, but never was"));
  EXPECT_EQ(seen(Story().at(kMinute).told(EventRole::kDeadline, kNoStep)).status, VerdictStatus::kHeld);
  EXPECT_EQ(seen(Story().applied(kThird)).status, VerdictStatus::kHeld);
  EXPECT_EQ(seen(Story().told(EventRole::kFailure, kSecond)).status, VerdictStatus::kHeld);
}

TEST(ChoreographyRulesTest, ATimerExcusesNoServiceThatDoesNotAskAgain) {
  const auto seen = [](Story story) {
    story.at(kMinute).told(EventRole::kDeadline, kNoStep).ended(Outcome::kFlagged);
    return story.verdict(Rule::kTransientFaultsMasked, chain_with_timer_and_retries()).status;
  };
  const auto sent = [] { return Story().sent(kFirst).fault(FaultKind::kUnavailable, kFirst); };
  EXPECT_EQ(seen(sent().laid_aside(kFirst)), VerdictStatus::kViolated);
  EXPECT_EQ(seen(sent().heard(kFirst, ReplyStatus::kOk)), VerdictStatus::kViolated);
  EXPECT_EQ(seen(sent().heard(kFirst, ReplyStatus::kUnavailable)), VerdictStatus::kUnknown);
}

TEST(ChoreographyRulesTest, ARefusalIsToldAndNotLaidAside) {
  const auto refused = [] { return Story().sent(kFirst).fault(FaultKind::kRejected, kFirst); };
  const Verdict untold = refused().laid_aside(kFirst).verdict(Rule::kRejectionIsFinal);
  EXPECT_EQ(untold.status, VerdictStatus::kViolated);
  EXPECT_THAT(untold.explanation, HasSubstr("first.failed never told"));
  EXPECT_EQ(
      refused().laid_aside(kFirst).told(EventRole::kFailure, kFirst).verdict(Rule::kRejectionIsFinal).status,
      VerdictStatus::kHeld);
  const auto given_up = [](FaultKind kind) {
    return Story()
        .sent(kFirst)
        .fault(kind, kFirst)
        .laid_aside(kFirst)
        .verdict(Rule::kRejectionIsFinal)
        .status;
  };
  EXPECT_NE(given_up(FaultKind::kUnavailable), VerdictStatus::kViolated);
  const auto cut_off = [&] { return refused().dies(kFirst); };
  EXPECT_NE(cut_off().laid_aside(kFirst).verdict(Rule::kRejectionIsFinal).status, VerdictStatus::kViolated)
      << "who died over it could not tell";
  const auto again = [&] { return cut_off().sent(kFirst).fault(FaultKind::kRejected, kFirst); };
  EXPECT_EQ(again().handed_over(kFirst).laid_aside(kFirst).verdict(Rule::kRejectionIsFinal).status,
            VerdictStatus::kViolated)
      << "it was handed over again";
}

TEST(ChoreographyRulesTest, ASagaBesideThatUnderTestComesToNoHarm) {
  const auto judged = [](Story beside) {
    const Story tested = both_done().undone(kSecond).undone(kFirst).ended(Outcome::kCompensated);
    const Observation other = beside.observation();
    const std::array<const Observation*, 1> others{&other};
    Observation observation = tested.observation();
    observation.beside = others;
    Judge judge(chain(), {});
    constexpr auto kPlace = static_cast<std::size_t>(Rule::kTruthfulOutcome);
    const VerdictStatus status = judge.judge(observation)[kPlace];
    const Verdict verdict = judge.explain(observation)[kPlace];
    EXPECT_EQ(verdict.status, status);
    return verdict;
  };
  EXPECT_EQ(judged(Story().ended(Outcome::kCompensated)).status, VerdictStatus::kHeld);
  const Verdict harmed = judged(Story().applied(kFirst).ended(Outcome::kCompensated));
  EXPECT_EQ(harmed.status, VerdictStatus::kViolated);
  EXPECT_EQ(harmed.step, kFirst);
  EXPECT_TRUE(harmed.evidence.empty()) << "it would be of another trace";
  EXPECT_THAT(harmed.explanation, HasSubstr("of the saga beside it (1): the saga was reported compensated"));
}

TEST(ChoreographyRulesTest, WhatOtherSagasHoldMayBeRefused) {
  Judge judge(chain(), {});
  const Story tested = both_done().undone(kSecond).undone(kFirst).ended(Outcome::kCompensated);
  const Story beside = Story().ended(Outcome::kCompensated);
  const Observation other = beside.observation();
  const std::array<const Observation*, 1> others{&other};
  Observation observation = tested.observation();
  constexpr auto kPlace = static_cast<std::size_t>(Rule::kCompensatedThoughNothingFailed);
  EXPECT_EQ(judge.judge(observation)[kPlace], VerdictStatus::kViolated);
  observation.beside = others;
  EXPECT_EQ(judge.judge(observation)[kPlace], VerdictStatus::kUnknown);
  EXPECT_EQ(judge.explain(observation)[kPlace].status, VerdictStatus::kUnknown);
}

}  // namespace
}  // namespace saga_harness
