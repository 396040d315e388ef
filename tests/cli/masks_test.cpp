// What a definition masks stands in no output of the command, nor in any file that it writes.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// An order that is paid by a card and a PIN, which go to the payment service under other names.
std::string paid_by_card() {
  json document = json::parse(read_file(scenario("order_with_results")));
  json& saga = document["saga"];
  saga["context"]["card"] = {{"number", "SECRETCARD"}, {"until", "12/29"}};
  saga["context"]["pin"] = 918273;
  saga["mask"] = {"/card/number", "/pin"};
  json& payment = saga["steps"][2];
  payment["input"]["instrument"] = "/context/card";
  payment["input"]["code"] = "/context/pin";
  payment["compensation_input"]["instrument"] = "/context/card/number";
  json other = saga["context"];
  other["card"]["number"] = "OTHERSECRET";
  document["together"] = {saga["context"], other};
  return write_scratch("masked.json", document.dump());
}

auto tells_no_secret() {
  return AllOf(Not(HasSubstr("SECRETCARD")), Not(HasSubstr("OTHERSECRET")), Not(HasSubstr("918273")));
}

void expect_no_secret(const std::vector<std::string>& arguments) {
  const Result result = run(arguments);
  EXPECT_NE(result.exit_code, 64) << arguments[0] << result.err;
  EXPECT_NE(result.out, "") << arguments[0];
  EXPECT_THAT(result.out, tells_no_secret()) << arguments[0];
  EXPECT_THAT(result.err, tells_no_secret()) << arguments[0];
}

void expect_no_secret_in_files_of(const std::string& directory) {
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    EXPECT_THAT(read_file(entry.path().string()), tells_no_secret()) << entry.path();
  }
  EXPECT_GT(files, 0) << directory;
}

TEST(MaskedTest, HeavyNoOutputOfASearchTellsIt) {
  const std::string saga = paid_by_card();
  const std::string directory = scratch("files");
  std::filesystem::create_directories(directory);
  // What it undoes it undoes without data, or with the data of another moment: findings that show what was
  // carried.
  for (const char* bug :
       {"undo_without_body", "undo_of_another_id", "stale_result", "result_by_name_clash"}) {
    const std::string records = directory + "/" + bug;
    expect_no_secret(
        {"explore", saga, "-k", "1", "--coordinator", bug, "--out", records, "--metrics", records + ".prom"});
    expect_no_secret({"explore", saga, "-k", "1", "--coordinator", bug, "--resume", records + ".search",
                      "--tally", records + ".tally"});
    expect_no_secret({"explore", saga, "-k", "1", "--coordinator", bug, "--json"});
    for (const char* format : {"terminal", "json", "markdown", "html", "junit", "github", "timeline",
                               "diagram", "diagram-svg", "badge", "prometheus"})
      expect_no_secret({"report", records, "--format", format});
  }
  expect_no_secret_in_files_of(directory);
}

TEST(MaskedTest, NoOutputOfAReplayTellsIt) {
  const std::string saga = paid_by_card();
  for (const char* format : {"terminal", "json", "log", "otlp", "prometheus"})
    expect_no_secret({"replay", saga, "--coordinator", "undo_without_body", "--plan",
                      "create_shipment#1:rejected", "--format", format});
}

TEST(MaskedTest, NoOtherOutputTellsIt) {
  const std::string saga = paid_by_card();
  const std::string records = scratch("together");
  for (const char* command : {"list", "check"}) {
    expect_no_secret({command, saga});
    expect_no_secret({command, saga, "--json"});
  }
  expect_no_secret({"require", saga, "-k", "1", "--faults", "rejected,reply_lost"});
  expect_no_secret({"interleave", saga, "-k", "0", "--max-schedules", "100"});
  expect_no_secret({"interleave", saga, "-k", "0", "--max-schedules", "100", "--json", "--out", records});
  expect_no_secret_in_files_of(records);
}

TEST(MaskedTest, WhatMayNotBeMaskedIsRefusedByItsPointer) {
  json document = json::parse(read_file(scenario("order_with_results")));
  document["saga"]["mask"] = {"/total_amount", "pin"};
  const Result result = run({"check", write_scratch("bad.json", document.dump())});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.out + result.err, HasSubstr("/saga/mask/1"));
}

}  // namespace
}  // namespace saga_harness::cli_tests
