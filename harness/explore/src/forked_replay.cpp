#include <saga_harness/fresh_replay.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

#include <saga_harness_internal/pipe_io.hpp>

namespace saga_harness {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kAnswerWithin = std::chrono::seconds(10);
constexpr auto kForAsLongAsItTakes = std::chrono::hours(24 * 365);
constexpr char kAnswerMark = '+';
constexpr char kFailureMark = '-';

void die_with_parent() {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

/// What a subject prints was printed in the search.
void be_silent() {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
}

std::string answer_to(const Experiment& experiment, const std::string& row) {
  try {
    const std::vector<FaultPlan> plans = row_from_text(row, *experiment.setup.saga);
    return kAnswerMark + violations_of_row(experiment, plans);
  } catch (const std::exception& error) {
    return kFailureMark + std::string(error.what());
  }
}

/// Every row in a copy of its own; the copy sends what came of it, or dies.
[[noreturn]] void serve(const Experiment& experiment, int channel) {
  while (const auto row = internal::receive_text(channel, Clock::now() + kForAsLongAsItTakes)) {
    const pid_t copy = ::fork();
    if (copy == 0) {
      die_with_parent();
      static_cast<void>(internal::send_text(channel, answer_to(experiment, *row)));
      ::_exit(0);
    }
    int status = 1;
    while (copy > 0 && ::waitpid(copy, &status, 0) < 0 && errno == EINTR) {
    }
    if (status == 0) continue;
    static_cast<void>(
        internal::send_text(channel, kFailureMark + std::string("the process ended in the midst of it")));
  }
  ::_exit(0);
}

}  // namespace

ForkedReplay::ForkedReplay(const Experiment& experiment) : experiment_(experiment) {
  if (!experiment.can_run_again) {
    why_not_ = "a participant is an object of the test's own";
  } else if (experiment.setup.store) {
    why_not_ = "the saga log is in a store";
  } else if (!internal::has_one_thread()) {
    why_not_ = "the process has threads of its own";
  } else {
    start();
  }
}

void ForkedReplay::start() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return give_up(std::generic_category().message(errno));
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    ::close(ends[0]);
    die_with_parent();
    if (::getppid() != parent) ::_exit(1);
    be_silent();
    serve(experiment_, ends[1]);
  }
  ::close(ends[1]);
  channel_ = ends[0];
  if (process_ < 0) give_up(std::generic_category().message(errno));
}

ForkedReplay::~ForkedReplay() { give_up({}); }

void ForkedReplay::give_up(std::string why) {
  why_not_ = std::move(why);
  if (channel_ >= 0) ::close(std::exchange(channel_, -1));
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
}

FreshAnswer ForkedReplay::run(std::span<const FaultPlan> row) {
  if (process_ <= 0) return {.text = why_not_};
  if (!internal::send_text(channel_, row_to_text(row))) give_up("the copy of the process is gone");
  const auto answer =
      process_ > 0 ? internal::receive_text(channel_, Clock::now() + kAnswerWithin) : std::nullopt;
  if (!answer || answer->empty()) {
    if (process_ > 0) give_up("it took longer than ten seconds");
    return {.text = why_not_};
  }
  return {.is_answer = answer->front() == kAnswerMark, .text = answer->substr(1)};
}

}  // namespace saga_harness
