// Searches in parts, by several processes, at random, and killed in the middle.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kSearchedMutant = "ambiguous_not_compensated";

std::vector<std::string> explore_with(std::vector<std::string> more) {
  std::vector<std::string> arguments{"explore", scenario("order_processing"), "--coordinator",
                                     kSearchedMutant};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(ShardCommandTest, HeavyMergedShardsGiveTheBytesOfOneRun) {
  for (const bool as_json : {true, false}) {
    std::vector<std::string> whole = explore_with({"-k", "2"});
    if (as_json) whole.emplace_back("--json");
    const Result expected = run(whole);
    ASSERT_EQ(expected.exit_code, 1) << expected.err;
    for (const int count : {1, 2, 7}) {
      std::vector<std::string> merge{"merge", scenario("order_processing")};
      for (int number = count; number >= 1; --number) {
        const std::string tally = scratch(std::to_string(number));
        const Result part = run(explore_with(
            {"-k", "2", "--shard", std::to_string(number) + "/" + std::to_string(count), "--tally", tally}));
        EXPECT_EQ(part.exit_code, 1) << part.err;
        if (count > 1) {
          EXPECT_THAT(part.out,
                      HasSubstr("shard " + std::to_string(number) + "/" + std::to_string(count) + " alone"));
        }
        merge.push_back(tally);
      }
      if (as_json) merge.emplace_back("--json");
      const Result merged = run(merge);
      EXPECT_EQ(merged.exit_code, 1) << merged.err;
      EXPECT_EQ(merged.out, expected.out);
    }
  }
}

TEST(ShardCommandTest, AMissingShardIsIncompleteAndARepeatedOneIsRefused) {
  std::vector<std::string> files;
  for (const char* shard : {"1/3", "2/3"}) {
    files.push_back(scratch(std::string("shard") + shard[0]));
    static_cast<void>(run(explore_with({"-k", "1", "--shard", shard, "--tally", files.back()})));
  }
  const Result missing = run({"merge", scenario("order_processing"), files[1], files[0]});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, StartsWith("saga-harness: incomplete: shard 3/3 is missing"));
  const Result repeated = run({"merge", scenario("order_processing"), files[0], files[0]});
  EXPECT_EQ(repeated.exit_code, 64);
  EXPECT_THAT(repeated.err, HasSubstr("both are shard 1/3"));
  const Result foreign = run({"merge", scenario("order_processing_fallback"), files[0], files[1]});
  EXPECT_EQ(foreign.exit_code, 64);
  EXPECT_THAT(foreign.err, HasSubstr("belongs to another search"));
  EXPECT_EQ(run({"merge", scenario("order_processing"), scratch("none")}).exit_code, 64);
}

struct Surroundings {
  const char* argument;
  std::vector<std::pair<std::string, std::string>> environment;
  const char* expected;  // part of the report, or of the message
};

TEST(ShardCommandTest, AsksRunnersAndSchedulersForItsPart) {
  const std::vector<Surroundings> all = {
      {"auto", {{"GTEST_SHARD_INDEX", "1"}, {"GTEST_TOTAL_SHARDS", "4"}}, "shard 2/4 alone"},
      {"auto", {{"TEST_SHARD_INDEX", "0"}, {"TEST_TOTAL_SHARDS", "2"}}, "shard 1/2 alone"},
      {"auto/5", {{"JOB_COMPLETION_INDEX", "4"}}, "shard 5/5 alone"},
      {"auto",
       {{"SLURM_ARRAY_TASK_ID", "7"},
        {"SLURM_ARRAY_TASK_MIN", "3"},
        {"SLURM_ARRAY_TASK_MAX", "9"},
        {"SLURM_ARRAY_TASK_COUNT", "4"}},
       "shard 3/4 alone"},
      {"2/4", {{"GTEST_SHARD_INDEX", "0"}, {"GTEST_TOTAL_SHARDS", "9"}}, "shard 2/4 alone"},
      {"auto", {}, "none of GTEST_SHARD_INDEX"},
      {"auto", {{"JOB_COMPLETION_INDEX", "4"}}, "give --shard auto/N"},
      {"auto", {{"GTEST_SHARD_INDEX", "4"}, {"GTEST_TOTAL_SHARDS", "4"}}, "part 5 of 4"},
      {"auto", {{"GTEST_SHARD_INDEX", "1"}}, "GTEST_TOTAL_SHARDS is \"\""},
      {"auto/3", {{"GTEST_SHARD_INDEX", "1"}, {"GTEST_TOTAL_SHARDS", "4"}}, "says that there are 4"},
      {"auto",
       {{"SLURM_ARRAY_TASK_ID", "4"},
        {"SLURM_ARRAY_TASK_MIN", "1"},
        {"SLURM_ARRAY_TASK_MAX", "9"},
        {"SLURM_ARRAY_TASK_COUNT", "3"}},
       "not in even steps"},
      {"0/2", {}, "give I/N, from 1/N to N/N"},
      {"3/2", {}, "give I/N"},
      {"1/", {}, "give I/N"},
      {"one", {}, "give I/N"},
      {"auto/0", {}, "give I/N"},
  };
  for (const Surroundings& each : all) {
    SCOPED_TRACE(each.argument);
    const Result result = run(Command{.arguments = explore_with({"-k", "0", "--shard", each.argument}),
                                      .environment = each.environment});
    EXPECT_THAT(result.out + result.err, HasSubstr(each.expected));
    EXPECT_EQ(result.exit_code == 64, result.out.empty()) << result.exit_code;
  }
}

TEST(ShardCommandTest, TellsBazelThatItTakesPart) {
  const std::string status = scratch("status");
  std::filesystem::remove(status);
  static_cast<void>(run(Command{
      .arguments = explore_with({"-k", "0", "--shard", "auto"}),
      .environment = {
          {"TEST_SHARD_INDEX", "0"}, {"TEST_TOTAL_SHARDS", "2"}, {"TEST_SHARD_STATUS_FILE", status}}}));
  EXPECT_TRUE(std::filesystem::exists(status));
}

TEST(WorkersCommandTest, GiveTheBytesOfOne) {
  const Result one = run(explore_with({"-k", "2", "--json"}));
  const Result two = run(explore_with({"-k", "2", "--json", "--workers", "2"}));
  EXPECT_EQ(two.exit_code, 1) << two.err;
  EXPECT_EQ(two.out, one.out);
}

TEST(SearchCommandTest, RefusesWhatDoesNotGoTogether) {
  const std::vector<std::vector<std::string>> all = {{"--workers", "2", "--max-schedules", "5"},
                                                     {"--workers", "2", "--stop-at-first"},
                                                     {"--workers", "2", "--out", scratch("out")},
                                                     {"--resume", scratch("state"), "--out", scratch("out")},
                                                     {"--schedules", "5"},
                                                     {"--workers", "0"},
                                                     {"--max-time", "5"},
                                                     {"--max-time", "0s"}};
  for (const auto& arguments : all) {
    const Result result = run(explore_with(arguments));
    EXPECT_EQ(result.exit_code, 64) << arguments.front();
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, StartsWith("saga-harness: "));
  }
}

TEST(SearchCommandTest, AnHourIsEnoughAndAMillisecondIsNot) {
  const Result long_enough = run({"explore", scenario("order_processing"), "-k", "1", "--max-time", "1h"});
  EXPECT_EQ(long_enough.exit_code, 0) << long_enough.err;
  const Result never = run({"explore", scenario("order_processing"), "-k", "1", "--max-time", "9999999h"});
  EXPECT_EQ(never.exit_code, 0) << "no clock counts that far";
  const Result cut = run({"explore", scenario("order_processing"), "-k", "4", "--max-time", "1ms"});
  EXPECT_EQ(cut.exit_code, 3) << cut.err;
  EXPECT_THAT(cut.out, HasSubstr("not exhausted"));
}

TEST(SearchCommandTest, EverySearchingCommandHasABoundOfTime) {
  const std::vector<std::vector<std::string>> all = {
      {"explore", scenario("order_processing"), "-k", "4"},
      {"explore", scenario("order_processing"), "-k", "4", "--workers", "2"},
      {"explore", scenario("order_processing"), "-k", "4", "--swarm", "x", "--schedules", "100000000"},
      {"interleave", scenario("two_payments"), "-k", "3"},
      {"interleave", scenario("two_payments"), "-k", "3", "--swarm", "x", "--schedules", "100000000"},
      {"mutants", "--only", "skips_last", "-k", "4", "--scenarios", SAGA_HARNESS_SCENARIOS_DIR},
      {"require", scenario("order_processing"), "-k", "4"}};
  for (std::vector<std::string> command : all) {
    command.insert(command.end(), {"--max-time", "20ms"});
    const Result result = run(command);  // which would take minutes to days without the bound
    EXPECT_EQ(result.exit_code, 3) << testing::PrintToString(command);
    EXPECT_THAT(result.err, testing::Not(HasSubstr("saga-harness: "))) << testing::PrintToString(command);
    command.back() = "nonsense";
    EXPECT_THAT(run(command).err, StartsWith("saga-harness: --max-time: "));
  }
}

TEST(SwarmCommandTest, SaysItsSeedAndGivesTheSameBytesForIt) {
  const std::vector<std::string> arguments =
      explore_with({"-k", "4", "--swarm", "a \"seed\"", "--schedules", "500", "--json"});
  const Result result = run(arguments);
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_EQ(run(arguments).out, result.out);
  const json document = json::parse(result.out);
  EXPECT_EQ(document["swarm"]["seed"], "a \"seed\"");
  EXPECT_EQ(document["schedules"], "500");
  EXPECT_EQ(document["exhausted"], false);
  EXPECT_NE(run(explore_with({"-k", "4", "--swarm", "another", "--schedules", "500", "--json"})).out,
            result.out);
  const Result upheld =
      run({"explore", scenario("order_processing"), "-k", "4", "--swarm", "x", "--schedules", "100"});
  EXPECT_EQ(upheld.exit_code, 3);
  EXPECT_THAT(upheld.out, HasSubstr("100 random schedules of the seed \"x\""));
  EXPECT_THAT(upheld.out, HasSubstr("random schedules prove nothing about the others"));
  EXPECT_THAT(upheld.out, testing::Not(HasSubstr("exhausted")));
}

/// SplitMix64: moments to be killed at.
std::uint64_t next_moment(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t mixed = state;
  mixed = (mixed ^ mixed >> 30U) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ mixed >> 27U) * 0x94D049BB133111EBU;
  return mixed ^ mixed >> 31U;
}

/// Kills a search at random moments, twenty times, and lets it end at last.
void kill_and_resume(const std::vector<std::string>& how) {
  using Clock = std::chrono::steady_clock;
  constexpr int kKills = 20;
  const std::vector<std::string> search = {"-k", "2", "--json"};
  const auto begin = Clock::now();
  const Result expected = run(explore_with(search));
  const auto takes = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
  ASSERT_EQ(expected.exit_code, 1) << expected.err;

  const std::string state = scratch("state");
  std::filesystem::remove(state);
  std::vector<std::string> arguments = explore_with(search);
  arguments.insert(arguments.end(), {"--resume", state, "--save-every", "200"});
  arguments.insert(arguments.end(), how.begin(), how.end());
  auto seed = static_cast<std::uint64_t>(begin.time_since_epoch().count());
  std::cout << "seed of the moments: " << seed << '\n';
  testing::Test::RecordProperty("seed", std::to_string(seed));
  int kills = 0;
  int went_on = 0;
  for (int attempt = 0; kills < kKills && attempt < 10 * kKills; ++attempt) {
    const auto wait =
        std::chrono::microseconds(next_moment(seed) % (static_cast<std::uint64_t>(takes.count()) / 5 + 1));
    // Every other one once there is something to go on from: how soon that is, depends on the machine.
    std::optional<Clock::time_point> moment;
    if (attempt % 2 == 0) moment = Clock::now() + wait;
    const auto left = [&]() -> std::chrono::nanoseconds {
      constexpr auto kLookAgain = std::chrono::microseconds(200);
      if (!moment && std::filesystem::exists(state)) moment = Clock::now() + wait;
      return moment ? *moment - Clock::now() : kLookAgain;
    };
    const Result result = run_until(left, SIGKILL, {.arguments = arguments});
    if (result.exit_code == 128 + SIGKILL) {
      ++kills;
      went_on += std::filesystem::exists(state) ? 1 : 0;
      continue;
    }
    EXPECT_EQ(result.exit_code, 1) << result.out;
    EXPECT_EQ(result.out, expected.out);
    std::filesystem::remove(state);
  }
  EXPECT_EQ(kills, kKills);
  EXPECT_GT(went_on, 0);
  const Result last = run(arguments);
  EXPECT_EQ(last.exit_code, 1) << last.err;
  EXPECT_EQ(last.out, expected.out);
}

TEST(ResumeCommandTest, HeavyKilledAtTwentyMomentsItGoesOnToTheSameEnd) { kill_and_resume({}); }

TEST(ResumeCommandTest, HeavySoDoWorkers) { kill_and_resume({"--workers", "2"}); }

TEST(ResumeCommandTest, ADamagedFileIsRefused) {
  const std::string state = scratch("state");
  std::filesystem::remove(state);
  ASSERT_EQ(run(explore_with({"-k", "2", "--max-schedules", "300", "--resume", state})).exit_code, 1);
  const std::string good = read_file(state);
  static_cast<void>(write_scratch("state", good.substr(0, good.size() / 2)));
  const Result damaged = run(explore_with({"-k", "2", "--resume", state}));
  EXPECT_EQ(damaged.exit_code, 64);
  EXPECT_THAT(damaged.err, HasSubstr("the file is damaged: its checksum is wrong"));
  static_cast<void>(write_scratch("state", good));
  const Result foreign = run({"explore", scenario("order_processing"), "-k", "2", "--resume", state});
  EXPECT_EQ(foreign.exit_code, 64);
  EXPECT_THAT(foreign.err, HasSubstr("coordinator is \"ambiguous_not_compensated\" there and \"reference\""));
}

}  // namespace
}  // namespace saga_harness::cli_tests
