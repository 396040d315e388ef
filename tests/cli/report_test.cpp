#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// Records of a search, in a directory of the test's own.
std::string searched(const std::string& name, std::vector<std::string> more) {
  const std::string directory = scratch(name);
  std::vector<std::string> arguments{"explore", scenario("order_processing"), "--out", directory};
  arguments.insert(arguments.end(), more.begin(), more.end());
  static_cast<void>(run(arguments));
  return directory;
}

const std::vector<std::string> kFew{"-k", "1", "--kinds", "reply_lost,rejected"};

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(ReportTest, HeavyEveryFormatIsWrittenAndTheExitCodeIsTheVerdict) {
  const std::string records = searched("records", with(kFew, {"--coordinator", "ambiguous_not_compensated"}));
  const std::string help = run({"report", "--help"}).out;
  for (const char* format : {"terminal", "json", "markdown", "html", "junit", "github", "timeline", "diagram",
                             "diagram-svg", "badge", "prometheus"}) {
    EXPECT_THAT(help, HasSubstr(std::string("\n  ") + format));
    const Result result = run({"report", records, "--format", format});
    EXPECT_EQ(result.exit_code, 1) << format << result.err;
    EXPECT_FALSE(result.out.empty()) << format;
  }
}

TEST(ReportTest, WritesToAFile) {
  const std::string records = searched("records", kFew);
  const std::string path = scratch("report.json");
  const Result result = run({"report", records + "/runs.jsonl", "--format", "json", "-o", path});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(json::parse(read_file(path))["verdict"], "upheld");
}

TEST(ReportTest, NothingButVolatileDependsOnTheMoment) {
  const std::string records = searched("records", kFew);
  json first = json::parse(run({"report", records, "--format", "json", "--today", "2026-01-01"}).out);
  json second = json::parse(run({"report", records, "--format", "json", "--today", "2031-01-01"}).out);
  EXPECT_NE(first["volatile"]["today"], second["volatile"]["today"]);
  first.erase("volatile");
  second.erase("volatile");
  EXPECT_EQ(first, second);
}

TEST(ReportTest, ColoursAndGlyphsAreForTerminals) {
  const std::string records = searched("records", kFew);
  EXPECT_THAT(run({"report", records}).out, Not(HasSubstr("\x1b")));
  const Command on_terminal{.arguments = {"report", records},
                            .environment = {{"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}},
                            .screen = Screen::kTerminal};
  EXPECT_THAT(run(on_terminal).out, HasSubstr("\x1b["));
  Command quiet = on_terminal;
  quiet.environment.emplace_back("NO_COLOR", "1");
  EXPECT_THAT(run(quiet).out, Not(HasSubstr("\x1b")));
}

TEST(ReportTest, TheGateSaysOfEveryRuleWhatItRequiredAndWhatItFound) {
  const std::string records = searched("records", kFew);
  EXPECT_EQ(run({"report", records, "--gate"}).exit_code, 0);
  EXPECT_EQ(
      run({"report", records, "--gate", "--min-fired", "1", "--min-held", "1", "--exhausted"}).exit_code, 0);
  const Result missed = run({"report", records, "--gate", "--min-fired", "95", "--min-held", "95"});
  EXPECT_EQ(missed.exit_code, 2);
  EXPECT_THAT(missed.out, HasSubstr("FAILED fired, order_processing: required at least 95 %, is "));
  EXPECT_THAT(missed.out, HasSubstr("FAILED held, order_processing: required at least 95 %, is "));
  EXPECT_THAT(missed.out, HasSubstr("passed violations: required at most 0, is 0"));
  const Result quiet = run({"report", records, "--gate", "--min-fired", "95", "--format", "json"});
  EXPECT_EQ(quiet.exit_code, 2);
  EXPECT_THAT(quiet.err, HasSubstr("gate: fired, order_processing: required at least 95 %, is "));
}

TEST(ReportTest, TheGateCountsViolations) {
  const std::string records = searched("records", with(kFew, {"--coordinator", "ambiguous_not_compensated"}));
  EXPECT_EQ(run({"report", records, "--gate"}).exit_code, 1);
  EXPECT_EQ(run({"report", records, "--gate", "--max-violations", "100"}).exit_code, 0);
}

TEST(ReportTest, WhatHeldInTheBaselineMustHold) {
  const std::string baseline = scratch("baseline.json");
  const std::string more = searched("more", kFew);
  ASSERT_EQ(run({"report", more, "--format", "json", "-o", baseline}).exit_code, 0);
  EXPECT_EQ(run({"report", more, "--gate", "--baseline", baseline}).exit_code, 0);
  const std::string less = searched("less", {"-k", "1", "--kinds", "rejected"});
  const Result result = run({"report", less, "--gate", "--baseline", baseline});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, HasSubstr("FAILED cells held in the baseline"));
  EXPECT_THAT(result.out, HasSubstr("create_order.action@call:reply_lost is not_fired"));
}

TEST(ReportTest, ShardsMergeAndAMissingOneIsIncomplete) {
  const std::string first = searched("first", with(kFew, {"--shard", "1/2"}));
  const std::string second = searched("second", with(kFew, {"--shard", "2/2"}));
  const Result both = run({"report", second, first, first, "--format", "json"});
  EXPECT_EQ(both.exit_code, 0) << both.err;
  const json whole = json::parse(run({"report", searched("whole", kFew), "--format", "json"}).out);
  EXPECT_EQ(json::parse(both.out)["runs"], whole["runs"]);
  EXPECT_EQ(json::parse(both.out)["sagas"][0]["cells"], whole["sagas"][0]["cells"]);
  const Result one = run({"report", first});
  EXPECT_EQ(one.exit_code, 3);
  EXPECT_THAT(one.out, HasSubstr("shard 2/2 of"));
}

bool has_bytes(const std::string& path) {
  std::error_code not_there;
  const std::uintmax_t bytes = std::filesystem::file_size(path, not_there);
  return !not_there && bytes > 0;
}

TEST(ReportTest, RecordsOfAKilledSearchAreGoodAsFarAsTheyGo) {
  const std::string directory = scratch("killed");
  std::filesystem::remove_all(directory);
  const Result killed = run_until(
      [&] {
        return has_bytes(directory + "/runs.jsonl") ? std::chrono::nanoseconds::zero()
                                                    : std::chrono::milliseconds(2);
      },
      SIGKILL, {.arguments = {"explore", scenario("order_processing"), "-k", "3", "--out", directory}});
  ASSERT_EQ(killed.exit_code, 128 + 9) << "the search was over too soon to be killed";
  const Result result = run({"report", directory, "--format", "json"});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  const json report = json::parse(result.out);
  EXPECT_EQ(report["verdict"], "inconclusive");
  EXPECT_EQ(report["incomplete"].size(), 1U);
}

TEST(ReportTest, AnExclusionThatIsWrongOrOldIsSaid) {
  const auto scenario_with = [](const std::string& cell, const std::string& expires) {
    json document = json::parse(read_file(scenario("order_processing")));
    document["excluded"] =
        json::array({{{"cell", cell}, {"reason", "cannot be"}, {"owner", "somebody"}, {"expires", expires}}});
    return write_scratch("excluded.json", document.dump());
  };
  auto records_of = [searches = 0](const std::string& path) mutable {
    const std::string directory = scratch("records-" + std::to_string(++searches));
    static_cast<void>(run(with({"explore", path, "--out", directory}, kFew)));
    return directory;
  };
  std::string records = records_of(scenario_with("*:clock_*", "2027-01-01"));
  Result result = run({"report", records, "--gate", "--max-excluded", "1", "--today", "2026-11-21"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, HasSubstr("FAILED excluded cells: required at most 1, is "));
  EXPECT_EQ(run({"report", records, "--gate", "--max-excluded", "100", "--today", "2027-01-01"}).exit_code,
            0);
  result = run({"report", records, "--gate", "--today", "2027-01-02"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, HasSubstr("FAILED exclusions that have expired: required at most 0, is 1"));

  records = records_of(scenario_with("create_order.action@call:reply_lost", "2027-01-01"));
  result = run({"report", records, "--today", "2026-11-21"});
  EXPECT_EQ(result.exit_code, 2);
  result = run({"report", records, "--gate", "--today", "2026-11-21"});
  EXPECT_THAT(result.out,
              HasSubstr("FAILED excluded cells that fired all the same: required at most 0, is 1"));
}

TEST(ReportTest, RefusesWhatItCannotRead) {
  EXPECT_EQ(run({"report", scratch("nowhere")}).exit_code, 64);
  EXPECT_EQ(run({"report", write_scratch("bad.jsonl", "no record\n")}).exit_code, 64);
  const std::string records = searched("records", kFew);
  const Result result = run({"report", records, "--baseline", write_scratch("bad.json", "{}")});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("bad.json"));
  EXPECT_EQ(run({"report", records, "--min-fired", "95"}).exit_code, 64) << "it is a rule of the gate";
  EXPECT_EQ(run({"report", records, "--today", "tomorrow"}).exit_code, 64);
  EXPECT_EQ(run({"report", records, "--format", "xlsx"}).exit_code, 64);
}

}  // namespace
}  // namespace saga_harness::cli_tests
