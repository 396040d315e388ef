// Nothing of a child outlives its owner: no process, no descriptor.

#include <saga_harness_internal/child_process.hpp>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

namespace saga_harness::os {
namespace {

using testing::HasSubstr;

Command shell(const std::string& script) { return {.argv = {"sh", "-c", script}}; }

void wait_for_end(ChildProcess& child) {
  pollfd polled{child.end_fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&polled, 1, 20'000), 1);
  ASSERT_TRUE(child.has_ended());
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

/// Gone, or a zombie that waits for whoever adopted it.
bool is_dead(int pid) {
  for (int i = 0; i < 2000; ++i) {
    if (::kill(pid, 0) != 0) return true;
    char state = 0;
    if (std::FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/stat").c_str(), "r")) {
      static_cast<void>(std::fscanf(file, "%*d %*s %c", &state));
      std::fclose(file);
    }
    if (state == 'Z' || state == 0) return true;
    ::usleep(5000);
  }
  return false;
}

TEST(ChildProcessTest, OutputAndExitCodeAreKept) {
  ChildProcess child(shell("echo out; echo bad >&2; exit 3"));
  wait_for_end(child);
  EXPECT_EQ(child.out(), "out\n");
  EXPECT_EQ(child.last_lines_of_errors(), "bad");
  EXPECT_EQ(child.exit_code(), 3);
  EXPECT_EQ(child.how_it_ended(), "ended with exit code 3");
}

TEST(ChildProcessTest, ASignalIsAnEndOfItsOwn) {
  ChildProcess child(shell("kill -ABRT $$"));
  wait_for_end(child);
  EXPECT_EQ(child.exit_code(), 128 + SIGABRT);
  EXPECT_THAT(child.how_it_ended(), HasSubstr("signal 6"));
}

TEST(ChildProcessTest, ItsChildrenDieWithIt) {
  int grandchild = 0;
  {
    ChildProcess child(shell("sleep 1000 & echo $!; wait"));
    ASSERT_TRUE(child.wait_for_line(0, Clock::now() + std::chrono::seconds(20)));
    grandchild = std::stoi(child.out());
    ASSERT_EQ(::kill(grandchild, 0), 0);
  }
  EXPECT_TRUE(is_dead(grandchild));
}

TEST(ChildProcessTest, WhatStaysBehindAfterAnEndIsKilledToo) {
  int grandchild = 0;
  {
    ChildProcess child(shell("sleep 1000 & echo $!"));
    wait_for_end(child);
    grandchild = std::stoi(child.out());
  }
  EXPECT_TRUE(is_dead(grandchild));
}

TEST(ChildProcessTest, EnvironmentAndFolderAreSetAndNoDescriptorIsInherited) {
  Command command = shell("echo $WORD; pwd; ls /proc/self/fd | wc -l");
  command.environment = {{"WORD", "hello"}};
  command.folder = "/";
  ChildProcess child(command);
  wait_for_end(child);
  EXPECT_EQ(child.out(), "hello\n/\n4\n");  // stdin, stdout, stderr, and the folder that ls reads
}

TEST(ChildProcessTest, WhatCannotBeStartedIsAnError) {
  EXPECT_THROW(ChildProcess({.argv = {"no-such-program-anywhere"}}), Error);
  Command nowhere = shell("true");
  nowhere.folder = "/no/such/folder";
  EXPECT_THROW(ChildProcess{nowhere}, Error);
}

TEST(ChildProcessTest, NoDescriptorIsLeaked) {
  { ChildProcess first(shell("true")); }
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 50; ++i) {
    ChildProcess child(shell("echo x"));
    if (i % 2 == 0) wait_for_end(child);
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace saga_harness::os
