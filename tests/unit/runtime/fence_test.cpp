// The dead have no effect, and recovery at the end.

#include <chrono>
#include <functional>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(FenceTest, ACoordinatorThatSwallowsEverythingHasNoEffectOnceItCrashed) {
  int swallowed = 0;
  EngineFixture fixture(
      one_step(), once([&swallowed](Runtime& runtime) {
        const std::vector<Pending> pending = {runtime.start(kPay)};
        const std::vector<std::function<void()>> acts = {
            [&] { runtime.wait(pending[0]); },  // crashes
            [&] { runtime.call(kRefund); },
            [&] { runtime.start(kPay); },
            [&] { runtime.wait(pending[0]); },
            [&] { runtime.wait_any(pending, 1ms); },
            [&] { runtime.sleep(1ms); },
            [&] { runtime.append({.kind = LogKind::kEnd, .outcome = Outcome::kCompleted}); },
            [&] { runtime.report(Outcome::kCompleted); },
            [&] { runtime.mark("alive"); },
        };
        for (int i = 0; i < 50; ++i) {
          for (const auto& act : acts) {
            try {
              act();
            } catch (...) {
              ++swallowed;
            }
          }
        }
      }));
  const Observation& seen = fixture.run("pay@after_call:coordinator_crash");
  EXPECT_EQ(swallowed, 450);
  EXPECT_EQ(seen.outcome, Outcome::kUnresolved);
  EXPECT_THAT(fixture.story(), EndsWith("2.000ms crashed\n1002.000ms started after_crash [incarnation 2]\n"
                                        "1002.000ms returned [incarnation 2]\n"));
}

TEST(FenceTest, WhatADeadCoordinatorThrowsInsteadIsNotItsOwn) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          try {
                            runtime.call(kPay);
                          } catch (...) {
                            throw std::runtime_error("the payment failed");
                          }
                        }));
  const std::string story = fixture.story("pay@after_call:coordinator_crash");
  EXPECT_THAT(story, Not(HasSubstr("threw")));
  EXPECT_THAT(story, HasSubstr("started after_crash"));
}

TEST(FenceTest, OrdinaryHandlersLetACrashThrough) {
  bool caught = false;
  EngineFixture fixture(one_step(), once([&caught](Runtime& runtime) {
                          try {
                            runtime.call(kPay);
                          } catch (const std::exception&) {
                            caught = true;
                          }
                        }));
  fixture.run("pay@after_call:coordinator_crash");
  EXPECT_FALSE(caught);
}

TEST(FenceDeathTest, ACoordinatorThatCannotBeStoppedEndsTheProcessWithAReason) {
  const auto run = [] {
    EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                            for (;;) {
                              try {
                                runtime.call(kPay);
                              } catch (...) {
                              }
                            }
                          }));
    fixture.run("pay@after_call:coordinator_crash");
  };
  EXPECT_DEATH(run(), "keeps calling its Runtime.*catch \\(\\.\\.\\.\\).*swallows");
}

TEST(RecoveryTest, RunsTwiceWhateverHappened) {
  for (const std::string_view plan : {"none", "pay@after_call:coordinator_crash"}) {
    std::vector<int> incarnations;
    EngineFixture fixture(one_step(), [&incarnations](Runtime& runtime) {
      incarnations.push_back(runtime.incarnation());
      runtime.call(kPay);
    });
    fixture.run(plan);
    EXPECT_EQ(incarnations.size(), plan == "none" ? 3U : 4U);
    EXPECT_TRUE(std::ranges::is_sorted(incarnations));
    EXPECT_THAT(fixture.epilogue(), StartsWith(plan == "none" ? "\n2.000ms healed" : "\n1004.000ms healed"));
    EXPECT_EQ(fixture.count(EventType::kHealed), 1U);
  }
}

TEST(RecoveryTest, BetweenTheTwoLateMessagesArrive) {
  EngineFixture fixture(one_step(), [](Runtime& runtime) {
    if (runtime.incarnation() == 2) runtime.start(kPay);
  });
  fixture.run();
  EXPECT_EQ(fixture.epilogue(), R"(
0.000ms healed
0.000ms started recovery [incarnation 2]
0.000ms sent pay.action#1 [incarnation 2]
0.000ms returned [incarnation 2]
1.000ms delivered pay.action#1 [incarnation 2]
1.000ms applied pay.action#1 [incarnation 2]
1.000ms answered pay.action#1 ok [incarnation 2]
2.000ms dropped pay.action#1 [incarnation 2]
2.000ms started recovery [incarnation 3]
2.000ms returned [incarnation 3]
)");
}

}  // namespace
}  // namespace saga_harness
