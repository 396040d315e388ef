// A participant that is back where it was before the saga began, which no search tries unless it is named.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/orchestrator.hpp>
#include <saga_harness/replay.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

/// Two steps, at one service or at two, by the reference.
Experiment two_steps_of_a_shop(const std::string& second_service) {
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(Saga{
      .name = "shop",
      .steps = {{.name = "reserve", .service = "stock", .compensation = "release", .retry = {.attempts = 2}},
                {.name = "pick", .service = second_service, .compensation = "put_back"}}});
  experiment.claims = Claims::all();
  experiment.setup.coordinator = orchestrator();
  for (const std::string_view service : experiment.setup.saga->services())
    experiment.setup.participants.emplace(service, ledger_fake());
  return experiment;
}

saga_harness::Run run_shop(const std::string& second_service, std::string_view plan) {
  return run_plan(two_steps_of_a_shop(second_service), parse_plan(plan));
}

TEST(RestoredTest, WhatItHadDoneOfTheSagaIsGoneAndTheOutcomeIsNotTrue) {
  const saga_harness::Run run = run_shop("stock", "pick:participant_restored");
  EXPECT_EQ(run.outcome, Outcome::kCompleted);
  EXPECT_EQ(run.ledger.effects.at(0), Effect{});
  EXPECT_EQ(run.ledger.effects.at(1), (Effect{.applied = 1}));
  const std::vector<Verdict> violations = run.violations();
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].rule, Rule::kTruthfulOutcome);
  EXPECT_THAT(violations[0].explanation, testing::HasSubstr("reserve"));
}

TEST(RestoredTest, WhatOthersHaveDoneStays) {
  const saga_harness::Run run = run_shop("depot", "pick:participant_restored");
  EXPECT_EQ(run.ledger.effects.at(0), (Effect{.applied = 1}));
  EXPECT_TRUE(run.upholds_all_invariants());
}

TEST(RestoredTest, WhatIsUndoneWhenItIsGoneIsUndone) {
  const saga_harness::Run run = run_shop("depot", "pick:rejected, release:participant_restored");
  EXPECT_EQ(run.outcome, Outcome::kCompensated);
  EXPECT_EQ(run.ledger.effects.at(0), Effect{});
  EXPECT_TRUE(run.upholds_all_invariants());
}

TEST(RestoredTest, ItKnowsNoKeysAndDoesWhatItIsAskedOnceMore) {
  const saga_harness::Run run = run_shop("depot", "reserve:reply_lost, reserve#2:participant_restored");
  EXPECT_EQ(run.ledger.effects.at(0), (Effect{.applied = 1}));
  EXPECT_TRUE(run.upholds_all_invariants());
}

TEST(RestoredTest, WhatIsGoneIsNeverDoneToWhoJudgesItsCompensation) {
  Experiment shop = two_steps_of_a_shop("depot");
  shop.setup.participants["stock"] = ledger_fake({.null_compensation = false});
  const saga_harness::Run run = run_plan(shop, parse_plan("pick:rejected, release:participant_restored"));
  const std::vector<Verdict> violations = run.violations();
  EXPECT_TRUE(std::ranges::any_of(
      violations, [](const Verdict& verdict) { return verdict.rule == Rule::kNullCompensationIsSafe; }));
}

TEST(RestoredTest, IsTriedOnlyIfItIsNamed) {
  const Experiment shop = two_steps_of_a_shop("stock");
  const Exploration without = explore(shop, {.max_faults = 1});
  EXPECT_TRUE(without.finds_no_violation());
  EXPECT_TRUE(std::ranges::none_of(
      without.cells, [](const Cell& cell) { return cell.kind == FaultKind::kParticipantRestored; }));
  const Exploration named = explore(shop, {.max_faults = 1, .kinds = {FaultKind::kParticipantRestored}});
  ASSERT_EQ(named.findings.size(), 1U);
  EXPECT_EQ(named.findings[0].rule, Rule::kTruthfulOutcome);
  EXPECT_EQ(to_string(named.findings[0].plan), "pick.action#1:participant_restored");
}

}  // namespace
}  // namespace saga_harness::explore_test
