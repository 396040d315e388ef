#include <saga_harness_internal/output_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness_internal/input_file.hpp>

namespace saga_harness::internal {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

/// A folder that belongs to the running test alone, empty.
fs::path folder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path path = fs::path(SAGA_HARNESS_SCRATCH_DIR) / "files" / test->test_suite_name() / test->name();
  fs::remove_all(path);
  fs::create_directories(path);
  return path;
}

template <class Work>
std::string lost(Work work) {
  try {
    work();
  } catch (const OutputLost& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInternal);
    return error.what();
  }
  return "(nothing is lost)";
}

template <class Work>
Error refused(Work work) {
  try {
    work();
  } catch (const OutputLost&) {
    throw;
  } catch (const Error& error) {
    return error;
  }
  return Error("(nothing is refused)");
}

std::vector<std::string> names_in(const fs::path& path) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(path))
    names.push_back(entry.path().filename().string());
  return names;
}

TEST(OutputFileTest, WhatWasWrittenIsInTheFileBeforeItIsClosed) {
  const std::string path = folder() / "records";
  OutputFile file(path, OutputFile::Start::kNew);
  file.write("one\n");
  file.write("two\n");
  EXPECT_EQ(read_file(path), "one\ntwo\n");
  file.withdraw();
  EXPECT_EQ(read_file(path), "one\n");
  file.write("three\n");
  file.close();
  EXPECT_EQ(read_file(path), "one\nthree\n");
}

TEST(OutputFileTest, ANewOneIsNotWrittenOverAnOldOne) {
  const std::string path = folder() / "records";
  replace_file(path, "old");
  EXPECT_THAT(refused([&] { OutputFile(path, OutputFile::Start::kNew); }).what(),
              StartsWith("cannot write " + path + ": File exists"));
  OutputFile kept(path, OutputFile::Start::kKept);
  EXPECT_EQ(read_file(path), "old");
  kept.empty();
  EXPECT_EQ(read_file(path), "");
}

TEST(OutputFileTest, ItsLimitIsSaidAndNoPartOfTheRecordIsLeft) {
  const std::string path = folder() / "records";
  OutputFile file(path, OutputFile::Start::kNew, 10);
  file.write("12345\n");
  const std::string message = lost([&] { file.write("67890\n"); });
  EXPECT_EQ(message, "cannot write " + path +
                         ": it would grow beyond its limit of 10 bytes; allow more with --out-limit or "
                         "SAGA_HARNESS_OUT_LIMIT, or search less");
  EXPECT_EQ(lost([&] { file.write("1\n"); }), message) << "what would still fit comes after a gap";
  EXPECT_EQ(lost([&] { file.close(); }), message);
  EXPECT_EQ(read_file(path), "12345\n");
}

TEST(OutputFileTest, AFullDeviceIsSaidAtOnceAndEverAfter) {
  OutputFile file("/dev/full", OutputFile::Start::kKept);
  file.empty();
  EXPECT_EQ(lost([&] { file.write("record\n"); }), "cannot write /dev/full: No space left on device");
  EXPECT_EQ(lost([&] { file.close(); }), "cannot write /dev/full: No space left on device");
}

TEST(ReplacementFileTest, WhatItReplacesStaysUntilItIsWhole) {
  const fs::path in = folder();
  const std::string path = in / "report";
  replace_file(path, "old");
  {
    const ReplacementFile given_up(path, "new");
    EXPECT_EQ(read_file(path), "old");
    EXPECT_EQ(names_in(in).size(), 2U);
  }
  EXPECT_EQ(names_in(in), std::vector<std::string>{"report"}) << "nothing is left beside it";
  ReplacementFile file(path, "new");
  file.commit();
  EXPECT_EQ(read_file(path), "new");
  EXPECT_EQ(names_in(in), std::vector<std::string>{"report"});
}

TEST(ReplacementFileTest, ALinkIsFollowedAndTheModeStays) {
  const fs::path in = folder();
  fs::create_directory(in / "elsewhere");
  fs::create_symlink("elsewhere/report", in / "link");
  replace_file(in / "link", "one");  // nothing is there yet
  EXPECT_EQ(read_file(in / "elsewhere/report"), "one");
  fs::permissions(in / "elsewhere/report", fs::perms::owner_read | fs::perms::owner_write);
  replace_file(in / "link", "two");
  EXPECT_TRUE(fs::is_symlink(in / "link"));
  EXPECT_EQ(read_file(in / "elsewhere/report"), "two");
  EXPECT_EQ(fs::status(in / "elsewhere/report").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST(ReplacementFileTest, DevicesAndPipesAreWrittenTo) {
  const fs::path in = folder();
  replace_file("/dev/null", "gone");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(lost([] { replace_file("/dev/full", "text"); }),
            "cannot write /dev/full: No space left on device");
  const std::string pipe = in / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  replace_file(pipe, "through");
  std::array<char, 16> read{};
  EXPECT_EQ(::read(reader, read.data(), read.size()), 7);
  EXPECT_STREQ(read.data(), "through");
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(WritableTest, WhatCannotBeIsRefusedBeforeThereIsAnythingToWrite) {
  const fs::path in = folder();
  EXPECT_THAT(refused([&] { expect_writable(in / "no/such/file"); }).what(), HasSubstr("No such file"));
  EXPECT_THAT(refused([&] { expect_writable(in); }).what(), HasSubstr("Is a directory"));
  replace_file(in / "file", "");
  EXPECT_THAT(refused([&] { expect_writable(in / "file/below"); }).what(), HasSubstr("Not a directory"));
  expect_writable("-");
  expect_writable("/dev/full");
  expect_writable(in / "new");
  EXPECT_EQ(names_in(in), std::vector<std::string>{"file"}) << "nothing is made";
}

/// What another process gets that wants the lock: its exit status, 1 if it was refused by ours.
int status_of_another(const std::string& path) {
  const pid_t holder = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      const FileLock lock(path);
      ::_exit(0);
    } catch (const Error& error) {
      const bool names_us = error.message() == "process " + std::to_string(holder) + " is writing it";
      ::_exit(names_us && error.kind() == ErrorKind::kMisuse && error.source() == path ? 1 : 2);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

TEST(FileLockTest, AnotherProcessIsToldWhoHasIt) {
  const fs::path in = folder();
  const std::string path = in / "state";
  {
    const FileLock lock(path);
    EXPECT_EQ(status_of_another(path), 1);
    EXPECT_EQ(status_of_another(in / "other"), 0);
    EXPECT_EQ(status_of_another(path), 1) << "whoever was refused takes nothing along";
  }
  EXPECT_EQ(status_of_another(path), 0);
}

TEST(FileLockTest, IsFreeWhenItsHolderWasKilled) {
  const fs::path in = folder();
  const std::string path = in / "state";
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock lock(path);
    ::_exit(0);  // as if it were killed: no destructor
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(names_in(in), std::vector<std::string>{"state.lock"});
  { const FileLock lock(path); }
  EXPECT_TRUE(names_in(in).empty());
}

}  // namespace
}  // namespace saga_harness::internal
