// Nothing of a child outlives its owner, however the owner ends: no process, no descriptor, no folder.

#include <saga_harness_internal/child_process.hpp>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/scratch.hpp>

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

/// The numbers that the child has written so far, one a line, once there are so many.
std::vector<int> pids_written(ChildProcess& child, std::size_t count) {
  std::vector<int> pids;
  std::size_t seen = 0;
  while (pids.size() < count && child.wait_for_line(seen, Clock::now() + std::chrono::seconds(20))) {
    const std::string text = child.out();
    const std::size_t end = text.find('\n', seen);
    pids.push_back(std::stoi(text.substr(seen, end - seen)));
    seen = end + 1;
  }
  return pids;
}

/// A leader, a child in another session, and one whose parents have ended in a third.
constexpr const char* kScattered =
    "echo $$; setsid sh -c 'echo $$; exec sleep 1000' & "
    "setsid sh -c 'setsid sh -c \"echo \\$\\$; exec sleep 1000\" & exit 0' & wait";

TEST(ChildProcessTest, WhatLeftItsGroupItsSessionAndItsParentsDiesWithIt) {
  ChildProcess child(shell(kScattered));
  const std::vector<int> pids = pids_written(child, 3);
  ASSERT_EQ(pids.size(), 3U);
  EXPECT_TRUE(child.kill());
  for (const int pid : pids) EXPECT_NE(::kill(pid, 0), 0) << pid;  // gone when kill() returns, not soon after
}

TEST(ChildProcessTest, WhatGoesOnForkingIsKilledToTheLast) {
  const std::string mark = std::to_string(::getpid()) + ".5";
  ChildProcess child(shell("f() { setsid sh -c 'sleep " + mark + " & echo 1' & sleep 0.001; f; }; f"));
  ASSERT_TRUE(child.wait_for_line(0, Clock::now() + std::chrono::seconds(20)));
  EXPECT_TRUE(child.kill());
  EXPECT_NE(std::system(("pgrep -f '^sleep " + mark + "$' >/dev/null").c_str()), 0);
}

TEST(ChildProcessTest, AnEndWithDescendantsLeftIsAnEnd) {
  ChildProcess child(shell("setsid sleep 1000 & echo $!; exit 4"));
  wait_for_end(child);
  EXPECT_EQ(child.exit_code(), 4);
  const std::vector<int> pids = pids_written(child, 1);
  ASSERT_EQ(pids.size(), 1U);
  EXPECT_EQ(::kill(pids[0], 0), 0);
  EXPECT_TRUE(child.kill());
  EXPECT_NE(::kill(pids[0], 0), 0);
}

/// In a process of its own, which is killed once it has written its line.
std::string line_of_one_that_is_killed(int signal, const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return {};
  const pid_t owner = ::fork();
  if (owner == 0) {
    const std::string line = work() + "\n";
    static_cast<void>(::write(ends[1], line.data(), line.size()));
    ::pause();
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string line;
  for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';) line += c;
  ::kill(owner, signal);
  ::waitpid(owner, nullptr, 0);
  ::close(ends[0]);
  return line;
}

bool is_removed(const std::string& path) {
  for (int i = 0; i < 2000 && std::filesystem::exists(path); ++i) ::usleep(5000);
  return !std::filesystem::exists(path);
}

TEST(ChildProcessTest, WhatItStartedDiesWithItsOwner) {
  for (const int signal : {SIGKILL, SIGQUIT, SIGTERM}) {
    std::vector<int> pids;
    std::istringstream line(line_of_one_that_is_killed(signal, [] {
      static ChildProcess child(shell(kScattered));
      std::string text;
      for (const int pid : pids_written(child, 3)) text += std::to_string(pid) + " ";
      return text;
    }));
    for (int pid = 0; line >> pid;) pids.push_back(pid);
    ASSERT_EQ(pids.size(), 3U);
    for (const int pid : pids) EXPECT_TRUE(is_dead(pid)) << pid << " after signal " << signal;
  }
}

TEST(ScratchTest, IsEmptyThereAndGoneAtTheEnd) {
  std::string path;
  {
    const Scratch scratch;
    path = scratch.path();
    EXPECT_TRUE(std::filesystem::is_empty(path));
    std::ofstream(path + "/file") << "kept";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ScratchTest, IsRemovedWhenItsOwnerIsKilled) {
  for (const int signal : {SIGKILL, SIGQUIT}) {
    const std::string path = line_of_one_that_is_killed(signal, [] {
      static const Scratch scratch;
      std::ofstream(scratch.path() + "/file") << "kept";
      return scratch.path();
    });
    ASSERT_FALSE(path.empty());
    EXPECT_TRUE(is_removed(path)) << path;
  }
}

TEST(ScratchTest, StaysAsLongAsTheSupervisorOfWhoeverWritesThere) {
  const Scratch scratch;
  Command command = shell("echo $PPID; exec sleep 1000");
  command.scratch = &scratch;
  ChildProcess child(command);
  const std::vector<int> supervisor = pids_written(child, 1);
  ASSERT_EQ(supervisor.size(), 1U);
  const auto lifeline = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(scratch.lifeline()));
  bool is_held = false;
  for (const auto& fd : std::filesystem::directory_iterator("/proc/" + std::to_string(supervisor[0]) + "/fd"))
    is_held = is_held || std::filesystem::read_symlink(fd) == lifeline;
  EXPECT_TRUE(is_held);
}

// Else what is still being written would make it come back, or not go at all.
TEST(ScratchTest, IsRemovedOnlyAfterWhoeverWritesThereIsDead) {
  const std::string path = line_of_one_that_is_killed(SIGKILL, [] {
    static const Scratch scratch;
    Command command =
        shell("while :; do mkdir -p \"$DIR/a/b\"; echo x >\"$DIR/a/b/$i\"; i=$((i + 1)); echo; done");
    command.environment = {{"DIR", scratch.path()}};
    command.scratch = &scratch;
    static ChildProcess child(command);
    static_cast<void>(child.wait_for_line(0, Clock::now() + std::chrono::seconds(20)));
    return scratch.path();
  });
  ASSERT_FALSE(path.empty());
  EXPECT_TRUE(is_removed(path)) << path;
}

TEST(ChildProcessTest, EnvironmentAndFolderAreSetAndNoDescriptorIsInherited) {
  Command command = shell("echo $WORD; pwd; ls /proc/self/fd | wc -l");
  command.environment = {{"WORD", "hello"}};
  command.folder = "/";
  ChildProcess child(command);
  wait_for_end(child);
  EXPECT_EQ(child.out(), "hello\n/\n4\n");  // stdin, stdout, stderr, and the folder that ls reads
}

/// Threads that come and go while it lives.
class ComingAndGoing {
 public:
  ComingAndGoing() {
    for (std::thread& thread : threads_) {
      thread = std::thread([this] {
        while (!is_over_) std::thread([] {}).join();
      });
    }
  }
  ~ComingAndGoing() {
    is_over_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  ComingAndGoing(const ComingAndGoing&) = delete;
  ComingAndGoing& operator=(const ComingAndGoing&) = delete;

 private:
  std::atomic<bool> is_over_ = false;
  std::array<std::thread, 4> threads_;
};

// A helper is a copy of a process whose other threads held whatever locks they held, a sanitizer's among
// them.
TEST(ChildProcessTest, StartsWhileOtherThreadsComeAndGo) {
  const ComingAndGoing others;
  for (int i = 0; i < 300; ++i) {
    ChildProcess child(shell("exit 7"));
    wait_for_end(child);
    ASSERT_EQ(child.exit_code(), 7);
  }
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
