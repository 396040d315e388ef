// What a program of tests knew is in its records: none of it is lost on the way to the report and the gate.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/test_records.hpp>

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kHeader = tests_header("orders", {"A.works", "B.works"});
const std::string kFirst = test_began("A.works") + test_ended("A.works", TestResult::kPassed);
const std::string kSecond = test_began("B.works") + test_ended("B.works", TestResult::kPassed);

std::vector<std::string> said_of(const std::vector<std::string>& texts) {
  std::vector<RecordText> records;
  for (const std::string& text : texts) records.push_back({"runs.jsonl", text});
  const Report report = merge_records(records);
  EXPECT_EQ(exit_code_of(report), ExitCode::kInconclusive) << "there is no run in any case";
  const std::string junit = junit_report(report, JUnitDialect::kGitHub);
  EXPECT_EQ(junit.find("<error") != std::string::npos, !report.incomplete.empty());
  EXPECT_EQ(judge_gate(report, {}).exit_code(), ExitCode::kInconclusive);
  return report.incomplete;
}

TEST(TestBookTest, TestsThatAllPassedLeaveNothingToSay) {
  EXPECT_THAT(said_of({kHeader + kFirst + kSecond + tests_end()}), IsEmpty());
  // ctest runs each in a process of its own.
  EXPECT_THAT(said_of({kHeader + kFirst + tests_end(), kHeader + kSecond + tests_end()}), IsEmpty());
}

TEST(TestBookTest, ATestThatFailedIsSaidThoughItPassedLater) {
  const std::string failed = test_ended("B.works", TestResult::kFailed);
  EXPECT_THAT(said_of({kHeader + kFirst + failed + tests_end()}), ElementsAre("orders: B.works failed"));
  EXPECT_THAT(said_of({kHeader + kFirst + failed + tests_end(), kHeader + kSecond + tests_end()}),
              ElementsAre("orders: B.works failed"));
}

TEST(TestBookTest, ATestThatWasSkippedIsSaidUnlessItPassed) {
  const std::string skipped = test_ended("B.works", TestResult::kSkipped);
  EXPECT_THAT(said_of({kHeader + kFirst + skipped + tests_end()}),
              ElementsAre("orders: B.works was skipped"));
  EXPECT_THAT(said_of({kHeader + kFirst + skipped + tests_end(), kHeader + kSecond + tests_end()}),
              IsEmpty());
}

TEST(TestBookTest, ATestThatNeverRanIsSaid) {
  EXPECT_THAT(said_of({kHeader + kFirst + tests_end()}), ElementsAre("orders: 1 test did not run: B.works"));
  EXPECT_THAT(
      said_of({tests_header("orders", {"T.1", "T.2", "T.3", "T.4", "T.5", "T.6", "T.7"}) + tests_end()}),
      ElementsAre("orders: 7 tests did not run: T.1, T.2, T.3, T.4, T.5 and 2 more"));
}

TEST(TestBookTest, AProgramThatDiedSaysInWhichTest) {
  const std::string dies = kHeader + kFirst + test_began("B.works");
  EXPECT_THAT(said_of({dies}), ElementsAre("orders: the tests were cut off in B.works"));
  EXPECT_THAT(said_of({dies + kHeader + kFirst + kSecond + tests_end()}),
              ElementsAre("orders: the tests were cut off in B.works"));
  EXPECT_THAT(said_of({kHeader + kFirst + kSecond}), ElementsAre("orders: the tests were cut off"));
}

TEST(TestBookTest, WhatIsNoResultIsRefused) {
  const std::string bad = kHeader + "{\"test\":\"A.works\",\"result\":\"fine\"}\n";
  EXPECT_THROW(static_cast<void>(merge_records(std::vector<RecordText>{{"runs.jsonl", bad}})), Error);
}

}  // namespace
}  // namespace saga_harness
