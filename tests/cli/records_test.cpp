#include <filesystem>
#include <map>

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
  json end;
};

Records read_records(const std::string& path) {
  const auto lines = lines_of(read_file(path));
  Records records;
  if (lines.size() < 2) return records;
  records.header = json::parse(lines.front());
  records.end = json::parse(lines.back());
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) records.runs.push_back(json::parse(lines[i]));
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
  EXPECT_EQ(records.header["saga"], "order_processing");
  EXPECT_EQ(records.header["definition_hash"], document["definition_hash"]);
  EXPECT_EQ(std::to_string(records.runs.size()), document["schedules"]);
  EXPECT_EQ(records.end["schedules"], document["schedules"]);
  EXPECT_EQ(records.end["outcomes"], document["outcomes"]);

  std::map<std::string, std::uint64_t> outcomes;
  std::uint64_t violated = 0;
  for (std::size_t i = 0; i < records.runs.size(); ++i) {
    EXPECT_EQ(records.runs[i]["n"], std::to_string(i + 1));
    outcomes[records.runs[i]["outcome"]] += 1;
    violated += records.runs[i]["violated"].empty() ? 0 : 1;
  }
  EXPECT_EQ(records.runs.front()["plan"], "none");
  EXPECT_EQ(std::to_string(violated), document["violated_schedules"]);
  for (const auto& [outcome, count] : document["outcomes"].items()) {
    EXPECT_EQ(std::to_string(outcomes[outcome]), count) << outcome;
  }
}

TEST(RecordsTest, EveryPlanThatIsRecordedReplaysToItsOutcome) {
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

TEST(RecordsTest, RemovesWhatAnEarlierSearchLeft) {
  const std::string directory = scratch("out");
  std::filesystem::create_directories(directory);
  const std::string stale_json = write_scratch("out/exploration.json", "of an earlier search");
  const std::string stale_runs = write_scratch("out/runs.jsonl", "of an earlier search\n");
  ASSERT_EQ(run({"explore", scenario("order_processing"), "-k", "0", "--out", directory}).exit_code, 0);
  EXPECT_EQ(json::parse(read_file(stale_json))["max_faults"], 0);
  EXPECT_EQ(read_records(stale_runs).runs.size(), 1U);
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
