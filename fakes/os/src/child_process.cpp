#include <saga_harness_internal/child_process.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/scratch.hpp>
#include <saga_harness_internal/text.hpp>

#include "forked.hpp"
#include "supervisor.hpp"

extern char** environ;

namespace saga_harness::os {
namespace {

constexpr std::size_t kMostKept = 1U << 20U;
constexpr std::size_t kMostErrors = 4096;

struct Pipe {
  OwnedFd read;
  OwnedFd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Error(
        ErrorText{.message = std::string("no pipe can be had for a process: ") + std::strerror(errno)},
        ErrorKind::kInternal);
  Pipe made{OwnedFd(ends[0]), OwnedFd(ends[1])};
  ::fcntl(made.read.get(), F_SETFL, O_NONBLOCK);
  return made;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> lines;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    if (!added.contains(std::string(line.substr(0, line.find('='))))) lines.emplace_back(line);
  }
  for (const auto& [name, value] : added) lines.push_back(name + '=' + value);
  return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

class SpawnSettings {
 public:
  SpawnSettings(const Command& command, int out, int errors) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, out, 1);
    ::posix_spawn_file_actions_adddup2(&actions, errors, 2);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (!command.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, command.folder.c_str());
    sigset_t none;
    sigset_t usual;
    ::sigemptyset(&none);
    ::sigemptyset(&usual);
    ::sigaddset(&usual, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &usual);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

// A supervisor that says nothing is none.
Notice first_notice(const Supervisor& supervisor) {
  constexpr auto kPatience = std::chrono::seconds(20);
  Waiting waiting(Clock::now() + kPatience);
  Notice first{News::kCannotFollow, ETIMEDOUT};
  if (waiting.wait(supervisor.notices.get(), POLLIN) == Woken::kReady &&
      ::recv(supervisor.notices.get(), &first, sizeof first, MSG_DONTWAIT) <= 0)
    first.value = ECHILD;
  if (first.news == News::kCannotFollow) ::kill(supervisor.pid, SIGKILL);
  return first;
}

}  // namespace

ChildProcess::ChildProcess(const Command& command)
    : end_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  Pipe out = make_pipe();
  Pipe errors = make_pipe();
  start(command, out.write.get(), errors.write.get());
  out_.pipe = std::move(out.read);
  errors_.pipe = std::move(errors.read);
  reader_ = std::thread([this] { read_along(); });
}

void ChildProcess::start(const Command& command, int out, int errors) {
  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> environment = environment_with(command.environment);
  const std::vector<char*> argv = pointers_to(arguments);
  const std::vector<char*> envp = pointers_to(environment);
  const SpawnSettings settings(command, out, errors);
  Supervisor supervisor = start_supervisor({.actions = &settings.actions,
                                            .attributes = &settings.attributes,
                                            .arguments = argv.data(),
                                            .environment = envp.data(),
                                            .out = out,
                                            .errors = errors,
                                            .lifeline = command.scratch ? command.scratch->lifeline() : -1});
  const Notice first = first_notice(supervisor);
  supervisor_ = supervisor.pid;
  notices_ = std::move(supervisor.notices);
  pid_ = first.value;
  if (first.news == News::kStarted) return;
  reap(supervisor_);
  const char* const why = std::strerror(first.value);
  if (first.news != News::kCannotStart)
    throw Error(ErrorText{.message = fmt::format(
                              "no process can be started so that whatever it starts can be killed: {}", why)},
                ErrorKind::kInternal);
  throw Error(ErrorText{.message = fmt::format("{} cannot be started in {}: {}",
                                               internal::in_quotes(command.argv.front()),
                                               internal::in_quotes(command.folder), why)});
}

ChildProcess::~ChildProcess() {
  static_cast<void>(kill());
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_.get(), &one, sizeof one));
  reader_.join();
}

bool ChildProcess::kill() {
  constexpr auto kPatience = std::chrono::seconds(20);
  std::unique_lock lock(mutex_);
  if (is_over_) return none_is_left_;
  ::shutdown(notices_.get(), SHUT_WR);
  return changed_.wait_for(lock, kPatience, [this] { return is_over_; }) && none_is_left_;
}

bool ChildProcess::has_ended() {
  const std::lock_guard lock(mutex_);
  return status_.has_value();
}

// False: it has said its last.
bool ChildProcess::hear_supervisor() {
  Notice notice;
  const ssize_t count = ::recv(notices_.get(), &notice, sizeof notice, MSG_DONTWAIT);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  const std::lock_guard lock(mutex_);
  if (count == static_cast<ssize_t>(sizeof notice)) {
    if (notice.news == News::kEnded) status_ = notice.value;
    none_is_left_ = none_is_left_ || notice.news == News::kAllGone;
  } else {
    reap(supervisor_);
    is_over_ = true;
    if (!none_is_left_) ::kill(-pid_, SIGKILL);  // somebody killed the supervisor
    if (!status_) status_ = SIGKILL;
  }
  if (status_) {
    const std::uint64_t one = 1;
    static_cast<void>(::write(end_.get(), &one, sizeof one));
  }
  changed_.notify_all();
  return !is_over_;
}

int ChildProcess::exit_code() {
  if (!has_ended()) return -1;
  const std::lock_guard lock(mutex_);
  return WIFEXITED(*status_) ? WEXITSTATUS(*status_) : 128 + WTERMSIG(*status_);
}

std::string ChildProcess::how_it_ended() {
  constexpr int kSignalled = 128;
  const int code = exit_code();
  if (code < kSignalled) return fmt::format("ended with exit code {}", code);
  return fmt::format("was ended by signal {} ({})", code - kSignalled, ::strsignal(code - kSignalled));
}

// False at the end of the output.
bool ChildProcess::take_from(Output& output, bool keeps_the_end) {
  std::array<char, 16384> buffer{};
  const std::lock_guard lock(mutex_);
  while (true) {
    const ssize_t count = ::read(output.pipe.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    if (keeps_the_end || output.text.size() < kMostKept)
      output.text.append(buffer.data(), static_cast<std::size_t>(count));
    if (keeps_the_end && output.text.size() > 2 * kMostErrors)
      output.text.erase(0, output.text.size() - kMostErrors);
    changed_.notify_all();
  }
}

void ChildProcess::read_along() {
  bool has_out = true;
  bool has_errors = true;
  bool has_supervisor = true;
  while (true) {
    std::array<pollfd, 4> polled{pollfd{stop_.get(), POLLIN, 0},
                                 pollfd{has_out ? out_.pipe.get() : -1, POLLIN, 0},
                                 pollfd{has_errors ? errors_.pipe.get() : -1, POLLIN, 0},
                                 pollfd{has_supervisor ? notices_.get() : -1, POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
    if (has_out && polled[1].revents != 0) has_out = take_from(out_, false);
    if (has_errors && polled[2].revents != 0) has_errors = take_from(errors_, true);
    if (has_supervisor && polled[3].revents != 0) has_supervisor = hear_supervisor();
    if (polled[0].revents != 0) return;
  }
}

std::string ChildProcess::out() {
  static_cast<void>(take_from(out_, false));  // what the reader has not come to yet
  const std::lock_guard lock(mutex_);
  return out_.text;
}

std::string ChildProcess::last_lines_of_errors() {
  constexpr std::size_t kMostLines = 12;
  static_cast<void>(take_from(errors_, true));
  const std::lock_guard lock(mutex_);
  std::string_view text = errors_.text;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  std::size_t begin = text.size();
  for (std::size_t lines = 0; begin > 0; --begin) {
    if (text[begin - 1] == '\n' && ++lines == kMostLines) break;
  }
  return std::string(text.substr(begin));
}

bool ChildProcess::wait_for_line(std::size_t seen, Moment until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, until, [&] {
    return out_.text.find('\n', seen) != std::string::npos || is_over_;
  }) && out_.text.find('\n', seen) != std::string::npos;
}

}  // namespace saga_harness::os
