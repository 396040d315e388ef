// What a search owes, through the command, its JSON, its records, every report and the gate: a row per
// situation.

#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json step(const std::string& name, const std::string& service, bool is_pivot = false) {
  json result{{"name", name}, {"service", service}};
  if (is_pivot) {
    result["pivot"] = true;
  } else {
    result["compensation"] = "undo_" + name;
  }
  return result;
}

json order() {
  return {{"name", "order"},
          {"steps", {step("reserve", "stock"), step("pay", "bank"), step("close", "shop", true)}}};
}

json all_skipped() {
  json saga{
      {"name", "skipped"}, {"steps", {step("a", "s"), step("b", "t")}}, {"context", {{"wanted", false}}}};
  for (json& each : saga["steps"]) each["only_if"] = {{"pointer", "/wanted"}, {"equals", true}};
  return saga;
}

json without_compensations() {
  json saga{{"name", "mails"}, {"steps", {step("send", "post"), step("file", "shop")}}};
  for (json& each : saga["steps"]) {
    each.erase("compensation");
    each["compensatable"] = false;
  }
  return saga;
}

json pivot_first() {
  json late = step("tell", "post");
  late.erase("compensation");
  late["compensatable"] = false;
  return {{"name", "pivot_first"}, {"steps", {step("close", "shop", true), late}}};
}

json outcome_rules_off(const json& saga) {
  return {{"saga", saga}, {"switched_off", {{"I1", "x"}, {"I5", "x"}, {"I6", "x"}}}};
}

/// One that is refused by its participants, whatever nobody does to it.
json always_refused() {
  json scenario = json::parse(read_file(cli_tests::scenario("order_processing_short_stock")));
  scenario.erase("expects");
  return scenario;
}

struct Situation {
  const char* name = "";
  json scenario = {};
  std::vector<std::string> options = {};
  std::string word = "upheld";
  std::set<std::string> lacks = {};
};

int code_of(const std::string& word) { return word == "upheld" ? 0 : word == "violated" ? 1 : 3; }

std::set<std::string> names_of(const json& lacks) {
  std::set<std::string> names;
  for (const json& each : lacks) names.insert(each["lack"]);
  return names;
}

/// Every report of these records says the word, and all the reasons; and the gate is as strict.
void expect_reports(const std::vector<std::string>& records, const Situation& situation, const json& lacks) {
  const int code = code_of(situation.word);
  const auto report = [&](std::vector<std::string> options) {
    std::vector<std::string> arguments{"report"};
    arguments.insert(arguments.end(), records.begin(), records.end());
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run(arguments);
  };
  for (const char* format : {"terminal", "json", "markdown", "html", "junit", "github"}) {
    const Result result = report({"--format", format});
    EXPECT_EQ(result.exit_code, code) << format << result.out << result.err;
    for (const json& lack : lacks)
      EXPECT_THAT(unwrapped(result.out), HasSubstr(unwrapped(lack["reason"].get<std::string>()))) << format;
  }
  for (const char* format : {"badge", "diagram", "timeline", "prometheus"})
    EXPECT_EQ(report({"--format", format}).exit_code, code) << format;
  EXPECT_EQ(json::parse(report({"--json"}).out)["verdict"], situation.word);
  EXPECT_EQ(report({"--gate"}).exit_code, code);
}

void expect_situation(const Situation& situation) {
  SCOPED_TRACE(situation.name);
  const std::string file = write_scratch(std::string(situation.name) + ".json", situation.scenario.dump());
  const std::string records = scratch(std::string(situation.name) + "-records");
  std::vector<std::string> arguments{"explore", file};
  arguments.insert(arguments.end(), situation.options.begin(), situation.options.end());
  const Result shown = run(arguments);
  EXPECT_EQ(shown.exit_code, code_of(situation.word)) << shown.out << shown.err;
  std::string upper;
  for (const char c : situation.word) upper += static_cast<char>(std::toupper(c));
  EXPECT_THAT(lines_of(shown.out).back(), testing::StartsWith(upper + ": "));
  arguments.insert(arguments.end(), {"--json", "--out", records});
  const Result searched = run(arguments);
  EXPECT_EQ(searched.exit_code, code_of(situation.word)) << searched.err;
  const json document = json::parse(searched.out);
  EXPECT_EQ(document["verdict"], situation.word);
  EXPECT_EQ(names_of(document["lacks"]), situation.lacks);
  for (const json& lack : document["lacks"])
    EXPECT_THAT(lines_of(shown.out).back(), HasSubstr(lack["reason"].get<std::string>()));
  expect_reports({records}, situation, document["lacks"]);
}

std::vector<Situation> situations() {
  const std::vector<std::string> one{"-k", "1"};
  const std::vector<std::string> swarm{"-k", "1", "--swarm", "monday", "--schedules", "300"};
  std::vector<std::string> sample_ok = swarm;
  sample_ok.emplace_back("--sample-ok");
  return {
      {"k0", order(), {"-k", "0"}},
      {"k1", order(), one},
      {"kinds_that_fail_no_step", order(), {"-k", "1", "--faults", "delay_under_timeout"}},
      {"kinds_that_fail_a_step", order(), {"-k", "1", "--faults", "rejected"}},
      {"stopped", order(), {"-k", "1", "--max-schedules", "30"}, "inconclusive", {"not_exhausted"}},
      {"all_steps_skipped", all_skipped(), one},
      {"no_compensations", without_compensations(), one},
      {"pivot_first", pivot_first(), one},
      {"one_step", {{"name", "single"}, {"steps", {step("a", "s")}}}, one},
      {"always_refused", always_refused(), one, "violated"},
      {"always_refused_and_expected",
       json::parse(read_file(cli_tests::scenario("order_processing_short_stock"))), one},
      {"outcome_rules_off", outcome_rules_off(order()), one, "inconclusive", {"no_outcome_rule"}},
      {"outcome_rules_off_without_faults",
       outcome_rules_off(order()),
       {"-k", "0"},
       "inconclusive",
       {"no_outcome_rule"}},
      {"expected_otherwise",
       {{"saga", order()}, {"expects", "compensated"}},
       {"-k", "0"},
       "inconclusive",
       {"unexpected_outcome"}},
      {"choreography", json::parse(read_file(cli_tests::scenario("order_choreography"))), one},
      {"choreography_without_outcome_rules",
       outcome_rules_off(json::parse(read_file(cli_tests::scenario("order_choreography")))["saga"]),
       one,
       "inconclusive",
       {"no_outcome_rule"}},
      {"swarm", order(), swarm, "inconclusive", {"sampled"}},
      {"swarm_that_will_do", order(), sample_ok},
  };
}

TEST(LacksTest, EveryOutputNamesWhatASearchLacks) {
  for (const Situation& situation : situations()) expect_situation(situation);
}

// A shard owes nothing; all of them together what one process owes, by merge and by report.
TEST(LacksTest, TheMergeOwesWhatItsShardsDoNot) {
  for (const Situation& situation :
       {Situation{"whole", order()},
        Situation{"blind", outcome_rules_off(order()), {}, "inconclusive", {"no_outcome_rule"}}}) {
    const std::string file = write_scratch(std::string(situation.name) + ".json", situation.scenario.dump());
    std::vector<std::string> records;
    std::vector<std::string> merge{"merge", file, "--json"};
    for (const std::string shard : {"1/2", "2/2"}) {
      const std::string part = std::string(situation.name) + shard.substr(0, 1);
      const Result searched = run({"explore", file, "-k", "1", "--shard", shard, "--out", scratch(part),
                                   "--tally", scratch(part + ".tally")});
      EXPECT_EQ(searched.exit_code, 0) << searched.out;
      records.push_back(scratch(part));
      merge.push_back(scratch(part + ".tally"));
    }
    const Result merged = run(merge);
    EXPECT_EQ(merged.exit_code, code_of(situation.word));
    const json document = json::parse(merged.out);
    EXPECT_EQ(names_of(document["lacks"]), situation.lacks);
    expect_reports(records, situation, document["lacks"]);
    const Result half = run({"report", records.front(), "--gate"});
    EXPECT_EQ(half.exit_code, 3) << "a shard is missing";
  }
}

TEST(LacksTest, AReplayAndAPlanOfOnesOwnOweNothing) {
  const std::string file = write_scratch("blind.json", outcome_rules_off(order()).dump());
  EXPECT_EQ(run({"replay", file, "--plan", "pay#1:delay_under_timeout"}).exit_code, 0);
  EXPECT_EQ(run({"replay", file, "--plan", "none"}).exit_code, 0);
  EXPECT_EQ(run({"replay", file, "--plan", "pay.compensation#1:unavailable"}).exit_code, 3)
      << "it never strikes";
}

}  // namespace
}  // namespace saga_harness::cli_tests
