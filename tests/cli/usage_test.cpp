#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <saga_harness/fault.hpp>
#include <saga_harness/rule.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kEscape = "\x1b";

TEST(UsageTest, VersionAndHelpGoToStandardOutput) {
  const Result version = run({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, testing::MatchesRegex("saga-harness [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  const Result help = run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* word :
       {"explore", "replay", "require", "mutants", "check", "list", "Examples:", "Exit codes:"}) {
    EXPECT_THAT(help.out, HasSubstr(word));
  }
  const Result explore_help = run({"explore", "--help"});
  EXPECT_EQ(explore_help.exit_code, 0);
  for (const char* word : {"--max-faults", "--coordinator", "--kinds", "--out", "Examples:"}) {
    EXPECT_THAT(explore_help.out, HasSubstr(word));
  }
}

TEST(UsageTest, WrongUseExitsWith64AndOneMessage) {
  const std::string order = scenario("order_processing");
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"explore"},
      {"explore", order, "--no-such-flag"},
      {"explore", order, "surplus"},
      {"explore", order, "--max-faults", "two"},
      {"explore", order, "--max-faults", "-1"},
      {"explore", order, "--max-faults", "7", "--max-schedules", "9"},
      {"explore", order, "--max-schedules", "0"},
      {"explore", order, "--color", "sometimes"},
      {"explore", "--kinds", "reply_lost", "rejected", order},
      {"check"},
      {"--verbose"}};
  for (const auto& arguments : wrong) {
    const Result result = run(arguments);
    EXPECT_EQ(result.exit_code, 64) << testing::PrintToString(arguments) << result.err;
    EXPECT_THAT(result.out, IsEmpty()) << testing::PrintToString(arguments);
    EXPECT_THAT(result.err, StartsWith("saga-harness: ")) << testing::PrintToString(arguments);
    EXPECT_EQ(lines_of(result.err).size(), 1U) << result.err;
  }
}

TEST(UsageTest, NamesTheNearest) {
  const std::string order = scenario("order_processing");
  EXPECT_THAT(run({"explroe", order}).err, HasSubstr("explore"));
  const std::vector<std::pair<std::vector<std::string>, std::string>> misspelt = {
      {{"explore", order, "--kinds", "reply_lots"}, "reply_lost"},
      {{"explore", order, "--coordinator", "skip_last"}, "skips_last"},
      {{"explore", order, "--participant", "no_dedupe"}, "no_dedup"}};
  for (const auto& [arguments, nearest] : misspelt) {
    const Result result = run(arguments);
    EXPECT_EQ(result.exit_code, 64) << result.err;
    EXPECT_THAT(result.err, HasSubstr(nearest));
  }
}

TEST(UsageTest, RefusesKindsThatCanStrikeNowhere) {
  for (const auto& [command, saga] :
       {std::pair("explore", "order_processing"), std::pair("require", "order_processing"),
        std::pair("mutants", "order_processing"), std::pair("interleave", "two_payments")}) {
    const Result result = run({command, scenario(saga), "--kinds", "rejected,subscriber_missing"});
    EXPECT_EQ(result.exit_code, 64) << result.out;
    EXPECT_THAT(result.err, HasSubstr("--kinds: subscriber_missing can strike nowhere in the saga "));
  }
}

TEST(UsageTest, ABoundBelowNothingIsNotNoBound) {
  const std::string order = scenario("order_processing");
  const std::vector<std::vector<std::string>> negative = {
      {"report", "records", "--gate", "--max-violations", "-1"},
      {"report", "records", "--gate", "--max-stale", "-1"},
      {"report", "records", "--gate", "--max-excluded=-1"},
      {"explore", order, "--max-schedules", "-1"},
      {"interleave", order, "--max-schedules=-1"}};
  for (const std::vector<std::string>& arguments : negative) {
    const Result result = run(arguments);
    EXPECT_EQ(result.exit_code, 64) << result.out;
    EXPECT_THAT(result.err, HasSubstr(" -1"));
  }
}

TEST(UsageTest, AMessageObeysNoEscapeSequences) {
  const Result result = run({"check", "\x1b[2J.json"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, Not(HasSubstr(kEscape)));
}

class ColourTest : public testing::Test {
 protected:
  /// How a violated search is drawn; every colour occurs in it.
  static Result draw(Screen screen, std::vector<std::pair<std::string, std::string>> environment,
                     std::vector<std::string> more = {}) {
    Command command{.arguments = {"explore", scenario("order_processing"), "-k", "1", "--coordinator",
                                  "ambiguous_not_compensated"},
                    .environment = std::move(environment),
                    .screen = screen};
    command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    return run(command);
  }
};

TEST_F(ColourTest, IsForTerminals) {
  const Result result = draw(Screen::kTerminal, {{"TERM", "xterm"}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("\x1b[1;31mVIOLATED\x1b[0m"));
}

TEST_F(ColourTest, NoColorTurnsItOff) {
  EXPECT_THAT(draw(Screen::kTerminal, {{"TERM", "xterm"}, {"NO_COLOR", "1"}}).out,
              Not(HasSubstr("\x1b[1;31m")));
}

TEST_F(ColourTest, ADumbTerminalGetsNoEscapes) {
  EXPECT_THAT(draw(Screen::kTerminal, {{"TERM", "dumb"}}).out, Not(HasSubstr(kEscape)));
}

TEST_F(ColourTest, APipeGetsNoEscapes) {
  const Result result = draw(Screen::kPipes, {{"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}});
  EXPECT_THAT(result.out, Not(HasSubstr(kEscape)));
  EXPECT_THAT(result.err, IsEmpty());
  for (const char c : result.out) ASSERT_LT(static_cast<unsigned char>(c), 0x80) << "only ASCII";
}

TEST_F(ColourTest, CanBeForcedAndForbidden) {
  EXPECT_THAT(draw(Screen::kPipes, {{"NO_COLOR", "1"}}, {"--color", "always"}).out, HasSubstr(kEscape));
  EXPECT_THAT(draw(Screen::kTerminal, {{"TERM", "xterm"}}, {"--color", "never"}).out,
              Not(HasSubstr("\x1b[1;31m")));
}

TEST_F(ColourTest, GlyphsNeedATerminalWithUtf8) {
  const char* check_mark = "\xE2\x9C\x93";
  EXPECT_THAT(draw(Screen::kTerminal, {{"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}}).out, HasSubstr(check_mark));
  EXPECT_THAT(draw(Screen::kTerminal, {{"TERM", "xterm"}, {"LC_ALL", "C"}, {"LANG", "C.UTF-8"}}).out,
              Not(HasSubstr(check_mark)));
  EXPECT_THAT(draw(Screen::kTerminal, {{"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}}, {"--ascii"}).out,
              Not(HasSubstr(check_mark)));
}

TEST(OutputTest, AReaderThatGoesAwayDoesNotChangeTheExitCode) {
  const Result result = run(Command{.arguments = {"explore", scenario("order_processing"), "-k", "1"},
                                    .screen = Screen::kNobodyReads});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, IsEmpty());
}

TEST(OutputTest, HeavySearchShowsItsProgressOnATerminalAndWipesIt) {
  Command command{
      .arguments = {"explore", scenario("order_processing"), "-k", "3", "--max-schedules", "60000", "--json"},
      .environment = {{"TERM", "xterm"}},
      .screen = Screen::kTerminal};
  const Result result = run(command);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, StartsWith("\r\x1b[K"));
  EXPECT_THAT(result.out, HasSubstr("\r\x1b[K{\r\n")) << "wiped before the result";
  EXPECT_THAT(result.out, HasSubstr(" schedules, 2 faults each, 0 findings"));
  command.screen = Screen::kPipes;
  EXPECT_THAT(run(command).err, IsEmpty());
}

TEST(OutputTest, AFullDiskIsAnInternalError) {
  const Result result = run(Command{.arguments = {"list"}, .screen = Screen::kFullDisk});
  EXPECT_EQ(result.exit_code, 70);
  EXPECT_THAT(result.err, StartsWith("saga-harness: cannot write to standard output: "));
}

TEST(ListTest, KnowsKindsRulesAndMutants) {
  const Result result = run({"list"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* word :
       {"reply_lost", "coordinator_crash", "I1 ", "null compensation", "ambiguous_not_compensated",
        "no_dedup", "--coordinator", "--participant", "reference-without:GUARANTEE@STEP", "durable_dedup"}) {
    EXPECT_THAT(result.out, HasSubstr(word));
  }
  const json document = json::parse(run({"list", "--json"}).out);
  EXPECT_EQ(document["kinds"].size(), saga_harness::kFaultKindCount);
  EXPECT_EQ(document["rules"].size(), saga_harness::kRuleCount);
  EXPECT_GE(document["mutants"].size(), 12U);
  EXPECT_EQ(document["guarantees"].size(), 5U);
}

TEST(ListTest, CountsTheLegalCellsOfAScenario) {
  const Result result = run({"list", scenario("order_processing"), "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json document = json::parse(result.out);
  const json explored = json::parse(run({"explore", scenario("order_processing"), "-k", "1", "--json"}).out);
  EXPECT_EQ(document["legal_cells"], explored["coverage"]["denominator"]);
  EXPECT_EQ(document["operations"].size(), 9U);
  EXPECT_FALSE(document["parallel_compensation"]);
  EXPECT_THAT(run({"list", scenario("order_processing")}).out, HasSubstr("confirm_order.action (pivot)"));
  EXPECT_THAT(run({"list", scenario("trip_with_options")}).out, HasSubstr("6 steps, undone in parallel"));
  EXPECT_TRUE(
      json::parse(run({"list", scenario("trip_with_options"), "--json"}).out)["parallel_compensation"]);
}

}  // namespace
}  // namespace saga_harness::cli_tests
