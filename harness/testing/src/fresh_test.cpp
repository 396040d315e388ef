#include "fresh_test.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fresh_replay.hpp>
#include <saga_harness_internal/pipe_io.hpp>

namespace saga_harness::internal {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kAnswerWithin = std::chrono::seconds(10);
constexpr const char* kAsked =
    "SAGA_HARNESS_REPLAY";       // `FD ORDINAL HASH`, a line each for the plans of a row
constexpr int kAnswersAt = 200;  // file descriptor in the process that is asked
const pid_t kProcess = ::getpid();

struct Asked {
  int fd = -1;
  int ordinal = 0;
  std::string definition = {};
  std::string row = {};
};

std::optional<Asked> what_is_asked() {
  const char* const text = std::getenv(kAsked);
  if (text == nullptr) return std::nullopt;
  const std::string_view all(text);
  const std::size_t head = all.find('\n');
  if (head == std::string_view::npos) return std::nullopt;
  Asked asked;
  asked.row = all.substr(head + 1);
  const char* const end = text + head;
  const auto fd = std::from_chars(text, end, asked.fd);
  if (fd.ec != std::errc() || fd.ptr == end) return std::nullopt;
  const auto ordinal = std::from_chars(fd.ptr + 1, end, asked.ordinal);
  if (ordinal.ec != std::errc() || ordinal.ptr == end) return std::nullopt;
  asked.definition = std::string(ordinal.ptr + 1, end);
  return asked;
}

std::string definition_of(const Experiment& experiment) {
  return std::to_string(experiment.setup.saga->hash());
}

[[noreturn]] void answer(const Asked& asked, const Experiment& experiment) {
  std::string text;
  try {
    if (asked.definition != definition_of(experiment))
      throw Error(ErrorText{.message = "it searched another saga this time"});
    text = '+' + violations_of_row(experiment, row_from_text(asked.row, *experiment.setup.saga));
  } catch (const std::exception& error) {
    text = '-' + std::string(error.what());
  }
  static_cast<void>(send_text(asked.fd, text));
  ::_exit(0);
}

/// The searches that a test has made, and the findings of it that were replayed.
struct OfTest {
  const testing::TestInfo* test = nullptr;
  testing::TimeInMillis started = 0;
  int searches = 0;
  std::size_t replayed = 0;
};

OfTest& of_test(const testing::TestInfo& test) {
  static OfTest current;
  const testing::TimeInMillis started = test.result()->start_timestamp();
  if (current.test != &test || current.started != started) current = {.test = &test, .started = started};
  return current;
}

std::vector<std::string> arguments_of_this_process() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  return arguments;
}

bool is_of_gtest(const std::string& argument) {
  return argument.starts_with("--gtest_") || argument.starts_with("--gmock_");
}

/// What would make the other process run other tests than the one, or write where this one writes.
bool is_left_out(std::string_view variable) {
  constexpr std::array<std::string_view, 5> kLeftOut{
      "GTEST_", "TEST_SHARD_", "TEST_TOTAL_SHARDS=", "XML_OUTPUT_FILE=", "SAGA_HARNESS_RECORDS="};
  return std::ranges::any_of(kLeftOut,
                             [variable](std::string_view each) { return variable.starts_with(each); });
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Another process of this binary, that runs one test.
class OtherProcess {
 public:
  OtherProcess(const std::string& test, const std::string& asked) {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) != 0) return;
    std::vector<std::string> arguments;
    for (std::string& argument : arguments_of_this_process()) {
      if (!is_of_gtest(argument)) arguments.push_back(std::move(argument));
    }
    std::vector<std::string> environment{std::string(kAsked) + '=' + asked, "GTEST_FILTER=" + test,
                                         "GTEST_ALSO_RUN_DISABLED_TESTS=1"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
      if (!is_left_out(*variable)) environment.emplace_back(*variable);
    }
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends_[1], kAnswersAt);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<char*> argv = pointers_to(arguments);
    std::vector<char*> envp = pointers_to(environment);
    if (::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, argv.data(), envp.data()) != 0)
      process_ = 0;
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(std::exchange(ends_[1], -1));
  }
  ~OtherProcess() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  [[nodiscard]] FreshAnswer answer() const {
    if (process_ <= 0) return {.text = "the test binary could not be started again"};
    const auto until = Clock::now() + kAnswerWithin;
    const auto text = receive_text(ends_[0], until);
    if (text && !text->empty()) return {.is_answer = text->front() == '+', .text = text->substr(1)};
    return {.text = Clock::now() >= until ? "it took longer than ten seconds"
                                          : "the test did not come to this search again"};
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  pid_t process_ = 0;
};

bool is_death_test() {
  if (::getpid() != kProcess) return true;
  for (const std::string& argument : arguments_of_this_process()) {
    if (argument.starts_with("--gtest_internal_run_death_test")) return true;
  }
  return false;
}

}  // namespace

class FreshTest::Impl {
 public:
  explicit Impl(const Experiment& experiment) : experiment_(experiment) {
    const testing::TestInfo* const test = testing::UnitTest::GetInstance()->current_test_info();
    if (test == nullptr) {
      copy_.emplace(experiment_);
      return;
    }
    of_test_ = &of_test(*test);
    name_ = std::string(test->test_suite_name()) + '.' + test->name();
    ordinal_ = ++of_test_->searches;
    const std::optional<Asked> asked = what_is_asked();
    if (!asked) return;
    if (asked->ordinal == ordinal_) internal::answer(*asked, experiment_);
    stands_aside_ = true;
  }

  [[nodiscard]] bool stands_aside() const { return stands_aside_; }

  void replay(Exploration& exploration) {
    if (copy_) {
      replay_findings(
          experiment_, [this](std::span<const FaultPlan> row) { return copy_->run(row); }, exploration);
    } else if (!experiment_.can_run_again) {
      leave_findings_unchecked("a participant is an object of the test's own", exploration);
    } else if (is_death_test()) {
      leave_findings_unchecked("this process was made by a death test", exploration);
    } else if (of_test_->replayed >= kMostReplayedFindings) {
      leave_findings_unchecked("at most eight of a test are", exploration);
    } else {
      of_test_->replayed += exploration.findings.size();
      replay_findings(
          experiment_, [this](std::span<const FaultPlan> row) { return run_again(row); }, exploration);
    }
  }

 private:
  [[nodiscard]] FreshAnswer run_again(std::span<const FaultPlan> row) const {
    const std::string asked = std::to_string(kAnswersAt) + ' ' + std::to_string(ordinal_) + ' ' +
                              definition_of(experiment_) + '\n' + row_to_text(row);
    return OtherProcess(name_, asked).answer();
  }

  const Experiment& experiment_;
  std::optional<ForkedReplay> copy_;
  OfTest* of_test_ = nullptr;
  std::string name_;
  int ordinal_ = 0;
  bool stands_aside_ = false;
};

FreshTest::FreshTest(const Experiment& experiment) : impl_(std::make_unique<Impl>(experiment)) {}
FreshTest::~FreshTest() = default;
bool FreshTest::stands_aside() const { return impl_->stands_aside(); }
void FreshTest::replay(Exploration& exploration) { impl_->replay(exploration); }

}  // namespace saga_harness::internal
