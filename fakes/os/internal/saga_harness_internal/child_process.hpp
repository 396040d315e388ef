#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <saga_harness_internal/waiting.hpp>

namespace saga_harness::os {

/// A program and how to run it, without templates.
struct Command {
  std::vector<std::string> argv = {};
  std::map<std::string, std::string> environment = {};
  std::string folder = {};
};

/// A process in a process group of its own. The whole group is killed with it, and nothing of us is open in
/// it.
class ChildProcess {
 public:
  /// @throws Error if it cannot be started.
  explicit ChildProcess(const Command& command);
  /// Kills it, and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// SIGKILL to the group; returns when it is dead.
  void kill();

  /// Becomes readable when the process has ended.
  [[nodiscard]] int end_fd() const noexcept { return end_.get(); }
  [[nodiscard]] bool has_ended();
  /// Its exit code, or 128 and the signal that ended it. Only once it has ended.
  [[nodiscard]] int exit_code();
  /// `ended with exit code 3`, `was ended by signal 6 (Aborted)`.
  [[nodiscard]] std::string how_it_ended();

  /// What it wrote, as far as it is kept: the first of stdout, the last of stderr.
  [[nodiscard]] std::string out();
  [[nodiscard]] std::string last_lines_of_errors();

  /// Waits for a whole line of stdout beyond the first `seen` bytes. False if none came.
  [[nodiscard]] bool wait_for_line(std::size_t seen, Moment until);

 private:
  struct Output {
    OwnedFd pipe;
    std::string text;
  };
  void read_along();
  bool take_from(Output& output, bool keeps_the_end);

  int pid_ = -1;
  OwnedFd end_;  // a pidfd
  OwnedFd stop_;
  Output out_;
  Output errors_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<int> status_ = std::nullopt;
  bool reaped_ = false;
  std::thread reader_;
};

/// Kills every group there is; only what a signal handler may do.
void kill_all_groups() noexcept;
/// SIGINT, SIGTERM and SIGHUP kill every group and remove every scratch folder before they end this process.
void kill_all_on_signals();

}  // namespace saga_harness::os
