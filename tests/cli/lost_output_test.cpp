#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/testing.hpp>

#include "command.hpp"

// Every output, and every write of it that can fail.
namespace saga_harness::cli_tests {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr int kMostWrites = 50;

/// Leaves something in a folder.
struct Writer {
  std::string name;
  std::function<Command(const std::string& folder)> command;
  /// Files that are replaced: what was there before is there afterwards, or all of what is new.
  std::vector<std::string> replaced = {};
  bool leaves_records = false;
};

std::vector<std::string> search_of(std::string_view name, std::vector<std::string> more) {
  std::vector<std::string> arguments{"explore", scenario(name), "-k", "1", "--kinds", "rejected"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::string records_of_a_search() {
  const std::string folder = scratch("of_a_search");
  if (fs::exists(folder)) return folder;
  EXPECT_EQ(run(search_of("order_processing", {"--out", folder})).exit_code, 0);
  return folder;
}

std::vector<Writer> writers() {
  std::vector<Writer> all;
  const auto add = [&all](Writer writer) { all.push_back(std::move(writer)); };
  const auto command = [](std::vector<std::string> arguments) {
    return Command{.arguments = std::move(arguments)};
  };
  add({.name = "explore --out",
       .command =
           [=](const std::string& in) {
             return command(search_of("order_processing", {"--out", in}));
           },
       .leaves_records = true});
  add({.name = "explore --tally",
       .command =
           [=](const std::string& in) {
             return command(search_of("order_processing", {"--tally", in + "/file"}));
           },
       .replaced = {"file"}});
  add({.name = "explore --resume", .command = [=](const std::string& in) {
         return command(search_of("order_processing", {"--resume", in + "/state", "--save-every", "2"}));
       }});
  add({.name = "explore --resume --workers", .command = [=](const std::string& in) {
         return command(search_of("order_processing", {"--resume", in + "/state", "--workers", "2"}));
       }});
  add({.name = "explore --metrics",
       .command =
           [=](const std::string& in) {
             return command(search_of("order_processing", {"--metrics", in + "/file"}));
           },
       .replaced = {"file"}});
  add({.name = "require --out",
       .command =
           [=](const std::string& in) {
             return command({"require", scenario("order_processing"), "-k", "0", "--out", in});
           },
       .leaves_records = true});
  add({.name = "interleave --out",
       .command =
           [=](const std::string& in) {
             return command({"interleave", scenario("last_item"), "-k", "0", "--out", in});
           },
       .leaves_records = true});
  add({.name = "mutants --out",
       .command =
           [=](const std::string& in) {
             return command({"mutants", "--only", "skips_last", "-k", "1", "--no-ablation", "--scenarios",
                             SAGA_HARNESS_SCENARIOS_DIR, "--out", in});
           },
       .leaves_records = true});
  for (const char* format : {"json", "html", "junit", "terminal"}) {
    add({.name = std::string("report --format ") + format,
         .command =
             [=](const std::string& in) {
               return command({"report", records_of_a_search(), "--format", format, "-o", in + "/file",
                               "--today", "2026-11-21"});
             },
         .replaced = {"file"}});
  }
  add({.name = "gtest",
       .command =
           [](const std::string& in) {
             return Command{.arguments = {"--gtest_filter=RecordedProgramTest.*"},
                            .environment = {{"SAGA_HARNESS_RECORDS", in}},
                            .program = fs::read_symlink("/proc/self/exe").string()};
           },
       .leaves_records = true});
  return all;
}

/// What the case "gtest" runs: single runs and a search.
TEST(RecordedProgramTest, RunsSagas) {
  SagaTestHarness harness({.name = "parcel",
                           .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                                     {.name = "pay", .service = "bank", .compensation = "refund"}}});
  harness.fail({"bank", "pay"});
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
  EXPECT_THAT(harness.explore({.max_faults = 1, .kinds = {FaultKind::kRejected}}), FindsNoViolation());
}

/// The text of a file without the time at which a report was written, which it names volatile.
std::string text_of(const std::string& path) {
  static const std::regex written_at("\"written_at\": \"[^\"]*\"");
  return std::regex_replace(read_file(path), written_at, "\"written_at\": \"\"");
}

/// Every file by its name, without process numbers.
std::map<std::string, std::string> files_in(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    std::string name = entry.path().filename().string();
    name.erase(std::remove_if(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }),
               name.end());
    files[name] = text_of(entry.path().string());
  }
  return files;
}

std::string empty_folder(const Writer& writer) {
  const std::string folder = scratch("out");
  fs::remove_all(folder);
  fs::create_directories(folder);
  for (const std::string& name : writer.replaced) static_cast<void>(write_scratch("out/" + name, "before"));
  return folder;
}

/// As if the disk were full at that write.
Command failing_at(int at, bool is_short, Command command, const std::string& folder) {
  command.environment.insert(command.environment.end(), {{"LD_PRELOAD", SAGA_HARNESS_FAILING_WRITES},
                                                         {"ASAN_OPTIONS", "verify_asan_link_order=0"},
                                                         {"FAILING_WRITES_AT", std::to_string(at)},
                                                         {"FAILING_WRITES_BELOW", folder + "/"},
                                                         {"FAILING_WRITES_LOG", scratch("log")}});
  if (is_short) command.environment.emplace_back("FAILING_WRITES_SHORT", "1");
  return command;
}

void expect_nothing_called_complete(const Writer& writer, const Result& result, const std::string& folder) {
  const std::string told = result.out + result.err;
  EXPECT_EQ(result.exit_code, 70) << told;
  EXPECT_THAT(told, ContainsRegex("cannot write " + folder + "/[^ ]+: No space left on device"));
  EXPECT_THAT(result.out, Not(HasSubstr("UPHELD")));
  for (const auto& [name, text] : files_in(folder)) {
    EXPECT_THAT(name, Not(HasSubstr(".part")));
    EXPECT_THAT(name, Not(HasSubstr(".lock")));
    if (std::ranges::find(writer.replaced, name) != writer.replaced.end()) {
      EXPECT_EQ(text, "before");
    }
  }
  if (!writer.leaves_records) return;
  EXPECT_FALSE(fs::exists(folder + "/exploration.json"));
  const Result reported = run({"report", folder});
  EXPECT_NE(reported.exit_code, 0) << reported.out;
  EXPECT_THAT(reported.out, Not(HasSubstr("UPHELD")));
}

/// How many writes there were to fail.
int fail_every_write(const Writer& writer, bool is_short) {
  std::string folder = empty_folder(writer);
  const Result good = run(writer.command(folder));
  const auto all = files_in(folder);
  for (int at = 1; at <= kMostWrites; ++at) {
    SCOPED_TRACE(writer.name + ", write " + std::to_string(at) + (is_short ? ", of half" : ""));
    folder = empty_folder(writer);
    fs::remove(scratch("log"));
    const Result result = run(failing_at(at, is_short, writer.command(folder), folder));
    if (!fs::exists(scratch("log"))) {
      EXPECT_EQ(result.exit_code, good.exit_code) << result.out << result.err;
      EXPECT_EQ(files_in(folder), all);
      return at - 1;
    }
    expect_nothing_called_complete(writer, result, folder);
    if (testing::Test::HasFailure()) return at;
  }
  return kMostWrites;
}

class LostOutputHeavyTest : public testing::TestWithParam<std::size_t> {};

TEST_P(LostOutputHeavyTest, IsSaidAndNothingIsCalledComplete) {
  const Writer writer = writers().at(GetParam());
  for (const bool is_short : {false, true}) EXPECT_GE(fail_every_write(writer, is_short), 3) << writer.name;
}

INSTANTIATE_TEST_SUITE_P(EveryWriter, LostOutputHeavyTest, testing::Range(std::size_t{0}, writers().size()));

TEST(LostOutputTest, WhatWasFoundBeforeIsPrinted) {
  const std::string folder = empty_folder({});
  const Command search{.arguments = {"explore", scenario("order_processing"), "-k", "1", "--coordinator",
                                     "ambiguous_not_compensated", "--out", folder}};
  const Result result = run(failing_at(100, false, search, folder));
  EXPECT_EQ(result.exit_code, 70);
  EXPECT_THAT(result.out, ContainsRegex("Finding 1: I1 truthful outcome"));
  EXPECT_THAT(result.out, ContainsRegex("ERROR: cannot write .*/runs.jsonl: No space left on device; before "
                                        "that, [0-9]+ findings in [0-9]+ schedules"));
}

TEST(LostOutputTest, RecordsEndAtTheirLimitInAWholeLine) {
  const std::string folder = scratch("out");
  const Result result =
      run({"explore", scenario("order_processing"), "-k", "1", "--out", folder, "--out-limit", "40KiB"});
  EXPECT_EQ(result.exit_code, 70);
  EXPECT_THAT(result.out, HasSubstr("it would grow beyond its limit of 40960 bytes"));
  const std::string records = read_file(folder + "/runs.jsonl");
  EXPECT_LE(records.size(), 40U * 1024);
  EXPECT_TRUE(records.ends_with("}\n"));
  EXPECT_FALSE(fs::exists(folder + "/exploration.json"));
  EXPECT_EQ(run({"report", folder}).exit_code, 3);
}

TEST(LostOutputTest, OnARealFullDisk) {
  const std::string folder = scratch("disk");
  fs::create_directories(folder);
  if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "no file system can be mounted here";
  const Result result =
      run({"explore", scenario("order_processing"), "-k", "1", "--out", folder + "/records"});
  const bool has_result = fs::exists(folder + "/records/exploration.json");
  const Result reported = run({"report", folder + "/records"});
  ::umount2(folder.c_str(), MNT_DETACH);
  EXPECT_EQ(result.exit_code, 70) << result.out;
  EXPECT_THAT(result.out, ContainsRegex("ERROR: cannot write .*/runs.jsonl: No space left on device"));
  EXPECT_FALSE(has_result);
  EXPECT_EQ(reported.exit_code, 3);
}

TEST(LostOutputTest, WhereAFileMayNotGrowFurther) {
  const std::string folder = scratch("out");
  const Result result =
      run(Command{.arguments = {"-c", "ulimit -f 120; exec \"$@\"", "sh", SAGA_HARNESS_COMMAND, "explore",
                                scenario("order_processing"), "-k", "1", "--out", folder},
                  .program = "/bin/sh"});
  EXPECT_EQ(result.exit_code, 70) << result.out << result.err;
  EXPECT_THAT(result.out, ContainsRegex("ERROR: cannot write .*/runs.jsonl: File too large"));
}

}  // namespace
}  // namespace saga_harness::cli_tests
