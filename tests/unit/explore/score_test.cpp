// Scoring a search on known bugs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include <saga_harness/score.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

MutantCase mutant_case(OrchestratorBug bug, Rule predicted, int faults) {
  return {.name = std::string(name_of(bug)),
          .group = "some",
          .bug = "It has a bug.",
          .predicted = predicted,
          .faults = faults,
          .mutated = subject(small_saga(), bug),
          .reference = subject(small_saga())};
}

/// Few kinds, so that a test can be read; no random search.
ScoreOptions one_fault() {
  return {.explore = {.max_faults = 1,
                      .kinds = {FaultKind::kRejected, FaultKind::kReplyLost, FaultKind::kCoordinatorCrash}},
          .swarm_seeds = 0};
}

Score score_of(const MutantCase& one, const ScoreOptions& options = one_fault()) {
  return score(std::span(&one, 1), options);
}

TEST(ScoreTest, AMutantIsKilledByTheRulePredicted) {
  const Score result =
      score_of(mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0));
  ASSERT_THAT(result.mutants, SizeIs(1));
  const MutantScore& mutant = result.mutants.front();
  EXPECT_EQ(mutant.status, MutantStatus::kKilled);
  EXPECT_TRUE(mutant.activated);
  EXPECT_EQ(mutant.finding.rule, Rule::kStableIdempotencyKey);
  EXPECT_TRUE(mutant.finding.plan.empty());
  EXPECT_EQ(mutant.schedules, 1U);
  EXPECT_FALSE(mutant.swarm_median.has_value());
  EXPECT_EQ(result.killed(), 1U);
  EXPECT_EQ(result.listed(), 1U);
  ASSERT_THAT(result.references, SizeIs(1));
  EXPECT_TRUE(result.references.front().upheld);
  EXPECT_TRUE(result.references.front().exhausted);
}

TEST(ScoreTest, TheSchedulesNeededAreThoseUntilTheFirstViolation) {
  const MutantCase one = mutant_case(OrchestratorBug::kAmbiguousNotCompensated, Rule::kTruthfulOutcome, 1);
  const MutantScore mutant = score_of(one).mutants.front();
  ExploreOptions bounds = one_fault().explore;
  bounds.stop_at_first_violation = true;
  bounds.likely_first = false;
  const Exploration exploration = explore(one.mutated, bounds);
  EXPECT_EQ(mutant.schedules, exploration.schedules);
  EXPECT_EQ(mutant.finding.plan, exploration.findings.front().plan);
  EXPECT_EQ(mutant.finding.plan.size(), 1U);
}

TEST(ScoreTest, AnotherRuleMayBeFirstAndThePredictedOneLater) {
  // A crash repeats a key; without one, order is never at stake.
  const MutantCase one = mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0);
  MutantCase two = one;
  two.mutated.invariants = {{.name = "never", .check = [](const Observation&, const SagaIndex&) {
                               return Verdict{.status = VerdictStatus::kViolated, .explanation = "never"};
                             }}};
  two.mutated.setup.coordinator = orchestrator(OrchestratorBug::kAmbiguousNotCompensated);
  two.marker = "ambiguous_not_compensated";
  two.predicted = Rule::kTruthfulOutcome;
  const MutantScore mutant = score_of(two).mutants.front();
  EXPECT_EQ(mutant.status, MutantStatus::kKilled);
  EXPECT_EQ(mutant.finding.rule, Rule::kTruthfulOutcome);
  EXPECT_EQ(mutant.seen_first_by, "never");
  EXPECT_EQ(mutant.seen_first_after, 1U);
  EXPECT_GT(mutant.schedules, 1U);
}

TEST(ScoreTest, AKillByAnotherRuleIsToldApart) {
  MutantCase one = mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kReverseOrder, 0);
  one.explanation = "keys come first";
  const Score result = score_of(one);
  EXPECT_EQ(result.mutants.front().status, MutantStatus::kKilledByAnotherRule);
  EXPECT_EQ(result.mutants.front().explanation, "keys come first");
  EXPECT_EQ(result.killed(), 1U);
  EXPECT_EQ(result.count(MutantStatus::kKilled), 0U);
}

TEST(ScoreTest, AViolationInARunThatDidNotReachTheBugDoesNotCount) {
  MutantCase one = mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0);
  one.marker = "something else";
  EXPECT_EQ(score_of(one).mutants.front().status, MutantStatus::kNotActivated);
}

TEST(ScoreTest, SurvivorsEquivalentsAndTheUnreachedAreToldApart) {
  MutantCase harmless = mutant_case(OrchestratorBug::kNone, Rule::kTerminates, 0);
  harmless.name = "harmless";
  harmless.mutated.setup.coordinator = [reference = orchestrator()](Runtime& runtime) {
    runtime.mark("harmless");
    reference(runtime);
  };
  MutantCase equivalent = harmless;
  equivalent.name = "equivalent";
  equivalent.marker = "harmless";
  equivalent.equivalent = "a mark is no bug";
  MutantCase unreached =
      mutant_case(OrchestratorBug::kPastPivot, Rule::kPivotRespected, 1);  // the saga has no pivot
  MutantCase impossible{.name = "impossible", .impossible = "nobody can have it"};
  const std::vector<MutantCase> all{harmless, equivalent, unreached, impossible};
  const Score result = score(all, one_fault());
  EXPECT_EQ(result.mutants[0].status, MutantStatus::kSurvived);
  EXPECT_TRUE(result.mutants[0].exhausted);
  EXPECT_EQ(result.mutants[1].status, MutantStatus::kEquivalent);
  EXPECT_EQ(result.mutants[1].explanation, "a mark is no bug");
  EXPECT_EQ(result.mutants[2].status, MutantStatus::kNotActivated);
  EXPECT_EQ(result.mutants[3].status, MutantStatus::kNotActivated);
  EXPECT_EQ(result.mutants[3].explanation, "nobody can have it");
  EXPECT_EQ(result.listed(), 3U);
  EXPECT_EQ(result.killed(), 0U);
  EXPECT_THAT(result.references, SizeIs(1)) << "the same reference is searched once";
}

TEST(ScoreTest, WithoutAGreenReferenceAKillProvesNothing) {
  MutantCase one = mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0);
  one.reference = subject(small_saga(), OrchestratorBug::kKeyPerAttempt);
  const Score result = score_of(one);
  EXPECT_EQ(result.mutants.front().status, MutantStatus::kReferenceViolated);
  EXPECT_EQ(result.killed(), 0U);
}

// Whatever references are called: the definition and the names are the same here. In one process the build
// tells nothing apart.
TEST(ScoreTest, AReferenceSpeaksForNoOtherMutantThanItsOwn) {
  MutantCase fine = mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0);
  fine.reference.has_own_code = true;
  MutantCase broken = fine;
  broken.name += " beside a broken reference";
  broken.marker = fine.name;
  broken.reference.setup.coordinator = orchestrator(OrchestratorBug::kKeyPerAttempt);
  for (const bool is_fine_first : {true, false}) {
    const std::vector<MutantCase> both =
        is_fine_first ? std::vector{fine, broken} : std::vector{broken, fine};
    const Score result = score(both, one_fault());
    EXPECT_EQ(result.mutants[is_fine_first ? 0 : 1].status, MutantStatus::kKilled);
    EXPECT_EQ(result.mutants[is_fine_first ? 1 : 0].status, MutantStatus::kReferenceViolated);
    EXPECT_THAT(result.references, SizeIs(2));
  }
}

TEST(ScoreTest, ReferencesOfOneVersionAreOneAndOfTwoAreTwo) {
  MutantCase one = mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0);
  one.reference.has_own_code = true;
  one.reference.version = "v1";
  MutantCase same = one;
  same.name += " again";
  same.marker = one.name;
  MutantCase other = same;
  other.name += " of another version";
  other.reference.version = "v2";
  const std::vector<MutantCase> all{one, same, other};
  EXPECT_THAT(score(all, one_fault()).references, SizeIs(2));
}

TEST(ScoreTest, AReferenceThatIsSearchedOtherwiseIsAnother) {
  MutantCase one = mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0);
  one.search = [](const Experiment&, const ExploreOptions&) { return MutantSearch{.schedules = 7}; };
  MutantCase two = one;
  two.name += " again";
  std::vector<MutantCase> both{one, two};
  EXPECT_THAT(score(both, one_fault()).references, SizeIs(2)) << "nobody said that they search alike";
  for (MutantCase& each : both) each.search_name = "by hand";
  EXPECT_THAT(score(both, one_fault()).references, SizeIs(1));
}

TEST(ScoreTest, SearchesAsFarAsPredictedUnlessToldNotTo) {
  const MutantCase one =
      mutant_case(OrchestratorBug::kResumeGoesForward, Rule::kNoActionAfterCompensationBegan, 2);
  ScoreOptions options = one_fault();
  const Score far = score_of(one, options);
  EXPECT_EQ(far.mutants.front().status, MutantStatus::kKilled);
  EXPECT_EQ(far.references.front().max_faults, 2);
  options.as_far_as_predicted = false;
  const Score near = score_of(one, options);
  EXPECT_NE(near.mutants.front().status, MutantStatus::kKilled);
  EXPECT_EQ(near.references.front().max_faults, 1);
}

TEST(ScoreTest, AblationSaysWhichClassesOfFaultsAKillOwes) {
  const Score result =
      score_of(mutant_case(OrchestratorBug::kAmbiguousNotCompensated, Rule::kTruthfulOutcome, 1));
  const auto row = [&result](std::string_view name) {
    const auto found = std::ranges::find(result.ablation, name, &AblationRow::name);
    return found == result.ablation.end() ? AblationRow{} : *found;
  };
  EXPECT_THAT(result.ablation, SizeIs(4)) << "participant, reply, coordinator and windows are allowed";
  EXPECT_EQ(row("reply").only, 1U);
  EXPECT_EQ(row("reply").without, 0U);
  EXPECT_THAT(row("reply").lost, ElementsAre("ambiguous_not_compensated"));
  EXPECT_EQ(row("participant").only, 0U);
  EXPECT_EQ(row("participant").without, 1U);
  EXPECT_THAT(row("participant").lost, IsEmpty());
  EXPECT_FALSE(row("windows").only.has_value());
  EXPECT_THAT(result.missed_at_the_end, IsEmpty()) << "the ledger alone shows it";
}

TEST(ScoreTest, WhatOnlyPromisesShowIsMissedByJudgingTheEnd) {
  const Score result = score_of(mutant_case(OrchestratorBug::kIntentAfterCall, Rule::kWriteAheadLog, 0));
  EXPECT_EQ(result.mutants.front().status, MutantStatus::kKilled);
  EXPECT_THAT(result.missed_at_the_end, ElementsAre("intent_after_call"));
}

TEST(ScoreTest, WithoutAblationThereIsNone) {
  ScoreOptions options = one_fault();
  options.ablation = false;
  const Score result =
      score_of(mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0), options);
  EXPECT_FALSE(result.has_ablation);
  EXPECT_THAT(result.ablation, IsEmpty());
}

TEST(ScoreTest, EveryKindOfFaultIsInOneClass) {
  std::multiset<FaultKind> seen;
  std::set<std::string> names;
  for (const FaultClass& one : fault_classes()) {
    EXPECT_TRUE(names.insert(one.name).second);
    EXPECT_THAT(one.kinds, testing::Not(IsEmpty()));
    seen.insert(one.kinds.begin(), one.kinds.end());
  }
  EXPECT_EQ(seen.size(), kFaultKindCount);
  EXPECT_EQ(std::set<FaultKind>(seen.begin(), seen.end()).size(), kFaultKindCount);
}

TEST(ScoreTest, MutantsNeedNamesOfTheirOwn) {
  const MutantCase one = mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0);
  const std::vector<MutantCase> twice{one, one};
  EXPECT_THAT(error_of([&] { return score(twice, one_fault()); }).first,
              HasSubstr("there are two mutants \"no_idempotency_key\""));
  EXPECT_THAT(error_of([&] { return score_of(MutantCase{}); }).first, HasSubstr("has no name"));
}

TEST(ScoreTest, ReportsProgressBeforeEachMutant) {
  std::vector<std::size_t> done;
  const std::vector<MutantCase> all{
      mutant_case(OrchestratorBug::kNoIdempotencyKey, Rule::kStableIdempotencyKey, 0),
      mutant_case(OrchestratorBug::kKeyPerAttempt, Rule::kStableIdempotencyKey, 1)};
  (void)score(all, one_fault(), [&done](const Score& so_far) { done.push_back(so_far.mutants.size()); });
  EXPECT_THAT(done, ElementsAre(0, 1));
}

}  // namespace
}  // namespace saga_harness::explore_test
