#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/rapidcheck.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness/testing.hpp>

namespace saga_harness {
namespace {

namespace fs = std::filesystem;

const Saga kParcel{.name = "parcel",
                   .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                             {.name = "pay", .service = "bank", .compensation = "refund"}}};

/// What `work` leaves when it is done in a process of its own.
template <class Work>
Report recorded(Work work, bool leaves_properly = true, int processes = 1) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path directory = fs::path(SAGA_HARNESS_SCRATCH_DIR) / "records" / test->name();
  fs::remove_all(directory);
  for (int i = 0; i < processes; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      record_runs_to(directory.string());
      work();
      std::fflush(stdout);
      if (leaves_properly) std::exit(0);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const std::vector<std::string> paths{directory.string()};
  return merge_record_files(paths);
}

void run_three() {
  SagaTestHarness harness(kParcel);
  harness.fail({"bank", "pay"});
  harness.start_saga();
  harness.run({});
  harness.run({});  // the same again
}

TEST(RecordsTest, AStepHasCellsIfSomeRunDoesNotSkipIt) {
  Saga saga = kParcel;
  saga.steps[0].only_if = Condition{.pointer = "/stocked"};
  const auto cells_of_reserve = [&saga](bool also_stocked) {
    const Report report = recorded([&] {
      SagaTestHarness harness(saga);
      harness.lose_reply({"bank", "pay"});
      harness.start_saga();
      if (!also_stocked) return;
      harness.fail({"stock", "reserve"});
      harness.start_saga({{"stocked", true}});
    });
    EXPECT_EQ(report.sagas.size(), 1U);
    EXPECT_TRUE(report.sagas.at(0).undeclared.empty());
    return std::ranges::count(report.sagas.at(0).cells, StepId{0}, &ReportCell::step);
  };
  EXPECT_EQ(cells_of_reserve(false), 0);
  EXPECT_GT(cells_of_reserve(true), 40);
}

TEST(RecordsTest, OfASearchWhoseRunDoesNotEndAreReadAndAreNotComplete) {
  const fs::path directory = fs::path(SAGA_HARNESS_SCRATCH_DIR) / "records" / "does_not_end";
  fs::remove_all(directory);
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) std::exit(1);
    record_runs_to(directory.string());
    ::alarm(20);  // nobody is there to end it if it is not ended
    set_run_limit(std::chrono::milliseconds(100));
    SagaTestHarness harness(kParcel);
    harness.use_coordinator([](Runtime& runtime) {
      const bool is_reserved = runtime.call({.service = "stock", .action = "reserve"}).ok();
      const Reply paid = runtime.call({.service = "bank", .action = "pay"});
      volatile bool goes_on = paid.status == ReplyStatus::kRejected;
      while (goes_on) {
      }
      if (is_reserved && paid.ok()) runtime.report(Outcome::kCompleted);
    });
    static_cast<void>(harness.explore({.max_faults = 1}));
    std::exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 70);
  const std::vector<std::string> paths{directory.string()};
  const Report report = merge_record_files(paths);
  EXPECT_GT(report.runs, 1U);
  EXPECT_THAT(report.incomplete, testing::Contains(testing::HasSubstr("have no end: it was cut off")));
  EXPECT_NE(exit_code_of(report), ExitCode::kUpheld);
}

TEST(RecordsTest, EveryRunOfAHarnessIsRecorded) {
  const Report report = recorded(run_three);
  ASSERT_EQ(report.sagas.size(), 1U);
  const SagaReport& saga = report.sagas[0];
  EXPECT_EQ(saga.runs, 2U);
  EXPECT_TRUE(saga.has_single_runs);
  EXPECT_TRUE(saga.searches.empty());
  EXPECT_TRUE(report.incomplete.empty());
  EXPECT_EQ(exit_code_of(report), ExitCode::kUpheld);
  const auto cell = std::ranges::find(saga.cells, "pay.action@call:rejected", &ReportCell::name);
  ASSERT_NE(cell, saga.cells.end());
  EXPECT_EQ(cell->status, CellStatus::kHeld);
  EXPECT_EQ(cell->fired, 1U);
}

TEST(RecordsTest, RerunsMerge) {
  EXPECT_EQ(report_json(recorded(run_three, true, 1)), report_json(recorded(run_three, true, 3)));
}

TEST(RecordsTest, AFaultThatDidNotStrikeIsArmedOnly) {
  const Report report = recorded([] { SagaTestHarness(kParcel).run(parse_plan("pay#7:reply_lost")); });
  const SagaReport& saga = report.sagas.at(0);
  const auto cell = std::ranges::find(saga.cells, "pay.action@call:reply_lost", &ReportCell::name);
  ASSERT_NE(cell, saga.cells.end());
  EXPECT_EQ(cell->armed, 1U);
  EXPECT_EQ(cell->fired, 0U);
  EXPECT_EQ(cell->status, CellStatus::kNotFired);
  EXPECT_EQ(saga.stale_runs, 1U);
  EXPECT_EQ(exit_code_of(report), ExitCode::kInconclusive) << "the plan promised a fault that nobody saw";
}

TEST(RecordsTest, ExplorationsAreRecordedAsSearches) {
  const Report report = recorded([] {
    const Exploration exploration =
        SagaTestHarness(kParcel).explore({.max_faults = 1, .workers = 2, .prune = true});
    EXPECT_THAT(exploration, FindsNoViolation());
  });
  const SagaReport& saga = report.sagas.at(0);
  ASSERT_EQ(saga.searches.size(), 1U);
  EXPECT_TRUE(saga.searches[0].exhausted);
  EXPECT_EQ(saga.runs, SagaTestHarness(kParcel).explore({.max_faults = 1}).schedules);
}

/// Tests of a program that is not all well: run by this program again, each in a process of its own.
TEST(DISABLED_RecordedSubject, Works) { SagaTestHarness(kParcel).run({}); }
TEST(DISABLED_RecordedSubject, Fails) {
  SagaTestHarness harness(kParcel);
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
}
TEST(DISABLED_RecordedSubject, IsSkipped) { GTEST_SKIP(); }
TEST(DISABLED_RecordedSubject, Dies) {
  SagaTestHarness(kParcel).run({});
  ::_exit(0);
}
TEST(DISABLED_RecordedSubject, PlansWhatNeverStrikes) {
  SagaTestHarness(kParcel).run(parse_plan("pay#7:reply_lost"));
}

/// What this program leaves in its records when it runs that test alone.
Report recorded_of(const std::string& name) {
  const fs::path directory = fs::path(SAGA_HARNESS_SCRATCH_DIR) / "records" / ("subject_" + name);
  fs::remove_all(directory);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("SAGA_HARNESS_RECORDS", directory.c_str(), 1);
    for (const char* of_this_run : {"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", "GTEST_OUTPUT"})
      ::unsetenv(of_this_run);
    const std::string filter = "--gtest_filter=DISABLED_RecordedSubject." + name;
    if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(126);
    ::execl("/proc/self/exe", "tests", "--gtest_also_run_disabled_tests", filter.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const std::vector<std::string> paths{directory.string()};
  return merge_record_files(paths);
}

TEST(RecordsTest, WhatATestKnewIsInTheReport) {
  const std::string suite = "DISABLED_RecordedSubject.";
  const auto says = [&suite](const std::string& name, const std::string& what) {
    return testing::Contains(testing::HasSubstr(suite + name + " " + what));
  };
  EXPECT_THAT(recorded_of("Works").incomplete, testing::Not(says("Works", "")));
  EXPECT_THAT(recorded_of("Works").incomplete, testing::Contains(testing::HasSubstr("did not run: ")))
      << "it was filtered: the others did not run";
  EXPECT_THAT(recorded_of("Fails").incomplete, says("Fails", "failed"));
  EXPECT_THAT(recorded_of("IsSkipped").incomplete, says("IsSkipped", "was skipped"));
  EXPECT_THAT(recorded_of("Dies").incomplete,
              testing::Contains(testing::HasSubstr("the tests were cut off in " + suite + "Dies")));
  const Report stale = recorded_of("PlansWhatNeverStrikes");
  EXPECT_EQ(stale.sagas.at(0).stale_runs, 1U);
  EXPECT_EQ(stale.sagas.at(0).stale_plan, "pay.action#7:reply_lost");
}

TEST(RecordsTest, ATestThatDiesLeavesIncompleteRecords) {
  const Report report = recorded(run_three, false);
  EXPECT_EQ(report.runs, 2U);
  EXPECT_EQ(report.incomplete.size(), 1U);
  EXPECT_EQ(exit_code_of(report), ExitCode::kInconclusive);
}

void use_one_that_does_nothing(SagaTestHarness& harness) {
  harness.use_coordinator([](Runtime& runtime) { runtime.report(Outcome::kCompleted); });
}

TEST(RecordsTest, ANamelessCoordinatorBelongsToItsTest) {
  const Report report = recorded([] {
    SagaTestHarness harness(kParcel);
    harness.use_coordinator(orchestrator(), Claims::all());
    harness.start_saga();
    use_one_that_does_nothing(harness);
    harness.claims(Claims::all());
    harness.start_saga();
  });
  ASSERT_EQ(report.sagas.size(), 1U);
  EXPECT_EQ(report.sagas[0].scope, "RecordsTest.ANamelessCoordinatorBelongsToItsTest");
  EXPECT_EQ(report.runs, 2U) << "two coordinators, no contradiction";
  EXPECT_TRUE(report.contradictions.empty());
  ASSERT_GE(report.findings, 1U);
  EXPECT_TRUE(report.sagas[0].findings[0].has_trace);
}

TEST(RecordsTest, ANameIsTakenForItsWord) {
  const Report report = recorded([] {
    SagaTestHarness harness(kParcel);
    harness.use_coordinator(orchestrator(), Claims::all()).named("mine");
    harness.start_saga();
    use_one_that_does_nothing(harness);
    harness.claims(Claims::all()).named("mine");
    harness.start_saga();
  });
  ASSERT_EQ(report.sagas.size(), 1U);
  EXPECT_EQ(report.sagas[0].scope, "");
  EXPECT_EQ(report.contradictions.size(), 1U);
  EXPECT_EQ(exit_code_of(report), ExitCode::kInternal);
}

TEST(RecordsTest, VersionsOfACoordinatorAreSubjectsOfTheirOwn) {
  const auto run_version = [](const char* version) {
    SagaTestHarness harness(kParcel);
    if (std::string_view(version) == "v2") {
      use_one_that_does_nothing(harness);
    } else {
      harness.use_coordinator(orchestrator());
    }
    harness.claims(Claims::all()).named("mine", version);
    harness.start_saga();
  };
  const Report report = recorded([&] {
    for (const char* version : {"v1", "v2", "v1"}) run_version(version);
  });
  EXPECT_EQ(report.sagas.size(), 2U);
  EXPECT_TRUE(report.contradictions.empty());
}

TEST(RecordsTest, SagasOfOneNameMayDifferFromTestToTest) {
  const Report report = recorded([] {
    run_three();
    Saga other = kParcel;
    other.steps[1].retry.attempts = 2;
    SagaTestHarness(other).run({});
  });
  EXPECT_EQ(report.sagas.size(), 2U);
}

TEST(RecordsTest, TheCellsOfATestAreAPropertyOfIt) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  static_cast<void>(recorded([test] {
    run_three();
    const testing::TestResult* result = test->result();
    ASSERT_EQ(result->test_property_count(), 1);
    EXPECT_STREQ(result->GetTestProperty(0).key(), "saga_cells");
    EXPECT_STREQ(result->GetTestProperty(0).value(), "pay.action@call:rejected");
    if (testing::Test::HasFailure()) ::_exit(1);
  }));
}

TEST(RecordsTest, PropertiesAreRecordedToo) {
  const Report report = recorded([] {
    const bool holds = rc::check("every pair of faults is survived", [] {
      const FaultPlan plan = *gen::fault_plan(kParcel, {.max_faults = 2});
      RC_ASSERT(SagaTestHarness(kParcel).run(plan).upholds_all_invariants());
    });
    if (!holds) ::_exit(1);
  });
  EXPECT_GT(report.runs, 10U);
  EXPECT_GT(report.counts.held, 10U);
}

}  // namespace
}  // namespace saga_harness
