// Two defects of one rule at one step are two findings, and one defect does not become many.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include <saga_harness_internal/cause.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

Saga three_steps() {
  return {.name = "three",
          .steps = {{.name = "pay", .service = "bank", .compensation = "refund"},
                    {.name = "ship", .service = "post", .compensation = "recall"},
                    {.name = "close", .service = "desk", .pivot = true}}};
}

/// Two mistakes that a coordinator of three_steps() may make with `pay`.
struct Mistakes {
  bool forgets_what_was_in_doubt = false;
  bool swallows_what_was_not_undone = false;
};

Coordinator with(Mistakes mistakes) {
  return [mistakes](Runtime& runtime) {
    const auto call = [&](const char* service, const char* action) {
      return runtime.call({.service = service, .action = action, .idempotency_key = action});
    };
    const auto undo = [&](const char* service, const char* action) {
      for (int i = 0; i < 5; ++i) {
        if (call(service, action).ok()) return true;
      }
      return false;
    };
    const Reply paid = call("bank", "pay");
    if (!paid.ok()) {
      const bool is_forgotten = mistakes.forgets_what_was_in_doubt || is_sure_no(paid.status);
      if (is_forgotten || undo("bank", "refund")) return runtime.report(Outcome::kCompensated);
      return runtime.report(Outcome::kFlagged, std::vector<std::string_view>{"pay"});
    }
    if (call("post", "ship").ok() && call("desk", "close").ok()) return runtime.report(Outcome::kCompleted);
    if (!undo("post", "recall"))
      return runtime.report(Outcome::kFlagged, std::vector<std::string_view>{"pay", "ship", "close"});
    if (mistakes.swallows_what_was_not_undone ? (call("bank", "refund"), true) : undo("bank", "refund"))
      return runtime.report(Outcome::kCompensated);
    runtime.report(Outcome::kFlagged, std::vector<std::string_view>{"pay", "close"});
  };
}

Exploration found_of(Mistakes mistakes, ExploreOptions options = {}) {
  Experiment experiment = subject(three_steps());
  experiment.setup.coordinator = with(mistakes);
  experiment.setup.durable = false;
  experiment.claims = {.idempotency_keys = true};
  options.kinds = {FaultKind::kRejected, FaultKind::kReplyLost};
  return explore(experiment, options);
}

/// What is found of I1 at `pay`: the outcome, how it came about, by which plan.
std::vector<std::string> at_pay(const Exploration& exploration) {
  std::vector<std::string> causes;
  for (const Finding& finding : exploration.findings) {
    if (finding.rule == Rule::kTruthfulOutcome && finding.step == "pay")
      causes.push_back(std::string(name_of(finding.outcome)) + ": " + finding.cause + ", by " +
                       to_string(finding.plan));
  }
  return causes;
}

const std::string kForgotten = "compensated: in doubt, never undone, by pay.action#1:reply_lost";
const std::string kSwallowed =
    "compensated: done, undoing not confirmed, by ship.action#1:rejected, pay.compensation#1:rejected";

TEST(CauseTest, ALostReplyDoesNotHideACompensationThatFailed) {
  EXPECT_THAT(at_pay(found_of({.forgets_what_was_in_doubt = true})), ElementsAre(kForgotten));
  EXPECT_THAT(at_pay(found_of({.swallows_what_was_not_undone = true})), ElementsAre(kSwallowed));
  EXPECT_THAT(at_pay(found_of({true, true})), ElementsAre(kForgotten, kSwallowed));
}

TEST(CauseTest, EachFindingCountsTheSchedulesOfItsOwnCause) {
  const auto schedules_of = [](Mistakes mistakes, const std::string& cause) -> std::uint64_t {
    for (const Finding& finding : found_of(mistakes).findings) {
      if (finding.step == "pay" && finding.cause == cause) return finding.schedules;
    }
    return 0;
  };
  const std::string swallowed = "done, undoing not confirmed";
  EXPECT_GT(schedules_of({.swallows_what_was_not_undone = true}, swallowed), 0U);
  EXPECT_EQ(schedules_of({true, true}, swallowed),
            schedules_of({.swallows_what_was_not_undone = true}, swallowed));
}

TEST(CauseTest, TheSameIsFoundBySharesOfTheSearchInAnyNumber) {
  const auto shown = [](const Exploration& exploration) {
    std::vector<std::string> lines;
    for (const Finding& finding : exploration.findings)
      lines.push_back(finding.token + ' ' + finding.cause + ' ' + std::to_string(finding.schedules));
    return lines;
  };
  const std::vector<std::string> alone = shown(found_of({true, true}));
  EXPECT_GT(alone.size(), 2U);
  for (const int workers : {2, 3}) EXPECT_EQ(shown(found_of({true, true}, {.workers = workers})), alone);
  EXPECT_EQ(shown(found_of({true, true}, {.prune = true})), alone);
}

TEST(CauseTest, RandomSearchTellsThemApartToo) {
  const Exploration found =
      found_of({true, true}, {.max_faults = 3, .swarm = Swarm{.seed = "any", .schedules = 2000}});
  EXPECT_THAT(at_pay(found), UnorderedElementsAre(kForgotten, kSwallowed));
}

/// Pays twice after a lost reply, and does not undo what it was not told of.
Coordinator pays_again_without_a_key() {
  return [](Runtime& runtime) {
    const auto ok = [&](const char* service, const char* action) {
      return runtime.call({.service = service, .action = action}).ok();
    };
    const bool is_paid = ok("bank", "pay") || ok("bank", "pay");
    if (is_paid && ok("post", "ship") && ok("desk", "close")) return runtime.report(Outcome::kCompleted);
    static_cast<void>(ok("post", "recall") && ok("bank", "refund"));
    runtime.report(Outcome::kCompensated);
  };
}

TEST(CauseTest, WhatCompletedWithTooMuchDoesNotHideWhatWasCompensatedWithSomethingLeft) {
  Experiment experiment = subject(three_steps());
  experiment.setup.coordinator = pays_again_without_a_key();
  experiment.setup.participants["bank"] = ledger_fake(kNoGuarantees);
  experiment.setup.durable = false;
  experiment.claims = {};
  std::vector<std::string> outcomes;
  for (const Finding& finding : explore(experiment, {.kinds = {FaultKind::kReplyLost}}).findings) {
    if (finding.rule == Rule::kTruthfulOutcome && finding.step == "pay")
      outcomes.emplace_back(name_of(finding.outcome));
  }
  EXPECT_THAT(outcomes, Contains("completed"));
  EXPECT_THAT(outcomes, Contains("compensated"));
}

TEST(CauseTest, AnEndThatIsLessOfOneIsExplainedByASmallerPart) {
  const Cause part{.outcome = Outcome::kCompensated};
  EXPECT_TRUE(explains(part, Outcome::kCompensated));
  EXPECT_TRUE(explains(part, Outcome::kFlagged));
  EXPECT_TRUE(explains(part, Outcome::kUnresolved));
  EXPECT_FALSE(explains(part, Outcome::kCompleted));
  EXPECT_FALSE(explains({.outcome = Outcome::kCompleted}, Outcome::kCompensated));
}

TEST(CauseTest, AReferenceWithOneBugIsFoundOncePerStepAndEnd) {
  const Exploration found =
      explore(subject(order_saga(), OrchestratorBug::kFailureSwallowed), {.max_faults = 2});
  std::map<std::string, std::size_t> by_step;
  for (const Finding& finding : found.findings) {
    if (finding.rule == Rule::kTruthfulOutcome) ++by_step[finding.step];
  }
  EXPECT_THAT(by_step, Not(IsEmpty()));
  for (const auto& [step, count] : by_step) EXPECT_LE(count, 3U) << step;
}

TEST(CauseTest, ALongerWayToTheSameEndOfAStepIsTheSameFinding) {
  const Exploration found =
      explore(subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated), {.max_faults = 2});
  std::map<std::string, std::size_t> by_step;
  for (const Finding& finding : found.findings) {
    if (finding.rule != Rule::kTruthfulOutcome) continue;
    ++by_step[finding.step];
    EXPECT_EQ(finding.plan.size(), 1U) << to_string(finding.plan);
  }
  EXPECT_THAT(by_step, testing::SizeIs(4));
  for (const auto& [step, count] : by_step) EXPECT_EQ(count, 1U) << step;
}

TEST(CauseTest, IsTheSameAfterBeingANumber) {
  for (std::uint32_t number = 0; number < 1024; ++number) {
    const std::optional<Cause> cause = cause_of_number(number);
    if (cause.has_value()) {
      EXPECT_EQ(number_of(*cause), number);
    }
  }
  EXPECT_EQ(cause_of_number(3U << 4U), std::nullopt);
  EXPECT_EQ(cause_of_number(1U << 9U), std::nullopt);
  const Cause cause{Outcome::kFlagged, AnswerKnown::kInDoubt, Undoing::kDone, true, true, true};
  EXPECT_EQ(cause_of_number(number_of(cause)), cause);
}

TEST(CauseTest, ReadsAsOneWouldSayIt) {
  EXPECT_EQ(to_string(Cause{}), "");
  EXPECT_EQ(to_string(Cause{.restarted = true}), "after a restart");
  EXPECT_EQ(
      to_string(Cause{
          .answer = AnswerKnown::kDone, .undoing = Undoing::kDone, .applied_again = true, .has_step = true}),
      "done, undone, applied again");
  EXPECT_EQ(to_string(Cause{.has_step = true}), "not answered, never undone");
}

}  // namespace
}  // namespace saga_harness::explore_test
