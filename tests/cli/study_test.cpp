// One verdict of the searches over more than one saga's runs (interleave, require, mutants): on the terminal,
// in JSON, in records, in every report of them, at the gate.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Expected {
  std::string word = {};
  int code = 0;
  std::string reason = {};   ///< of what is lacking or found, in every format for people
  std::string finding = {};  ///< the rule of a finding, in every format; empty: none
};

/// Runs `arguments` and asks every output.
void expect_everywhere(const std::vector<std::string>& arguments, const Expected& expected) {
  const std::string records = scratch("records");
  std::vector<std::string> with_records = arguments;
  with_records.insert(with_records.end(), {"--out", records, "--json"});
  const Result searched = run(with_records);
  EXPECT_EQ(searched.exit_code, expected.code) << searched.out << searched.err;
  const json document = json::parse(searched.out);
  EXPECT_EQ(document["verdict"], expected.word) << searched.out;
  EXPECT_EQ(read_file(records + "/exploration.json"), searched.out);
  const Result shown = run(arguments);
  EXPECT_EQ(shown.exit_code, expected.code);
  std::string upper;
  for (const char c : expected.word) upper += c == '_' ? ' ' : static_cast<char>(std::toupper(c));
  EXPECT_THAT(lines_of(shown.out).back(), testing::StartsWith(upper + ": ")) << shown.out;

  for (const char* format : {"terminal", "json", "markdown", "html", "junit", "github"}) {
    const Result reported = run({"report", records, "--format", format});
    EXPECT_EQ(reported.exit_code, expected.code) << format << reported.out << reported.err;
    const bool is_for_trouble = format == std::string("junit") || format == std::string("github");
    if (expected.code != 0 || !is_for_trouble) {
      EXPECT_THAT(unwrapped(reported.out), HasSubstr(unwrapped(expected.reason))) << format;
    }
    EXPECT_THAT(reported.out, HasSubstr(expected.finding)) << format;
  }
  const json report = json::parse(run({"report", records, "--json"}).out);
  EXPECT_EQ(report["verdict"], expected.word);
  EXPECT_EQ(report["studies"].at(0)["verdict"], expected.word);
  EXPECT_EQ(report["studies"].at(0)["lacks"], document["lacks"]);
  const std::string metrics = run({"report", records, "--format", "prometheus"}).out;
  EXPECT_THAT(metrics, HasSubstr("verdict=\"" + expected.word + "\""));
  const std::string timeline = run({"report", records, "--format", "timeline"}).out;
  EXPECT_THAT(timeline, HasSubstr(expected.finding));
  const std::string badge = run({"report", records, "--format", "badge"}).out;
  EXPECT_THAT(badge, HasSubstr(expected.word));
  EXPECT_EQ(run({"report", records, "--gate"}).exit_code, expected.code);
}

TEST(StudyTest, HeavySagasThatKeepOutOfEachOthersWayAreUpheldEverywhere) {
  expect_everywhere({"interleave", scenario("two_payments"), "-k", "1", "--kinds", "rejected,unavailable"},
                    {.word = "upheld"});
}

TEST(StudyTest, HeavyAnAnomalyIsViolatedEverywhere) {
  expect_everywhere({"interleave", scenario("two_payments"), "-k", "1", "--kinds", "rejected", "--without",
                     "semantic_lock"},
                    {.word = "violated", .code = 1, .reason = "dirty read", .finding = "dirty read"});
}

TEST(StudyTest, AnInterleavingThatWasStoppedIsInconclusiveEverywhere) {
  expect_everywhere({"interleave", scenario("two_payments"), "-k", "1", "--max-schedules", "20"},
                    {.word = "inconclusive", .code = 3, .reason = "the search was not exhausted"});
}

TEST(StudyTest, ASampleOfOrdersIsInconclusiveUnlessItWillDo) {
  const std::vector<std::string> swarm{
      "interleave", scenario("two_payments"), "--swarm", "monday", "--schedules", "200"};
  expect_everywhere(swarm, {.word = "inconclusive", .code = 3, .reason = "random orders prove nothing"});
}

TEST(StudyTest, ASampleOfOrdersThatWillDoIsUpheldEverywhere) {
  expect_everywhere(
      {"interleave", scenario("two_payments"), "--swarm", "monday", "--schedules", "200", "--sample-ok"},
      {.word = "upheld"});
  EXPECT_EQ(run({"interleave", scenario("two_payments"), "--sample-ok"}).exit_code, 64);
}

TEST(StudyTest, WithoutFaultsAnInterleavingSaysSo) {
  const Result result = run({"interleave", scenario("two_payments"), "-k", "0"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(lines_of(result.out).back(), HasSubstr("no faults tried"));
}

TEST(StudyTest, SagasOfWhichOneNeverCompletesAreInconclusiveEverywhere) {
  json file = json::parse(read_file(scenario("two_payments")));
  file["together"][1]["amount"] = 500;  // more than there is
  expect_everywhere({"interleave", write_scratch("poor.json", file.dump()), "-k", "0"},
                    {.word = "inconclusive",
                     .code = 3,
                     .reason = "saga 2: without faults it ended compensated, not completed"});
}

/// A scenario; of its sagas with the coordinator forward_order.
std::string two_payments_with_a_known_finding() {
  json file = json::parse(read_file(scenario("two_payments")));
  file["known"] = {{{"rule", "I2"},
                    {"step", "take"},
                    {"outcome", "compensated"},
                    {"plan", "ship.action#1:rejected"},
                    {"reason", "one by one"},
                    {"owner", "payments team"},
                    {"expires", "2027-01-31"}}};
  return write_scratch("known.json", file.dump());
}

TEST(StudyTest, HeavyAKnownFindingOfSagasIsUpheldEverywhereUntilItExpires) {
  const std::string known = two_payments_with_a_known_finding();
  const auto search = [&known](const std::string& day) {
    return std::vector<std::string>{"interleave",    known,           "--kinds", "rejected",
                                    "--coordinator", "forward_order", "--today", day};
  };
  expect_everywhere(search("2027-01-31"),
                    {.word = "upheld", .reason = "I2 reverse order at take, ended compensated"});
  const Result late = run(search("2027-02-01"));
  EXPECT_EQ(late.exit_code, 70);
  EXPECT_THAT(late.out, HasSubstr("expired on 2027-01-31; ask payments team"));
  const Result fixed = run({"interleave", known, "--kinds", "rejected", "--today", "2027-01-31"});
  EXPECT_EQ(fixed.exit_code, 70);
  EXPECT_THAT(fixed.out, HasSubstr("shows no more; take it out of \"known\""));
}

TEST(StudyTest, AKnownFindingThatTheContextsOfTheSagasDoNotShowIsNoErrorThere) {
  json file = json::parse(read_file(two_payments_with_a_known_finding()));
  const std::vector<std::string> fixed = {"--kinds", "rejected", "--today", "2027-01-31"};
  const auto run_as = [&](const char* command) {
    std::vector<std::string> arguments = {command, write_scratch("known.json", file.dump())};
    arguments.insert(arguments.end(), fixed.begin(), fixed.end());
    return run(arguments);
  };
  EXPECT_EQ(run_as("interleave").exit_code, 70) << "its first saga is the one that explore runs";
  file["saga"]["context"]["amount"] = 59;
  const Result together = run_as("interleave");
  EXPECT_EQ(together.exit_code, 0) << together.out << together.err;
  const Result alone = run_as("explore");
  EXPECT_EQ(alone.exit_code, 70);
  EXPECT_THAT(alone.out, HasSubstr("shows no more; take it out of \"known\""));
}

TEST(StudyTest, AKnownFindingOfRecordedSagasExpiresByTheDayOfTheReport) {
  const std::string records = scratch("records");
  const Result search = run({"interleave", two_payments_with_a_known_finding(), "--kinds", "rejected",
                             "--coordinator", "forward_order", "--today", "2027-01-31", "--out", records});
  ASSERT_EQ(search.exit_code, 0) << search.out << search.err;
  for (const std::vector<std::string>& gate :
       {std::vector<std::string>{}, std::vector<std::string>{"--gate"}}) {
    const auto report = [&](const std::string& day) {
      std::vector<std::string> arguments{"report", records, "--today", day};
      arguments.insert(arguments.end(), gate.begin(), gate.end());
      return run(arguments);
    };
    EXPECT_EQ(report("2027-01-31").exit_code, 0);
    const Result late = report("2027-02-01");
    EXPECT_EQ(late.exit_code, 70);
    EXPECT_THAT(unwrapped(late.out + late.err), HasSubstr("expired on 2027-01-31; ask payments team"));
  }
}

TEST(StudyTest, SagasThatShareNothingAreRefused) {
  json file = json::parse(read_file(scenario("two_payments")));
  file["participants"] = json::object();
  file["together"] = json::array({json::object(), json::object()});
  const Result result = run({"interleave", write_scratch("apart.json", file.dump())});
  EXPECT_EQ(result.exit_code, 64) << result.out;
  EXPECT_THAT(result.err, HasSubstr("share nothing"));
}

TEST(StudyTest, WhatASagaReliesOnIsUpheldEverywhere) {
  expect_everywhere({"require", scenario("order_processing"), "-k", "1", "--kinds",
                     "request_duplicated,request_late_after_compensation,rejected"},
                    {.word = "upheld", .reason = "create_order deduplicates"});
}

TEST(StudyTest, ARequireThatTriedNothingIsInconclusiveEverywhere) {
  expect_everywhere({"require", scenario("order_processing"), "-k", "0"},
                    {.word = "inconclusive", .code = 3, .reason = "no guarantee was ever missed"});
}

TEST(StudyTest, HeavyARequireOfASagaThatGoesWrongIsViolatedEverywhere) {
  expect_everywhere(
      {"require", scenario("order_processing"), "-k", "0", "--coordinator", "no_idempotency_key"},
      {.word = "violated", .code = 1, .reason = "stable idempotency key", .finding = "I8"});
}

TEST(StudyTest, KilledMutantsAreUpheldEverywhere) {
  expect_everywhere({"mutants", scenario("order_processing"), "--kinds", "rejected,reply_lost",
                     "--no-windows", "--only", "skips_first,no_dedup", "--no-ablation"},
                    {.word = "upheld", .reason = "skips_first"});
}

TEST(StudyTest, AMutantThatIsNotReachedIsInconclusiveEverywhere) {
  expect_everywhere(
      {"mutants", scenario("order_processing"), "-k", "0", "--only", "skips_first", "--no-ablation"},
      {.word = "inconclusive", .code = 3, .reason = "reached the bug of skips_first"});
}

TEST(StudyTest, RecordsThatWereCutOffAreIncomplete) {
  const std::string records = scratch("records");
  EXPECT_EQ(run({"interleave", scenario("two_payments"), "-k", "0", "--out", records}).exit_code, 0);
  const std::vector<std::string> lines = lines_of(read_file(records + "/runs.jsonl"));
  const Result result = run({"report", write_scratch("cut.jsonl", lines.front() + "\n")});
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(unwrapped(result.out), HasSubstr("the records of the search have no end"));
  // The same search as a whole, whatever the order: nothing is missing.
  EXPECT_EQ(run({"report", scratch("cut.jsonl"), records}).exit_code, 0);
  EXPECT_EQ(run({"report", records, scratch("cut.jsonl")}).exit_code, 0);
}

TEST(StudyTest, RecordsWithoutTheirFindingsAreRefused) {
  const std::string records = scratch("records");
  EXPECT_EQ(run({"interleave", scenario("two_payments"), "-k", "0", "--without", "semantic_lock,reread",
                 "--out", records})
                .exit_code,
            1);
  std::string kept;
  for (const std::string& line : lines_of(read_file(records + "/runs.jsonl"))) {
    if (line.find("{\"found\"") != 0) kept += line + "\n";
  }
  const Result result = run({"report", write_scratch("lost.jsonl", kept)});
  EXPECT_EQ(result.exit_code, 64) << result.out;
  EXPECT_THAT(result.err, HasSubstr("findings, 0 are recorded"));
}

TEST(StudyTest, TheSameSearchThatCameOutDifferentlyIsAnError) {
  const std::string records = scratch("records");
  EXPECT_EQ(run({"interleave", scenario("two_payments"), "-k", "0", "--out", records}).exit_code, 0);
  std::string other = read_file(records + "/runs.jsonl");
  const std::string key = "\"schedules\":\"";
  other.insert(other.find(key) + key.size(), "9");
  const Result result = run({"report", records, write_scratch("other.jsonl", other)});
  EXPECT_EQ(result.exit_code, 70) << result.out;
}

TEST(StudyTest, AFolderHasTheRecordsOfOneSearch) {
  const std::string records = scratch("records");
  const std::vector<std::string> first{"interleave", scenario("two_payments"), "-k", "0", "--out", records};
  EXPECT_EQ(run(first).exit_code, 0);
  EXPECT_EQ(run(first).exit_code, 0) << "the same search is written anew";
  const std::string before = read_file(records + "/runs.jsonl");
  for (const std::vector<std::string>& other :
       {std::vector<std::string>{"interleave", scenario("two_payments"), "-k", "1", "--out", records},
        std::vector<std::string>{"explore", scenario("order_processing"), "-k", "0", "--out", records}}) {
    const Result result = run(other);
    EXPECT_EQ(result.exit_code, 64);
    EXPECT_THAT(result.err, HasSubstr("has the records of another search; name another directory"));
  }
  EXPECT_EQ(read_file(records + "/runs.jsonl"), before);
}

}  // namespace
}  // namespace saga_harness::cli_tests
