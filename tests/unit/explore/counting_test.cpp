// Every schedule is run, none twice, and each is the plan it says it is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <saga_harness/replay.hpp>

#include <algorithm>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using PlannedFault = std::pair<Point, Alternative>;

/// Strikes where it is told to, and writes down every question that it answered with no.
class Told final : public Choices {
 public:
  explicit Told(std::vector<PlannedFault> faults) : faults_(std::move(faults)) {}

  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    points_asked.push_back(point);
    for (const auto& [where, what] : faults_) {
      if (where != point) continue;
      const auto found = std::ranges::find(legal, what);
      if (found == legal.end()) continue;
      ++fired;
      return static_cast<std::size_t>(found - legal.begin()) + 1;
    }
    for (const Alternative& alternative : legal) open.emplace_back(point, alternative);
    return 0;
  }

  std::size_t fired = 0;
  std::vector<PlannedFault> open;
  std::vector<Point> points_asked;

 private:
  std::vector<PlannedFault> faults_;
};

FaultPlan plan_of(const std::vector<PlannedFault>& faults, const SagaIndex& saga) {
  FaultPlan plan;
  for (const auto& [point, alternative] : faults) plan.faults.push_back(fault_at(point, alternative, saga));
  return plan;
}

/// A plan as a set: its faults in alphabetical order.
std::string as_set(const FaultPlan& plan) {
  std::vector<std::string> faults;
  for (const Fault& fault : plan.faults) faults.push_back(to_string(fault));
  std::ranges::sort(faults);
  std::string text;
  for (const std::string& fault : faults) text += fault + "\n";
  return text;
}

/// Every set of up to `max_faults` faults that all strike, found without the explorer: each set that works,
/// with each further fault that the run it gives was asked about, is tried, before or after the faults it
/// has.
std::map<std::string, Trace> brute_force(const Experiment& experiment, std::size_t max_faults) {
  Engine engine(experiment.setup);
  std::map<std::string, Trace> found;
  std::vector<std::vector<PlannedFault>> to_extend = {{}};
  for (std::size_t faults = 0; faults <= max_faults; ++faults) {
    std::vector<std::vector<PlannedFault>> next;
    for (const std::vector<PlannedFault>& plan : to_extend) {
      Told told(plan);
      const Observation& observation = engine.run(told);
      if (told.fired != plan.size()) continue;
      const bool is_new = found.emplace(as_set(plan_of(plan, engine.saga())), trace_of(observation)).second;
      if (!is_new) continue;
      for (const PlannedFault& fault : told.open) {
        if (!is_in_scope(fault.second.kind, experiment.claims)) continue;
        next.push_back(plan);
        next.back().push_back(fault);
      }
    }
    to_extend = std::move(next);
  }
  return found;
}

Saga branching_saga() {
  Saga saga = small_saga();
  saga.steps[1].after = kNoPredecessors;
  return saga;
}

Saga saga_with_fallback() {
  Saga saga = small_saga();
  saga.steps[1].fallback = "send_bill";
  return saga;
}

struct Subject {
  const char* name;
  Experiment experiment;
};

std::vector<Subject> subjects() {
  std::vector<Subject> all = {{"small", subject(small_saga())},
                              {"branching", subject(branching_saga())},
                              {"with a fallback", subject(saga_with_fallback())}};
  all.push_back({"not durable", subject(small_saga())});
  all.back().experiment.setup.durable = false;
  return all;
}

TEST(CountingHeavyTest, FindsExactlyTheSchedulesThatThereAre) {
  for (const Subject& each : subjects()) {
    SCOPED_TRACE(each.name);
    const Experiment& experiment = each.experiment;
    for (const int max_faults : {0, 1, 2}) {
      SCOPED_TRACE(max_faults);
      std::map<std::string, Trace> explored;
      std::vector<std::string> repeated;
      ExploreOptions options{.max_faults = max_faults};
      options.on_schedule = [&](const Schedule& schedule) {
        const bool is_new = explored.emplace(as_set(schedule.plan), trace_of(schedule.observation)).second;
        if (!is_new) repeated.push_back(to_string(schedule.plan));
      };
      const Exploration exploration = explore(experiment, options);
      EXPECT_THAT(repeated, testing::IsEmpty());
      EXPECT_EQ(exploration.schedules, explored.size());
      EXPECT_TRUE(exploration.exhausted);

      const std::map<std::string, Trace> expected =
          brute_force(experiment, static_cast<std::size_t>(max_faults));
      for (const auto& [plan, trace] : expected) {
        const auto found = explored.find(plan);
        if (found == explored.end()) {
          ADD_FAILURE() << "not explored:\n" << plan;
        } else {
          EXPECT_EQ(found->second, trace) << plan;
        }
      }
      EXPECT_EQ(explored.size(), expected.size());
    }
  }
}

TEST(CountingTest, CountsTheSmallSagaAsByHand) {
  // Forward without faults: 2 calls. `reserve` has 25 kinds (all but the breach and the deadline that it does
  // not have) and, with two attempts, 3 windows more for 10 of them: 25 + 30; `pay` cannot be undone (24
  // kinds) and has one attempt: 24 + 20. While each is waited for: 5. Crashes: before and after started;
  // after intent, call and result of each step; before call, of which each directly follows its intent, does
  // not count; after end. Six log writes, which fail once, until heal, or half-way. A second start after the
  // end.
  const Exploration exploration = explore(subject(small_saga()), {.max_faults = 1});
  ASSERT_EQ(exploration.levels.size(), 2U);
  EXPECT_EQ(exploration.levels[0].schedules, 1U);
  EXPECT_EQ(exploration.levels[1].schedules,
            (26U + 30U) + (25U + 20U) + 2U * 5U + (2U + 3U + 3U + 1U) + 6U * 4U + 1U);
}

TEST(CountingTest, HeavyNoQuestionIsAskedTwiceInARun) {
  // Or a plan could not say which of the two it means.
  for (const Subject& each : subjects()) {
    SCOPED_TRACE(each.name);
    const Experiment& experiment = each.experiment;
    Engine engine(experiment.setup);
    ExploreOptions options{.max_faults = 2};
    std::vector<std::string> ambiguous;
    options.on_schedule = [&](const Schedule& schedule) {
      std::vector<PlannedFault> faults;
      for (const Fault& fault : schedule.plan.faults) {
        faults.emplace_back(point_of(fault, engine.saga()), Alternative{fault.kind, fault.window});
      }
      Told told(faults);
      engine.run(told);
      for (std::size_t i = 0; i < told.points_asked.size(); ++i) {
        const auto rest = std::span(told.points_asked).subspan(i + 1);
        if (std::ranges::find(rest, told.points_asked[i]) != rest.end()) {
          ambiguous.push_back(to_string(schedule.plan));
          break;
        }
      }
    };
    static_cast<void>(explore(experiment, options));
    EXPECT_THAT(ambiguous, testing::IsEmpty());
  }
}

TEST(CountingTest, HeavyEveryScheduleReplays) {
  for (const Subject& each : subjects()) {
    SCOPED_TRACE(each.name);
    const Experiment& experiment = each.experiment;
    ExploreOptions options{.max_faults = 2};
    options.on_schedule = [&](const Schedule& schedule) {
      const saga_harness::Run run = run_plan(experiment, schedule.plan);
      EXPECT_EQ(run.unfired, FaultPlan{});
      EXPECT_EQ(run.fired, schedule.plan);
      EXPECT_EQ(run.outcome, schedule.observation.outcome);
      ASSERT_EQ(run.trace, trace_of(schedule.observation)) << to_string(schedule.plan);
      for (std::size_t i = 0; i < kRuleCount; ++i) ASSERT_EQ(run.verdicts[i].status, schedule.judgement[i]);
      const auto& effects = schedule.observation.effects;
      ASSERT_EQ(run.ledger.effects, std::vector<Effect>(effects.begin(), effects.end()));
    };
    static_cast<void>(explore(experiment, options));
  }
}

TEST(CountingTest, SchedulesAreNumberedFewestFaultsFirst) {
  std::uint64_t last_number = 0;
  std::size_t last_size = 0;
  ExploreOptions options{.max_faults = 2};
  options.on_schedule = [&](const Schedule& schedule) {
    EXPECT_EQ(schedule.number, last_number + 1);
    EXPECT_GE(schedule.plan.size(), last_size);
    last_number = schedule.number;
    last_size = schedule.plan.size();
  };
  const Exploration exploration = explore(subject(small_saga()), options);
  EXPECT_EQ(last_number, exploration.schedules);
  EXPECT_EQ(last_size, 2U);
  ASSERT_EQ(exploration.levels.size(), 3U);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(exploration.levels[i].faults, static_cast<int>(i));
    EXPECT_TRUE(exploration.levels[i].exhausted);
    sum += exploration.levels[i].schedules;
  }
  EXPECT_EQ(sum, exploration.schedules);
}

}  // namespace
}  // namespace saga_harness::explore_test
