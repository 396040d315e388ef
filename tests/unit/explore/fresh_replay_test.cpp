// Findings are replayed where nothing ran before.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>

#include <saga_harness/fresh_replay.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Pays only as long as fewer than `most` calls of its life have failed; what it then skips it calls done.
Coordinator stops_paying_after(int most, std::shared_ptr<int> failures) {
  return [most, failures](Runtime& runtime) {
    if (!runtime.call({.service = "stock", .action = "reserve"}).ok()) {
      ++*failures;
      return runtime.report(*failures > most ? Outcome::kCompleted : Outcome::kFlagged,
                            std::vector<std::string_view>{"reserve", "pay"});
    }
    const bool is_paid = runtime.call({.service = "bank", .action = "pay"}).ok();
    runtime.report(
        is_paid ? Outcome::kCompleted : Outcome::kFlagged,
        is_paid ? std::vector<std::string_view>{} : std::vector<std::string_view>{"reserve", "pay"});
  };
}

Experiment forgetful_experiment(Coordinator coordinator) {
  Experiment experiment = subject(small_saga());
  experiment.setup.coordinator = std::move(coordinator);
  experiment.setup.durable = false;
  experiment.claims = {.names_flagged_steps = true};
  return experiment;
}

/// An exploration that has found this plan, and nothing else.
Exploration found(const Experiment& experiment, const std::string& plan, Outcome outcome, const char* step) {
  Exploration exploration;
  exploration.violated_schedules = 1;
  exploration.verdict.word = VerdictWord::kViolated;
  exploration.findings.push_back({.rule = Rule::kTruthfulOutcome,
                                  .step = step,
                                  .outcome = outcome,
                                  .plan = resolve(parse_plan(plan), *experiment.setup.saga)});
  return exploration;
}

Exploration replayed(const Experiment& experiment, Exploration exploration) {
  ForkedReplay fresh(experiment);
  replay_findings(
      experiment, [&fresh](std::span<const FaultPlan> row) { return fresh.run(row); }, exploration);
  return exploration;
}

TEST(FreshReplayTest, WhatItsPlanAloneShowsIsShown) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  const Exploration found = replayed(experiment, explore(experiment, {.max_faults = 1}));
  ASSERT_THAT(found.findings, testing::Not(IsEmpty()));
  for (std::size_t i = 0; i < found.findings.size(); ++i) {
    const bool is_checked = i < kMostReplayedFindings;
    EXPECT_EQ(found.findings[i].replayed, is_checked ? Replayed::kShown : Replayed::kNotChecked);
    EXPECT_THAT(found.findings[i].earlier_sagas, IsEmpty());
  }
  EXPECT_EQ(found.verdict.error, "");
}

TEST(FreshReplayTest, WhatShowsOnlyAfterEarlierSagasSaysAfterWhich) {
  const auto failures = std::make_shared<int>();
  const Experiment experiment = forgetful_experiment(stops_paying_after(2, failures));
  const Exploration result =
      replayed(experiment, found(experiment, "reserve#1:rejected", Outcome::kCompleted, "reserve"));
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_EQ(result.findings[0].replayed, Replayed::kNeedsEarlierSagas);
  EXPECT_THAT(result.findings[0].earlier_sagas,
              ElementsAre(result.findings[0].plan, result.findings[0].plan));
  EXPECT_EQ(notes_of(result.findings[0]),
            "shows only after 2 earlier sagas: reserve.action#1:rejected, then reserve.action#1:rejected");
  EXPECT_EQ(result.verdict.error, "");
  EXPECT_EQ(*failures, 0) << "it ran in this process";
}

TEST(FreshReplayTest, WhatNoRowShowsIsNotDeterministic) {
  const Experiment experiment = forgetful_experiment(stops_paying_after(100, std::make_shared<int>()));
  const Exploration result =
      replayed(experiment, found(experiment, "reserve#1:rejected", Outcome::kCompleted, "reserve"));
  EXPECT_THAT(result.findings, IsEmpty());
  ASSERT_THAT(result.nondeterministic, SizeIs(1));
  EXPECT_THAT(result.nondeterministic[0].difference,
              HasSubstr("I1 was violated at reserve in the search, and is not where nothing ran before"));
  EXPECT_EQ(result.verdict.error, "1 schedule went otherwise the second time");
}

TEST(FreshReplayTest, WhatEndsTheProcessIsNotChecked) {
  const Experiment experiment = forgetful_experiment([](Runtime&) { std::raise(SIGKILL); });
  const Exploration result = replayed(experiment, found(experiment, "none", Outcome::kCompleted, "pay"));
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_EQ(result.findings[0].replayed, Replayed::kNotChecked);
  EXPECT_EQ(result.verdict.not_checked,
            "1 of 1 findings not replayed where nothing ran before: the process ended in the midst of it");
}

TEST(FreshReplayTest, ATestsOwnObjectIsNotReplayed) {
  Experiment experiment = subject(small_saga());
  experiment.can_run_again = false;
  const Exploration result = replayed(experiment, found(experiment, "none", Outcome::kCompleted, "pay"));
  EXPECT_THAT(result.verdict.not_checked, HasSubstr("a participant is an object of the test's own"));
}

TEST(FreshReplayTest, AtMostEightFindingsAre) {
  const Experiment experiment = subject(small_saga());
  Exploration exploration = found(experiment, "none", Outcome::kCompleted, "pay");
  exploration.findings.resize(10, exploration.findings[0]);
  std::size_t asked = 0;
  const RunFresh shows_all = [&asked](std::span<const FaultPlan>) {
    ++asked;
    return FreshAnswer{.is_answer = true, .text = "I1\tpay\tcompleted\n"};
  };
  replay_findings(experiment, shows_all, exploration);
  EXPECT_EQ(asked, kMostReplayedFindings);
  EXPECT_THAT(exploration.verdict.not_checked, HasSubstr("2 of 10 findings not replayed"));
}

TEST(FreshReplayTest, ARowIsTheSameAfterBeingText) {
  const SagaIndex saga(small_saga());
  const std::vector<FaultPlan> row{{}, resolve(parse_plan("reserve#1:rejected, pay#1:reply_lost"), saga), {}};
  EXPECT_EQ(row_from_text(row_to_text(row), saga), row);
}

}  // namespace
}  // namespace saga_harness::explore_test
