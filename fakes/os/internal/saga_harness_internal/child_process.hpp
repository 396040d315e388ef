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

class Scratch;

/// A program and how to run it, without templates.
struct Command {
  std::vector<std::string> argv = {};
  std::map<std::string, std::string> environment = {};
  std::string folder = {};
  const Scratch* scratch = nullptr;  ///< where it keeps things: removed only once nothing of it is left
};

/// A process, under a supervisor of its own. Whatever it starts is killed with it, in other process groups
/// and sessions, too, and so it is when this process ends, however it ends. Nothing of us is open in it.
class ChildProcess {
 public:
  /// @throws Error if it cannot be started.
  explicit ChildProcess(const Command& command);
  /// Kills it, and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// SIGKILL to it and whatever it has started; returns when none of them is left. False: some may be.
  bool kill();

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
  void start(const Command& command, int out, int errors);
  void read_along();
  [[nodiscard]] bool hear_supervisor();
  bool take_from(Output& output, bool keeps_the_end);

  int supervisor_ = -1;
  int pid_ = -1;
  OwnedFd notices_;  // of the supervisor
  OwnedFd end_;      // of the process: an eventfd
  OwnedFd stop_;
  Output out_;
  Output errors_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<int> status_ = std::nullopt;
  bool is_over_ = false;  // the supervisor has ended
  bool none_is_left_ = false;
  std::thread reader_;
};

}  // namespace saga_harness::os
