// What a search can lack, through the command, its JSON, its records, every report, the gate and the matcher:
// a row per situation, and no lack of the catalogue without one.

#include <cctype>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/score.hpp>

#include "command.hpp"
#include "lack_situations.hpp"
#include "python_targets.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

int code_of(const std::string& word) { return word == "upheld" ? 0 : word == "violated" ? 1 : 3; }

std::string upper_case(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return text;
}

std::set<std::string> names_of(const json& lacks) {
  std::set<std::string> names;
  for (const json& each : lacks) names.insert(each["lack"]);
  return names;
}

std::set<std::string> names_of(const std::vector<LackFound>& lacks) {
  std::set<std::string> names;
  for (const LackFound& each : lacks) names.emplace(name_of(each.lack));
  return names;
}

/// Every report of these records says the word, and all the reasons; and the gate is as strict.
void expect_reports(const std::vector<std::string>& records, const std::string& word, const json& lacks) {
  const int code = code_of(word);
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
  EXPECT_EQ(json::parse(report({"--json"}).out)["verdict"], word);
  EXPECT_EQ(report({"--gate"}).exit_code, code);
}

/// What the command shows, says as JSON and writes down of one search.
void expect_command(std::vector<std::string> arguments, const std::string& records, const std::string& word,
                    const std::set<std::string>& lacks) {
  const Result shown = run(arguments);
  EXPECT_EQ(shown.exit_code, code_of(word)) << shown.out << shown.err;
  EXPECT_THAT(lines_of(shown.out).back(), testing::StartsWith(upper_case(word) + ": "));
  arguments.insert(arguments.end(), {"--json", "--out", records});
  const Result searched = run(arguments);
  EXPECT_EQ(searched.exit_code, code_of(word)) << searched.err;
  const json document = json::parse(searched.out);
  EXPECT_EQ(document["verdict"], word);
  EXPECT_EQ(names_of(document["lacks"]), lacks);
  for (const json& lack : document["lacks"])
    EXPECT_THAT(lines_of(shown.out).back(), HasSubstr(lack["reason"].get<std::string>()));
  expect_reports({records}, word, document["lacks"]);
}

/// The records of a search by a coordinator that no command runs.
std::string recorded(const Situation& situation) {
  const SagaTestHarness harness = harness_of(situation);
  ExploreOptions options = situation.options;
  RunRecords records(harness.experiment(), options);
  std::string text = records.header();
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  const Exploration found = explore(harness.experiment(), options);
  EXPECT_EQ(names_of(found.verdict.lacks), situation.lacks);
  return text + records.end(found);
}

json lacks_of(const std::vector<LackFound>& lacks) {
  json result = json::array();
  for (const LackFound& each : lacks)
    result.push_back({{"lack", name_of(each.lack)}, {"reason", each.reason}});
  return result;
}

void expect_outputs(const Situation& situation) {
  SCOPED_TRACE(situation.name);
  if (situation.own) {
    const std::string records = write_scratch(situation.name + ".jsonl", recorded(situation));
    const SagaTestHarness harness = harness_of(situation);
    expect_reports({records}, situation.word,
                   lacks_of(explore(harness.experiment(), situation.options).verdict.lacks));
    return;
  }
  const std::string file = write_scratch(situation.name + ".json", situation.scenario.dump());
  expect_command(arguments_of(situation, file), scratch(situation.name + "-records"), situation.word,
                 situation.lacks);
}

/// A matcher that takes all that is lacking, but for `unforgiven`.
template <class Matcher>
Matcher forgiving(Matcher matcher, const std::set<std::string>& lacks, const std::string& unforgiven = {}) {
  for (const std::string& lack : lacks) {
    if (lack != unforgiven) matcher = matcher.allow(parse_lack(lack), "the test means it");
  }
  return matcher;
}

/// A test fails and says what is lacking, and passes once it has said that it means every bit of it.
template <class Found, class Matcher>
void expect_matcher(const Found& found, const Matcher& matcher, const std::string& word,
                    const std::set<std::string>& lacks) {
  EXPECT_EQ(names_of(found.verdict.lacks), lacks);
  std::set<std::string> unasked = lacks;
  unasked.erase("sampled");  // a test that asks for a sample means it
  EXPECT_EQ(testing::Value(found, matcher), word != "violated" && unasked.empty());
  testing::StringMatchResultListener said;
  testing::ExplainMatchResult(testing::Matcher<const Found&>(matcher), found, &said);
  for (const std::string& lack : unasked) {
    EXPECT_THAT(said.str(), HasSubstr("(" + lack + ")"));
    EXPECT_THAT(found, Not(forgiving(matcher, lacks, lack))) << lack;
  }
  if (word != "violated") {
    EXPECT_THAT(found, forgiving(matcher, lacks));
  }
}

TEST(LacksTest, HeavyEveryOutputNamesWhatASearchLacks) {
  for (const Situation& situation : situations()) expect_outputs(situation);
}

TEST(LacksTest, ATestNamesWhatASearchLacksAndForgivesWhatItMeans) {
  for (const Situation& situation : situations()) {
    SCOPED_TRACE(situation.name);
    SagaTestHarness harness = harness_of(situation);
    expect_matcher(harness.explore(situation.options), FindsNoViolation(), situation.word, situation.lacks);
  }
}

// Of the searches over more than one saga's runs there are two lacks more.
const std::set<std::string> kLacksOfStudies{"nothing_watched", "nothing_exercised"};

TEST(LacksTest, SagasThatNeverMeetAreNotWatched) {
  const json scenario = sagas_that_do_not_meet();
  expect_command({"interleave", write_scratch("apart.json", scenario.dump()), "-k", "0"}, scratch("records"),
                 "inconclusive", {"nothing_watched"});
  const ConcurrentExperiment together = concurrent_experiment(parse_scenario(scenario.dump(), "apart"));
  expect_matcher(explore_interleavings(together, {.max_faults = 0}), FindsNoAnomaly(), "inconclusive",
                 {"nothing_watched"});
}

TEST(LacksTest, WhatNeverMatteredIsNotExercised) {
  const std::set<std::string> lacks{"nothing_exercised"};
  expect_command({"require", scenario("order_processing"), "-k", "0"}, scratch("required"), "inconclusive",
                 lacks);
  expect_command(
      {"mutants", scenario("order_processing"), "-k", "0", "--only", "skips_first", "--no-ablation"},
      scratch("scored"), "inconclusive", lacks);
  const Scenario order = load_scenario(scenario("order_processing"));
  EXPECT_EQ(
      names_of(relies_on(experiment(order), guarantee_removals(order), {.max_faults = 0}).verdict.lacks),
      lacks);
  const std::vector<MutantCase> one{mutant_case(*find_mutant("skips_first"), order)};
  EXPECT_EQ(names_of(score(one, {.explore = {.max_faults = 0},
                                 .as_far_as_predicted = false,
                                 .ablation = false,
                                 .swarm_seeds = 0})
                         .verdict.lacks),
            lacks);
}

TEST(LacksTest, NoLackOfTheCatalogueIsWithoutASituation) {
  std::set<std::string> shown = kLacksOfStudies;
  for (const Situation& situation : situations())
    shown.insert(situation.lacks.begin(), situation.lacks.end());
  std::set<std::string> catalogue;
  for (std::size_t i = 0; i < kLackCount; ++i) catalogue.emplace(name_of(static_cast<Lack>(i)));
  EXPECT_EQ(shown, catalogue);
}

// What is an answer, whoever merges says: a file of counts is none.
TEST(LacksTest, ASampleInShardsIsAnAnswerForWhoeverTakesItForOne) {
  const std::string file = write_scratch("whole.json", order_saga().dump());
  std::vector<std::string> merge{"merge", file};
  for (const std::string shard : {"1/2", "2/2"}) {
    merge.push_back(scratch(shard.substr(0, 1) + ".tally"));
    EXPECT_EQ(run({"explore", file, "-k", "1", "--swarm", "monday", "--schedules", "300", "--shard", shard,
                   "--tally", merge.back()})
                  .exit_code,
              3);
  }
  EXPECT_EQ(run(merge).exit_code, 3);
  merge.emplace_back("--sample-ok");
  EXPECT_EQ(run(merge).exit_code, 0);
  const std::string whole = scratch("whole.tally");
  static_cast<void>(run({"explore", file, "-k", "1", "--tally", whole}));
  const Result refused = run({"merge", file, whole, "--sample-ok"});
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_THAT(refused.err, testing::HasSubstr("--sample-ok is for random search"));
}

// A shard owes nothing; all of them together what one process owes, by merge and by report.
TEST(LacksTest, HeavyTheMergeOwesWhatItsShardsDoNot) {
  for (const Situation& situation :
       {Situation{"whole", order_saga()},
        Situation{"blind", outcome_rules_off(order_saga()), {}, "inconclusive", {"no_outcome_rule"}}}) {
    const std::string file = write_scratch(situation.name + ".json", situation.scenario.dump());
    std::vector<std::string> records;
    std::vector<std::string> merge{"merge", file, "--json"};
    for (const std::string shard : {"1/2", "2/2"}) {
      const std::string part = situation.name + shard.substr(0, 1);
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
    expect_reports(records, situation.word, document["lacks"]);
    const Result half = run({"report", records.front(), "--gate"});
    EXPECT_EQ(half.exit_code, 3) << "a shard is missing";
  }
}

TEST(LacksTest, AReplayAndAPlanOfOnesOwnOweNothing) {
  const std::string file = write_scratch("blind.json", outcome_rules_off(order_saga()).dump());
  EXPECT_EQ(run({"replay", file, "--plan", "pay#1:delay_under_timeout"}).exit_code, 0);
  EXPECT_EQ(run({"replay", file, "--plan", "none"}).exit_code, 0);
  EXPECT_EQ(run({"replay", file, "--plan", "pay.compensation#1:unavailable"}).exit_code, 3)
      << "it never strikes";
}

class LacksOfTargetsTest : public TargetCommandTest {};

TEST_F(LacksOfTargetsTest, OneThatFlagsWhatNobodyCanUndoIsNotJudged) {
  json scenario{{"saga", json::parse(read_file(shop()))}, {"expects", "flagged"}};
  for (json& step : scenario["saga"]["steps"]) {
    step.erase("compensation");
    step["compensatable"] = false;
  }
  const std::string file = write_scratch("mails.json", scenario.dump());
  const std::string target = write_scratch("target.json", server("only_flags").dump());
  expect_command({"explore", file, "--target", target, "-k", "0"}, scratch("records"), "inconclusive",
                 {"no_flag_judged"});
}

// Nothing that is asked for by nobody can be judged: it is refused with what to look at.
TEST_F(LacksOfTargetsTest, OneThatAsksForNothingIsRefused) {
  const Result result = explore(server("does_nothing"), {"-k", "0"});
  EXPECT_EQ(result.exit_code, 64) << result.out;
  EXPECT_THAT(result.err, HasSubstr("without any fault, the target called no service"));
}

}  // namespace
}  // namespace saga_harness::cli_tests
