// Clock, timeouts, requests under way side by side.

#include <array>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr Request with_timeout(Request request, Duration timeout) {
  request.timeout = timeout;
  return request;
}

TEST(VirtualTimeTest, BeginsAtZeroAndPassesOnlyInSleepsAndWaits) {
  std::vector<Time> seen;
  EngineFixture fixture(one_step(), once([&seen](Runtime& runtime) {
                          seen.push_back(runtime.now());
                          runtime.sleep(7ms);
                          seen.push_back(runtime.now());
                          const Pending pending = runtime.start(kPay);
                          runtime.append({.note = "no time"});
                          runtime.report(Outcome::kCompleted);
                          seen.push_back(runtime.now());
                          runtime.wait(pending);
                          seen.push_back(runtime.now());
                          runtime.sleep(0ms);
                          seen.push_back(runtime.now());
                        }));
  fixture.run();
  EXPECT_THAT(seen, ElementsAre(0ms, 7ms, 7ms, 9ms, 9ms));
  fixture.run();
  EXPECT_EQ(seen.at(5), 0ms) << "every run begins at zero";
}

TEST(VirtualTimeTest, RestartsComeASecondAfterTheCrash) {
  std::vector<Time> seen;
  EngineFixture fixture(one_step(), [&seen](Runtime& runtime) {
    seen.push_back(runtime.now());
    if (runtime.incarnation() == 1) runtime.call(kPay);
  });
  fixture.run("pay@after_call:coordinator_crash");
  EXPECT_THAT(seen, ElementsAre(0ms, 1002ms, 1002ms, 1002ms));
}

TEST(VirtualTimeTest, ATimeoutIsTheDefinitionsUnlessTheRequestHasItsOwn) {
  Saga saga = one_step();
  saga.steps[0].compensation_timeout = 30ms;
  std::vector<Time> ends;
  EngineFixture fixture(saga, once([&ends](Runtime& runtime) {
                          for (const Request& request : {kPay, kRefund, with_timeout(kPay, 4ms)}) {
                            runtime.call(request);
                            ends.push_back(runtime.now());
                          }
                        }));
  fixture.run("pay#*:reply_lost, refund:request_lost");
  EXPECT_THAT(ends, ElementsAre(10ms, 40ms, 44ms));
}

TEST(VirtualTimeTest, MessagesAreFasterWhereTimeoutsAreShort) {
  Saga saga = one_step();
  saga.steps[0].timeout = 80us;
  std::vector<Time> ends;
  EngineFixture fixture(saga, once([&ends](Runtime& runtime) {
                          EXPECT_TRUE(runtime.call(kPay).ok());
                          ends.push_back(runtime.now());
                          EXPECT_TRUE(runtime.call(with_timeout(kPay, 3us)).ok());
                          ends.push_back(runtime.now());
                        }));
  fixture.run();
  EXPECT_THAT(ends, ElementsAre(20us, 22us));
}

TEST(VirtualTimeTest, RequestsStartedTogetherAreUnderWayTogether) {
  EngineFixture fixture(two_steps(), once([](Runtime& runtime) {
                          const Pending pay = runtime.start(kPay);
                          const Pending ship = runtime.start(kShip);
                          runtime.wait(ship);
                          runtime.wait(pay);
                        }));
  EXPECT_EQ(fixture.story("none"), R"(
0.000ms sent pay.action#1
0.000ms sent ship.action#1
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok
1.000ms delivered ship.action#1
1.000ms applied ship.action#1
1.000ms answered ship.action#1 ok
2.000ms received ship.action#1 ok
2.000ms received pay.action#1 ok
2.000ms returned
)");
}

TEST(VirtualTimeTest, WhatArrivesAtTheInstantASleepEndsComesAfterIt) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          const Pending pending = runtime.start(kPay);
                          runtime.sleep(1ms);
                          runtime.mark("awake");
                          runtime.wait(pending);
                        }));
  EXPECT_EQ(fixture.story("none"), R"(
0.000ms sent pay.action#1
1.000ms marked awake
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok
2.000ms received pay.action#1 ok
2.000ms returned
)");
}

TEST(VirtualTimeTest, WaitingAgainGivesTheSameReplyAndLeavesNoTrace) {
  std::vector<ReplyStatus> seen;
  EngineFixture fixture(one_step(), once([&seen](Runtime& runtime) {
                          const std::array pending{runtime.start(kPay)};
                          for (int i = 0; i < 2; ++i) seen.push_back(runtime.wait(pending[0]).status);
                          seen.push_back(runtime.wait_any(pending)->reply.status);
                        }));
  fixture.run("pay:rejected");
  EXPECT_THAT(seen, testing::Each(ReplyStatus::kRejected));
  EXPECT_EQ(fixture.count(EventType::kReceived), 1U);
  fixture.run("pay:request_lost");
  EXPECT_EQ(seen.back(), ReplyStatus::kTimeout);
  EXPECT_EQ(fixture.count(EventType::kTimedOut), 1U);
}

/// In the order in which wait_any() gives them, with their times.
std::string completions(const std::vector<Request>& requests, std::string_view plan, Duration pause = 0ms) {
  std::string result;
  EngineFixture fixture(two_steps(), once([&](Runtime& runtime) {
                          std::vector<Pending> pending;
                          std::vector<std::string> names;
                          for (const Request& request : requests) {
                            pending.push_back(runtime.start(request));
                            names.emplace_back(request.action);
                          }
                          runtime.sleep(pause);
                          while (!pending.empty()) {
                            const auto completion = runtime.wait_any(pending);
                            if (!completion) continue;
                            const auto index = static_cast<std::ptrdiff_t>(completion->index);
                            result += names[completion->index] + " " +
                                      std::string(name_of(completion->reply.status)) + " at " +
                                      format_duration(runtime.now()) + "\n";
                            pending.erase(pending.begin() + index);
                            names.erase(names.begin() + index);
                          }
                        }));
  fixture.run(plan);
  return result;
}

TEST(WaitAnyTest, GivesWhatCompletesFirst) {
  EXPECT_EQ(completions({kPay, kShip}, "none"), "pay ok at 2ms\nship ok at 2ms\n");
  EXPECT_EQ(completions({kShip, kPay}, "none"), "ship ok at 2ms\npay ok at 2ms\n");
  EXPECT_EQ(completions({kPay, kShip}, "pay:delay_under_timeout"), "ship ok at 2ms\npay ok at 9999us\n");
  EXPECT_EQ(completions({kPay, kShip}, "pay:request_lost"), "ship ok at 2ms\npay timeout at 10ms\n");
}

TEST(WaitAnyTest, GivesTimeoutsInTheOrderOfTheirDeadlines) {
  EXPECT_EQ(completions({with_timeout(kPay, 30ms), with_timeout(kShip, 20ms), with_timeout(kRefund, 30ms)},
                        "pay:request_lost, refund:request_lost, ship:request_lost"),
            "ship timeout at 20ms\npay timeout at 30ms\nrefund timeout at 30ms\n");
}

TEST(WaitAnyTest, OfSeveralThatAreOverGivesTheOneThatEndedFirst) {
  // While nobody looked, ship answered at 2 ms, pay's deadline passed at 10 ms, refund answered at 19.999 ms.
  EXPECT_EQ(completions({with_timeout(kRefund, 20ms), kPay, kShip},
                        "refund:delay_under_timeout, pay:request_lost", 50ms),
            "ship ok at 50ms\npay timeout at 50ms\nrefund ok at 50ms\n");
}

TEST(WaitAnyTest, GivesNothingWhenTheTimeComesFirst) {
  std::string result;
  EngineFixture fixture(one_step(), once([&result](Runtime& runtime) {
                          const std::array pending{runtime.start(kPay)};
                          const auto look = [&](Time until) {
                            const auto completion = runtime.wait_any(pending, until);
                            result +=
                                std::string(completion ? name_of(completion->reply.status) : "nothing") +
                                " at " + format_duration(runtime.now()) + "\n";
                          };
                          look(1ms);
                          look(0ms);  // in the past
                          look(2ms);  // the very instant: time comes first
                          look(3ms);
                          look(0ms);  // has completed
                        }));
  fixture.run();
  EXPECT_EQ(result, "nothing at 1ms\nnothing at 1ms\nnothing at 2ms\nok at 2ms\nok at 2ms\n");
}

TEST(WaitAnyTest, ADeadlineAtTheTimeIsATimeout) {
  std::optional<Runtime::Completion> completion;
  EngineFixture fixture(one_step(), once([&completion](Runtime& runtime) {
                          const std::array pending{runtime.start(kPay)};
                          completion = runtime.wait_any(pending, 10ms);
                        }));
  fixture.run("pay:request_lost");
  ASSERT_TRUE(completion);
  EXPECT_EQ(completion->reply.status, ReplyStatus::kTimeout);
}

TEST(WaitAnyTest, WithoutARequestIsASleep) {
  std::vector<Time> seen;
  EngineFixture fixture(one_step(), once([&seen](Runtime& runtime) {
                          EXPECT_FALSE(runtime.wait_any({}, 5ms));
                          seen.push_back(runtime.now());
                          EXPECT_FALSE(runtime.wait_any({}, Duration::min()));
                          seen.push_back(runtime.now());
                        }));
  fixture.run();
  EXPECT_THAT(seen, ElementsAre(5ms, 5ms));
}

TEST(LateReplyTest, IsDroppedAlsoIfNobodyWasWaitingAtTheDeadline) {
  for (const std::string kind : {"delay_at_timeout", "delay_over_timeout", "reply_late"}) {
    EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                            const Pending pending = runtime.start(kPay);
                            runtime.sleep(50ms);
                            EXPECT_EQ(runtime.wait(pending).status, ReplyStatus::kTimeout);
                          }));
    const std::string story = fixture.story("pay:" + kind);
    EXPECT_THAT(story,
                EndsWith("ms dropped pay.action#1\n50.000ms timed_out pay.action#1\n50.000ms returned\n"));
  }
}

TEST(LateReplyTest, IsKeptForOneWhoAsksLaterIfItCameInTime) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          const Pending pending = runtime.start(kPay);
                          runtime.sleep(50ms);
                          EXPECT_TRUE(runtime.wait(pending).ok());
                        }));
  EXPECT_THAT(fixture.story("pay:delay_under_timeout"),
              EndsWith("50.000ms received pay.action#1 ok\n50.000ms returned\n"));
}

TEST(LateReplyTest, DoesNotChangeAReplyThatWasGiven) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          const Pending pending = runtime.start(kPay);
                          EXPECT_EQ(runtime.wait(pending).status, ReplyStatus::kTimeout);
                          runtime.sleep(50ms);
                          EXPECT_EQ(runtime.wait(pending).status, ReplyStatus::kTimeout);
                          EXPECT_EQ(runtime.wait(pending).body, "");
                        }));
  fixture.run("pay:request_late");
  EXPECT_EQ(fixture.count(EventType::kDropped), 1U);
}

TEST(LateReplyTest, OfACallNobodyWaitsForIsDroppedAtTheEnd) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) { runtime.start(kPay); }));
  EXPECT_THAT(fixture.story("none"), Not(HasSubstr("delivered")));
  EXPECT_EQ(fixture.epilogue(), R"(
0.000ms healed
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok
2.000ms dropped pay.action#1
2.000ms started recovery [incarnation 2]
2.000ms returned [incarnation 2]
2.000ms started recovery [incarnation 3]
2.000ms returned [incarnation 3]
)");
}

}  // namespace
}  // namespace saga_harness
