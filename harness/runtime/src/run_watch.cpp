#include "run_watch.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string_view>

#include <saga_harness/error.hpp>
#include <saga_harness/run_limit.hpp>

#ifdef __linux__
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid  // glibc gives it no name
#endif
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SAGA_HARNESS_IS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SAGA_HARNESS_IS_SANITIZED 1
#endif

namespace saga_harness {
namespace {

using std::chrono_literals::operator""s;

#ifdef SAGA_HARNESS_IS_SANITIZED
constexpr Duration kUsualLimit = 100s;
#else
constexpr Duration kUsualLimit = 10s;
#endif

Duration limit_of_environment() {
  const char* const text = std::getenv("SAGA_HARNESS_RUN_LIMIT");
  if (text == nullptr || *text == '\0') return kUsualLimit;
  if (std::string_view(text) == "off") return Duration::zero();
  try {
    return parse_duration(text);
  } catch (const Error& error) {
    throw error.within("SAGA_HARNESS_RUN_LIMIT");
  }
}

std::atomic<std::int64_t>& limit() {
  static std::atomic<std::int64_t> microseconds{limit_of_environment().count()};
  return microseconds;
}

}  // namespace

Duration run_limit() { return Duration(limit().load(std::memory_order_relaxed)); }

#ifdef __linux__

namespace {

constexpr int kSignal = SIGVTALRM;
constexpr int kTicks = 10;  // of the clock that a run may take
constexpr int kStatus = 70;
constexpr unsigned kSecondsForThePlan = 2;
constexpr std::size_t kMostRuns = 16;  // side by side in one thread

std::atomic<unsigned> forks = 0;   // that led to this process: timers are not taken along
std::atomic<unsigned> limits = 1;  // that were set

/// What the clock of a thread looks at.
struct Watched {
  std::array<const void*, kMostRuns> runs = {};
  std::size_t count = 0;
  RunWatch::PlanOf plan_of = nullptr;
  std::uint64_t number = 0;   // of runs begun or ended
  std::uint64_t seen = 0;     // … when the clock last ticked
  int ticks = 0;              // since that was another
  unsigned forks_before = 0;  // when the clock was started
  unsigned limits_before = 0;
  bool has_timer = false;
  timer_t timer = {};

  Watched() = default;
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  ~Watched() { stop(); }

  void stop() {
    if (has_timer && forks_before == forks) ::timer_delete(timer);
    has_timer = false;
  }
};

Watched& watched() noexcept {
  [[gnu::tls_model("initial-exec")]] static thread_local Watched here;
  return here;
}

void say(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool is_debugged() {
  constexpr std::string_view kTracer = "TracerPid:\t";
  std::array<char, 4096> text{};
  const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const ssize_t size = ::read(file, text.data(), text.size());
  ::close(file);
  const std::string_view status(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::size_t at = status.find(kTracer);
  return at != std::string_view::npos && at + kTracer.size() < status.size() &&
         status[at + kTracer.size()] != '0';
}

extern "C" void leave_without_plan(int /*signal*/) { ::_exit(kStatus); }

// The code that was interrupted is never gone back to. If it was in the middle of the allocator, making the
// plan's text may not come back either: then the alarm ends it.
[[noreturn]] void end_process(const Watched& watch) {
  say("saga-harness: a run has taken more processor time than it may (SAGA_HARNESS_RUN_LIMIT), and asks for "
      "nothing: a coordinator, handler or participant that loops?\n");
  std::signal(SIGALRM, leave_without_plan);
  sigset_t alarm_only;
  ::sigemptyset(&alarm_only);
  ::sigaddset(&alarm_only, SIGALRM);
  ::pthread_sigmask(SIG_UNBLOCK, &alarm_only, nullptr);
  ::alarm(kSecondsForThePlan);
  for (std::size_t i = 0; i < watch.count; ++i)
    say("saga-harness: under the plan \"" + watch.plan_of(watch.runs[i]) + "\"\n");
  ::_exit(kStatus);
}

extern "C" void tick(int /*signal*/) {
  const int error = errno;
  Watched& watch = watched();
  if (watch.count == 0 || watch.seen != watch.number) {
    watch.seen = watch.number;
    watch.ticks = 0;
  } else if (++watch.ticks >= kTicks) {
    watch.ticks = 0;
    if (!is_debugged()) end_process(watch);
  }
  errno = error;
}

void start_clock(Watched& watch) {
  static const int kOnce = ::pthread_atfork(nullptr, nullptr, [] { ++forks; });
  static_cast<void>(kOnce);
  watch.stop();
  watch.forks_before = forks;
  watch.limits_before = limits;
  const Duration period = run_limit() / kTicks;
  if (period <= Duration::zero()) return;
  struct sigaction action {};
  action.sa_handler = tick;
  action.sa_flags = SA_RESTART;
  ::sigaction(kSignal, &action, nullptr);
  struct sigevent event {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = kSignal;
  event.sigev_notify_thread_id = ::gettid();
  if (::timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &watch.timer) != 0) return;
  watch.has_timer = true;
  const std::int64_t microseconds = period.count();
  const timespec each{.tv_sec = static_cast<time_t>(microseconds / 1'000'000),
                      .tv_nsec = static_cast<long>(microseconds % 1'000'000 * 1000)};
  const itimerspec ticks{.it_interval = each, .it_value = each};
  ::timer_settime(watch.timer, 0, &ticks, nullptr);
}

}  // namespace

RunWatch::RunWatch(const void* run, PlanOf plan_of) : run_(run) {
  Watched& watch = watched();
  if (watch.forks_before != forks || watch.limits_before != limits) start_clock(watch);
  ++watch.number;
  watch.plan_of = plan_of;
  if (watch.count < kMostRuns) watch.runs[watch.count++] = run;
}

RunWatch::~RunWatch() {
  Watched& watch = watched();
  ++watch.number;
  for (std::size_t i = watch.count; i-- > 0;) {
    if (watch.runs[i] != run_) continue;
    watch.runs[i] = watch.runs[--watch.count];
    return;
  }
}

void set_run_limit(Duration processor_time) {
  if (processor_time < Duration::zero())
    throw Error(ErrorText{.source = "set_run_limit()",
                          .message = "a run cannot take less than no time",
                          .fix = "zero is for no limit"});
  limit() = processor_time.count();
  ++limits;  // every thread starts its clock anew with its next run
}

#else

RunWatch::RunWatch(const void* run, PlanOf /*plan_of*/) : run_(run) {}
RunWatch::~RunWatch() = default;
void set_run_limit(Duration processor_time) { limit() = processor_time.count(); }

#endif

}  // namespace saga_harness
