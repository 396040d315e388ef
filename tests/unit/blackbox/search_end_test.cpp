// How a search over real runs ends before it is exhausted.

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

#include "search_bounds.hpp"
#include "virtual_runs.hpp"

namespace saga_harness::blackbox_test {
namespace {

using namespace std::chrono_literals;
using blackbox::SearchBounds;
using testing::HasSubstr;

TEST(SearchEndTest, WhatHasFinishedCountsWhenItIsStoppedWhateverTheOrder) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const Exploration whole = search(experiment, bounds(1), [&](const FaultPlan& plan) {
                              return run_in_virtual_time(experiment, plan);
                            }).exploration;
  SearchStop stop;
  std::atomic<bool> is_stuck = false;
  std::mutex mutex;
  std::set<std::string> finished;
  const RunPlan run = [&](const FaultPlan& plan) {
    if (plan.size() == 1 && !is_stuck.exchange(true)) {  // the first of them does not end by itself
      while (!stop.is_requested()) std::this_thread::yield();
      throw Error("it was cut short", ErrorKind::kInternal);
    }
    ObservedRun seen = run_in_virtual_time(experiment, plan);
    const std::lock_guard lock(mutex);
    finished.insert(to_string(plan));
    if (finished.size() + 1 == whole.schedules) stop.request();
    return seen;
  };
  constexpr int kWorkers = 4;
  const Exploration found = search(experiment, bounds(1, kWorkers), run, &stop).exploration;
  EXPECT_FALSE(found.exhausted);
  EXPECT_GE(found.schedules + kWorkers, whole.schedules);
  EXPECT_LT(found.schedules, whole.schedules);
  EXPECT_FALSE(found.findings.empty());
  EXPECT_EQ(found.verdict.word, VerdictWord::kViolated);
  EXPECT_EQ(found.verdict.error, "");
}

TEST(SearchEndTest, NothingBeginsOnceTimeIsUpAndWhatHasFinishedCounts) {
  const Experiment experiment = subject("reference");
  ExploreOptions options = bounds(2, 2);
  options.max_time = 500ms;
  std::atomic<std::uint64_t> runs = 0;
  const RunPlan run = [&](const FaultPlan& plan) {
    ++runs;
    ObservedRun seen = run_in_virtual_time(experiment, plan);
    std::this_thread::sleep_for(5ms);
    return seen;
  };
  const Exploration found = search(experiment, options, run).exploration;
  EXPECT_FALSE(found.exhausted);
  EXPECT_EQ(found.verdict.word, VerdictWord::kInconclusive);
  EXPECT_LE(runs, 2 * 500ms / 5ms + 10) << "there is time for so many, two at once, each for 5 ms at least";
  EXPECT_EQ(found.schedules + 1, runs) << "the run without faults is run twice, and no run is lost";
}

TEST(SearchEndTest, WhatIsSeenAsTimeRunsOutIsNotRunAgainAndCounts) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const RunPlan quick = [&](const FaultPlan& plan) { return run_in_virtual_time(experiment, plan); };
  const std::vector<Finding> all = search(experiment, bounds(1), quick).exploration.findings;
  ASSERT_FALSE(all.empty());
  ExploreOptions options = bounds(1);
  options.max_time = 1s;
  int runs = 0;
  const auto began = std::chrono::steady_clock::now();
  const RunPlan run = [&](const FaultPlan& plan) {
    if (plan == all.front().plan && ++runs == 1)
      std::this_thread::sleep_until(began + options.max_time + 50ms);
    return quick(plan);
  };
  const Exploration found = search(experiment, options, run).exploration;
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(found.exhausted);
  EXPECT_THAT(found.findings, testing::Contains(testing::Field(&Finding::plan, all.front().plan)));
}

TEST(SearchEndTest, AnErrorComesWithWhatWasFoundBeforeIt) {
  const Experiment experiment = subject("ambiguous_not_compensated");
  const RunPlan run = [&](const FaultPlan& plan) {
    if (plan.size() == 2) throw Error("somebody answers where nobody should", ErrorKind::kInternal);
    return run_in_virtual_time(experiment, plan);
  };
  const Exploration found = search(experiment, bounds(2, 3), run).exploration;
  EXPECT_FALSE(found.exhausted);
  EXPECT_FALSE(found.findings.empty());
  EXPECT_EQ(found.verdict.error, "somebody answers where nobody should");
}

TEST(SearchEndTest, AnErrorBeforeAnythingWasSeenIsThrown) {
  const Experiment experiment = subject("reference");
  const RunPlan run = [](const FaultPlan&) -> ObservedRun {
    throw Error("the machine failed", ErrorKind::kInternal);
  };
  EXPECT_THROW(static_cast<void>(search(experiment, bounds(1), run)), Error);
}

TEST(SearchEndTest, WhatIsRunAgainTakesAThirdOfTheTime) {
  SearchBounds bounds(Duration::zero(), nullptr);
  EXPECT_TRUE(bounds.may_run_again());
  bounds.note(SearchBounds::Run::kFirst, 30s);
  bounds.note(SearchBounds::Run::kAgain, 19s);
  EXPECT_TRUE(bounds.may_run_again()) << "the first seconds are free";
  bounds.note(SearchBounds::Run::kAgain, 2s);
  EXPECT_FALSE(bounds.may_run_again());
  bounds.note(SearchBounds::Run::kFirst, 13s);
  EXPECT_TRUE(bounds.may_run_again());
}

TEST(SearchEndTest, OfAShortSearchAThirdIsFreeAtMost) {
  SearchBounds bounds(30s, nullptr);
  bounds.note(SearchBounds::Run::kAgain, 9s);
  EXPECT_TRUE(bounds.may_run_again());
  bounds.note(SearchBounds::Run::kAgain, 2s);
  EXPECT_FALSE(bounds.may_run_again());
  bounds.note(SearchBounds::Run::kFirst, 23s);
  EXPECT_TRUE(bounds.may_run_again()) << "a third of what was run";
}

TEST(SearchEndTest, NothingIsRunAgainOnceItIsOver) {
  SearchStop stop;
  const SearchBounds bounds(Duration::max(), &stop);
  EXPECT_TRUE(bounds.may_run_again());
  EXPECT_FALSE(bounds.is_over());
  stop.request();
  EXPECT_TRUE(bounds.is_over());
  EXPECT_FALSE(bounds.may_run_again());
}

TEST(SearchEndTest, ARequestReachesWhoeverListensBeforeOrAfter) {
  SearchStop stop;
  int times = 0;
  stop.on_request([&times] { ++times; });
  stop.request();
  EXPECT_EQ(times, 1);
  stop.on_request({});
  stop.request();
  EXPECT_EQ(times, 1);
  stop.on_request([&times] { ++times; });
  EXPECT_EQ(times, 2);
}

}  // namespace
}  // namespace saga_harness::blackbox_test
