#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness_internal/output_file.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A scenario that may be lost.
std::string copy_of_scenario(std::string_view name) {
  return write_scratch(name, read_file(scenario("order_processing")));
}

TEST(FilesTest, AnInputIsNeverWrittenOver) {
  const std::string input = copy_of_scenario("order.json");
  const std::string in_folder = copy_of_scenario("exploration.json");
  const std::string folder = fs::path(input).parent_path().string();
  fs::create_symlink(input, folder + "/link");
  fs::create_hard_link(input, folder + "/hard_link");
  const std::string text = read_file(input);
  const std::vector<std::vector<std::string>> commands{
      {"explore", input, "-k", "0", "--metrics", input},
      {"explore", input, "-k", "0", "--metrics", folder + "/link"},
      {"explore", input, "-k", "0", "--metrics", folder + "/hard_link"},
      {"explore", folder + "/link", "-k", "0", "--tally",
       folder + "/../" + fs::path(folder).filename().string() + "/order.json"},
      {"explore", input, "-k", "0", "--resume", input},
      {"explore", in_folder, "-k", "0", "--out", folder},
      {"require", in_folder, "-k", "0", "--out", folder},
      {"interleave", in_folder, "-k", "0", "--out", folder},
      {"mutants", "--scenarios", folder, "--out", folder},
      {"report", input, "-o", input},
      {"report", folder, "-o", input},
      {"report", SAGA_HARNESS_SCENARIOS_DIR, "--baseline", input, "-o", input},
  };
  for (const std::vector<std::string>& command : commands) {
    const Result result = run(command);
    EXPECT_EQ(result.exit_code, 64) << testing::PrintToString(command) << result.out;
    EXPECT_THAT(result.err, HasSubstr("is read and would be written over"))
        << testing::PrintToString(command);
    EXPECT_EQ(read_file(input), text);
    EXPECT_EQ(read_file(in_folder), text);
  }
}

TEST(FilesTest, TwoOutputsAreTwoFiles) {
  const std::string file = scratch("file");
  const Result result =
      run({"explore", scenario("order_processing"), "-k", "0", "--tally", file, "--metrics", file});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("would be written twice; name another file"));
  EXPECT_FALSE(fs::exists(file));
}

TEST(FilesTest, WhatHasNoEndIsRefused) {
  const std::string good = scenario("order_processing");
  const std::string records = scratch("records");
  ASSERT_EQ(run({"explore", good, "-k", "0", "--out", records}).exit_code, 0);
  const std::vector<std::vector<std::string>> commands{
      {"explore", "/dev/zero"},
      {"check", "/dev/zero"},
      {"explore", good, "--target", "/dev/zero"},
      {"explore", good, "--resume", "/dev/zero"},
      {"merge", good, "/dev/zero"},
      {"report", "/dev/zero"},
      {"report", records, "--baseline", "/dev/zero"},
      {"serve", good, "--token-file", "/dev/zero"},
  };
  for (const std::vector<std::string>& command : commands) {
    const Result result = run(command);
    EXPECT_EQ(result.exit_code, 64) << testing::PrintToString(command) << result.err;
    EXPECT_THAT(result.err, HasSubstr("/dev/zero:"));
  }
}

TEST(FilesTest, DevicesPipesAndStandardOutputAreWrittenTo) {
  const std::vector<std::string> search{"explore", scenario("order_processing"), "-k", "0", "--kinds",
                                        "rejected"};
  const auto with = [&search](const std::string& path) {
    std::vector<std::string> command = search;
    command.insert(command.end(), {"--metrics", path});
    return run(command);
  };
  EXPECT_EQ(with(scratch("metrics")).exit_code, 0);
  const std::string metrics = read_file(scratch("metrics"));
  ASSERT_THAT(metrics, HasSubstr("# TYPE"));
  EXPECT_THAT(with("-").out, HasSubstr(metrics));
  EXPECT_THAT(with("/dev/stdout").out, HasSubstr(metrics));
  EXPECT_EQ(with("/dev/full").exit_code, 70);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  const std::string pipe = scratch("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  EXPECT_EQ(with(pipe).exit_code, 0);
  std::string read(metrics.size() + 1, '\0');
  EXPECT_EQ(::read(reader, read.data(), read.size()), static_cast<ssize_t>(metrics.size()));
  ::close(reader);
}

TEST(FilesTest, ASecondProcessOnOneStateOrFolderIsTold) {
  const std::string state = scratch("state");
  const std::string folder = scratch("out");
  fs::create_directories(folder);
  const internal::FileLock of_state(state);
  const internal::FileLock of_folder(folder + "/runs.jsonl");
  for (const std::vector<std::string>& where :
       {std::vector<std::string>{"--resume", state}, std::vector<std::string>{"--out", folder}}) {
    std::vector<std::string> command{"explore", scenario("order_processing"), "-k", "0"};
    command.insert(command.end(), where.begin(), where.end());
    const Result result = run(command);
    EXPECT_EQ(result.exit_code, 64) << result.out;
    EXPECT_THAT(result.err, HasSubstr("process " + std::to_string(::getpid()) +
                                      " is writing it; wait until that one has ended, or name another"));
  }
  EXPECT_FALSE(fs::exists(state));
  EXPECT_FALSE(fs::exists(folder + "/runs.jsonl"));
}

TEST(FilesTest, AnEmptyValueIsRefused) {
  for (const char* option : {"--out", "--resume", "--tally", "--metrics", "--target"}) {
    const Result result = run({"explore", scenario("order_processing"), option, ""});
    EXPECT_EQ(result.exit_code, 64) << option;
    EXPECT_THAT(result.err, HasSubstr(std::string(option) + " has an empty value"));
  }
}

}  // namespace
}  // namespace saga_harness::cli_tests
