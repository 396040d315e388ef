#include "command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

namespace saga_harness::cli_tests {

namespace {

// What would show in the output, and the part of this very program that GoogleTest was asked to run.
constexpr std::array<std::string_view, 10> kNotInherited = {"NO_COLOR",
                                                            "TERM",
                                                            "LC_ALL",
                                                            "LC_CTYPE",
                                                            "LANG",
                                                            "LC_NUMERIC",
                                                            "COLUMNS",
                                                            "GTEST_SHARD_INDEX",
                                                            "GTEST_TOTAL_SHARDS",
                                                            "GTEST_SHARD_STATUS_FILE"};

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {
    if (number_ < 0) fail("cannot open a pipe or terminal");
  }
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
    reader = std::make_unique<Descriptor>(ends[0]);
    writer = std::make_unique<Descriptor>(ends[1]);
  }
  std::unique_ptr<Descriptor> reader;
  std::unique_ptr<Descriptor> writer;
};

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool is_given = std::ranges::any_of(command.environment, [name](const auto& given) {
      return given.first == name;
    });  // the first would win
    if (!is_given && std::find(kNotInherited.begin(), kNotInherited.end(), name) == kNotInherited.end())
      result.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment) result.push_back(name + '=' + value);
  return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

pid_t start(const Command& command, int out, int err) {
  const std::string program = command.program.empty() ? SAGA_HARNESS_COMMAND : command.program;
  std::vector<std::string> arguments{program};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = environment_of(command);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);  // as a shell starts it, whatever runs the tests
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes, pointers_to(arguments).data(),
                                pointers_to(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    errno = error;
    fail("cannot start " + program);
  }
  return pid;
}

/// Reads until all are closed. A terminal whose other side is closed fails with EIO.
void drain(std::vector<std::pair<int, std::string*>> sources) {
  std::array<char, 65536> buffer{};
  while (!sources.empty()) {
    std::vector<pollfd> waiting;
    for (const auto& source : sources)
      waiting.push_back({.fd = source.first, .events = POLLIN, .revents = 0});
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) fail("poll");
    for (std::size_t i = waiting.size(); i-- > 0;) {
      if (waiting[i].revents == 0) continue;
      const ssize_t count = ::read(sources[i].first, buffer.data(), buffer.size());
      if (count > 0) {
        sources[i].second->append(buffer.data(), static_cast<std::size_t>(count));
      } else if (count == 0 || errno != EINTR) {
        sources.erase(sources.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) fail("waitpid");
  }
  constexpr int kSignalled = 128;
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

Result run_on_pipes(const Command& command) {
  Result result;
  Pipe out;
  Pipe err;
  if (command.screen == Screen::kNobodyReads) out.reader->close();
  if (command.screen == Screen::kFullDisk) {
    out.writer = std::make_unique<Descriptor>(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  }
  const pid_t pid = start(command, out.writer->number(), err.writer->number());
  out.writer->close();
  err.writer->close();
  std::vector<std::pair<int, std::string*>> sources{{err.reader->number(), &result.err}};
  if (command.screen != Screen::kNobodyReads) sources.emplace_back(out.reader->number(), &result.out);
  drain(std::move(sources));
  result.exit_code = wait_for(pid);
  return result;
}

Result run_on_terminal(const Command& command) {
  Result result;
  const Descriptor master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (::grantpt(master.number()) != 0 || ::unlockpt(master.number()) != 0) fail("grantpt");
  Descriptor slave(::open(::ptsname(master.number()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  const pid_t pid = start(command, slave.number(), slave.number());
  slave.close();
  drain({{master.number(), &result.out}});
  result.exit_code = wait_for(pid);
  return result;
}

}  // namespace

Result run(const Command& command) {
  return command.screen == Screen::kTerminal ? run_on_terminal(command) : run_on_pipes(command);
}

Result run_until(const std::function<std::chrono::nanoseconds()>& left_until, int signal,
                 const Command& command) {
  Result result;
  Pipe out;
  const pid_t pid = start(command, out.writer->number(), out.writer->number());
  out.writer->close();
  std::array<char, 65536> buffer{};
  bool is_sent = false;
  while (true) {
    const std::chrono::nanoseconds left = left_until();
    if (!is_sent && left.count() <= 0) {
      ::kill(pid, signal);
      is_sent = true;
    }
    constexpr std::int64_t kNanoseconds = 1'000'000'000;
    const timespec wait = {.tv_sec = left.count() / kNanoseconds, .tv_nsec = left.count() % kNanoseconds};
    pollfd reader = {.fd = out.reader->number(), .events = POLLIN, .revents = 0};
    if (::ppoll(&reader, 1, is_sent ? nullptr : &wait, nullptr) <= 0) continue;
    const ssize_t count = ::read(out.reader->number(), buffer.data(), buffer.size());
    if (count == 0) break;
    if (count > 0) result.out.append(buffer.data(), static_cast<std::size_t>(count));
  }
  result.exit_code = wait_for(pid);
  return result;
}

Result run(std::vector<std::string> arguments) { return run(Command{.arguments = std::move(arguments)}); }

std::string scenario(std::string_view name) {
  return std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + std::string(name) + ".json";
}

std::string scratch(std::string_view name) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string own = std::string(test->test_suite_name()) + "." + test->name();
  for (char& c : own) {
    if (c == '/') c = '_';
  }
  const std::filesystem::path directory = std::filesystem::path(SAGA_HARNESS_SCRATCH_DIR) / "cli" / own;
  static std::string emptied;  // what an earlier process of this test left is another search's
  if (std::exchange(emptied, own) != own) std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  return (directory / name).string();
}

std::string write_scratch(std::string_view name, std::string_view text) {
  const std::string path = scratch(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string unwrapped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    const std::size_t end = text.substr(i, 2) == "&#" ? text.find(';', i) : std::string_view::npos;
    if (end != std::string_view::npos && end - i < 6) {
      c = static_cast<char>(std::stoi(std::string(text.substr(i + 2, end - i - 2))));
      i = end;
    }
    if (text.substr(i, 6) == "&quot;") i += 5;
    if (c == '"' || c == '\\' || c == '&') continue;  // how a quote is written differs
    const bool is_space = c == '\n' || c == ' ';
    if (!is_space || !result.ends_with(' ')) result += is_space ? ' ' : c;
  }
  return result;
}

}  // namespace saga_harness::cli_tests
