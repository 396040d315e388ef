// How long a fault lasts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using testing::ElementsAre;

/// Six attempts in the first incarnation, one in each recovery at the end: which of them got through.
std::vector<bool> attempts_that_work(std::string_view plan) {
  std::vector<bool> worked;
  EngineFixture fixture(one_step(), [&worked](Runtime& runtime) {
    const int attempts = runtime.incarnation() == 1 ? 6 : 1;
    for (int i = 0; i < attempts; ++i) worked.push_back(runtime.call(kPay).ok());
  });
  fixture.run(plan);
  return worked;
}

TEST(WindowTest, OnceIsOneAttempt) {
  EXPECT_THAT(attempts_that_work("pay#2:unavailable"),
              ElementsAre(true, false, true, true, true, true, true, true));
}

TEST(WindowTest, ABudgetIsAsManyAttemptsAsTheDefinitionGrants) {
  EXPECT_THAT(attempts_that_work("pay#2..budget:unavailable"),
              ElementsAre(true, false, false, false, true, true, true, true));
}

TEST(WindowTest, AfterABudgetTheOperationCanFailAnew) {
  EXPECT_THAT(attempts_that_work("pay#1..budget:unavailable, pay#5:request_lost"),
              ElementsAre(false, false, false, true, false, true, true, true));
}

TEST(WindowTest, UntilHealIsUntilTheFaultsStop) {
  EXPECT_THAT(attempts_that_work("pay#3..heal:reply_lost"),
              ElementsAre(true, true, false, false, false, false, true, true));
}

TEST(WindowTest, ForeverGoesOnThroughRecovery) {
  EXPECT_THAT(attempts_that_work("pay#3..forever:request_lost"),
              ElementsAre(true, true, false, false, false, false, false, false));
  EXPECT_THAT(attempts_that_work("pay#*:request_late_after_end"), testing::Each(false));
}

TEST(WindowTest, ABudgetThatIsNotUsedUpEndsWhenTheFaultsStop) {
  EXPECT_THAT(attempts_that_work("pay#6..budget:unavailable"),
              ElementsAre(true, true, true, true, true, false, true, true));
}

TEST(WindowTest, IsAskedForOnceAndStrikesEveryAttempt) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          for (int i = 0; i < 5; ++i) runtime.call(kPay);
                        }));
  fixture.run("pay#2..budget:unavailable");
  EXPECT_EQ(fixture.count(EventType::kFault), 3U);
  for (const Event& event : fixture.engine().observation().events) {
    if (event.type != EventType::kFault) continue;
    EXPECT_EQ(instant_of(event), Instant::kCall);
    EXPECT_EQ(window_of(event), FaultDuration::kBudget);
  }
}

TEST(WindowTest, NothingIsAskedAboutAnAttemptThatAWindowStrikes) {
  /// As a search does it: the alternatives by number.
  class Second final : public Choices {
   public:
    std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
      if (point.instant != Instant::kCall) return 0;
      asked.push_back(point.attempt);
      const auto found =
          std::ranges::find(legal, Alternative{FaultKind::kUnavailable, FaultDuration::kBudget});
      return point.attempt == 2 ? static_cast<std::size_t>(found - legal.begin()) + 1 : 0;
    }
    std::vector<int> asked = {};
  } choices;
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          for (int i = 0; i < 6; ++i) runtime.call(kPay);
                        }));
  fixture.run(choices);
  EXPECT_THAT(choices.asked, ElementsAre(1, 2, 5, 6));
}

TEST(WindowTest, BelongsToOneOperationOnly) {
  std::vector<bool> worked;
  EngineFixture fixture(two_steps(), once([&worked](Runtime& runtime) {
                          for (const Request& request : {kPay, kRefund, kShip, kPay})
                            worked.push_back(runtime.call(request).ok());
                        }));
  fixture.run("pay#*:unavailable");
  EXPECT_THAT(worked, ElementsAre(false, true, true, false));
}

TEST(WindowTest, LastsThroughACrash) {
  std::vector<bool> worked;
  EngineFixture fixture(one_step(),
                        [&worked](Runtime& runtime) { worked.push_back(runtime.call(kPay).ok()); });
  fixture.run("pay#1..heal:unavailable, pay@after_call:coordinator_crash");
  EXPECT_THAT(worked, ElementsAre(false, true, true));  // the first answer was lost in the crash
  EXPECT_EQ(fixture.count(EventType::kFault), 3U);
}

}  // namespace
}  // namespace saga_harness
