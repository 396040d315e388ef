#include <limits>

#include <gtest/gtest.h>

#include <saga_harness/saga.hpp>

namespace saga_harness {
namespace {

using namespace std::chrono_literals;

TEST(BackoffTest, GrowsByTheFactorUpToTheCap) {
  const RetryPolicy policy{.attempts = 6, .delay = 100ms, .factor = 2.0, .max_delay = 500ms};
  EXPECT_EQ(backoff(policy, 2), 100ms);
  EXPECT_EQ(backoff(policy, 3), 200ms);
  EXPECT_EQ(backoff(policy, 4), 400ms);
  EXPECT_EQ(backoff(policy, 5), 500ms);
  EXPECT_EQ(backoff(policy, 6), 500ms);
}

TEST(BackoffTest, WaitsNothingBeforeTheFirstAttempt) {
  EXPECT_EQ(backoff({}, 1), 0us);
  EXPECT_EQ(backoff({}, 0), 0us);
  EXPECT_EQ(backoff({}, -1), 0us);
}

TEST(BackoffTest, StaysConstantWithAFactorOfOne) {
  EXPECT_EQ(backoff({.delay = 70ms, .factor = 1.0}, std::numeric_limits<int>::max()), 70ms);
}

TEST(BackoffTest, CapsADelayThatIsLongerFromTheStart) {
  EXPECT_EQ(backoff({.delay = 10s, .max_delay = 1s}, 2), 1s);
}

TEST(BackoffTest, CutsToWholeMicroseconds) { EXPECT_EQ(backoff({.delay = 3us, .factor = 1.5}, 3), 4us); }

TEST(BackoffTest, DoesNotOverflow) {
  const RetryPolicy steep{.delay = 1us, .factor = 1e308, .max_delay = Duration::max()};
  EXPECT_EQ(backoff(steep, 1000), Duration::max());
  const RetryPolicy patient{.delay = 1us, .factor = 2.0, .max_delay = Duration::max()};
  EXPECT_EQ(backoff(patient, 64).count(), std::int64_t{1} << 62U);
  EXPECT_EQ(backoff(patient, 65), Duration::max());
}

TEST(BackoffTest, IsTheCapForAPolicyThatMakesNoSense) {
  EXPECT_EQ(backoff({.factor = std::numeric_limits<double>::quiet_NaN()}, 3), 30s);
  EXPECT_EQ(backoff({.delay = -1s}, 3), 0us);
  EXPECT_EQ(backoff({.max_delay = -1s}, 3), 0us);
}

}  // namespace
}  // namespace saga_harness
