#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// The mutants on a small saga, with few kinds of fault, so that it is quick.
const std::vector<std::string> kQuick{"mutants", "--kinds", "rejected,reply_lost", "--no-windows"};

std::vector<std::string> with(std::vector<std::string> more) {
  more.insert(more.begin(), kQuick.begin(), kQuick.end());
  return more;
}

TEST(MutantsTest, ScoresThoseThatAreNamedOnTheScenariosThatShowThem) {
  const Result result = run(with(
      {"--scenarios", SAGA_HARNESS_SCENARIOS_DIR, "--only", "partial_batch,skips_first,no_idempotency_key"}));
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("+ no violation  order_processing "));
  EXPECT_THAT(result.out, HasSubstr("+ no violation  order_processing_short_stock "));
  EXPECT_THAT(result.out, HasSubstr("UPHELD: 3 of 3 killed, 3 by the rule predicted\n"));
  EXPECT_THAT(result.out, HasSubstr("What the 3 kills owe to each class of faults"));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
}

TEST(MutantsTest, WritesJsonWhoseTokensReplay) {
  const std::string path = scenario("order_processing");
  const Result result = run(with({path, "--only", "skips_first,no_dedup", "--json"}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["format"], "saga_harness.score/1");
  EXPECT_EQ(document["killed"], 2);
  for (const json& mutant : document["mutants"]) {
    EXPECT_EQ(mutant["status"], "killed");
    EXPECT_EQ(mutant["rule"], mutant["predicted"]);
    const Result replay = run({"replay", path, mutant["token"]});
    EXPECT_EQ(replay.exit_code, 1) << mutant;
    EXPECT_THAT(replay.out, HasSubstr(mutant["violation"].get<std::string>()));
  }
  EXPECT_FALSE(document["ablation"].empty());
}

TEST(MutantsTest, OneThatIsNotReachedIsInconclusive) {
  const Result result =
      run({"mutants", scenario("order_processing"), "-k", "0", "--only", "no_idempotency_key,skips_first"});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("no run reached the bug"));
  EXPECT_THAT(result.out,
              HasSubstr("INCONCLUSIVE: 1 of 2 killed, 1 by the rule predicted, 1 not activated, but no run"));
}

TEST(MutantsTest, OnAScenarioWhereTheBugCannotBeItSaysSo) {
  const std::string path = write_scratch(
      "bare.json",
      R"({"name": "bare", "steps": [{"name": "one", "service": "s", "compensation": "undo_one"}]})");
  const Result result = run({"mutants", path, "-k", "1", "--only", "partial_batch", "--no-ablation"});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.out, HasSubstr("no participant of the scenario can have the bug"));
  EXPECT_THAT(result.out, Not(HasSubstr("owe to each class")));
}

TEST(MutantsTest, ScoresWhatTakesSeveralSagasWhereTheyRunAtTheSameTime) {
  const Result result = run({"mutants", "--scenarios", SAGA_HARNESS_SCENARIOS_DIR, "-k", "1", "--only",
                             "two_sagas_swap_state", "--no-ablation"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("+ no violation  2 x last_item "));
  EXPECT_THAT(result.out, HasSubstr("UPHELD: 1 of 1 killed, 1 by the rule predicted\n"));
  const Result alone =
      run({"explore", scenario("last_item"), "--coordinator", "two_sagas_swap_state", "-k", "1"});
  EXPECT_EQ(alone.exit_code, 64);
  EXPECT_THAT(alone.err, HasSubstr("give it to saga-harness interleave"));
}

TEST(MutantsTest, ScoresTheBugsOfChoreographies) {
  const Result result =
      run({"mutants", "--scenarios", SAGA_HARNESS_SCENARIOS_DIR, "--no-ablation", "--only",
           "ack_before_effect,commit_without_publish,publish_without_commit,duplicate_applied_twice,"
           "failure_without_subscriber,handler_error_swallowed,timeout_compensates_completed,"
           "compensation_overtakes,late_parallel_success,sibling_rerun,event_context_lost"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("+ no violation  order_choreography "));
  EXPECT_THAT(result.out, HasSubstr("+ no violation  order_choreography_parallel "));
  EXPECT_THAT(result.out, HasSubstr("UPHELD: 11 of 11 killed, 11 by the rule predicted\n"));
}

TEST(MutantsTest, LeavesOutBugsThatTheSortOfTheSagaCannotHave) {
  const Result result =
      run({"mutants", scenario("order_choreography"), "-k", "0", "--no-ablation", "--json"});
  const json document = json::parse(result.out);
  for (const json& mutant : document["mutants"]) EXPECT_NE(mutant["group"], "forward") << mutant;
  const Result named = run({"mutants", scenario("order_choreography"), "-k", "0", "--only", "skips_first"});
  EXPECT_THAT(named.out, HasSubstr("the saga is a choreography, and the bug is one of orchestrators"));
}

TEST(MutantsTest, RefusesBadInput) {
  const Result unknown = run({"mutants", scenario("order_processing"), "--only", "skip_first"});
  EXPECT_EQ(unknown.exit_code, 64);
  EXPECT_THAT(unknown.err, HasSubstr("there is no mutant \"skip_first\", did you mean \"skips_first\"?"));
  const Result nowhere = run({"mutants", "--scenarios", "nowhere"});
  EXPECT_EQ(nowhere.exit_code, 64);
  EXPECT_THAT(nowhere.err, HasSubstr("with --scenarios"));
  EXPECT_EQ(run({"mutants", scenario("order_processing"), "-k", "7"}).exit_code, 64);
}

}  // namespace
}  // namespace saga_harness::cli_tests
