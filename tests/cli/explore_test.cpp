#include <locale.h>

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <saga_harness/rule.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kMutant = "ambiguous_not_compensated";

std::string last_line(const std::string& text) {
  const auto lines = lines_of(text);
  return lines.empty() ? std::string() : lines.back();
}

TEST(ExploreTest, TheReferenceIsUpheld) {
  const Result result = run({"explore", scenario("order_processing"), "--max-faults", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(last_line(result.out), StartsWith("UPHELD: no violation in "));
  EXPECT_THAT(result.out, HasSubstr("process_payment.compensation"));
  EXPECT_THAT(result.out, HasSubstr(", exhausted\n"));
  EXPECT_THAT(result.err, IsEmpty());
}

TEST(ExploreTest, AMutantIsViolatedWithPlanTokenAndTest) {
  const Result result =
      run({"explore", scenario("order_processing"), "--max-faults", "2", "--coordinator", kMutant});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(last_line(result.out), StartsWith("VIOLATED: "));
  EXPECT_THAT(result.out, HasSubstr("Finding 1: I1 truthful outcome"));
  EXPECT_THAT(result.out, HasSubstr("  plan     "));
  EXPECT_THAT(result.out, HasSubstr("  token    sh2-"));
  EXPECT_THAT(result.out,
              HasSubstr("  repeat   saga-harness replay " + scenario("order_processing") + " sh2-"));
  EXPECT_THAT(result.out, HasSubstr("    TEST"));
  EXPECT_THAT(result.out, HasSubstr("What happened (! the first fault, > shows the violation):"));
}

TEST(ExploreTest, AMutantAmongTheParticipantsIsViolated) {
  const Result result = run(
      {"explore", scenario("order_processing"), "--max-faults", "1", "--participant", "no_dedup", "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["participant"], "no_dedup");
  const json& findings = document["findings"];
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [](const json& finding) {
    return finding["rule"] == "I5";
  })) << findings;
}

TEST(ExploreTest, JsonHoldsWhatTheReportSays) {
  const Result result =
      run({"explore", scenario("order_processing"), "-k", "1", "--coordinator", kMutant, "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["saga"], "order_processing");
  EXPECT_EQ(document["coordinator"], kMutant);
  EXPECT_EQ(document["max_faults"], 1);
  EXPECT_EQ(document["exhausted"], true);
  EXPECT_EQ(document["verdict"], "violated");
  EXPECT_EQ(document["definition_hash"].get<std::string>().size(), 16U);
  EXPECT_EQ(document["cells"].size(), document["coverage"]["denominator"].get<std::size_t>());
  EXPECT_THAT(document["findings"][0]["token"].get<std::string>(), StartsWith("sh2-"));
  EXPECT_EQ(document["findings"][0]["faults"].size(), 1U);
  std::uint64_t schedules = 0;
  for (const json& level : document["levels"])
    schedules += std::stoull(level["schedules"].get<std::string>());
  EXPECT_EQ(document["schedules"], std::to_string(schedules));
}

TEST(ExploreTest, ASearchCutOffIsInconclusiveAndGivesNoPercentageOfSchedules) {
  const Result result =
      run({"explore", scenario("order_processing"), "--max-faults", "3", "--max-schedules", "100"});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("k <= 3: stopped at 100, not exhausted\n"));
  EXPECT_THAT(last_line(result.out), StartsWith("INCONCLUSIVE: "));
}

TEST(ExploreTest, StopsAtTheFirstViolationIfAskedTo) {
  const Result result =
      run({"explore", scenario("order_processing"), "--coordinator", kMutant, "--stop-at-first", "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["violated_schedules"], "1");
  EXPECT_EQ(document["findings"].size(), 1U);
  EXPECT_EQ(document["exhausted"], false);
}

TEST(ExploreTest, TriesLikelyFaultsFirstUnlessAskedForThePlainOrder) {
  std::vector<std::string> arguments{"explore",         scenario("order_processing"),
                                     "--coordinator",   "failure_swallowed",
                                     "--stop-at-first", "--json"};
  const json likely = json::parse(run(arguments).out);
  arguments.emplace_back("--plain-order");
  const json plain = json::parse(run(arguments).out);
  EXPECT_LT(std::stoi(likely["schedules"].get<std::string>()), 500);
  EXPECT_GT(std::stoi(plain["schedules"].get<std::string>()), 3000);
  EXPECT_THAT(run({"explore", scenario("order_processing"), "--plain-order"}).err,
              HasSubstr("--plain-order requires --stop-at-first"));
  const Result swarm =
      run({"explore", scenario("order_processing"), "--stop-at-first", "--plain-order", "--swarm", "1"});
  EXPECT_EQ(swarm.exit_code, 64);
  EXPECT_THAT(swarm.err, HasSubstr("--plain-order and --swarm cannot be had together"));
}

TEST(ExploreTest, TriesOnlyTheKindsAskedFor) {
  const Result result = run({"explore", "-k", "1", "--no-windows", "--json", "--kinds", "reply_lost,rejected",
                             scenario("order_processing")});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["kinds"], json::array({"rejected", "reply_lost"}));
  EXPECT_EQ(document["windows"], false);
  for (const json& cell : document["cells"]) {
    if (cell["kind"] != "rejected" && cell["kind"] != "reply_lost") {
      EXPECT_EQ(cell["fired"], "0") << cell;
    }
  }
}

TEST(ExploreTest, SaysWhatItDidNotRunAndFindsTheSame) {
  std::vector<std::string> arguments{
      "explore", scenario("order_processing"), "--max-faults", "1", "--coordinator", kMutant, "--json"};
  json all = json::parse(run(arguments).out);
  EXPECT_FALSE(all.contains("pruned"));
  arguments.insert(arguments.end(), {"--prune", "--audit-every", "1"});
  json some = json::parse(run(arguments).out);
  EXPECT_GT(std::stoi(some["pruned"].get<std::string>()), 50);
  const std::string pruned = some["pruned"];
  some.erase("pruned");
  EXPECT_EQ(some, all);
  std::erase(arguments, "--json");
  EXPECT_THAT(run(arguments).out,
              HasSubstr("  not run, being like a run with a shorter fault: " + pruned + "\n"));
}

TEST(ExploreTest, LeavesNothingOutWhereEveryRunIsWanted) {
  for (const std::vector<std::string>& other :
       {std::vector<std::string>{"--swarm", "1"}, {"--out", "somewhere"}, {"--metrics", "somewhere"}}) {
    std::vector<std::string> arguments{"explore", scenario("order_processing"), "--prune"};
    arguments.insert(arguments.end(), other.begin(), other.end());
    const Result result = run(arguments);
    EXPECT_EQ(result.exit_code, 64);
    EXPECT_THAT(result.err, HasSubstr("--prune and " + other.front() + " cannot be had together"));
  }
  EXPECT_THAT(run({"explore", scenario("order_processing"), "--audit-every", "2"}).err,
              HasSubstr("--audit-every requires --prune"));
}

TEST(ExploreTest, WritesTheSameBytesEveryTimeAndUnderAnyLocale) {
  const locale_t german = ::newlocale(LC_ALL_MASK, "de_DE.UTF-8", nullptr);
  ASSERT_NE(german, nullptr)
      << "the locale de_DE.UTF-8 is missing; make it with: localedef -i de_DE -f UTF-8 "
         "de_DE.UTF-8 (tests/run.sh does)";
  ::freelocale(german);
  for (const char* coordinator : {"reference", kMutant}) {
    for (const bool as_json : {true, false}) {
      Command command{
          .arguments = {"explore", scenario("order_processing"), "-k", "1", "--coordinator", coordinator}};
      if (as_json) command.arguments.emplace_back("--json");
      const Result first = run(command);
      const Result second = run(command);
      command.environment = {{"LC_ALL", "de_DE.UTF-8"}, {"LANG", "de_DE.UTF-8"}};
      const Result in_german = run(command);
      ASSERT_THAT(first.out, Not(IsEmpty())) << first.err;
      EXPECT_EQ(first.out, second.out);
      EXPECT_EQ(first.out, in_german.out);
      EXPECT_EQ(first.exit_code, in_german.exit_code);
    }
  }
}

constexpr std::string_view kWatched =
    R"({"saga": {"name": "watched", "steps": [{"name": "take", "service": "shop", "compensation": "back"}],
        "context": {"items": [{"product_id": "tea", "quantity": 2}]}},
        "participants": {"shop": {"fake": "stock", "stock": {"tea": 5}}},
        "invariants": [{"name": "tea is left", "level": "shop/tea reserved", "max": 1},
                       {"name": "never asked", "level": "shop/tea reserved", "max": 1, "when": ["flagged"]}]})";

TEST(ExploreTest, ShowsAnInvariantOfOnesOwnAndNeverGreenIfItWasNotAsked) {
  const std::string path = write_scratch("watched.json", kWatched);
  const Result result = run({"explore", path, "-k", "0"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, testing::ContainsRegex("  own  tea is left +violated  0 +1 +0\n"));
  EXPECT_THAT(result.out, testing::ContainsRegex("  own  never asked +unknown +0 +0 +1\n"));
  EXPECT_THAT(result.out, HasSubstr("Finding 1: own tea is left\n"));
  EXPECT_THAT(result.out, HasSubstr("TEST(WatchedSaga, TeaIsLeft)"));
  const json document = json::parse(run({"explore", path, "-k", "0", "--json"}).out);
  EXPECT_EQ(document["findings"][0]["rule"], "own");
  EXPECT_EQ(document["findings"][0]["name"], "tea is left");
  EXPECT_EQ(document["rules"].back()["name"], "never asked");
  EXPECT_EQ(document["rules"].back()["status"], "unknown");

  const Result replay = run({"replay", path, "--plan", "none"});
  EXPECT_EQ(replay.exit_code, 1);
  EXPECT_THAT(replay.out, HasSubstr("shop/tea reserved must be at most 1 at the end, but is 2"));
  EXPECT_THAT(last_line(replay.out), HasSubstr("violated: tea is left"));
}

TEST(ExploreTest, RecordsNameAViolatedInvariantOfOnesOwn) {
  const std::string path = write_scratch("watched.json", kWatched);
  const std::string records = scratch("records");
  (void)run({"explore", path, "-k", "0", "--out", records});
  // Behind the built-in rules come one's own, in the order of the header.
  EXPECT_THAT(read_file(records + "/runs.jsonl"),
              AllOf(HasSubstr(R"("invariants":["tea is left",)"),
                    HasSubstr("\"violated\":[[" + std::to_string(kRuleCount) + ",-1]]")));
}

TEST(ExploreTest, SearchesAChoreographyAsItDoesOrchestratedSagas) {
  const std::string path = scenario("order_choreography_parallel");
  EXPECT_EQ(run({"explore", path, "-k", "1"}).exit_code, 0);
  const Result found = run({"explore", path, "-k", "1", "--coordinator", "sibling_rerun", "--json"});
  EXPECT_EQ(found.exit_code, 1) << found.err;
  const json finding = json::parse(found.out)["findings"][0];
  const Result replay = run({"replay", path, finding["token"]});
  EXPECT_EQ(replay.exit_code, 1);
  EXPECT_THAT(replay.out, HasSubstr("published"));
  const Result wrong = run({"explore", path, "--coordinator", "skips_first"});
  EXPECT_EQ(wrong.exit_code, 64);
  EXPECT_THAT(wrong.err, HasSubstr("the bug is one of orchestrators"));
}

TEST(ExploreTest, ReadsABareDefinitionToo) {
  const std::string path = write_scratch(
      "bare.json",
      R"({"name": "bare", "steps": [{"name": "one", "service": "s", "compensation": "undo_one"}]})");
  const Result result = run({"explore", path, "-k", "1", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(json::parse(result.out)["saga"], "bare");
}

TEST(ExploreTest, MetricsOfAllRunsAreWritten) {
  const std::string file = scratch("metrics.prom");
  const Result result =
      run({"explore", scenario("order_processing"), "-k", "1", "--kinds", "rejected", "--metrics", file});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(read_file(file), HasSubstr("\nsaga_started_total{type=\"order_processing\"} 6\n"));
}

TEST(ExploreTest, MetricsNeedOneProcessAndAWholeSearch) {
  for (const char* const other : {"--workers", "--resume"}) {
    const Result result =
        run({"explore", scenario("order_processing"), "--metrics", scratch("no.prom"), other, "2"});
    EXPECT_EQ(result.exit_code, 64);
    EXPECT_THAT(result.err, HasSubstr("--metrics and " + std::string(other)));
  }
}

}  // namespace
}  // namespace saga_harness::cli_tests
