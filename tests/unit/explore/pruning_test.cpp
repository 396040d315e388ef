// What is left out goes like what was run: the result is the same to the last number.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "results.hpp"
#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Saga one_step(int attempts) {
  return {.name = "one",
          .steps = {
              {.name = "pay", .service = "bank", .compensation = "refund", .retry = {.attempts = attempts}}}};
}

ExploreOptions pruned(int faults) { return {.max_faults = faults, .prune = true, .audit_every = 1}; }

/// The same experiment, with a count of the runs it takes.
Experiment counted(Experiment experiment, int& runs) {
  const Coordinator coordinator = experiment.setup.coordinator;
  experiment.setup.coordinator = [coordinator, &runs](Runtime& runtime) {
    runs += runtime.cause() == StartCause::kFirst ? 1 : 0;
    coordinator(runtime);
  };
  return experiment;
}

TEST(PruningTest, HeavyChangesNoNumberOfTheResult) {
  for (const OrchestratorBug bug : all_orchestrator_bugs()) {
    SCOPED_TRACE(name_of(bug));
    const Experiment experiment = subject(small_saga(), bug);
    ExploreOptions options{.max_faults = 2,
                           .kinds = {FaultKind::kUnavailable, FaultKind::kErrorAfterEffect,
                                     FaultKind::kRequestLateAfterEnd, FaultKind::kReplyLost,
                                     FaultKind::kCoordinatorCrash, FaultKind::kTakeover, FaultKind::kCancel}};
    const std::string all = all_of(explore(experiment, options));
    options.prune = true;
    options.audit_every = 10;
    const Exploration some = explore(experiment, options);
    EXPECT_EQ(all_of(some), all);
    EXPECT_GT(some.pruned, 0U);
  }
}

TEST(PruningTest, NorOfThatOfThreeFaults) {
  const Experiment experiment = subject(one_step(3), OrchestratorBug::kFailureSwallowed);
  ExploreOptions options = pruned(3);
  options.kinds = {FaultKind::kUnavailable, FaultKind::kErrorAfterEffect, FaultKind::kReplyLost,
                   FaultKind::kCoordinatorCrash};
  const std::string some = all_of(explore(experiment, options));
  options.prune = false;
  EXPECT_EQ(some, all_of(explore(experiment, options)));
}

TEST(PruningTest, WhatIsLeftOutIsNotRun) {
  int runs_of_all = 0;
  int runs_of_some = 0;
  ExploreOptions options = {.max_faults = 2, .recheck_every = 0};
  const Experiment experiment = subject(order_saga());
  const Exploration all = explore(counted(experiment, runs_of_all), options);
  options.prune = true;
  options.audit_every = 0;
  const Exploration some = explore(counted(experiment, runs_of_some), options);
  EXPECT_EQ(runs_of_all - runs_of_some, static_cast<int>(some.pruned));
  EXPECT_EQ(all.pruned, 0U);
  EXPECT_GT(some.pruned * 4, all.schedules) << "hardly worth it";
}

TEST(PruningTest, AFaultThatStrikesAgainIsRun) {
  ExploreOptions options = pruned(1);
  options.kinds = {FaultKind::kRequestLost};
  // One attempt, and none comes later: how long it would have lasted does not show.
  EXPECT_EQ(explore(subject(one_step(1)), options).pruned, 2U) << "until the end, and for ever";
  // Three: `budget` strikes the second, and with the third nothing is left for the longer ones.
  const Exploration three = explore(subject(one_step(3)), options);
  EXPECT_EQ(three.schedules, 1U + 4U);
  EXPECT_EQ(three.pruned, 2U);
}

TEST(PruningTest, WhatStrikesDuringRecoveryIsRun) {
  // Asks once and once more when it is started again, whatever it was told.
  const auto asks_again = [](Runtime& runtime) {
    static_cast<void>(runtime.call({.service = "bank", .action = "pay"}));
    runtime.report(Outcome::kFlagged);
  };
  Experiment experiment = subject(one_step(1));
  experiment.setup.coordinator = asks_again;
  ExploreOptions options = pruned(1);
  options.kinds = {FaultKind::kRequestLost};
  const Exploration found = explore(experiment, options);
  EXPECT_EQ(found.schedules, 1U + 3U);
  EXPECT_EQ(found.pruned, 1U) << "`heal` is like `once`, `forever` is not";
}

TEST(PruningTest, HeavyShardsWorkersAndResumptionsLeaveOutTheSame) {
  const Experiment experiment = subject(small_saga(), OrchestratorBug::kResumeReexecutesDone);
  const Exploration whole = explore(experiment, pruned(2));
  const auto expect_whole = [&](const Exploration& found) {
    EXPECT_EQ(all_of(found), all_of(whole));
    EXPECT_EQ(found.pruned, whole.pruned);
  };
  ExploreOptions options = pruned(2);
  options.workers = 2;
  expect_whole(explore(experiment, options));

  std::vector<std::string> files;
  for (std::uint32_t index = 0; index < 3; ++index) {
    ExploreOptions part = pruned(2);
    part.shard = {index, 3};
    part.tally = scratch(std::to_string(index));
    EXPECT_TRUE(explore(experiment, part).exhausted);
    files.push_back(part.tally);
  }
  expect_whole(merge_tallies(experiment, pruned(2), files));

  ExploreOptions slowly = pruned(2);
  slowly.resume = scratch("resumed");
  slowly.audit_every = 0;
  for (slowly.max_schedules = 1; !explore(experiment, slowly).exhausted; slowly.max_schedules += 41) {
  }
  expect_whole(explore(experiment, slowly));
}

TEST(PruningTest, AnAuditFindsWhatDoesNotGoAsItShould) {
  int runs = 0;
  // Asks a second time in some of its runs, by a count that is none of the run's.
  const auto moody = [&runs](Runtime& runtime) {
    ++runs;
    const Request request{.service = "bank", .action = "pay"};
    if (runtime.call(request).status == ReplyStatus::kTimeout && runs > 12 && runs % 2 == 0)
      static_cast<void>(runtime.call(request));
    runtime.report(Outcome::kFlagged);
  };
  Experiment experiment = subject(one_step(1));
  experiment.setup.coordinator = moody;
  experiment.setup.durable = false;
  experiment.claims.retries = false;  // more often than declared, too
  ExploreOptions options = pruned(1);
  options.recheck_every = 0;
  const auto [message, code] = error_of([&] { return explore(experiment, options); });
  EXPECT_EQ(code, ErrorKind::kInternal);
  EXPECT_THAT(message, AllOf(HasSubstr("not deterministic: plan \"pay.action#"),
                             HasSubstr("was to be left out"), HasSubstr("but event ")));
}

TEST(PruningTest, AsksAsOftenAsItShould) {
  int runs[3] = {0, 0, 0};
  const std::uint64_t every[3] = {0, 1, 10};
  std::uint64_t left_out = 0;
  for (int i = 0; i < 3; ++i) {
    ExploreOptions options = pruned(2);
    options.recheck_every = 0;
    options.audit_every = every[i];
    left_out = explore(counted(subject(small_saga()), runs[i]), options).pruned;
  }
  EXPECT_EQ(runs[1] - runs[0], static_cast<int>(2 * left_out)) << "both are run for it";
  EXPECT_EQ(runs[2] - runs[0], static_cast<int>(2 * (left_out / 10)));
}

TEST(PruningTest, WhatNeedsEveryRunIsRefused) {
  const Experiment experiment = subject(small_saga());
  ExploreOptions options = pruned(1);
  options.on_schedule = [](const Schedule& /*schedule*/) {};
  EXPECT_THAT(error_of([&] { return explore(experiment, options); }).first,
              HasSubstr("looking at every schedule needs each of them to be run"));
  options = pruned(1);
  options.swarm = Swarm{.seed = "1", .schedules = 10};
  EXPECT_THAT(error_of([&] { return explore(experiment, options); }).first,
              HasSubstr("a random search leaves nothing out"));
}

TEST(PruningTest, AFileKnowsThatItWas) {
  const Experiment experiment = subject(small_saga());
  ExploreOptions options = pruned(1);
  options.resume = scratch("pruned");
  static_cast<void>(explore(experiment, options));
  options.prune = false;
  EXPECT_THAT(error_of([&] { return explore(experiment, options); }).first,
              HasSubstr("prune is \"yes\" there and \"no\" here"));
}

}  // namespace
}  // namespace saga_harness::explore_test
