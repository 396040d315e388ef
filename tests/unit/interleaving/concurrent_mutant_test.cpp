#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving.hpp>

namespace saga_harness {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Scenario shipped_pair(std::string_view name) {
  return load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + std::string(name) + ".json");
}

const Mutant& swap() { return *find_mutant("two_sagas_swap_state"); }

Score score_of(const MutantCase& mutant_case, int max_faults) {
  return score(std::span(&mutant_case, 1),
               {.explore = {.max_faults = max_faults}, .as_far_as_predicted = false, .swarm_seeds = 5});
}

TEST(ConcurrentMutantTest, IsSeenByThePredictedRuleAtThePredictedNumberOfFaultsAndNotBefore) {
  const ConcurrentExperiment subject =
      concurrent_experiment(shipped_pair(swap().scenario), "two_sagas_swap_state");
  const Interleavings without = explore_interleavings(subject, {.max_faults = 0});
  EXPECT_TRUE(without.finds_no_violation());
  EXPECT_THAT(without.markers, IsEmpty());

  const Interleavings found = explore_interleavings(subject, {.max_faults = swap().faults});
  EXPECT_THAT(found.markers, ElementsAre("two_sagas_swap_state"));
  EXPECT_TRUE(found.exhausted);
  bool is_seen = false;
  for (const ConcurrentFinding& finding : found.findings) {
    is_seen = is_seen || finding.violation.rule == label_of(swap().predicted);
    EXPECT_EQ(run_concurrently(subject, finding.plan).violations.empty(), false);
  }
  EXPECT_TRUE(is_seen);
}

TEST(ConcurrentMutantTest, WithoutTheBugTheSameSearchFindsNothingAndReachesNothing) {
  const Interleavings found =
      explore_interleavings(concurrent_experiment(shipped_pair(swap().scenario)), {.max_faults = 1});
  EXPECT_EQ(found.verdict.word, VerdictWord::kUpheld);
  EXPECT_THAT(found.markers, IsEmpty());
}

TEST(ConcurrentMutantTest, AScoreHasItsPlanWhichShowsItAgain) {
  const Scenario scenario = shipped_pair(swap().scenario);
  const Score result = score_of(concurrent_mutant_case(swap(), scenario), 1);
  ASSERT_EQ(result.mutants.size(), 1U);
  const MutantScore& mutant = result.mutants[0];
  EXPECT_EQ(mutant.status, MutantStatus::kKilled);
  EXPECT_EQ(mutant.finding.rule, Rule::kTruthfulOutcome);
  EXPECT_EQ(mutant.finding.plan.size(), 1U);
  EXPECT_GT(mutant.swarm_found, 0);
  const ConcurrentRun run = run_concurrently(concurrent_experiment(scenario, "two_sagas_swap_state"),
                                             parse_concurrent_plan(mutant.plan));
  EXPECT_THAT(run.violations, Contains(testing::Field(&ConcurrentViolation::rule, "I1 truthful outcome")));
  ASSERT_EQ(result.references.size(), 1U);
  EXPECT_EQ(result.references[0].sagas, 2);
  EXPECT_TRUE(result.references[0].upheld);
  EXPECT_TRUE(result.references[0].exhausted);
  EXPECT_EQ(result.verdict.word, VerdictWord::kUpheld);
}

TEST(ConcurrentMutantTest, WithoutFaultsItIsNotReached) {
  const Score result = score_of(concurrent_mutant_case(swap(), shipped_pair(swap().scenario)), 0);
  EXPECT_EQ(result.mutants.at(0).status, MutantStatus::kNotActivated);
}

TEST(ConcurrentMutantTest, OfOneSagaItCannotBe) {
  const Scenario alone = shipped_pair("order_processing");
  EXPECT_THAT(concurrent_mutant_case(swap(), alone).impossible, HasSubstr("together"));
  EXPECT_THAT(mutant_case(swap(), alone).impossible, Not(IsEmpty()));
  EXPECT_THROW((void)experiment(alone, "two_sagas_swap_state"), Error);
}

TEST(ConcurrentMutantTest, ASearchMayStopAtTheFirstViolation) {
  const ConcurrentExperiment subject =
      concurrent_experiment(shipped_pair(swap().scenario), "two_sagas_swap_state");
  const Interleavings whole = explore_interleavings(subject, {.max_faults = 1});
  const Interleavings first =
      explore_interleavings(subject, {.max_faults = 1, .stop_at_first_violation = true});
  EXPECT_EQ(first.violated_schedules, 1U);
  EXPECT_FALSE(first.exhausted);
  EXPECT_LT(first.schedules, whole.schedules);
  const Interleavings sample =
      sample_interleavings(subject, {.max_faults = 1, .stop_at_first_violation = true}, "stop", 10'000);
  EXPECT_EQ(sample.violated_schedules, 1U);
  EXPECT_LT(sample.schedules, 10'000U);
}

}  // namespace
}  // namespace saga_harness
