// Counts of parts add up to the counts of the whole, and innocent faults are not blamed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <saga_harness_internal/tally.hpp>

#include "blame.hpp"
#include "plan_runner.hpp"
#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::HasSubstr;

/// A schedule as it was seen, to be counted later.
struct Seen {
  std::vector<Pick> picks;
  std::vector<Event> events;
  Outcome outcome;
  Judgement judgement;
  std::vector<CausedViolation> violations;
  std::string explanation;
};

/// The schedules of up to two faults of a subject that violates a good deal.
std::vector<Seen> seen_schedules(const Experiment& experiment) {
  std::vector<Seen> all;
  Judge judge(experiment.setup.saga, experiment.claims);
  ExploreOptions options{.max_faults = 2, .kinds = {FaultKind::kReplyLost, FaultKind::kRejected}};
  options.on_schedule = [&](const Schedule& schedule) {
    Seen& seen = all.emplace_back();
    auto position = static_cast<std::uint32_t>(100 * schedule.number);
    for (const Strike& strike : strikes_of(schedule.plan, *experiment.setup.saga)) {
      seen.picks.push_back({position++, strike.point, strike.alternative, 1});
    }
    seen.events.assign(schedule.observation.events.begin(), schedule.observation.events.end());
    std::erase_if(seen.events, [](const Event& event) { return event.type == EventType::kMarked; });
    seen.outcome = schedule.observation.outcome;
    seen.judgement = schedule.judgement;
    static_cast<void>(judge.judge(schedule.observation));
    std::vector<Violation> violations;
    collect_violations(seen.judgement, judge, violations);
    for (const Violation& each : violations)
      seen.violations.push_back({each, cause_of(schedule.observation, each.step)});
    seen.explanation = "as seen in schedule " + std::to_string(schedule.number);
  };
  static_cast<void>(explore(experiment, options));
  return all;
}

void count(Tally& tally, const Seen& seen) {
  tally.count(seen.picks, {.events = seen.events, .outcome = seen.outcome}, seen.judgement, seen.violations,
              !seen.violations.empty() && seen.picks.size() == 1);
  for (const CausedViolation& violation : seen.violations) {
    if (tally.wants_example(violation, seen.picks))
      tally.set_example(violation, seen.picks, seen.explanation);
  }
}

Tally reread(const Tally& tally, const Experiment& experiment) {
  const std::string text = tally.to_json();
  const internal::JsonValue value = internal::parse_json(text, "here");
  return Tally::read(internal::JsonReader(value, "here"), experiment);
}

TEST(TallyTest, PartsMergedInAnyOrderAreTheWhole) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  const std::vector<Seen> all = seen_schedules(experiment);
  Tally whole(experiment);
  for (const Seen& seen : all) count(whole, seen);
  ASSERT_GT(whole.so_far().findings.size(), 3U);
  for (const std::size_t parts : {1U, 2U, 7U}) {
    std::vector<Tally> tallies(parts, Tally(experiment));
    for (std::size_t i = 0; i < all.size(); ++i) count(tallies[i % parts], all[i]);
    Tally forwards(experiment);
    for (const Tally& tally : tallies) forwards.merge(reread(tally, experiment));
    Tally backwards(experiment);
    for (std::size_t i = parts; i-- > 0;) backwards.merge(tallies[i]);
    for (const Tally& merged : {forwards, backwards}) {
      const Exploration expected = whole.conclude(3);
      const Exploration result = merged.conclude(3);
      EXPECT_EQ(result.cells, expected.cells);
      EXPECT_EQ(result.markers, expected.markers);
      EXPECT_EQ(result.outcomes, expected.outcomes);
      EXPECT_EQ(result.violated_schedules, expected.violated_schedules);
      ASSERT_EQ(result.findings.size(), expected.findings.size());
      for (std::size_t i = 0; i < expected.findings.size(); ++i) {
        EXPECT_EQ(result.findings[i].token, expected.findings[i].token);
        EXPECT_EQ(result.findings[i].explanation, expected.findings[i].explanation);
        EXPECT_EQ(result.findings[i].schedules, expected.findings[i].schedules);
      }
      for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(result.levels[i].schedules, expected.levels[i].schedules);
    }
  }
}

TEST(TallyTest, TheFirstOfTheExhaustiveSequenceStandsForAFindingWheneverItIsMet) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  std::vector<Seen> all = seen_schedules(experiment);
  Tally in_order(experiment);
  for (const Seen& seen : all) count(in_order, seen);
  std::ranges::reverse(all);
  Tally reversed(experiment);
  for (const Seen& seen : all) count(reversed, seen);
  const Exploration expected = in_order.conclude(3);
  const Exploration result = reversed.conclude(3);
  ASSERT_EQ(result.findings.size(), expected.findings.size());
  for (std::size_t i = 0; i < expected.findings.size(); ++i) {
    EXPECT_EQ(result.findings[i].plan, expected.findings[i].plan);
    EXPECT_EQ(result.findings[i].explanation, expected.findings[i].explanation);
  }
}

TEST(TallyTest, IsTheSameTextAfterARoundTrip) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kPastPivot);
  Tally tally(experiment);
  EXPECT_EQ(reread(tally, experiment).to_json(), tally.to_json());
  for (const Seen& seen : seen_schedules(experiment)) count(tally, seen);
  EXPECT_EQ(reread(tally, experiment).to_json(), tally.to_json());
  EXPECT_THAT(tally.to_json(), HasSubstr("I13"));
}

TEST(TallyTest, ATextThatIsNoTallyIsRefused) {
  const Experiment experiment = subject(order_saga());
  const std::string good = Tally(experiment).to_json();
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const internal::JsonValue value = internal::parse_json(text, "a file");
    return error_of([&] { return Tally::read(internal::JsonReader(value, "a file"), experiment); }).first;
  };
  EXPECT_THAT(refused("\"schedules\":0", "\"schedules\":-1"), HasSubstr("a file: /schedules"));
  EXPECT_THAT(refused("\"outcomes\":[0,", "\"outcomes\":["), HasSubstr("/outcomes"));
  EXPECT_THAT(refused("\"cells\":[]", "\"cells\":[[1]]"), HasSubstr("/cells/0"));
  EXPECT_THAT(
      refused("\"cells\":[]", "\"cells\":[[\"no_such\",\"action\",\"call\",\"rejected\",1,1,1,1,1,1,1,1]]"),
      HasSubstr("no step \"no_such\""));
  EXPECT_THAT(refused("\"I1\"", "\"I99\""), HasSubstr("I1"));
}

std::vector<Pick> picks_of(const char* plan, const SagaIndex& saga) {
  std::vector<Pick> picks;
  for (const Strike& strike : strikes_of(parse_plan(plan), saga))
    picks.push_back({0, strike.point, strike.alternative, 1});
  return picks;
}

TEST(BlameTest, AFaultThatKeepsAGuiltyOneCompanyIsNotBlamed) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  const SagaIndex& saga = *experiment.setup.saga;
  const std::vector<CausedViolation> violations = {
      {{Rule::kTruthfulOutcome, saga.find_step("create_order")}, {.outcome = Outcome::kCompensated}}};
  Blame blame(experiment);
  EXPECT_TRUE(blame.falls_on(picks_of("create_order.action#1:reply_lost", saga), violations));
  EXPECT_FALSE(blame.falls_on(
      picks_of("create_order.action#1:reply_lost, create_order.action#1@after_call:coordinator_crash", saga),
      violations));
}

TEST(BlameTest, FaultsThatAreGuiltyOnlyTogetherAreBothBlamed) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kFailureSwallowed);
  const Exploration exploration = explore(experiment, {.max_faults = 2});
  ASSERT_FALSE(exploration.findings.empty());
  const FaultPlan plan = exploration.findings.front().plan;
  ASSERT_EQ(plan.size(), 2U);
  for (const Fault& fault : plan.faults) {
    const Point point = point_of(fault, *experiment.setup.saga);
    const auto cell = std::ranges::find_if(exploration.cells, [&](const Cell& each) {
      return each.step == point.step && each.operation == point.operation && each.kind == fault.kind;
    });
    ASSERT_NE(cell, exploration.cells.end());
    EXPECT_EQ(cell->status, CellStatus::kViolated) << to_string(fault);
  }
}

TEST(BlameTest, WhatIsViolatedWithoutFaultsIsNoFaultsFault) {
  const Exploration exploration =
      explore(subject(order_saga(), OrchestratorBug::kNoIdempotencyKey), {.max_faults = 1});
  EXPECT_GT(exploration.violated_schedules, 100U);
  std::size_t one_key_only = 0;
  for (const Cell& cell : exploration.cells) one_key_only += cell.status == CellStatus::kHeld ? 1U : 0U;
  EXPECT_GT(one_key_only, exploration.cells.size() / 4);
}

TEST(BlameTest, BlameAgreesWithRunningEveryPart) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kResumeReexecutesDone);
  const SagaIndex& saga = *experiment.setup.saga;
  Judge judge(experiment.setup.saga, experiment.claims);
  Blame blame(experiment);
  PlanRunner runner(experiment);
  std::size_t blamed = 0;
  std::size_t spared = 0;
  ExploreOptions options{.max_faults = 2, .kinds = {FaultKind::kCoordinatorCrash, FaultKind::kReplyLost}};
  options.on_schedule = [&](const Schedule& schedule) {
    std::vector<Violation> violations;
    collect_violations(judge.judge(schedule.observation), judge, violations);
    if (violations.empty()) return;
    const std::vector<Strike> strikes = strikes_of(schedule.plan, saga);
    std::vector<Pick> picks;
    for (const Strike& strike : strikes) picks.push_back({0, strike.point, strike.alternative, 1});
    std::vector<Violation> left = violations;
    const auto explain = [&](std::span<const Strike> part) {
      const std::vector<Violation> shown = runner.run(part);
      std::erase_if(left, [&](const Violation& each) { return std::ranges::count(shown, each) > 0; });
    };
    explain({});
    if (strikes.size() == 2) {
      explain(std::span(strikes).first(1));
      explain(std::span(strikes).last(1));
    }
    const bool expected = strikes.empty() || !left.empty();
    std::vector<CausedViolation> caused;
    for (const Violation& each : violations)
      caused.push_back({each, cause_of(schedule.observation, each.step)});
    EXPECT_EQ(blame.falls_on(picks, caused), expected) << to_string(schedule.plan);
    ++(expected ? blamed : spared);
  };
  static_cast<void>(explore(experiment, options));
  EXPECT_GT(blamed, 0U);
  EXPECT_GT(spared, 0U);
}

}  // namespace
}  // namespace saga_harness::explore_test
