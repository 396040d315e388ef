// Invariants of the user's own, in a search and in a replay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <saga_harness/replay.hpp>

#include <algorithm>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

/// Violated wherever the saga does not complete: as good a wish as any.
Invariant always_completes() {
  return {.name = "always completes", .check = [](const Observation& seen, const SagaIndex& /*saga*/) {
            if (seen.outcome == Outcome::kCompleted) return Verdict{.status = VerdictStatus::kHeld};
            return Verdict{.status = VerdictStatus::kViolated,
                           .explanation = "it ended " + std::string(name_of(seen.outcome)),
                           .step = 1,
                           .evidence = {0}};
          }};
}

Invariant never_asked() {
  return {.name = "never asked",
          .check = [](const Observation& /*seen*/, const SagaIndex& /*saga*/) { return Verdict{}; }};
}

Experiment watched() {
  Experiment experiment = subject(small_saga());
  experiment.invariants = {never_asked(), always_completes()};
  return experiment;
}

TEST(OwnInvariantsTest, AreCountedAndFoundWithTheirSmallestPlan) {
  const Exploration exploration = explore(watched(), {.max_faults = 1, .kinds = {FaultKind::kRejected}});
  ASSERT_THAT(exploration.rules, SizeIs(kRuleCount + 2));
  const RuleCount& never = exploration.rules[kRuleCount];
  EXPECT_EQ(never.invariant, "never asked");
  EXPECT_EQ(never.unknown, exploration.schedules);
  EXPECT_EQ(never.held, 0U);
  const RuleCount& always = exploration.rules[kRuleCount + 1];
  EXPECT_EQ(always.invariant, "always completes");
  EXPECT_EQ(always.held, exploration.outcomes[static_cast<std::size_t>(Outcome::kCompleted)]);
  EXPECT_EQ(always.violated, exploration.schedules - always.held);

  ASSERT_THAT(exploration.findings, SizeIs(2));  // pay was not asked for, or refused
  for (const Finding& finding : exploration.findings) {
    EXPECT_EQ(finding.rule, kOwnRule);
    EXPECT_EQ(name_of(finding), "always completes");
    EXPECT_EQ(finding.step, "pay");
    EXPECT_EQ(finding.explanation, "it ended compensated");
  }
  EXPECT_EQ(to_string(exploration.findings[0].plan), "reserve.action#1:rejected");
  EXPECT_EQ(to_string(exploration.findings[1].plan), "pay.action#1:rejected");
  EXPECT_EQ(exploration.findings[0].schedules + exploration.findings[1].schedules, always.violated);
  EXPECT_EQ(exploration.violated_schedules, always.violated);
}

TEST(OwnInvariantsTest, AreJudgedInAReplay) {
  const saga_harness::Run run = run_plan(watched(), parse_plan("reserve.action#1:rejected"));
  ASSERT_THAT(run.verdicts, SizeIs(kRuleCount + 2));
  EXPECT_EQ(run.verdicts[kRuleCount].status, VerdictStatus::kUnknown);
  EXPECT_EQ(run.verdicts[kRuleCount + 1].status, VerdictStatus::kViolated);
  EXPECT_FALSE(run.upholds_all_invariants());
}

TEST(OwnInvariantsTest, SwitchedOffTheyFindNothing) {
  Experiment experiment = watched();
  experiment.switched_off = {
      {.rule = kOwnRule, .reason = "too much to ask", .invariant = "always completes"}};
  const Exploration exploration = explore(experiment, {.max_faults = 1, .kinds = {FaultKind::kRejected}});
  EXPECT_TRUE(exploration.finds_no_violation());
  EXPECT_EQ(exploration.rules[kRuleCount + 1].not_applicable, exploration.schedules);
}

TEST(OwnInvariantsTest, OneThatRemembersIsFoundOut) {
  Experiment experiment = subject(small_saga());
  experiment.invariants = {
      {.name = "moody", .check = [calls = std::make_shared<int>(0)](const Observation&, const SagaIndex&) {
         return Verdict{.status = VerdictStatus::kViolated, .explanation = std::to_string(++*calls)};
       }}};
  const auto [message, code] = error_of([&] { return explore(experiment, {.max_faults = 0}); });
  EXPECT_THAT(message, HasSubstr("not deterministic: moody was violated under none"));
  EXPECT_EQ(code, ErrorKind::kInternal);
}

TEST(OwnInvariantsTest, ComeOutTheSameFromShardsFromWorkersAndShrunk) {
  const Experiment experiment = watched();
  ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kRejected, FaultKind::kReplyLost}};
  const Exploration whole = explore(experiment, options);
  const auto expect_same = [&whole](const Exploration& other) {
    ASSERT_EQ(other.rules.size(), whole.rules.size());
    EXPECT_EQ(other.rules.back().invariant, "always completes");
    EXPECT_EQ(other.rules.back().held, whole.rules.back().held);
    EXPECT_EQ(other.rules.back().violated, whole.rules.back().violated);
    ASSERT_EQ(other.findings.size(), whole.findings.size());
    EXPECT_EQ(name_of(other.findings.front()), name_of(whole.findings.front()));
    EXPECT_EQ(other.findings.front().plan, whole.findings.front().plan);
    EXPECT_EQ(other.findings.front().explanation, whole.findings.front().explanation);
  };
  std::vector<std::string> files;
  for (const std::uint32_t index : {0U, 1U}) {
    ExploreOptions part = options;
    part.shard = {index, 2};
    part.tally =
        std::string(SAGA_HARNESS_SCRATCH_DIR) + "/own_invariants_" + std::to_string(index) + ".tally";
    files.push_back(part.tally);
    (void)explore(experiment, part);
  }
  expect_same(merge_tallies(experiment, options, files));
  ExploreOptions shared = options;
  shared.workers = 2;
  expect_same(explore(experiment, shared));

  ExploreOptions random = options;
  random.max_faults = 3;
  random.swarm = Swarm{.seed = "own", .schedules = 200};
  const Exploration shrunk = explore(experiment, random);
  ASSERT_FALSE(shrunk.findings.empty());
  EXPECT_EQ(name_of(shrunk.findings.front()), "always completes");
  EXPECT_EQ(shrunk.findings.front().plan.size(), 1U);
}

TEST(OwnInvariantsTest, AScheduleNamesThem) {
  std::size_t named = 0;
  ExploreOptions options{.max_faults = 0};
  options.on_schedule = [&named](const Schedule& schedule) {
    named = schedule.invariants.size();
    EXPECT_EQ(schedule.judgement.size(), kRuleCount + named);
  };
  (void)explore(watched(), options);
  EXPECT_EQ(named, 2U);
}

TEST(OwnInvariantsTest, ATestToPasteSaysWhichOnesItNeeds) {
  const Finding finding{.rule = kOwnRule, .plan = parse_plan("none"), .invariant = "always completes"};
  Experiment experiment = watched();
  const SagaIndex& saga = *experiment.setup.saga;
  EXPECT_THAT(gtest_case(finding, saga, experiment), HasSubstr("TEST(SmallSaga, AlwaysCompletes) {"));
  EXPECT_THAT(gtest_case(finding, saga, experiment),
              HasSubstr("  // harness.add_invariant(…): give it \"always completes\"\n"));
  experiment.invariants = {always_completes()};
  experiment.invariants.front().from_scenario = true;
  experiment.source = "small.json";
  EXPECT_THAT(gtest_case(finding, saga, experiment), Not(HasSubstr("//")));
}

TEST(OwnInvariantsTest, ATestToPasteSwitchesOffWhatWasSwitchedOff) {
  Experiment experiment = subject(small_saga());
  experiment.switched_off = {{Rule::kTransientFaultsMasked, "says \"no\""}};
  const Finding finding{.rule = Rule::kTerminates, .plan = parse_plan("none")};
  EXPECT_THAT(gtest_case(finding, *experiment.setup.saga, experiment),
              HasSubstr("  harness.switch_off(\"I15\", \"says \\\"no\\\"\");\n"));
}

}  // namespace
}  // namespace saga_harness::explore_test
