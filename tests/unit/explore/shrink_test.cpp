// What is printed of a finding is as small as it can be, and still the same finding.

#include <saga_harness/replay.hpp>
#include <saga_harness/shrink.hpp>
#include <saga_harness/token.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <saga_harness_internal/random_numbers.hpp>
#include "plan_runner.hpp"
#include "subjects.hpp"
#include "swarm.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

bool violates(const Experiment& experiment, const FaultPlan& plan, Rule rule, std::string_view step) {
  const saga_harness::Run run = run_plan(experiment, plan);
  return std::ranges::any_of(run.violations(), [&](const Verdict& verdict) {
    const std::string name = verdict.step == kNoStep ? "" : experiment.setup.saga->step(verdict.step).name;
    return verdict.rule == rule && name == step;
  });
}

TEST(ShrinkTest, LeavesOutWhatDoesNotMatterAndMakesTheRestPlain) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  const FaultPlan plan = parse_plan(
      "create_order#1:delay_under_timeout, reserve_inventory#1..heal:reply_lost, create_order.compensation#2:"
      "unavailable, process_payment#1@after_call:coordinator_crash");
  const ShrunkPlan shrunk = shrink(experiment, plan, Rule::kTruthfulOutcome);
  EXPECT_EQ(to_string(shrunk.plan), "reserve_inventory.action#1:error_after_effect");
  EXPECT_EQ(shrunk.step, "reserve_inventory");
  EXPECT_THAT(shrunk.explanation, HasSubstr("reserve_inventory"));
  EXPECT_GT(shrunk.runs, 3U);
}

TEST(ShrinkTest, DropsAConditionThatDoesNotMatter) {
  Saga saga = order_saga();
  saga.steps[1].only_if = Condition{.pointer = "/stock"};
  Experiment experiment = subject(saga, OrchestratorBug::kAmbiguousNotCompensated);
  experiment.setup.context = Context{{"stock", 2}};
  const ShrunkSaga shrunk =
      shrink_saga(experiment, parse_plan("reserve_inventory#1:reply_lost"), Rule::kTruthfulOutcome);
  const Saga& small = shrunk.experiment.setup.saga->saga();
  ASSERT_EQ(small.steps.size(), 1U);
  EXPECT_EQ(small.steps[0].name, "reserve_inventory");
  EXPECT_FALSE(small.steps[0].only_if.has_value());
}

TEST(ShrinkTest, KeepsAConditionThatMatters) {
  Saga saga = order_saga();
  saga.steps[1].only_if = Condition{.pointer = "/stock"};
  saga.steps[3].only_if = Condition{.pointer = "/weight", .comparison = Comparison::kAbove, .value = 3};
  saga.context = Context{{"weight", 1}, {"stock", 2}};
  Experiment experiment = subject(saga, OrchestratorBug::kConditionIgnored);
  experiment.setup.context = saga.context;
  const ShrunkSaga shrunk = shrink_saga(experiment, {}, Rule::kTruthfulOutcome);
  const Saga& small = shrunk.experiment.setup.saga->saga();
  ASSERT_EQ(small.steps.size(), 1U);
  EXPECT_EQ(small.steps[0].only_if, saga.steps[3].only_if);
  EXPECT_EQ(small.context, (Context{{"weight", 0}}));
}

TEST(ShrinkTest, KeepsTheCulprit) {
  // Two steps are left behind; each finding shrinks to its own.
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kSkipsFirst);
  const Exploration exploration = explore(experiment, {.max_faults = 1});
  ASSERT_GT(exploration.findings.size(), 0U);
  for (const Finding& finding : exploration.findings) {
    EXPECT_EQ(shrink(experiment, finding.plan, finding.rule).step, finding.step);
  }
}

TEST(ShrinkTest, KeepsToTheGivenKinds) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  const ShrunkPlan shrunk = shrink(experiment, parse_plan("create_order#1..heal:reply_lost"),
                                   Rule::kTruthfulOutcome, {FaultKind::kReplyLost});
  EXPECT_EQ(to_string(shrunk.plan), "create_order.action#1:reply_lost");
}

TEST(ShrinkTest, RefusesWhatViolatesNothing) {
  const auto [message, code] = error_of([] {
    return shrink(subject(order_saga()), parse_plan("create_order#1:rejected"), Rule::kTruthfulOutcome);
  });
  EXPECT_EQ(message,
            "plan \"create_order.action#1:rejected\" does not violate I1: there is nothing to shrink");
  EXPECT_EQ(code, ErrorKind::kMisuse);
}

TEST(ShrinkTest, EveryFaultOfAShrunkPlanIsNeeded) {
  std::size_t shrunk_plans = 0;
  std::size_t of_two = 0;
  for (const OrchestratorBug bug : all_orchestrator_bugs()) {
    if (bug == OrchestratorBug::kNone) continue;
    const Experiment experiment = subject(order_saga(), bug);
    Engine engine(experiment.setup);
    Judge judge(experiment.setup.saga, experiment.claims);
    ExploreOptions options{.max_faults = 6};
    options.swarm = Swarm{.seed = "one-minimal"};
    SwarmChoices choices(options, 50);
    int shrunk_here = 0;
    for (std::uint64_t number = 0; number < 400 && shrunk_here < 4; ++number) {
      choices.start(number);
      std::vector<Violation> violations;
      collect_violations(judge.judge(engine.run(choices)), judge, violations);
      if (violations.empty() || choices.picks().size() < 3) continue;
      ++shrunk_here;
      const FaultPlan plan = plan_of(choices.picks(), engine.saga());
      const Violation violation = violations[number % violations.size()];
      const ShrunkPlan shrunk = shrink(experiment, plan, violation.rule);
      SCOPED_TRACE(to_string(plan) + " to " + to_string(shrunk.plan));
      EXPECT_EQ(shrunk.step, violation.step == kNoStep ? "" : engine.saga().step(violation.step).name);
      EXPECT_TRUE(violates(experiment, shrunk.plan, violation.rule, shrunk.step));
      EXPECT_LE(shrunk.plan.size(), plan.size());
      for (std::size_t left_out = 0; left_out < shrunk.plan.size(); ++left_out) {
        FaultPlan fewer = shrunk.plan;
        fewer.faults.erase(fewer.faults.begin() + static_cast<std::ptrdiff_t>(left_out));
        EXPECT_FALSE(violates(experiment, fewer, violation.rule, shrunk.step));
      }
      ++shrunk_plans;
      of_two += shrunk.plan.size() > 1 ? 1U : 0U;
    }
  }
  EXPECT_GT(shrunk_plans, 50U);
  EXPECT_GT(of_two, 10U);
}

TEST(ShrinkSagaTest, LeavesOutStepsAndWhatTheyAreGiven) {
  Saga saga = order_saga();
  saga.steps[3].after = {{"process_payment"}};
  saga.context = Context::parse(R"({"customer":"C-1","items":[{"id":"P-1","n":2}]})");
  Experiment experiment = subject(saga, OrchestratorBug::kAmbiguousNotCompensated);
  experiment.setup.context = saga.context;
  const ShrunkSaga shrunk =
      shrink_saga(experiment, parse_plan("process_payment#1..heal:reply_lost"), Rule::kTruthfulOutcome);
  const Saga& left = shrunk.experiment.setup.saga->saga();
  ASSERT_EQ(left.steps.size(), 1U);
  EXPECT_EQ(left.steps[0].name, "process_payment");
  EXPECT_EQ(left.steps[0].retry.attempts, 1);
  EXPECT_EQ(left.context.text(), "{}");
  EXPECT_EQ(shrunk.experiment.setup.context.text(), "{}");
  EXPECT_EQ(to_string(shrunk.plan.plan), "process_payment.action#1:error_after_effect");
  EXPECT_EQ(shrunk.plan.step, "process_payment");
  EXPECT_TRUE(violates(shrunk.experiment, shrunk.plan.plan, Rule::kTruthfulOutcome, "process_payment"));
}

TEST(ShrinkSagaTest, KeepsTheStepsThatTheBugNeeds) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kForwardOrder);
  const Exploration exploration = explore(experiment, {.max_faults = 1});
  const auto found = std::ranges::find(exploration.findings, Rule::kReverseOrder, &Finding::rule);
  ASSERT_NE(found, exploration.findings.end());
  const ShrunkSaga shrunk = shrink_saga(experiment, found->plan, Rule::kReverseOrder);
  EXPECT_LE(shrunk.experiment.setup.saga->step_count(), 3U);
  EXPECT_GE(shrunk.experiment.setup.saga->step_count(), 2U);
}

TEST(ShrinkSagaTest, ACoordinatorWithStepsOfItsOwnKeepsThem) {
  Experiment experiment = subject(order_saga());
  experiment.claims = {};
  experiment.setup.durable = false;
  experiment.setup.coordinator = [](Runtime& runtime) {
    static_cast<void>(runtime.call({.service = "order_service", .action = "create_order"}));
    static_cast<void>(runtime.call({.service = "payment_service", .action = "process_payment"}));
    runtime.report(Outcome::kCompensated);
  };
  const ShrunkSaga shrunk = shrink_saga(experiment, {}, Rule::kTruthfulOutcome);
  const SagaIndex& saga = *shrunk.experiment.setup.saga;
  EXPECT_EQ(saga.step_count(), 2U);
  EXPECT_NE(saga.find_step("create_order"), kNoStep);
  EXPECT_NE(saga.find_step("process_payment"), kNoStep);
}

TEST(ShrinkSagaTest, ContextsGetSmallerToTheEnd) {
  Context context = Context::parse(R"({"a":[1,{"b":"x"}],"c":true,"d":0.5})");
  std::size_t steps = 0;
  for (auto next = simpler_contexts(context); !next.empty(); next = simpler_contexts(context)) {
    context = next.back();  // the slowest way
    ASSERT_LT(++steps, 50U);
  }
  EXPECT_EQ(context.text(), "{}");
}

TEST(RandomNumbersTest, AreThoseOfTheirAuthorsEverywhere) {
  std::uint64_t state = 1234567;
  EXPECT_EQ(split_mix(state), 6457827717110365317U);  // published with the algorithm
  EXPECT_EQ(split_mix(state), 3203168211198807973U);
  EXPECT_EQ(hash_of("foobar"), 0x85944171F73967E8U);
  RandomNumbers random(42);
  const std::array<std::uint64_t, 3> first = {random.next(), random.next(), random.next()};
  EXPECT_THAT(first, ElementsAre(1546998764402558742U, 6990951692964543102U, 12544586762248559009U));
  for (int i = 0; i < 1000; ++i) EXPECT_LT(random.below(7), 7U);
}

std::vector<std::string> plans_of(const ExploreOptions& options) {
  std::vector<std::string> plans;
  ExploreOptions watched = options;
  watched.on_schedule = [&](const Schedule& schedule) { plans.push_back(to_string(schedule.plan)); };
  static_cast<void>(explore(subject(order_saga()), watched));
  return plans;
}

TEST(SwarmTest, TheSameSeedGivesTheSameSchedules) {
  ExploreOptions options{.max_faults = 3};
  options.swarm = Swarm{.seed = "a", .schedules = 300};
  const std::vector<std::string> plans = plans_of(options);
  EXPECT_EQ(plans.size(), 300U);
  EXPECT_EQ(plans_of(options), plans);
  options.swarm->seed = "b";
  EXPECT_NE(plans_of(options), plans);
  options.swarm = Swarm{.seed = "a", .schedules = 100};
  EXPECT_EQ(plans_of(options), std::vector<std::string>(plans.begin(), plans.begin() + 100));
}

TEST(SwarmTest, KeepsToItsBoundsAndReachesThem) {
  ExploreOptions options{.max_faults = 3, .kinds = {FaultKind::kReplyLost, FaultKind::kRejected}};
  options.swarm = Swarm{.seed = "bounds", .schedules = 2000};
  std::set<std::size_t> sizes;
  std::set<FaultKind> kinds;
  std::set<FaultDuration> windows;
  const auto watch = [&](const Schedule& schedule) {
    sizes.insert(schedule.plan.size());
    for (const Fault& fault : schedule.plan.faults) {
      kinds.insert(fault.kind);
      windows.insert(fault.window);
    }
  };
  options.on_schedule = watch;
  const Exploration exploration = explore(subject(order_saga()), options);
  EXPECT_THAT(sizes, ElementsAre(0U, 1U, 2U, 3U));
  EXPECT_EQ(kinds.size(), 2U);
  EXPECT_EQ(windows.size(), kFaultDurationCount);
  EXPECT_EQ(exploration.schedules, 2000U);
  EXPECT_FALSE(exploration.exhausted);
  ASSERT_EQ(exploration.levels.size(), 4U);
  EXPECT_LT(exploration.levels[0].schedules, 1000U) << "most should meet a fault";
  for (const LevelCount& level : exploration.levels) {
    EXPECT_FALSE(level.exhausted);
    EXPECT_GT(level.schedules, 0U);
  }
  windows.clear();
  options.windows = false;
  options.on_schedule = watch;
  static_cast<void>(explore(subject(order_saga()), options));
  EXPECT_THAT(windows, ElementsAre(FaultDuration::kOnce));
}

TEST(SwarmTest, FindsAreShrunk) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  ExploreOptions options{.max_faults = 5};
  options.swarm = Swarm{.seed = "find", .schedules = 1000};
  const Exploration exploration = explore(experiment, options);
  ASSERT_GT(exploration.findings.size(), 2U);
  for (const Finding& finding : exploration.findings) {
    EXPECT_LE(finding.plan.size(), 2U) << to_string(finding.plan);
    EXPECT_EQ(shrink(experiment, finding.plan, finding.rule).plan, finding.plan);
    EXPECT_EQ(parse_token(finding.token).plan(*experiment.setup.saga), finding.plan);
    EXPECT_TRUE(violates(experiment, finding.plan, finding.rule, finding.step));
  }
}

TEST(SwarmTest, ShardsWorkersAndStopsChangeNothing) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  ExploreOptions options{.max_faults = 4};
  options.swarm = Swarm{.seed = "parts", .schedules = 1500};
  const Exploration expected = explore(experiment, options);
  const auto expect_same = [&](const Exploration& result) {
    EXPECT_EQ(result.schedules, expected.schedules);
    EXPECT_EQ(result.cells, expected.cells);
    EXPECT_EQ(result.outcomes, expected.outcomes);
    ASSERT_EQ(result.findings.size(), expected.findings.size());
    for (std::size_t i = 0; i < result.findings.size(); ++i) {
      EXPECT_EQ(result.findings[i].token, expected.findings[i].token);
      EXPECT_EQ(result.findings[i].schedules, expected.findings[i].schedules);
    }
  };
  ExploreOptions with_workers = options;
  with_workers.workers = 3;
  expect_same(explore(experiment, with_workers));
  const std::string directory = std::string(SAGA_HARNESS_SCRATCH_DIR) + "/swarm_";
  std::vector<std::string> files;
  for (std::uint32_t index = 0; index < 3; ++index) {
    ExploreOptions part = options;
    part.shard = {index, 3};
    part.tally = directory + std::to_string(index);
    files.push_back(part.tally);
    static_cast<void>(explore(experiment, part));
  }
  expect_same(merge_tallies(experiment, options, files));
  ExploreOptions stopped = options;
  stopped.resume = directory + "state";
  static_cast<void>(std::remove(stopped.resume.c_str()));
  for (const std::uint64_t bound : {1U, 100U, 128U, 999U, 0U}) {
    stopped.max_schedules = bound;
    if (bound > 0) {
      EXPECT_EQ(explore(experiment, stopped).schedules, bound);
    } else {
      expect_same(explore(experiment, stopped));
    }
  }
}

TEST(RecheckTest, NamesTheFirstEventThatDiffers) {
  // Nothing but what it calls the request depends on how often it has run.
  Experiment experiment = subject(small_saga());
  experiment.setup.durable = false;
  experiment.claims = {};
  experiment.setup.coordinator = [runs = std::make_shared<int>()](Runtime& runtime) {
    static_cast<void>(runtime.call({.service = "stock", .action = "reserve"}));
    if (++*runs % 17 == 0) runtime.sleep(std::chrono::microseconds(1));
    runtime.report(Outcome::kFlagged);
  };
  const auto [message, code] =
      error_of([&] { return explore(experiment, {.max_faults = 2, .recheck_every = 3}); });
  EXPECT_EQ(code, ErrorKind::kInternal);
  EXPECT_THAT(message, testing::MatchesRegex(
                           "not deterministic: plan \".*\" came out differently when it was run again: event "
                           "[0-9]+ was \".*reported.*\" and then \".*reported.*\"\\. A coordinator .*"));
}

TEST(RecheckTest, ACoordinatorThatReadsTheClockIsCaught) {
  Experiment experiment = subject(small_saga());
  experiment.setup.durable = false;
  experiment.claims = {};
  experiment.setup.coordinator = [](Runtime& runtime) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    static_cast<void>(
        runtime.call({.service = "stock", .action = "reserve", .idempotency_key = std::to_string(now)}));
    runtime.report(Outcome::kFlagged);
  };
  ExploreOptions options{.max_faults = 2};
  options.swarm = Swarm{.seed = "clock", .schedules = 50};
  options.recheck_every = 7;
  const auto [message, code] = error_of([&] { return explore(experiment, options); });
  EXPECT_EQ(code, ErrorKind::kInternal);
  EXPECT_THAT(message, HasSubstr("sent           reserve.action#1  key"));
}

}  // namespace
}  // namespace saga_harness::explore_test
