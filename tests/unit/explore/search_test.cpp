// What options do to a search, and what it finds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <saga_harness/replay.hpp>
#include <saga_harness/token.hpp>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

const Finding* find(const Exploration& exploration, Rule rule, std::string_view step = "") {
  const auto found = std::ranges::find_if(exploration.findings, [&](const Finding& finding) {
    return finding.rule == rule && finding.step == step;
  });
  return found == exploration.findings.end() ? nullptr : &*found;
}

TEST(SearchTest, TheReferenceUpholdsEverythingOnTheOrderSaga) {
  Saga saga = order_saga();
  saga.steps.front().idempotent = false;
  saga.steps.front().input = {{"kind", constant("order")}};
  const Exploration exploration = explore(subject(saga), {.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_TRUE(exploration.finds_no_violation());
  EXPECT_THAT(exploration.findings, IsEmpty());
  EXPECT_THAT(exploration.markers, IsEmpty());
  EXPECT_GT(exploration.schedules, 5000U);
  for (const RuleCount& rule : exploration.rules) {
    EXPECT_GT(rule.held, 0U);  // every rule was exercised
    EXPECT_EQ(rule.violated, 0U);
    EXPECT_EQ(rule.not_applicable, 0U);
    EXPECT_EQ(rule.held + rule.unknown, exploration.schedules);
  }
}

TEST(SearchTest, OutcomesAndStatusesAddUp) {
  const Exploration exploration =
      explore(subject(order_saga(), OrchestratorBug::kFlagNotReported), {.max_faults = 2});
  std::uint64_t outcomes = 0;
  for (const std::uint64_t count : exploration.outcomes) outcomes += count;
  EXPECT_EQ(outcomes, exploration.schedules);
  EXPECT_EQ(exploration.outcomes[static_cast<std::size_t>(Outcome::kUnresolved)], 0U);
  for (const RuleCount& rule : exploration.rules) {
    EXPECT_EQ(rule.held + rule.violated + rule.unknown + rule.not_applicable, exploration.schedules);
  }
  EXPECT_GT(exploration.violated_schedules, 0U);
  EXPECT_LE(exploration.violated_schedules, exploration.schedules);
}

TEST(SearchTest, IterativeDeepeningFindsTheSmallestPlan) {
  const Exploration exploration =
      explore(subject(order_saga(), OrchestratorBug::kFailureSwallowed), {.max_faults = 2});
  ASSERT_THAT(exploration.findings, testing::Not(IsEmpty()));
  for (const Finding& finding : exploration.findings) {
    EXPECT_EQ(finding.plan.size(), 2U) << to_string(finding.plan);
    for (std::size_t left_out = 0; left_out < finding.plan.size(); ++left_out) {
      FaultPlan smaller = finding.plan;
      smaller.faults.erase(smaller.faults.begin() + static_cast<std::ptrdiff_t>(left_out));
      EXPECT_TRUE(run_plan(subject(order_saga(), OrchestratorBug::kFailureSwallowed), smaller)
                      .upholds_all_invariants());
    }
  }
  EXPECT_TRUE(explore(subject(order_saga(), OrchestratorBug::kFailureSwallowed), {.max_faults = 1})
                  .finds_no_violation());
}

TEST(SearchTest, FindingsAreOnePerRuleAndStep) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  std::map<std::pair<Rule, StepId>, std::uint64_t> seen;  // by the judge's word, counted apart
  Judge judge(experiment.setup.saga, experiment.claims);
  ExploreOptions options{.max_faults = 1};
  options.on_schedule = [&](const Schedule& schedule) {
    for (const Verdict& verdict : judge.explain(schedule.observation)) {
      if (verdict.status == VerdictStatus::kViolated) ++seen[{verdict.rule, verdict.step}];
    }
  };
  const Exploration exploration = explore(experiment, options);
  EXPECT_EQ(exploration.findings.size(), seen.size());
  EXPECT_GT(seen.size(), 1U);
  for (const auto& [what, count] : seen) {
    const std::string step = what.second == kNoStep ? "" : experiment.setup.saga->step(what.second).name;
    const Finding* finding = find(exploration, what.first, step);
    ASSERT_NE(finding, nullptr) << id_of(what.first) << " of " << step;
    EXPECT_EQ(finding->schedules, count);
  }
}

TEST(SearchTest, FindingsReplay) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kPastPivot);
  const Exploration exploration = explore(experiment, {.max_faults = 2});
  ASSERT_NE(find(exploration, Rule::kPivotRespected, "create_shipment"), nullptr);
  for (const Finding& finding : exploration.findings) {
    const Token token = parse_token(finding.token);
    EXPECT_EQ(token.plan(*experiment.setup.saga), finding.plan);
    EXPECT_TRUE(token.has_coordinator("past_pivot"));
    EXPECT_TRUE(token.has_participant("reference"));
    EXPECT_TRUE(token.is_of(*experiment.setup.saga));
    const saga_harness::Run run = run_plan(experiment, token.plan(*experiment.setup.saga));
    EXPECT_EQ(run.unfired, FaultPlan{});
    EXPECT_EQ(run.token, finding.token);
    EXPECT_THAT(run.violations(), Contains(AllOf(Field(&Verdict::rule, finding.rule),
                                                 Field(&Verdict::explanation, finding.explanation))));
  }
}

TEST(SearchTest, MarkersSayThatABugWasReached) {
  const Exploration reached =
      explore(subject(order_saga(), OrchestratorBug::kRejectionRetried), {.max_faults = 1});
  EXPECT_THAT(reached.markers, ElementsAre("rejection_retried"));
  const Exploration not_reached =
      explore(subject(order_saga(), OrchestratorBug::kRejectionRetried), {.max_faults = 0});
  EXPECT_THAT(not_reached.markers, IsEmpty());
}

TEST(SearchTest, MarkersAreSorted) {
  Experiment experiment = subject(small_saga());
  experiment.setup.coordinator = [](Runtime& runtime) {
    runtime.mark("zebra");
    runtime.mark("ant");
    runtime.mark("zebra");
    runtime.report(Outcome::kCompensated);
  };
  EXPECT_THAT(explore(experiment, {.max_faults = 1}).markers, ElementsAre("ant", "zebra"));
}

TEST(SearchTest, OnlyTheGivenKindsAreTried) {
  std::set<FaultKind> tried;
  ExploreOptions options{.max_faults = 2, .kinds = {FaultKind::kRejected, FaultKind::kReplyLost}};
  options.on_schedule = [&](const Schedule& schedule) {
    for (const Fault& fault : schedule.plan.faults) tried.insert(fault.kind);
  };
  const Exploration exploration = explore(subject(order_saga()), options);
  EXPECT_THAT(tried, ElementsAre(FaultKind::kRejected, FaultKind::kReplyLost));
  EXPECT_TRUE(exploration.exhausted);
  // Forward: five steps, rejected, and reply_lost with windows: once, heal, for ever, and where there are
  // retries, budget.
  EXPECT_EQ(exploration.levels[1].schedules, 5U + 5U * 3U + 1U);
}

TEST(SearchTest, WindowsCanBeLeftOut) {
  std::set<FaultDuration> tried;
  ExploreOptions options{.max_faults = 2, .windows = false};
  options.on_schedule = [&](const Schedule& schedule) {
    for (const Fault& fault : schedule.plan.faults) tried.insert(fault.window);
  };
  const Exploration without = explore(subject(order_saga()), options);
  EXPECT_THAT(tried, ElementsAre(FaultDuration::kOnce));
  EXPECT_LT(without.schedules, explore(subject(order_saga()), {.max_faults = 2}).schedules);
}

TEST(SearchTest, AnEmptySelectionLeavesTheRunWithoutFaults) {
  // A crash cannot strike a coordinator that does not survive it, so there is nothing to try.
  Experiment experiment = subject(small_saga());
  experiment.setup.durable = false;
  const Exploration exploration =
      explore(experiment, {.max_faults = 2, .kinds = {FaultKind::kCoordinatorCrash}});
  EXPECT_EQ(exploration.schedules, 1U);
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_EQ(exploration.levels.size(), 3U);
}

TEST(SearchTest, StopsAtTheBoundAndSaysSo) {
  const std::uint64_t all = explore(subject(small_saga()), {.max_faults = 2}).schedules;
  std::uint64_t shown = 0;
  ExploreOptions options{.max_faults = 2, .max_schedules = 200};
  options.on_schedule = [&](const Schedule&) { ++shown; };
  const Exploration bounded = explore(subject(small_saga()), options);
  EXPECT_EQ(bounded.schedules, 200U);
  EXPECT_EQ(shown, 200U);
  EXPECT_FALSE(bounded.exhausted);
  ASSERT_EQ(bounded.levels.size(), 3U);
  EXPECT_TRUE(bounded.levels[1].exhausted);
  EXPECT_FALSE(bounded.levels[2].exhausted);
  EXPECT_FALSE(bounded.cells.empty());

  EXPECT_FALSE(explore(subject(small_saga()), {.max_faults = 2, .max_schedules = all - 1}).exhausted);
  const Exploration exact = explore(subject(small_saga()), {.max_faults = 2, .max_schedules = all});
  EXPECT_EQ(exact.schedules, all);
  EXPECT_TRUE(exact.exhausted);
}

TEST(SearchTest, StopsAtTheFirstViolationIfAsked) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  const Exploration all = explore(experiment, {.max_faults = 1});
  const Exploration first =
      explore(experiment, {.max_faults = 1, .stop_at_first_violation = true, .likely_first = false});
  EXPECT_EQ(first.violated_schedules, 1U);
  EXPECT_FALSE(first.exhausted);
  EXPECT_LT(first.schedules, all.schedules);
  ASSERT_FALSE(first.findings.empty());
  EXPECT_EQ(first.findings.front().plan, all.findings.front().plan);
  EXPECT_TRUE(explore(subject(order_saga()), {.max_faults = 1, .stop_at_first_violation = true}).exhausted);
}

TEST(SearchTest, ReportsItsProgress) {
  std::vector<std::uint64_t> counts;
  ExploreOptions options{.max_faults = 3, .max_schedules = 60'000};
  options.on_progress = [&](const Exploration& so_far) { counts.push_back(so_far.schedules); };
  static_cast<void>(explore(subject(order_saga()), options));
  EXPECT_THAT(counts, ElementsAre(50'000U));
}

TEST(SearchTest, HeavyTwoSearchesGiveEqualResults) {
  for (const OrchestratorBug bug : {OrchestratorBug::kNone, OrchestratorBug::kKeyPerIncarnation}) {
    const Exploration one = explore(subject(order_saga(), bug), {.max_faults = 2});
    const Exploration other = explore(subject(order_saga(), bug), {.max_faults = 2});
    EXPECT_EQ(one.max_faults, other.max_faults);
    EXPECT_EQ(one.schedules, other.schedules);
    EXPECT_EQ(one.exhausted, other.exhausted);
    EXPECT_EQ(one.outcomes, other.outcomes);
    EXPECT_EQ(one.violated_schedules, other.violated_schedules);
    EXPECT_EQ(one.cells, other.cells);
    EXPECT_EQ(one.undeclared, other.undeclared);
    EXPECT_EQ(one.markers, other.markers);
    ASSERT_EQ(one.levels.size(), other.levels.size());
    for (std::size_t i = 0; i < one.levels.size(); ++i) {
      EXPECT_EQ(one.levels[i].faults, other.levels[i].faults);
      EXPECT_EQ(one.levels[i].schedules, other.levels[i].schedules);
      EXPECT_EQ(one.levels[i].exhausted, other.levels[i].exhausted);
    }
    for (std::size_t i = 0; i < kRuleCount; ++i) {
      EXPECT_EQ(one.rules[i].held, other.rules[i].held);
      EXPECT_EQ(one.rules[i].violated, other.rules[i].violated);
      EXPECT_EQ(one.rules[i].unknown, other.rules[i].unknown);
      EXPECT_EQ(one.rules[i].not_applicable, other.rules[i].not_applicable);
    }
    ASSERT_EQ(one.findings.size(), other.findings.size());
    for (std::size_t i = 0; i < one.findings.size(); ++i) {
      EXPECT_EQ(one.findings[i].rule, other.findings[i].rule);
      EXPECT_EQ(one.findings[i].step, other.findings[i].step);
      EXPECT_EQ(one.findings[i].explanation, other.findings[i].explanation);
      EXPECT_EQ(one.findings[i].plan, other.findings[i].plan);
      EXPECT_EQ(one.findings[i].token, other.findings[i].token);
      EXPECT_EQ(one.findings[i].schedules, other.findings[i].schedules);
    }
  }
}

TEST(SearchTest, SwitchedOffRulesAndMissingPromisesAreNotSearchedFor) {
  Experiment experiment = subject(order_saga(), OrchestratorBug::kNoIdempotencyKey);
  EXPECT_NE(find(explore(experiment, {.max_faults = 0}), Rule::kStableIdempotencyKey, "create_order"),
            nullptr);

  Experiment silent = experiment;
  silent.claims.idempotency_keys = false;
  const Exploration unclaimed = explore(silent, {.max_faults = 0});
  EXPECT_TRUE(unclaimed.finds_no_violation());
  EXPECT_EQ(unclaimed.rules[static_cast<std::size_t>(Rule::kStableIdempotencyKey)].not_applicable, 1U);

  experiment.switched_off = {{Rule::kStableIdempotencyKey, "the services know the order by its number"}};
  EXPECT_TRUE(explore(experiment, {.max_faults = 0}).finds_no_violation());
}

TEST(SearchTest, RefusesANegativeBound) {
  const auto [message, code] = error_of([] { return explore(subject(small_saga()), {.max_faults = -1}); });
  EXPECT_EQ(message, "max_faults is -1; it must be 0 or more");
  EXPECT_EQ(code, ErrorKind::kMisuse);
}

}  // namespace
}  // namespace saga_harness::explore_test
