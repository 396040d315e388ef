// Known findings of several sagas: shown, not counted, and an error once they show no more or have expired.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include <saga_harness/interleaving.hpp>

#include "payments.hpp"

namespace saga_harness {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

InterleavingOptions one_lost_answer(std::string today = {}) {
  return {.max_faults = 1, .kinds = {FaultKind::kErrorAfterEffect}, .today = std::move(today)};
}

ConcurrentExperiment with_known(std::vector<KnownFinding> known,
                                OrchestratorBug bug = OrchestratorBug::kAmbiguousNotCompensated) {
  ConcurrentExperiment experiment = test::payments({});
  for (Experiment& saga : experiment.sagas) {
    saga.setup.coordinator = orchestrator(bug);
    saga.known = known;
  }
  return experiment;
}

KnownFinding known_as(const ConcurrentFinding& finding, const ConcurrentRun& run) {
  return {.rule = finding.violation.rule.substr(0, finding.violation.rule.find(' ')),
          .step = finding.violation.step,
          .outcome = run.sagas[finding.violation.saga].outcome,
          .reason = "no answer is taken for not done",
          .owner = "payments team",
          .expires = "2027-01-31",
          .plan = run.plan.faults[finding.violation.saga]};
}

/// All that the subject shows with one lost answer.
const std::vector<KnownFinding>& all_known() {
  static const std::vector<KnownFinding> kKnown = [] {
    constexpr std::size_t kMost = 20;
    std::vector<KnownFinding> known;
    while (known.size() < kMost) {
      const ConcurrentExperiment experiment = with_known(known);
      const Interleavings found = explore_interleavings(experiment, one_lost_answer());
      if (found.findings.empty()) break;
      const ConcurrentFinding& first = found.findings.front();
      known.push_back(known_as(first, run_concurrently(experiment, first.plan)));
    }
    return known;
  }();
  return kKnown;
}

TEST(ConcurrentKnownTest, IsShownAndNotCounted) {
  const Interleavings unknown = explore_interleavings(with_known({}), one_lost_answer());
  EXPECT_EQ(unknown.verdict.word, VerdictWord::kViolated);
  const ConcurrentExperiment experiment = with_known(all_known());
  const Interleavings found = explore_interleavings(experiment, one_lost_answer());
  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_EQ(found.violated_schedules, 0U);
  EXPECT_EQ(found.schedules, unknown.schedules);
  EXPECT_EQ(found.verdict.word, VerdictWord::kUpheld);
  EXPECT_EQ(found.verdict.error, "");
  ASSERT_THAT(found.known, SizeIs(all_known().size()));
  EXPECT_THAT(found.verdict.notes, SizeIs(all_known().size()));
  EXPECT_THAT(found.verdict.notes,
              Each(AllOf(HasSubstr("known and not counted: "), HasSubstr("ask payments team"))));
  for (const ConcurrentKnown& each : found.known) {
    EXPECT_EQ(each.state, KnownState::kShown);
    EXPECT_GT(each.schedules, 0U);
    ASSERT_TRUE(each.plan.has_value());
    EXPECT_FALSE(run_concurrently(experiment, *each.plan).finds_no_violation());
  }
}

TEST(ConcurrentKnownTest, LeavesEverythingElseAFinding) {
  ASSERT_GE(all_known().size(), 2U);
  for (std::size_t left_out = 0; left_out < all_known().size(); ++left_out) {
    std::vector<KnownFinding> known = all_known();
    const KnownFinding other = known[left_out];
    known.erase(known.begin() + static_cast<std::ptrdiff_t>(left_out));
    const Interleavings found = explore_interleavings(with_known(known), one_lost_answer());
    EXPECT_EQ(found.verdict.word, VerdictWord::kViolated);
    ASSERT_THAT(found.findings, SizeIs(1));
    EXPECT_EQ(found.findings[0].violation.step, other.step);
    EXPECT_THAT(found.findings[0].violation.rule, testing::StartsWith(other.rule));
    EXPECT_EQ(found.violated_schedules, found.findings[0].schedules);
  }
}

TEST(ConcurrentKnownTest, OfOneSagaIsNotKnownOfAnother) {
  ConcurrentExperiment experiment = with_known(all_known());
  experiment.sagas[1].known.clear();
  const Interleavings found = explore_interleavings(experiment, one_lost_answer());
  ASSERT_THAT(found.findings, Not(IsEmpty()));
  for (const ConcurrentFinding& finding : found.findings) EXPECT_EQ(finding.violation.saga, 1U);
}

TEST(ConcurrentKnownTest, OfAnotherEndIsNotKnown) {
  std::vector<KnownFinding> known = all_known();
  for (KnownFinding& each : known) each.outcome = Outcome::kFlagged;
  EXPECT_EQ(explore_interleavings(with_known(known), one_lost_answer()).verdict.word, VerdictWord::kViolated);
}

/// Does one fault of the plan alone show the same, with the end that is known?
bool is_explained(const ConcurrentFinding& finding, const ConcurrentExperiment& experiment) {
  const std::size_t saga = finding.violation.saga;
  for (const Fault& fault : finding.plan.faults[saga].faults) {
    ConcurrentPlan alone{.faults = std::vector<FaultPlan>(experiment.sagas.size()),
                         .turns = finding.plan.turns};
    alone.faults[saga].faults = {fault};
    const ConcurrentRun run = run_concurrently(experiment, alone);
    for (const ConcurrentViolation& each : run.violations) {
      if (each.saga == saga && each.rule == finding.violation.rule && each.step == finding.violation.step &&
          run.sagas[saga].outcome == Outcome::kCompensated)
        return true;
    }
  }
  return false;
}

// Where another fault only makes less of its end, what is known explains that, too; nothing else does.
TEST(ConcurrentKnownTest, HeavyExplainsWhatEndsFlaggedForAnotherFault) {
  const InterleavingOptions two{.max_faults = 2,
                                .kinds = {FaultKind::kErrorAfterEffect, FaultKind::kRejected},
                                .max_schedules = 20'000};
  const ConcurrentExperiment experiment = with_known(all_known());
  const Interleavings found = explore_interleavings(experiment, two);
  const Interleavings unknown = explore_interleavings(with_known({}), two);
  EXPECT_LT(found.violated_schedules, unknown.violated_schedules);
  for (const ConcurrentFinding& finding : found.findings)
    EXPECT_FALSE(is_explained(finding, experiment)) << to_string(finding.plan);
}

TEST(ConcurrentKnownTest, DoesNotStopASearchThatStopsAtTheFirst) {
  InterleavingOptions options = one_lost_answer();
  options.stop_at_first_violation = true;
  EXPECT_TRUE(explore_interleavings(with_known(all_known()), options).exhausted);
  EXPECT_FALSE(explore_interleavings(with_known({}), options).exhausted);
}

TEST(ConcurrentKnownTest, IsAnErrorFromTheDayAfterItExpires) {
  const ConcurrentExperiment experiment = with_known(all_known());
  EXPECT_EQ(explore_interleavings(experiment, one_lost_answer("2027-01-31")).verdict.error, "");
  const Interleavings late = explore_interleavings(experiment, one_lost_answer("2027-02-01"));
  EXPECT_THAT(late.known, Each(Field(&ConcurrentKnown::state, KnownState::kExpired)));
  EXPECT_THAT(late.verdict.error, AllOf(HasSubstr("expired on 2027-01-31"), HasSubstr("ask payments team")));
}

TEST(ConcurrentKnownTest, IsAnErrorOnceItShowsNoMore) {
  const ConcurrentExperiment fixed = with_known(all_known(), OrchestratorBug::kNone);
  const Interleavings found = explore_interleavings(fixed, one_lost_answer());
  EXPECT_THAT(found.known, Each(Field(&ConcurrentKnown::state, KnownState::kShowsNoMore)));
  EXPECT_THAT(found.verdict.error, HasSubstr("shows no more; take it out of \"known\""));
}

TEST(ConcurrentKnownTest, IsOutOfReachOfASearchThatNeedNotShowIt) {
  const ConcurrentExperiment fixed = with_known(all_known(), OrchestratorBug::kNone);
  InterleavingOptions stopped = one_lost_answer();
  stopped.max_schedules = 5;
  for (const Interleavings& found :
       {explore_interleavings(fixed, {.max_faults = 0}), explore_interleavings(fixed, stopped),
        explore_interleavings(fixed, {.max_faults = 1, .kinds = {FaultKind::kRejected}}),
        sample_interleavings(fixed, one_lost_answer(), "monday", 50)}) {
    EXPECT_THAT(found.known, Each(Field(&ConcurrentKnown::state, KnownState::kOutOfReach)));
    EXPECT_EQ(found.verdict.error, "");
  }
}

TEST(ConcurrentKnownTest, OfARuleThatIsNotJudgedHereIsOutOfReach) {
  KnownFinding alone = all_known().front();
  alone.rule = std::string(id_of(Rule::kCompensatedThoughNothingFailed));
  alone.step.clear();
  const Interleavings found =
      explore_interleavings(with_known({alone}, OrchestratorBug::kNone), one_lost_answer());
  EXPECT_EQ(found.known.at(0).state, KnownState::kOutOfReach);
}

}  // namespace
}  // namespace saga_harness
