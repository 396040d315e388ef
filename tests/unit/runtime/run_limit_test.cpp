// A run that does not end by itself, because it asks for nothing, is ended.

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/run_limit.hpp>

#include "fixtures.hpp"
#include "support/sanitizers.hpp"

namespace saga_harness {
namespace {

using std::chrono_literals::operator""ms;

// ThreadSanitizer keeps a signal back while a loop asks for nothing.
constexpr bool kDelaysSignals = SAGA_HARNESS_UNDER_THREAD_SANITIZER != 0;

/// Processor time of this thread.
double seconds_used() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

void use_time(double seconds) {
  const double until = seconds_used() + seconds;
  while (seconds_used() < until) {
  }
}

/// Loops where the payment was refused.
void loop_if_refused(Runtime& runtime) {
  const bool is_reserved = runtime.call({.service = "stock", .action = "reserve"}).ok();
  volatile bool goes_on = runtime.call({.service = "bank", .action = "pay"}).status == ReplyStatus::kRejected;
  while (goes_on) {
  }
  if (is_reserved) runtime.report(Outcome::kCompleted);
}

Saga limited_saga() {
  return {.name = "limited",
          .steps = {{.name = "reserve", .service = "stock", .compensatable = false},
                    {.name = "pay", .service = "bank", .compensatable = false}}};
}

/// Nobody is there to end a process that should have been ended.
constexpr unsigned kSecondsAtMost = 20;

/// Runs that plan in a process of its own, in which a run may take a tenth of a second.
void run_and_leave(const Coordinator& coordinator, std::string_view plan, Duration limit = 100ms) {
  ::alarm(kSecondsAtMost);
  set_run_limit(limit);
  runtime_test::EngineFixture fixture(limited_saga(), coordinator);
  fixture.run(plan);
  std::_Exit(0);
}

TEST(RunLimitTest, ARunThatLoopsIsEndedWithItsPlan) {
  if (kDelaysSignals) GTEST_SKIP() << "under ThreadSanitizer a loop is not interrupted";
  EXPECT_EXIT(run_and_leave(loop_if_refused, "reserve:reply_late, pay:rejected"), testing::ExitedWithCode(70),
              "takes? more|more processor time(.|\n)*under the plan \"reserve.action#1:reply_late, "
              "pay.action#1:rejected\"");
  EXPECT_EXIT(run_and_leave(loop_if_refused, "reserve:reply_late"), testing::ExitedWithCode(0), "");
}

TEST(RunLimitTest, AProcessThatWasForkedHasItToo) {
  if (kDelaysSignals) GTEST_SKIP() << "under ThreadSanitizer a loop is not interrupted";
  const auto fork_and_leave = [] {
    set_run_limit(100ms);
    runtime_test::EngineFixture fixture(limited_saga(), loop_if_refused);
    fixture.run();
    if (const pid_t child = ::fork(); child != 0) {
      int status = 0;
      ::waitpid(child, &status, 0);
      std::_Exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    ::alarm(kSecondsAtMost);
    fixture.run("pay:rejected");
    std::_Exit(0);
  };
  EXPECT_EXIT(fork_and_leave(), testing::ExitedWithCode(70), "pay.action#1:rejected");
}

TEST(RunLimitTest, ItIsOfEachRunAndNotOfAllTogether) {
  const auto run_often = [] {
    set_run_limit(200ms);
    runtime_test::EngineFixture fixture(limited_saga(), [](Runtime& /*runtime*/) { use_time(0.01); });
    for (int i = 0; i < 20; ++i) fixture.run();  // a run calls it three times
    std::_Exit(0);
  };
  EXPECT_EXIT(run_often(), testing::ExitedWithCode(0), "");
}

TEST(RunLimitTest, ZeroIsNone) {
  const auto busy = [](Runtime& /*runtime*/) { use_time(0.1); };
  if (!kDelaysSignals) {
    EXPECT_EXIT(run_and_leave(busy, "none"), testing::ExitedWithCode(70), "under the plan \"none\"");
  }
  EXPECT_EXIT(run_and_leave(busy, "none", Duration::zero()), testing::ExitedWithCode(0), "");
  EXPECT_THROW(set_run_limit(Duration(-1)), Error);
}

TEST(RunLimitTest, TheEnvironmentSetsIt) {
  const auto of_environment = [](const char* text) {
    ::setenv("SAGA_HARNESS_RUN_LIMIT", text, 1);
    try {
      std::_Exit(static_cast<int>(run_limit().count() / 1'000'000));
    } catch (const Error& error) {
      std::fputs(error.what(), stderr);
      std::_Exit(99);
    }
  };
  testing::FLAGS_gtest_death_test_style = "threadsafe";  // it is looked at once in a process
  EXPECT_EXIT(of_environment("30s"), testing::ExitedWithCode(30), "");
  EXPECT_EXIT(of_environment("off"), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(of_environment("soon"), testing::ExitedWithCode(99), "SAGA_HARNESS_RUN_LIMIT: ");
}

}  // namespace
}  // namespace saga_harness
