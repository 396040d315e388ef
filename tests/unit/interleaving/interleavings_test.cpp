#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving.hpp>

#include "payments.hpp"

namespace saga_harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::set<std::string> rules_of(const Interleavings& found) {
  std::set<std::string> rules;
  for (const ConcurrentFinding& finding : found.findings) rules.insert(finding.violation.rule);
  return rules;
}

Interleavings search(Countermeasures countermeasures, int max_faults, std::vector<std::string> from,
                     std::int64_t savings, std::int64_t current) {
  return explore_interleavings(test::payments(countermeasures, std::move(from), savings, current),
                               {.max_faults = max_faults});
}

TEST(InterleavingsTest, HeavyWithSemanticLocksNothingComesBetweenTwoSagas) {
  const Interleavings found = search({}, 1, {"current", "current"}, 0, 100);
  EXPECT_TRUE(found.exhausted);
  EXPECT_TRUE(found.finds_no_violation())
      << found.findings.front().violation.rule << ": " << to_string(found.findings.front().plan);
  EXPECT_GT(found.levels[0].schedules, 5U);
  EXPECT_GT(found.levels[1].schedules, 1000U);
  EXPECT_GT(found.outcomes[static_cast<std::size_t>(Outcome::kCompleted)], 0U);
  EXPECT_GT(found.outcomes[static_cast<std::size_t>(Outcome::kCompensated)], 0U);
}

TEST(InterleavingsTest, HeavyEachSagaSkipsWhatItsOwnContextRulesOut) {
  Saga saga = test::payment();
  saga.steps[2].only_if = Condition{.pointer = "/amount", .comparison = Comparison::kAbove, .value = 50};
  const auto index = std::make_shared<const SagaIndex>(saga);
  ConcurrentExperiment experiment = test::payments({});
  for (Experiment& each : experiment.sagas) each.setup.saga = index;
  experiment.sagas[1].setup.context = Context{{"from", "current"}, {"amount", 40}};
  const Interleavings correct = explore_interleavings(experiment, {.max_faults = 1});
  EXPECT_TRUE(correct.exhausted);
  EXPECT_TRUE(correct.finds_no_violation());
  for (Experiment& each : experiment.sagas)
    each.setup.coordinator = orchestrator(OrchestratorBug::kConditionIgnored);
  const Interleavings wrong = explore_interleavings(experiment, {.max_faults = 0});
  EXPECT_THAT(rules_of(wrong), UnorderedElementsAre("I1 truthful outcome", "I3 no unintended compensation"));
  for (const ConcurrentFinding& finding : wrong.findings) EXPECT_EQ(finding.violation.saga, 1U);
}

TEST(InterleavingsTest, HeavyALockAloneIsEnough) {
  const Interleavings found = search({.semantic_lock = true, .commutative_update = false, .reread = false}, 1,
                                     {"current", "savings"}, 50, 50);
  EXPECT_TRUE(found.exhausted);
  EXPECT_THAT(rules_of(found), IsEmpty());
}

TEST(InterleavingsTest, HeavyWithoutLocksASagaReliesOnWhatIsTakenBack) {
  const Interleavings found = search({.semantic_lock = false}, 1, {"current", "current"}, 0, 200);
  EXPECT_THAT(rules_of(found), UnorderedElementsAre("dirty read"));
  const ConcurrentFinding& finding = found.findings.front();
  const ConcurrentRun run = run_concurrently(
      test::payments({.semantic_lock = false}, {"current", "current"}, 0, 200), finding.plan);
  EXPECT_THAT(run.violations, testing::Contains(finding.violation));
  EXPECT_THAT(finding.violation.explanation, HasSubstr("which is taken back later"));
}

TEST(InterleavingsTest, WithoutCommutativeUpdatesAnUpdateIsLost) {
  const Interleavings found = search({.semantic_lock = false, .commutative_update = false, .reread = false},
                                     0, {"current", "current"}, 0, 200);
  EXPECT_THAT(rules_of(found), UnorderedElementsAre("lost update"));
  // Both look, then both write: one change from one saga to the other, and back.
  EXPECT_LE(found.findings.front().plan.turns.size(), 4U) << to_string(found.findings.front().plan);
  const Interleavings commutes = search({.semantic_lock = false, .commutative_update = true, .reread = false},
                                        0, {"current", "current"}, 0, 200);
  EXPECT_THAT(rules_of(commutes), IsEmpty());
}

TEST(InterleavingsTest, WithoutRereadingAConditionIsBrokenTogether) {
  const Countermeasures without{.semantic_lock = false, .commutative_update = true, .reread = false};
  const Interleavings found = search(without, 0, {"current", "savings"}, 50, 50);
  EXPECT_THAT(rules_of(found), UnorderedElementsAre("write skew"));
  const Interleavings same_account = search(without, 0, {"current", "current"}, 0, 100);
  EXPECT_THAT(rules_of(same_account), UnorderedElementsAre("write skew"));
  const Interleavings rereads = search({.semantic_lock = false}, 0, {"current", "savings"}, 50, 50);
  EXPECT_THAT(rules_of(rereads), IsEmpty());
}

TEST(InterleavingsTest, OrdersThatAreLeftOutShowNothingElse) {
  const Countermeasures none{.semantic_lock = false, .commutative_update = false, .reread = false};
  const ConcurrentExperiment experiment = test::payments(none, {"current", "savings"}, 50, 50);
  std::set<std::string> all;
  constexpr unsigned kTurns = 8;
  for (unsigned order = 0; order < 1U << kTurns; ++order) {
    ConcurrentPlan plan;
    for (unsigned turn = 0; turn < kTurns; ++turn)
      plan.turns.push_back(static_cast<std::uint8_t>(order >> turn & 1U));
    const ConcurrentRun run = run_concurrently(experiment, plan);
    for (const ConcurrentViolation& violation : run.violations) all.insert(violation.rule);
  }
  const Interleavings found = explore_interleavings(experiment, {.max_faults = 0});
  EXPECT_THAT(all, testing::Not(IsEmpty()));
  EXPECT_EQ(rules_of(found), all);
  EXPECT_LT(found.schedules, 70U) << "C(8, 4) orders, if none is left out";
}

TEST(InterleavingsTest, WithASecondSharedServiceWhatRepeatsIsLeftOut) {
  ConcurrentExperiment experiment = test::payments({.semantic_lock = false}, {"current", "current"}, 0, 200);
  experiment.shared["shop"] = ledger_fake();
  const Interleavings found = explore_interleavings(experiment, {.max_faults = 0});
  EXPECT_TRUE(found.exhausted);
  EXPECT_LT(found.schedules, 70U) << "C(8, 4) orders of four turns each";
  EXPECT_GT(found.schedules, 20U) << "C(6, 3) at the bank alone";
  EXPECT_THAT(rules_of(found), IsEmpty());
}

TEST(InterleavingsTest, RulesOfOnesOwnSeeWhatIsShared) {
  ConcurrentExperiment experiment = test::payments({}, {"current", "current"}, 0, 200);
  for (Experiment& saga : experiment.sagas) {
    saga.invariants.push_back(
        {.name = "a hundred stay", .check = [](const Observation& seen, const SagaIndex&) {
           for (const Quantity& quantity : seen.quantities) {
             if (quantity.name == "bank/current" && quantity.at_end < 100)
               return Verdict{.status = VerdictStatus::kViolated, .explanation = "too little"};
           }
           return Verdict{.status = VerdictStatus::kHeld};
         }});
  }
  EXPECT_THAT(rules_of(explore_interleavings(experiment, {.max_faults = 0})),
              UnorderedElementsAre("a hundred stay"));
  for (Experiment& saga : experiment.sagas)
    saga.switched_off.push_back({.rule = kOwnRule, .reason = "a test", .invariant = "a hundred stay"});
  EXPECT_THAT(rules_of(explore_interleavings(experiment, {.max_faults = 0})), IsEmpty());
}

TEST(InterleavingsTest, WhatIsToBeConservedIsWatched) {
  ConcurrentExperiment experiment = test::payments({}, {"current", "current"}, 0, 200);
  class Leaking final : public Business {
   public:
    Reply apply(const Delivery&, EffectRecorder&) override { return ++gone_, Reply{}; }
    Reply undo(const Delivery&, EffectRecorder&) override { return {}; }
    void reset() override { gone_ = 0; }
    [[nodiscard]] std::vector<Quantity> quantities() const override { return {{.name = "parcels"}}; }
    void measure(std::vector<std::int64_t>& values) const override { values.push_back(-gone_); }

   private:
    std::int64_t gone_ = 0;
  };
  experiment.shared["shop"] = ledger_fake(
      {}, [] { return std::make_unique<Leaking>(); }, "shop");
  EXPECT_THAT(rules_of(explore_interleavings(experiment, {.max_faults = 0})),
              UnorderedElementsAre("shop/parcels"));
}

TEST(InterleavingsTest, HeavyWhatShowsWithoutAFaultIsShownWithoutOne) {
  const Interleavings found = search({.semantic_lock = false, .commutative_update = false, .reread = false},
                                     1, {"current", "current"}, 0, 200);
  const auto lost = std::ranges::find(
      found.findings, "lost update", [](const ConcurrentFinding& finding) { return finding.violation.rule; });
  ASSERT_NE(lost, found.findings.end());
  for (const FaultPlan& faults : lost->plan.faults) EXPECT_TRUE(faults.empty()) << to_string(lost->plan);
  EXPECT_GT(lost->schedules, 10U);
}

TEST(InterleavingsTest, HeavyTheSameEveryTime) {
  const Countermeasures none{.semantic_lock = false, .commutative_update = false, .reread = false};
  const auto twice = [&] {
    const Interleavings found = search(none, 1, {"current", "current"}, 0, 100);
    std::string text;
    for (const ConcurrentFinding& finding : found.findings)
      text += finding.violation.rule + finding.violation.explanation + to_string(finding.plan) +
              std::to_string(finding.schedules) + "\n";
    return text + std::to_string(found.schedules);
  };
  EXPECT_EQ(twice(), twice());
}

TEST(InterleavingsTest, ABoundIsKeptAndSaid) {
  const Interleavings found =
      explore_interleavings(test::payments({}), {.max_faults = 1, .max_schedules = 100});
  EXPECT_EQ(found.schedules, 100U);
  EXPECT_FALSE(found.exhausted);
  EXPECT_THROW((void)explore_interleavings(test::payments({}), {.max_faults = -1}), Error);
}

TEST(InterleavingsTest, NoOrderIsBegunOnceTimeIsUp) {
  const InterleavingOptions options{.max_faults = 3, .max_time = std::chrono::milliseconds(100)};
  const ConcurrentExperiment experiment = test::payments({}, {"current", "current"}, 0, 200);
  for (const bool at_random : {false, true}) {
    const Interleavings found = at_random ? sample_interleavings(experiment, options, "seed", 100'000'000)
                                          : explore_interleavings(experiment, options);
    EXPECT_FALSE(found.exhausted) << "all of them take minutes";
    EXPECT_GT(found.schedules, 0U);
    EXPECT_LT(found.schedules, 100'000'000U);
  }
}

TEST(InterleavingsTest, AtRandomTheSameIsFound) {
  const Countermeasures none{.semantic_lock = false, .commutative_update = false, .reread = false};
  const ConcurrentExperiment experiment = test::payments(none, {"current", "current"}, 0, 200);
  const Interleavings found = sample_interleavings(experiment, {.max_faults = 1}, "seed", 500);
  EXPECT_TRUE(rules_of(found).contains("lost update"));
  EXPECT_EQ(found.schedules, 500U);
  EXPECT_FALSE(found.exhausted);
  const Interleavings good = sample_interleavings(test::payments({}), {.max_faults = 2}, "seed", 500);
  EXPECT_TRUE(good.finds_no_violation());
}

std::set<Lack> lacks_of(const Interleavings& found) {
  std::set<Lack> lacks;
  for (const LackFound& each : found.verdict.lacks) lacks.insert(each.lack);
  return lacks;
}

TEST(InterleavingVerdictTest, HeavyIsThatOfWhatTheSearchHasSeen) {
  const ConcurrentExperiment locked = test::payments({}, {"current", "current"}, 0, 200);
  const Interleavings upheld = explore_interleavings(locked, {.max_faults = 1});
  EXPECT_EQ(upheld.verdict.word, VerdictWord::kUpheld) << testing::PrintToString(upheld.verdict);
  EXPECT_EQ(explore_interleavings(locked, {.max_faults = 0}).verdict.scope, "no faults tried");
  const Interleavings violated = explore_interleavings(
      test::payments({.semantic_lock = false}, {"current", "current"}, 0, 200), {.max_faults = 1});
  EXPECT_EQ(violated.verdict.word, VerdictWord::kViolated);
  const Interleavings stopped = explore_interleavings(locked, {.max_faults = 1, .max_schedules = 3});
  EXPECT_EQ(stopped.verdict.word, VerdictWord::kInconclusive);
  EXPECT_TRUE(lacks_of(stopped).contains(Lack::kNotExhausted));
  EXPECT_THAT(testing::PrintToString(stopped.verdict), HasSubstr("it stopped at its bound of 3 schedules"));
  const Interleavings late =
      explore_interleavings(locked, {.max_faults = 1, .max_time = std::chrono::microseconds(1)});
  EXPECT_THAT(testing::PrintToString(late.verdict), HasSubstr("it stopped at its bound of 1us"));
}

TEST(InterleavingVerdictTest, ASampleIsNoProofUnlessItWillDo) {
  const ConcurrentExperiment locked = test::payments({}, {"current", "current"}, 0, 200);
  const Interleavings sample = sample_interleavings(locked, {.max_faults = 1}, "monday", 50);
  EXPECT_THAT(lacks_of(sample), UnorderedElementsAre(Lack::kSampled));
  const Interleavings taken =
      sample_interleavings(locked, {.max_faults = 1, .sample_ok = true}, "monday", 50);
  EXPECT_EQ(taken.verdict.word, VerdictWord::kUpheld);
}

TEST(InterleavingVerdictTest, EachSagaIsToEndAsExpectedInSomeOrder) {
  // There is enough for one of them only: the one that comes first completes, so both do in some order.
  const Interleavings either = search({}, 0, {"current", "current"}, 0, 100);
  EXPECT_EQ(either.verdict.word, VerdictWord::kUpheld) << testing::PrintToString(either.verdict);
  ConcurrentExperiment poor = test::payments({}, {"current", "current"}, 0, 100);
  poor.sagas[1].setup.context = Context{{"from", "current"}, {"amount", 500}};
  const Interleavings never = explore_interleavings(poor, {.max_faults = 0});
  EXPECT_THAT(lacks_of(never), UnorderedElementsAre(Lack::kUnexpectedOutcome));
  EXPECT_THAT(never.verdict.lacks[0].reason, HasSubstr("saga 2: "));
  poor.sagas[1].setup.expects = Outcome::kCompensated;
  EXPECT_EQ(explore_interleavings(poor, {.max_faults = 0}).verdict.word, VerdictWord::kUpheld);
}

TEST(InterleavingVerdictTest, WhatNobodyWatchesShowsNoAnomaly) {
  ConcurrentExperiment blind = test::payments({});
  blind.history.reset();
  blind.shared["bank"] = ledger_fake();  // no quantities, no accesses
  const Interleavings found = explore_interleavings(blind, {.max_faults = 0});
  EXPECT_TRUE(found.finds_no_violation());
  EXPECT_THAT(lacks_of(found), UnorderedElementsAre(Lack::kNothingWatched));
  ConcurrentExperiment apart = test::payments({});
  apart.shared.clear();
  EXPECT_THAT(lacks_of(explore_interleavings(apart, {.max_faults = 0})),
              UnorderedElementsAre(Lack::kNothingWatched));
}

TEST(InterleavingsTest, TheSagasOfAChoreographyMeetOnABusInstead) {
  const Scenario scenario =
      load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/order_choreography_two_orders.json");
  try {
    static_cast<void>(concurrent_experiment(scenario));
    FAIL() << "was taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("saga-harness explore, which puts the sagas of \"together\" on one bus"));
  }
}

TEST(InterleavingVerdictTest, HeavyQuantitiesShowNoAnomalyWhereNoAccessHistoryIsDeclared) {
  ConcurrentExperiment blind = test::payments({}, {"current", "current"}, 0, 200);
  EXPECT_EQ(explore_interleavings(blind, {.max_faults = 1}).verdict.word, VerdictWord::kUpheld);
  blind.history.reset();
  const Interleavings found = explore_interleavings(blind, {.max_faults = 1});
  ASSERT_THAT(lacks_of(found), UnorderedElementsAre(Lack::kNothingWatched));
  EXPECT_THAT(found.verdict.lacks[0].reason, HasSubstr("ConcurrentExperiment::history"));
}

TEST(InterleavingVerdictTest, WithoutRulesOfOutcomeNobodyLooked) {
  ConcurrentExperiment experiment = test::payments({}, {"current", "current"}, 0, 200);
  for (const Rule rule : {Rule::kTruthfulOutcome, Rule::kAtMostOnce, Rule::kTerminates})
    experiment.sagas[0].switched_off.push_back({.rule = rule, .reason = "for a test"});
  const Interleavings found = explore_interleavings(experiment, {.max_faults = 0});
  EXPECT_THAT(lacks_of(found), UnorderedElementsAre(Lack::kNoOutcomeRule));
}

TEST(InterleavingVerdictTest, ASubjectThatIsNotDeterministicIsAnErrorThatKeepsWhatWasFound) {
  ConcurrentExperiment experiment = test::payments(
      {.semantic_lock = false, .commutative_update = false, .reread = false}, {"current", "current"}, 0, 200);
  int runs = 0;
  const Coordinator reference = experiment.sagas[0].setup.coordinator;
  experiment.sagas[0].setup.coordinator = [&runs, reference](Runtime& runtime) {
    if (++runs > 40) static_cast<void>(runtime.call({.service = "bank", .action = "look"}));
    reference(runtime);
  };
  const Interleavings found = explore_interleavings(experiment, {.max_faults = 0});
  EXPECT_THAT(found.verdict.error, HasSubstr("not deterministic"));
  EXPECT_EQ(word_of(found.verdict), "error");
  EXPECT_FALSE(found.findings.empty());
}

}  // namespace
}  // namespace saga_harness
