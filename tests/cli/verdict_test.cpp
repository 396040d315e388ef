// One verdict through explore, --json, records, report and gate; and what a search owes for it.

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
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

json two_steps() {
  return {{"name", "two"},
          {"steps",
           {{{"name", "a"}, {"service", "s"}, {"compensation", "ua"}},
            {{"name", "b"}, {"service", "t"}, {"compensation", "ub"}}}}};
}

/// One search by every way there is to ask for its verdict.
void expect_verdict(const std::string& scenario_file, std::vector<std::string> options,
                    const std::string& word, const std::string& reason) {
  const int code = word == "upheld" ? 0 : word == "violated" ? 1 : 3;
  static int searches = 0;
  const std::string records = scratch("records-" + std::to_string(++searches));
  std::vector<std::string> arguments{"explore", scenario_file, "--out", records, "--json"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Result searched = run(arguments);
  EXPECT_EQ(searched.exit_code, code) << searched.out << searched.err;
  const json document = json::parse(searched.out);
  EXPECT_EQ(document["verdict"], word);
  EXPECT_THAT(document[word == "violated" ? "findings" : "lacks"].dump(), HasSubstr(reason));
  for (const char* format : {"terminal", "json", "markdown", "html", "junit", "github"}) {
    const Result reported = run({"report", records, "--format", format});
    EXPECT_EQ(reported.exit_code, code) << format << reported.out;
    EXPECT_THAT(unwrapped(reported.out), HasSubstr(reason)) << format;
  }
  const Result gate = run({"report", records, "--gate"});
  EXPECT_EQ(gate.exit_code, code) << gate.out;
}

// I18 came with 0.2.
TEST(VerdictTest, HeavyNewerRulesAreLeftOutWhereThoseOfAnEarlierVersionAreAskedFor) {
  json scenario{{"saga", two_steps()}};
  scenario["saga"]["steps"][1]["retry"] = {{"attempts", 2}};
  const std::string file = write_scratch("early.json", scenario.dump());
  const std::vector<std::string> bug{"explore", file, "--coordinator", "one_attempt_too_many", "-k", "1"};
  EXPECT_EQ(run(bug).exit_code, 1);
  std::vector<std::string> early = bug;
  const std::string records = scratch("records");
  early.insert(early.end(), {"--rules-as-of", "0.1", "--out", records});
  const Result kept = run(early);
  EXPECT_EQ(kept.exit_code, 0) << kept.out << kept.err;
  EXPECT_THAT(kept.out, HasSubstr("note: judged by the rules of 0.1"));
  EXPECT_THAT(json::parse(read_file(records + "/exploration.json"))["notes"][0],
              "judged by the rules of 0.1");
  for (const char* format : {"terminal", "json", "markdown", "html", "junit", "github"}) {
    const Result reported = run({"report", records, "--format", format});
    EXPECT_EQ(reported.exit_code, 0) << format;
    EXPECT_THAT(unwrapped(reported.out), HasSubstr("judged by the rules of 0.1")) << format;
  }
  early[early.size() - 3] = "0.3";
  const Result unknown = run(early);
  EXPECT_EQ(unknown.exit_code, 64);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("--rules-as-of"), HasSubstr("there are 0.1, 0.2")));
}

TEST(VerdictTest, AllOutcomeRulesOffIsInconclusiveEverywhere) {
  json scenario{{"saga", two_steps()}, {"switched_off", {{"I1", "x"}, {"I5", "x"}, {"I6", "x"}}}};
  expect_verdict(write_scratch("off.json", scenario.dump()), {"-k", "1"}, "inconclusive",
                 "are all switched off");
}

TEST(VerdictTest, ASagaThatIsAlwaysRefusedIsViolatedUnlessItIsExpected) {
  json scenario = json::parse(read_file(cli_tests::scenario("order_processing_short_stock")));
  expect_verdict(write_scratch("expected.json", scenario.dump()), {"-k", "1"}, "upheld", "");
  scenario.erase("expects");
  expect_verdict(write_scratch("refused.json", scenario.dump()), {"-k", "1"}, "violated",
                 "no fault had struck, but the participant refused");
}

TEST(VerdictTest, WhatTheOptionsLeaveOutIsScope) {
  const Result none = run({"explore", scenario("order_processing"), "-k", "0"});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_THAT(
      none.out,
      HasSubstr("UPHELD: no violation in 1 schedule of up to 0 faults, exhausted, no faults tried\n"));
  expect_verdict(scenario("order_processing"), {"-k", "1", "--faults", "delay_under_timeout"}, "upheld", "");
}

TEST(VerdictTest, ASampleIsInconclusiveUnlessItWillDo) {
  const std::vector<std::string> swarm{"-k", "2", "--swarm", "monday", "--schedules", "50"};
  expect_verdict(scenario("order_processing"), swarm, "inconclusive",
                 "random schedules prove nothing about the others");
  std::vector<std::string> will_do = swarm;
  will_do.emplace_back("--sample-ok");
  expect_verdict(scenario("order_processing"), will_do, "upheld", "");
  EXPECT_EQ(run({"explore", scenario("order_processing"), "--sample-ok"}).exit_code, 64);
}

TEST(VerdictTest, ASearchThatWasStoppedIsInconclusiveForTheGateToo) {
  expect_verdict(scenario("order_processing"), {"-k", "2", "--max-schedules", "50"}, "inconclusive",
                 "the search was not exhausted");
}

TEST(VerdictTest, ShardsOweNothingAndTheirMergeDoes) {
  json scenario{{"saga", two_steps()}, {"switched_off", {{"I1", "x"}, {"I5", "x"}, {"I6", "x"}}}};
  const std::string file = write_scratch("off.json", scenario.dump());
  std::vector<std::string> report{"report", "--format", "json"};
  std::vector<std::string> merge{"merge", file};
  for (const char* shard : {"1/2", "2/2"}) {
    const std::string part = std::string("part") + shard[0];
    EXPECT_EQ(run({"explore", file, "-k", "1", "--shard", shard, "--out", scratch(part), "--tally",
                   scratch(part + ".tally")})
                  .exit_code,
              0);
    report.push_back(scratch(part));
    merge.push_back(scratch(part + ".tally"));
  }
  EXPECT_EQ(run(merge).exit_code, 3);
  const Result merged = run(report);
  EXPECT_EQ(merged.exit_code, 3);
  EXPECT_EQ(json::parse(merged.out)["verdict"], "inconclusive");
}

/// Of two files, in each of the ways in which what one search has earned could be taken for another's.
struct TakenForOne {
  int resumed = -1;  ///< exit codes
  int merged = -1;
  json report = {};  ///< of the records of a shard of each
};
TakenForOne taken_for_one(const std::string& one, const std::string& other) {
  const auto searched = [](const std::string& file, std::vector<std::string> options) {
    std::vector<std::string> arguments{"explore", file, "-k", "1", "--kinds", "request_duplicated,rejected"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run(arguments).exit_code;
  };
  for (const char* left : {"state", "a", "b", "one", "two"}) std::filesystem::remove_all(scratch(left));
  TakenForOne taken;
  EXPECT_EQ(searched(one, {"--resume", scratch("state")}), 0);
  taken.resumed = searched(other, {"--resume", scratch("state")});
  searched(one, {"--shard", "1/2", "--tally", scratch("a"), "--out", scratch("one")});
  searched(other, {"--shard", "2/2", "--tally", scratch("b"), "--out", scratch("two")});
  taken.merged = run({"merge", one, scratch("a"), scratch("b")}).exit_code;
  taken.report = json::parse(run({"report", scratch("one"), scratch("two"), "--json"}).out);
  return taken;
}

json order_with_a_bound(int most) {
  json order = json::parse(read_file(scenario("order_processing")));
  order["invariants"] = {{{"name", "not too much is taken"},
                          {"level", "inventory_service/PROD-1 reserved"},
                          {"min", 0},
                          {"max", most}}};
  return order;
}

// Sagas of one name, whose participants, data, bounds or rules are others: subjects of their own, whatever
// they are called.
TEST(VerdictTest, WhatOneSubjectHasEarnedIsNotAnothers) {
  const json one = order_with_a_bound(100);
  const std::string file = write_scratch("one.json", one.dump());
  std::vector<json> others(4, one);
  others[0]["participants"]["payment_service"]["guarantees"] = {{"deduplicates", false}};
  others[1] = order_with_a_bound(1);
  others[2]["participants"]["inventory_service"]["stock"]["PROD-1"] = 11;
  others[3]["switched_off"] = {{"I5", "so"}};
  for (const json& other : others) {
    SCOPED_TRACE(json::diff(one, other).dump());
    const TakenForOne taken = taken_for_one(file, write_scratch("other.json", other.dump()));
    EXPECT_EQ(taken.resumed, 64);
    EXPECT_EQ(taken.merged, 64);
    EXPECT_EQ(taken.report["sagas"].size(), 2U);
    EXPECT_NE(taken.report["verdict"], "upheld") << "of each a shard is missing";
    EXPECT_FALSE(taken.report["incomplete"].empty());
  }
}

/// The same value, the keys of every object from last to first.
nlohmann::ordered_json backwards(const json& value) {
  if (value.is_array()) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const json& each : value) list.push_back(backwards(each));
    return list;
  }
  if (!value.is_object()) return nlohmann::ordered_json::parse(value.dump());
  std::vector<std::string> keys;
  for (const auto& [key, each] : value.items()) keys.insert(keys.begin(), key);
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const std::string& key : keys) object[key] = backwards(value[key]);
  return object;
}

TEST(VerdictTest, AnotherOrderOfKeysIsTheSameSubject) {
  const json order = order_with_a_bound(100);
  const std::string file = write_scratch("forwards.json", order.dump());
  const std::string other = write_scratch("backwards.json", backwards(order).dump());
  ASSERT_NE(read_file(file), read_file(other));
  const TakenForOne taken = taken_for_one(file, other);
  EXPECT_EQ(taken.resumed, 0);
  EXPECT_EQ(taken.merged, 0);
  EXPECT_EQ(taken.report["sagas"].size(), 1U);
  EXPECT_EQ(taken.report["verdict"], "upheld");
}

TEST(VerdictTest, WhatCannotBeExpectedIsRefusedWithItsPlace) {
  for (const char* word : {"unresolved", "complete", "Completed"}) {
    const json scenario{{"saga", two_steps()}, {"expects", word}};
    const Result result = run({"explore", write_scratch("expects.json", scenario.dump()), "-k", "0"});
    EXPECT_EQ(result.exit_code, 64) << word;
    EXPECT_THAT(result.err, AllOf(HasSubstr("/expects"), HasSubstr(word),
                                  HasSubstr("say completed, compensated or flagged")));
  }
  json scenario{{"saga", two_steps()}, {"expects", "compensated"}};
  for (json& step : scenario["saga"]["steps"]) {
    step.erase("compensation");
    step["compensatable"] = false;
  }
  const Result result = run({"explore", write_scratch("never.json", scenario.dump()), "-k", "0"});
  EXPECT_EQ(result.exit_code, 64) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("/expects"), HasSubstr("no step of the saga has a compensation")));
}

TEST(VerdictTest, AGateThatToleratesViolationsStillSaysViolated) {
  const std::string records = scratch("records");
  EXPECT_EQ(run({"explore", scenario("order_processing"), "-k", "1", "--kinds", "rejected", "--coordinator",
                 "skips_first", "--out", records})
                .exit_code,
            1);
  EXPECT_EQ(run({"report", records, "--gate"}).exit_code, 1);
  const Result tolerated = run({"report", records, "--gate", "--max-violations", "9"});
  EXPECT_EQ(tolerated.exit_code, 0) << tolerated.out;
  EXPECT_THAT(tolerated.out, testing::StartsWith("VIOLATED\n"));
}

TEST(VerdictTest, AGateCountsTheRulesThatJudged) {
  const std::string records = scratch("records");
  EXPECT_EQ(run({"explore", scenario("order_processing"), "-k", "1", "--kinds", "rejected", "--out", records})
                .exit_code,
            0);
  EXPECT_EQ(run({"report", records, "--gate", "--min-rules", "5"}).exit_code, 0);
  const Result many = run({"report", records, "--gate", "--min-rules", "99"});
  EXPECT_EQ(many.exit_code, 2) << many.out;
  EXPECT_THAT(many.out, HasSubstr("rules judged, order_processing: required at least 99"));
  EXPECT_EQ(run({"report", records, "--min-rules", "5"}).exit_code, 64) << "it is a rule of the gate";
}

/// The line for CI as the README has it, in a shell whose ctest ends so and leaves those records.
int exit_code_of_ci(int ctest, const std::string& records) {
  const std::string bin = scratch("bin");
  std::filesystem::create_directories(bin);
  const auto program = [&bin](const std::string& name, const std::string& body) {
    std::ofstream(bin + "/" + name) << "#!/bin/sh\n" << body << "\n";
    std::filesystem::permissions(bin + "/" + name, std::filesystem::perms::owner_all);
  };
  program("ctest", "[ \"$SAGA_HARNESS_RECORDS\" = records ] || exit 99; exit " + std::to_string(ctest));
  program("saga-harness", "shift 2; exec " SAGA_HARNESS_COMMAND " report \"" + records + "\" \"$@\"");
  std::string line;
  for (const std::string& each : lines_of(read_file(SAGA_HARNESS_SOURCE_DIR "/harness/testing/README.md"))) {
    if (each.starts_with("SAGA_HARNESS_RECORDS=records ctest")) line = each;
  }
  EXPECT_NE(line, "");
  std::ofstream(bin + "/ci.sh") << "PATH=" << bin << ":$PATH\n" << line << " >/dev/null\n";
  const int status = std::system(("sh " + bin + "/ci.sh >/dev/null 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(VerdictTest, HeavyTheLineForCiKeepsTheExitCodeOfTheTests) {
  const std::string upheld = scratch("upheld");
  const std::string violated = scratch("violated");
  const std::vector<std::string> search{"explore", scenario("order_processing"), "-k", "1", "--kinds",
                                        "rejected"};
  std::vector<std::string> good = search;
  good.insert(good.end(), {"--out", upheld});
  std::vector<std::string> bad = search;
  bad.insert(bad.end(), {"--coordinator", "skips_first", "--out", violated});
  EXPECT_EQ(run(good).exit_code, 0);
  EXPECT_EQ(run(bad).exit_code, 1);
  EXPECT_EQ(exit_code_of_ci(0, upheld), 0);
  EXPECT_EQ(exit_code_of_ci(8, upheld), 8) << "a test failed that no record tells of";
  EXPECT_EQ(exit_code_of_ci(0, violated), 1);
  EXPECT_EQ(exit_code_of_ci(8, violated), 1);
  EXPECT_EQ(exit_code_of_ci(0, scratch("nowhere")), 64);
}

}  // namespace
}  // namespace saga_harness::cli_tests
