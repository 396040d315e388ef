#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

struct Records {
  json header;
  std::vector<json> runs;
  std::vector<json> findings;
  json end;
};

Records read_records(const std::string& path) {
  const auto lines = lines_of(read_file(path));
  Records records;
  if (lines.size() < 2) return records;
  records.header = json::parse(lines.front());
  records.end = json::parse(lines.back());
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    json line = json::parse(lines[i]);
    (line.contains("run") ? records.runs : records.findings).push_back(std::move(line));
  }
  return records;
}

TEST(RecordsTest, AgreeWithTheJsonOfTheSearch) {
  const std::string directory = scratch("made/on/demand");
  const Result result = run({"explore", scenario("order_processing"), "-k", "1", "--coordinator",
                             "ambiguous_not_compensated", "--out", directory, "--json"});
  ASSERT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_EQ(read_file(directory + "/exploration.json"), result.out);

  const json document = json::parse(result.out);
  const Records records = read_records(directory + "/runs.jsonl");
  EXPECT_EQ(records.header["format"], "saga_harness.runs/3");
  EXPECT_EQ(records.header["saga"]["name"], "order_processing");
  EXPECT_EQ(records.header["definition_hash"], document["definition_hash"]);
  EXPECT_EQ(records.header["search"]["max_faults"], 1);
  EXPECT_EQ(records.header["cells"].size(), document["cells"].size());
  EXPECT_EQ(document["schedules"], std::to_string(records.runs.size()));
  EXPECT_EQ(records.end["runs"], document["schedules"]);
  EXPECT_EQ(records.end["end"], "exhausted");

  std::map<std::string, std::uint64_t> outcomes;
  std::set<std::string> ids;
  std::uint64_t violated = 0;
  for (const json& run : records.runs) {
    ids.insert(run["run"]);
    outcomes[run["outcome"]] += 1;
    violated += run.contains("violated") ? 1 : 0;
  }
  EXPECT_EQ(ids.size(), records.runs.size());
  EXPECT_EQ(records.runs.front()["plan"], "none");
  EXPECT_EQ(document["violated_schedules"], std::to_string(violated));
  for (const auto& [outcome, count] : document["outcomes"].items()) {
    EXPECT_EQ(count, std::to_string(outcomes[outcome])) << outcome;
  }
}

TEST(RecordsTest, AFindingComesWithItsTraceBeforeTheRunThatShowsIt) {
  const std::string directory = scratch("out");
  ASSERT_EQ(run({"explore", scenario("order_processing"), "-k", "1", "--coordinator",
                 "ambiguous_not_compensated", "--out", directory})
                .exit_code,
            1);
  const auto lines = lines_of(read_file(directory + "/runs.jsonl"));
  std::set<std::pair<int, int>> shown;
  for (const std::string& text : lines) {
    const json line = json::parse(text);
    const bool is_of_the_search = line.contains("cause");  // what it says of its findings, at the end
    if (is_of_the_search) {
      EXPECT_TRUE(shown.contains({line["rule"], line["step"]})) << text;
    }
    if (line.contains("finding") && !is_of_the_search) {
      const bool is_new = shown.emplace(line["rule"], line["step"]).second;
      EXPECT_EQ(is_new, !line.value("known", false)) << text;
      EXPECT_TRUE(is_new || !line["shows"].empty()) << text;
      EXPECT_FALSE(line["trace"].empty());
      EXPECT_FALSE(line["evidence"].empty());
      EXPECT_THAT(line["test_case"].get<std::string>(), HasSubstr("TEST("));
    }
    if (!line.contains("violated")) continue;
    for (const json& violated : line["violated"])
      EXPECT_TRUE(shown.contains({violated[0], violated[1]})) << text;
  }
  EXPECT_FALSE(shown.empty());
}

TEST(RecordsTest, EveryCountOfTheReportIsThatOfTheSearch) {
  const std::string directory = scratch("out");
  const Result searched = run({"explore", scenario("travel_booking"), "-k", "1", "--coordinator",
                               "ambiguous_not_compensated", "--out", directory, "--json"});
  const Result reported = run({"report", directory, "--format", "json", "--today", "2026-11-21"});
  ASSERT_EQ(reported.exit_code, 1) << reported.err;
  const json document = json::parse(searched.out);
  const json report = json::parse(reported.out)["sagas"][0];
  EXPECT_EQ(report["runs"], document["schedules"]);
  EXPECT_EQ(report["outcomes"], document["outcomes"]);
  ASSERT_EQ(report["cells"].size(), document["cells"].size());
  for (std::size_t i = 0; i < document["cells"].size(); ++i) {
    const json& cell = report["cells"][i];
    const json& expected = document["cells"][i];
    for (const char* key : {"step", "operation", "where", "kind", "status", "reached", "fired", "judged",
                            "violated", "outcomes"})
      EXPECT_EQ(cell[key], expected[key]) << cell << expected;
  }
  ASSERT_EQ(report["findings"].size(), document["findings"].size());
  for (std::size_t i = 0; i < document["findings"].size(); ++i) {
    const json& expected = document["findings"][i];
    const auto is_same = [&expected](const json& finding) {
      return finding["name"] == expected["name"] && finding["step"] == expected["step"] &&
             finding["outcome"] == expected["outcome"] && finding["cause"] == expected["cause"];
    };
    const auto at = std::ranges::find_if(report["findings"], is_same);
    ASSERT_NE(at, report["findings"].end()) << expected;
    for (const char* key : {"plan", "token", "explanation", "test_case"})
      EXPECT_EQ((*at)[key], expected[key]);
    EXPECT_EQ((*at)["runs"], expected["schedules"]);
  }
}

TEST(RecordsTest, HeavyEveryPlanThatIsRecordedReplaysToItsOutcome) {
  const std::string directory = scratch("out");
  ASSERT_EQ(
      run({"explore", scenario("order_processing"), "-k", "1", "--kinds", "reply_lost", "--out", directory})
          .exit_code,
      0);
  const Records records = read_records(directory + "/runs.jsonl");
  ASSERT_GT(records.runs.size(), 5U);
  for (const json& recorded : records.runs) {
    const Result replayed =
        run({"replay", scenario("order_processing"), "--plan", recorded["plan"], "--json"});
    EXPECT_EQ(replayed.exit_code, 0) << recorded << replayed.err;
    EXPECT_EQ(json::parse(replayed.out)["outcome"], recorded["outcome"]) << recorded;
  }
}

TEST(RecordsTest, RemovesWhatTheSameSearchLeftEarlier) {
  const std::string directory = scratch("out");
  const std::vector<std::string> search{"explore", scenario("order_processing"), "-k", "0", "--out",
                                        directory};
  ASSERT_EQ(run(search).exit_code, 0);
  const std::string runs = read_file(directory + "/runs.jsonl");
  static_cast<void>(write_scratch("out/exploration.json", "of an earlier search"));
  static_cast<void>(write_scratch("out/runs.jsonl", runs + "{\"left\":\"over\"}\n"));
  ASSERT_EQ(run(search).exit_code, 0);
  EXPECT_EQ(json::parse(read_file(directory + "/exploration.json"))["max_faults"], 0);
  EXPECT_EQ(read_file(directory + "/runs.jsonl"), runs);
}

TEST(RecordsTest, ADirectoryWithTheRecordsOfAnotherSearchIsRefused) {
  const std::string directory = scratch("out");
  ASSERT_EQ(run({"explore", scenario("order_processing"), "-k", "0", "--out", directory}).exit_code, 0);
  const std::string runs = read_file(directory + "/runs.jsonl");
  for (const char* other : {"-k 1", "--coordinator skips_first"}) {
    const std::string option = std::string(other).substr(0, std::string(other).find(' '));
    const Result result = run({"explore", scenario("order_processing"), "--kinds", "rejected", option,
                               std::string(other).substr(option.size() + 1), "--out", directory});
    EXPECT_EQ(result.exit_code, 64) << other;
    EXPECT_THAT(result.err, HasSubstr("has the records of another search; name another directory"));
  }
  EXPECT_EQ(read_file(directory + "/runs.jsonl"), runs) << "nothing of it is touched";
}

TEST(RecordsTest, AFullDiskLeavesNoResultBehind) {
  const std::string directory = scratch("out");
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  const std::string stale_json = write_scratch("out/exploration.json", "of an earlier search");
  std::filesystem::create_symlink("/dev/full", directory + "/runs.jsonl");
  const Result result = run({"explore", scenario("order_processing"), "-k", "1", "--out", directory});
  EXPECT_EQ(result.exit_code, 70) << result.out;
  EXPECT_THAT(result.err, HasSubstr("saga-harness: cannot write " + directory + "/runs.jsonl: "));
  EXPECT_FALSE(std::filesystem::exists(stale_json));
}

TEST(RecordsTest, RefusesADirectoryThatCannotBe) {
  const std::string file = write_scratch("file", "");
  const Result result = run({"explore", scenario("order_processing"), "-k", "0", "--out", file + "/records"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("saga-harness: cannot write records to " + file + "/records: "));
}

}  // namespace
}  // namespace saga_harness::cli_tests
