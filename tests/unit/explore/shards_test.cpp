// Parts of a search, done by whoever, are the search.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <saga_harness/run_limit.hpp>

#include "results.hpp"
#include "search_file.hpp"
#include "subjects.hpp"
#include "support/sanitizers.hpp"
#include "units.hpp"
#include "workers.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Experiment> experiments() {
  return {subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated),
          subject(small_saga(), OrchestratorBug::kResumeReexecutesDone)};
}

TEST(ShardsTest, MergedShardsAreTheSingleSearch) {
  for (const Experiment& experiment : experiments()) {
    const ExploreOptions options{.max_faults = 2};
    const std::string expected = all_of(explore(experiment, options));
    for (const std::uint32_t count : {1U, 2U, 7U}) {
      SCOPED_TRACE(count);
      std::vector<std::string> files;
      for (std::uint32_t index = count; index-- > 0;) {
        ExploreOptions part = options;
        part.shard = {index, count};
        part.tally = scratch(std::to_string(index));
        EXPECT_TRUE(explore(experiment, part).exhausted);
        files.push_back(part.tally);
      }
      EXPECT_EQ(all_of(merge_tallies(experiment, options, files)), expected);
    }
  }
}

// Nothing but a fault tells them apart: the participants do a request that comes twice twice.
TEST(ShardsTest, AnotherSubjectOfTheSameNameNeitherResumesNorIsMerged) {
  const Experiment first = subject(small_saga());
  Experiment other = first;
  for (auto& [service, factory] : other.setup.participants) factory = ledger_fake({.deduplicates = false});
  ExploreOptions options{.max_faults = 1};
  options.resume = scratch("state");
  std::filesystem::remove(options.resume);
  EXPECT_TRUE(explore(first, options).finds_no_violation());
  EXPECT_TRUE(explore(first, options).finds_no_violation());
  const auto refused = [](const auto& action) {
    try {
      action();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("was taken");
  };
  EXPECT_THAT(refused([&] { static_cast<void>(explore(other, options)); }),
              HasSubstr("went otherwise there"));
  std::vector<std::string> files;
  for (const std::uint32_t index : {0U, 1U}) {
    const ExploreOptions part{.max_faults = 1, .shard = {index, 2}, .tally = scratch(std::to_string(index))};
    static_cast<void>(explore(index == 0 ? first : other, part));
    files.push_back(part.tally);
  }
  EXPECT_THAT(refused([&] { static_cast<void>(merge_tallies(first, {.max_faults = 1}, files)); }),
              HasSubstr("went otherwise there"));
}

TEST(ShardsTest, EveryScheduleBelongsToOneShard) {
  const Experiment experiment = subject(small_saga());
  std::multiset<std::string> all;
  std::multiset<std::string> in_shards;
  ExploreOptions options{.max_faults = 2};
  options.on_schedule = [&](const Schedule& schedule) { all.insert(to_string(schedule.plan)); };
  static_cast<void>(explore(experiment, options));
  options.on_schedule = [&](const Schedule& schedule) { in_shards.insert(to_string(schedule.plan)); };
  for (std::uint32_t index = 0; index < 5; ++index) {
    options.shard = {index, 5};
    static_cast<void>(explore(experiment, options));
  }
  EXPECT_EQ(in_shards, all);
}

TEST(ShardsTest, WhatDoesNotBelongTogetherIsNotMerged) {
  const Experiment experiment = subject(small_saga());
  const ExploreOptions options{.max_faults = 1};
  std::vector<std::string> files;
  for (std::uint32_t index = 0; index < 3; ++index) {
    ExploreOptions part = options;
    part.shard = {index, 3};
    part.tally = scratch(std::to_string(index));
    static_cast<void>(explore(experiment, part));
    files.push_back(part.tally);
  }
  const auto refused = [&](const Experiment& subject, const ExploreOptions& with,
                           std::vector<std::string> paths) {
    return error_of([&] { return merge_tallies(subject, with, paths); });
  };
  EXPECT_EQ(refused(experiment, options, {files[0], files[2]}),
            std::pair(std::string("incomplete: shard 2/3 is missing; merge all files of one search"),
                      std::optional(ErrorKind::kIncomplete)));
  EXPECT_THAT(refused(experiment, options, {files[1]}).first, HasSubstr("shard 1/3, 3/3 are missing"));
  EXPECT_EQ(refused(experiment, options, {files[0], files[0]}),
            std::pair(files[0] + " and " + files[0] + ": both are shard 1/3; leave out one of them",
                      std::optional(ErrorKind::kMisuse)));
  EXPECT_THAT(refused(experiment, {.max_faults = 2}, files).first, HasSubstr("max_faults is \"1\" there"));
  EXPECT_THAT(refused(subject(order_saga()), options, files).first, HasSubstr("saga is \"small\" there"));
  EXPECT_THAT(refused(subject(small_saga(), OrchestratorBug::kPastPivot), options, files).first,
              HasSubstr("coordinator is"));
  EXPECT_THAT(refused(experiment, options, {}).first, HasSubstr("nothing to merge"));
  EXPECT_THAT(refused(experiment, options, {"no_such_file"}).first, HasSubstr("there is no such file"));
}

TEST(ShardsTest, AFileKnowsWhatWasSearched) {
  ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kRejected, FaultKind::kReplyLost}};
  options.windows = false;
  options.tally = scratch("tally");
  static_cast<void>(explore(subject(small_saga(), OrchestratorBug::kPastPivot), options));
  const SearchedFor searched = searched_for(options.tally);
  EXPECT_EQ(searched.coordinator, "past_pivot");
  EXPECT_EQ(searched.participant, "reference");
  EXPECT_EQ(searched.options.max_faults, 1);
  EXPECT_EQ(searched.options.kinds, options.kinds);
  EXPECT_FALSE(searched.options.windows);
}

TEST(ShardsTest, AShardThatDoesNotExistIsRefused) {
  const auto refused = [](Shard shard) {
    return error_of([&] { return explore(subject(small_saga()), {.max_faults = 0, .shard = shard}); }).first;
  };
  EXPECT_EQ(refused({2, 2}), "there is no shard 2 of 2; the index must be below the count, from 0");
  EXPECT_EQ(refused({0, 0}), "there is no shard 0 of 0; the index must be below the count, from 0");
}

// One of the workers meets a run that does not end; the others do their part.
TEST(WorkersTest, OneWhoseRunDoesNotEndIsLostAlone) {
  if (SAGA_HARNESS_UNDER_THREAD_SANITIZER) GTEST_SKIP() << "under ThreadSanitizer a loop is not interrupted";
  const Duration limit = run_limit();
  Experiment experiment = subject(small_saga());
  experiment.setup.coordinator = [reference = experiment.setup.coordinator](Runtime& runtime) {
    reference(runtime);
    volatile bool goes_on = false;
    for (const LogRecord& record : runtime.records())
      goes_on = goes_on || (record.kind == LogKind::kFailed && record.step == "pay" && record.maybe_done);
    while (goes_on) {
    }
  };
  set_run_limit(Duration(100'000));
  const Exploration found =
      explore(experiment,
              {.max_faults = 1, .kinds = {FaultKind::kErrorAfterEffect, FaultKind::kRejected}, .workers = 2});
  set_run_limit(limit);
  EXPECT_THAT(found.verdict.error,
              HasSubstr("did not end and was stopped: its part of the search is missing"));
  EXPECT_FALSE(found.exhausted);
}

TEST(WorkersTest, FindWhatOneFinds) {
  for (const Experiment& experiment : experiments()) {
    const std::string expected = all_of(explore(experiment, {.max_faults = 2}));
    for (const int workers : {2, 3, 8}) {
      SCOPED_TRACE(workers);
      EXPECT_EQ(all_of(explore(experiment, {.max_faults = 2, .workers = workers})), expected);
    }
  }
}

// To take a message apart costs as much as many schedules.
TEST(WorkersTest, HeavySayWhatTheyCountedEverySecondAtMost) {
  constexpr int kWorkers = 2;
  const Experiment experiment = subject(order_saga());
  const ExploreOptions options{
      .max_faults = 3,
      .kinds = {FaultKind::kRejected, FaultKind::kReplyLost, FaultKind::kRequestLost,
                FaultKind::kErrorAfterEffect, FaultKind::kUnavailable, FaultKind::kCoordinatorCrash},
      .workers = kWorkers};
  SearchState state{Tally(experiment, options.kinds)};
  std::uint64_t contributions = 0;
  const auto began = std::chrono::steady_clock::now();
  run_workers(experiment, options, state, Deadline(options.max_time), [&] { ++contributions; });
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - began).count();
  const std::uint64_t schedules = state.tally.so_far().schedules;
  EXPECT_GT(schedules, 100'000U);
  EXPECT_LE(contributions, kWorkers * static_cast<std::uint64_t>(seconds + 1)) << schedules;
}

/// The reference, which does something else in its `run`th run in a process.
Experiment mortal(Saga saga, int run, std::function<void()> end) {
  Experiment experiment = subject(std::move(saga));
  const Coordinator reference = experiment.setup.coordinator;
  experiment.setup.coordinator = [reference, end, left = std::make_shared<int>(run)](Runtime& runtime) {
    reference(runtime);
    if (--*left == 0) end();
  };
  return experiment;
}

TEST(WorkersTest, OneThatDiesIsMissed) {
  const auto killed = error_of([] {
    return explore(mortal(small_saga(), 300, [] { ::raise(SIGKILL); }), {.max_faults = 2, .workers = 2});
  });
  EXPECT_THAT(killed.first, testing::MatchesRegex("worker [12] of 2 was killed by signal 9 .*"));
  EXPECT_EQ(killed.second, ErrorKind::kInternal);
  const auto left = error_of(
      [] { return explore(mortal(small_saga(), 300, [] { ::_exit(0); }), {.max_faults = 2, .workers = 2}); });
  EXPECT_THAT(left.first, testing::MatchesRegex("worker [12] of 2 left with status 0 .*"));
  EXPECT_EQ(left.second, ErrorKind::kInternal);
}

TEST(WorkersTest, WhatOneThrowsComesOut) {
  const auto caught = error_of([] {
    const auto runs = std::make_shared<int>();
    Experiment experiment = subject(small_saga());
    experiment.setup.coordinator = [runs](Runtime& runtime) {
      runtime.report(++*runs % 2 == 0 ? Outcome::kCompensated : Outcome::kFlagged);
    };
    return explore(experiment, {.max_faults = 1, .workers = 2});
  });
  EXPECT_THAT(caught.first, StartsWith("not deterministic: "));
  EXPECT_EQ(caught.second, ErrorKind::kInternal);
}

TEST(WorkersTest, WhatNeedsAnOrderIsRefused) {
  const auto refused = [](ExploreOptions options) {
    options.workers = 2;
    return error_of([&] { return explore(subject(small_saga()), options); }).first;
  };
  EXPECT_THAT(refused({.max_schedules = 5}), HasSubstr("cannot be had with more than one worker"));
  EXPECT_THAT(refused({.stop_at_first_violation = true}), HasSubstr("more than one worker"));
  ExploreOptions looking;
  looking.on_schedule = [](const Schedule&) {};
  EXPECT_THAT(refused(looking), HasSubstr("more than one worker"));
  EXPECT_THAT(error_of([] { return explore(subject(small_saga()), {.workers = 0}); }).first,
              HasSubstr("workers is 0"));
}

TEST(ResumeTest, HeavyASearchStoppedAnywhereGoesOnToTheSameEnd) {
  for (const Experiment& experiment : experiments()) {
    const std::string expected = all_of(explore(experiment, {.max_faults = 2}));
    const std::uint64_t schedules = explore(experiment, {.max_faults = 2}).schedules;
    for (const std::uint64_t step : {1U, 130U, 1000U}) {
      SCOPED_TRACE(step);
      ExploreOptions options{.max_faults = 2};
      options.resume = scratch("state");
      Exploration result;
      const std::uint64_t first = step == 1 ? 30 : step;
      std::uint64_t stops = 0;
      for (std::uint64_t bound = first; !result.exhausted && stops < 12; bound += step) {
        options.max_schedules = bound;
        result = explore(experiment, options);
        ++stops;
      }
      options.max_schedules = 0;
      result = explore(experiment, options);
      EXPECT_GE(stops, std::min<std::uint64_t>(schedules / step, 12));
      EXPECT_EQ(all_of(result), expected);
      EXPECT_EQ(all_of(explore(experiment, options)), expected) << "a finished search is not run again";
    }
  }
}

TEST(ResumeTest, WorkersGoOnFromWhatOneLeftAndTheOtherWayRound) {
  const Experiment experiment = subject(order_saga(), OrchestratorBug::kAmbiguousNotCompensated);
  const std::string expected = all_of(explore(experiment, {.max_faults = 2}));
  ExploreOptions options{.max_faults = 2, .max_schedules = 777};
  options.resume = scratch("state");
  static_cast<void>(explore(experiment, options));
  options.max_schedules = 0;
  options.workers = 2;
  EXPECT_EQ(all_of(explore(experiment, options)), expected);
}

TEST(ResumeTest, WhatWorkersDidBeforeOneDiedIsNotLost) {
  const Experiment experiment = subject(order_saga());
  const std::string expected = all_of(explore(experiment, {.max_faults = 2}));
  ExploreOptions options{.max_faults = 2, .workers = 2};
  options.resume = scratch("state");
  options.save_every = 500;
  const Experiment dies = mortal(order_saga(), 4000, [] { ::raise(SIGKILL); });
  EXPECT_EQ(error_of([&] { return explore(dies, options); }).second, ErrorKind::kInternal);
  const std::optional<SearchFile> left = SearchFile::load(options.resume);
  ASSERT_TRUE(left.has_value());
  EXPECT_GT(left->state(experiment).tally.so_far().schedules, 500U);
  EXPECT_FALSE(left->state(experiment).frontier.finished);
  options.workers = 1;
  EXPECT_EQ(all_of(explore(experiment, options)), expected);
}

TEST(ResumeTest, ADamagedOrForeignFileIsRefused) {
  const Experiment experiment = subject(small_saga());
  ExploreOptions options{.max_faults = 2, .max_schedules = 100};
  options.resume = scratch("state");
  static_cast<void>(explore(experiment, options));
  const std::string good = read_file(options.resume);
  const auto refused = [&](const std::string& text, const Experiment& subject, ExploreOptions with) {
    std::ofstream(options.resume, std::ios::binary) << text;
    with.resume = options.resume;
    return error_of([&] { return explore(subject, with); });
  };
  for (std::size_t cut = 0; cut + 1 < good.size(); cut += 97) {
    const auto [message, code] = refused(good.substr(0, cut), experiment, options);
    EXPECT_THAT(message, StartsWith(options.resume)) << cut;
    EXPECT_EQ(code, ErrorKind::kMisuse);
  }
  for (std::size_t at = 0; at < good.size(); at += 53) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    EXPECT_EQ(refused(flipped, experiment, options).second, ErrorKind::kMisuse) << at;
  }
  EXPECT_THAT(refused("{}", experiment, options).first, HasSubstr("not the state of a search"));
  EXPECT_THAT(refused(good, experiment, {.max_faults = 1}).first, HasSubstr("max_faults is \"2\" there"));
  EXPECT_THAT(refused(good, experiment, {.max_faults = 2, .shard = {1, 2}}).first,
              HasSubstr("belongs to shard 1/1, not to 2/2"));
  Experiment other_stock = experiment;
  other_stock.setup.participants["bank"] =
      participant_from([](const Delivery&, EffectRecorder&) { return Reply{ReplyStatus::kRejected}; });
  EXPECT_THAT(refused(good, other_stock, options).first,
              HasSubstr("the run without faults went otherwise there"));
  EXPECT_EQ(refused(good, experiment, options).first, "(no error)");
}

TEST(ResumeTest, AStateThatCannotBeWrittenIsSaid) {
  const auto [message, code] = error_of(
      [] { return explore(subject(small_saga()), {.max_faults = 0, .resume = "no/such/directory/state"}); });
  EXPECT_THAT(message, StartsWith("cannot write no/such/directory/state: "));
  EXPECT_EQ(code, ErrorKind::kMisuse);
}

TEST(UnitSetTest, KeepsRangesApartAndJoined) {
  UnitSet set;
  for (const Unit unit : {5U, 1U, 3U, 2U, 9U, 4U, 2U}) set.insert(unit);
  EXPECT_EQ(set.ranges(), (std::vector<UnitSet::Range>{{1, 5}, {9, 9}}));
  set.insert({0, 20});
  EXPECT_EQ(set.ranges(), (std::vector<UnitSet::Range>{{0, 20}}));
  EXPECT_TRUE(set.contains(0));
  EXPECT_TRUE(set.contains(20));
  EXPECT_FALSE(set.contains(21));
  EXPECT_FALSE(UnitSet().contains(0));
}

TEST(UnitsTest, EveryUnitIsClaimedByOneWorker) {
  std::atomic<std::uint64_t> claims = 0;
  UnitSet before;
  before.insert({3, 10});
  std::vector<Units> workers(3, Units({1, 2}, before, &claims));
  std::multiset<Unit> taken;
  for (Unit unit = 0; unit < 100; ++unit) {
    for (Units& worker : workers) {
      if (worker.take(unit)) taken.insert(unit);
    }
  }
  std::multiset<Unit> expected;
  for (Unit unit = 1; unit < 100; unit += 2) {
    if (unit < 3 || unit > 10) expected.insert(unit);
  }
  EXPECT_EQ(taken, expected);
}

}  // namespace
}  // namespace saga_harness::explore_test
