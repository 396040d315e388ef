// Two things that come at the same time come in either order.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Two steps side by side, `left` and `right`, with the same time to answer.
Saga two_beside(std::string_view right_service = "r") {
  const auto step = [](std::string name, std::string_view service) {
    return Step{.name = std::move(name),
                .service = std::string(service),
                .timeout = milliseconds(10),
                .compensatable = false,
                .after = kNoPredecessors};
  };
  return {.name = "two", .steps = {step("left", "l"), step("right", right_service)}};
}

/// Asks for both, and notes in which order it hears of them, by their first letters: `l` and `r`, in capitals
/// where the time was out, and `.` for a timer that it waits with, if any.
std::string heard(std::string_view plan, std::optional<Duration> timer = std::nullopt) {
  std::string order;
  EngineFixture fixture(two_beside(), once([&](Runtime& runtime) {
                          std::vector<Pending> pending = {runtime.start({.service = "l", .action = "left"}),
                                                          runtime.start({.service = "r", .action = "right"})};
                          std::string names = "lr";
                          const Time until = timer ? Time(*timer) : Time::max();
                          while (!pending.empty()) {
                            const auto completion = runtime.wait_any(pending, until);
                            if (!completion) {
                              order += '.';
                              timer.reset();
                              for (const Pending& each : pending) runtime.wait(each);
                              return;
                            }
                            const auto at = static_cast<std::ptrdiff_t>(completion->index);
                            const char name = names[completion->index];
                            const bool is_out = completion->reply.status == ReplyStatus::kTimeout;
                            order += is_out ? static_cast<char>(name - 'a' + 'A') : name;
                            pending.erase(pending.begin() + at);
                            names.erase(names.begin() + at);
                          }
                        }));
  fixture.run(plan);
  return order;
}

TEST(TieTest, RepliesThatComeTogetherAreHeardInEitherOrder) {
  EXPECT_EQ(heard("none"), "lr");
  EXPECT_EQ(heard("left@tie:order_swapped"), "rl");
}

TEST(TieTest, TimeOutsThatComeTogetherAreHeardInEitherOrder) {
  EXPECT_EQ(heard("left:reply_lost, right:reply_lost"), "LR");
  EXPECT_EQ(heard("left:reply_lost, right:reply_lost, left@tie:order_swapped"), "RL");
}

TEST(TieTest, ATimeOutAndAReplyThatComeTogetherAreHeardInEitherOrder) {
  std::string order;
  EngineFixture fixture(two_beside(), once([&order](Runtime& runtime) {
                          const std::vector<Pending> pending = {
                              runtime.start({.service = "l", .action = "left", .timeout = milliseconds(2)}),
                              runtime.start({.service = "r", .action = "right"})};
                          order += runtime.wait_any(pending)->index == 0 ? 'l' : 'r';
                        }));
  fixture.run("left:reply_lost");
  fixture.run("left:reply_lost, left@tie:order_swapped");
  EXPECT_EQ(order, "lr");
}

TEST(TieTest, ATimerAndAReplyThatComeTogetherAreHeardInEitherOrder) {
  EXPECT_EQ(heard("left:reply_lost", milliseconds(2)), ".");
  EXPECT_EQ(heard("left:reply_lost, right@tie:order_swapped", milliseconds(2)), "r.");
}

TEST(TieTest, ATimerAndATimeOutThatComeTogetherAreHeardInEitherOrder) {
  EXPECT_EQ(heard("left:reply_lost", milliseconds(10)), "rL");
  EXPECT_EQ(heard("left:reply_lost, left@tie:order_swapped", milliseconds(10)), "r.");
}

/// So many steps side by side, `s0`, `s1`, …, each with a participant of its own.
Saga many_beside(int count) {
  Saga saga{.name = "many"};
  for (int i = 0; i < count; ++i) {
    saga.steps.push_back({.name = "s" + std::to_string(i),
                          .service = "p" + std::to_string(i),
                          .timeout = milliseconds(10),
                          .compensatable = false,
                          .after = kNoPredecessors});
  }
  return saga;
}

/// Which of two is heard first: `s0`, whose request is lost, or `waited` of the others, whose replies all
/// come when the time of `s0` is out.
std::size_t heard_first(int count, int waited) {
  std::size_t index = 0;
  EngineFixture fixture(
      many_beside(count), once([&](Runtime& runtime) {
        std::vector<Pending> all;
        for (int i = 0; i < count; ++i) {
          const std::string number = std::to_string(i);
          all.push_back(runtime.start(
              {.service = "p" + number, .action = "s" + number, .timeout = milliseconds(i == 0 ? 2 : 10)}));
        }
        const std::vector<Pending> two = {all[0], all[static_cast<std::size_t>(waited)]};
        index = runtime.wait_any(two)->index;
      }));
  fixture.run("s0:request_lost, s0@tie:order_swapped");
  return index;
}

TEST(TieTest, ATimeOutIsOvertakenByTheReplyThatIsWaitedForWhateverElseComes) {
  for (int count = 2; count < 12; ++count) {
    for (int waited = 1; waited < count; ++waited)
      ASSERT_EQ(heard_first(count, waited), 1U) << waited << " of " << count;
  }
}

TEST(TieTest, TheTraceSaysWhereTheOrderWasAnother) {
  EngineFixture fixture(two_beside(), once([](Runtime& runtime) {
                          const std::vector<Pending> pending = {
                              runtime.start({.service = "l", .action = "left"}),
                              runtime.start({.service = "r", .action = "right"})};
                          runtime.wait_any(pending);
                        }));
  EXPECT_THAT(fixture.story("left@tie:order_swapped"),
              HasSubstr("2.000ms fault order_swapped at left.action#1@tie\n"
                        "2.000ms received right.action#1 ok\n"));
}

/// The points at which a tie is offered, as plans write them.
class Ties final : public Choices {
 public:
  explicit Ties(const SagaIndex& saga, FaultKind first = FaultKind::kOrderSwapped)
      : saga_(saga), first_(first) {}
  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    if (point.instant == Instant::kTie) offered.push_back(to_string(fault_at(point, legal.front(), saga_)));
    if (point.instant != Instant::kCall || point.attempt != 1) return 0;
    const auto found = std::ranges::find(legal, first_, &Alternative::kind);
    return found == legal.end() ? 0 : static_cast<std::size_t>(found - legal.begin()) + 1;
  }
  std::vector<std::string> offered = {};

 private:
  const SagaIndex& saga_;
  FaultKind first_;
};

void ask_for_both(Runtime& runtime) {
  const Pending left = runtime.start({.service = "l", .action = "left"});
  const Pending right = runtime.start({.service = runtime.index().step(1).service, .action = "right"});
  runtime.wait(left);
  runtime.wait(right);
}

TEST(TieTest, IsNoneWhereNeitherAParticipantNorAWaitHearsOfBoth) {
  EngineFixture fixture(two_beside(), once(ask_for_both));
  Ties ties(fixture.saga());
  fixture.run(ties);
  EXPECT_THAT(ties.offered, IsEmpty());
}

TEST(TieTest, RequestsReachOneParticipantInEitherOrder) {
  std::string order;
  EngineFixture fixture(two_beside("l"), once(ask_for_both),
                        participant_from([&order](const Delivery& delivery, EffectRecorder&) {
                          order += delivery.step[0];
                          return Reply{};
                        }));
  Ties ties(fixture.saga());
  fixture.run(ties);
  EXPECT_THAT(ties.offered, ElementsAre("left.action#1@tie:order_swapped"));
  fixture.run("left@tie:order_swapped");
  EXPECT_EQ(order, "lrrl");
}

TEST(TieTest, ACopyMayOvertakeItsOriginal) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) { runtime.call(kPay); }));
  EXPECT_THAT(fixture.story("pay:request_duplicated, pay@tie:order_swapped"),
              HasSubstr("1.000ms delivered pay.action#1 duplicate\n"
                        "1.000ms applied pay.action#1\n"
                        "1.000ms answered pay.action#1 ok (duplicate)\n"
                        "1.000ms delivered pay.action#1\n"));
}

TEST(TieTest, OneStepAfterTheOtherHasNoneButOfCopies) {
  const auto both = [](Runtime& runtime) {
    runtime.call(kPay);
    runtime.call(kShip);
  };
  for (const FaultKind kind : {FaultKind::kOrderSwapped, FaultKind::kReplyLost, FaultKind::kDelayAtTimeout,
                               FaultKind::kRequestReordered, FaultKind::kReplyDuplicated}) {
    EngineFixture fixture(two_steps(), once(both));
    Ties ties(fixture.saga(), kind);
    fixture.run(ties);
    EXPECT_THAT(ties.offered, IsEmpty()) << name_of(kind);
  }
  EngineFixture fixture(two_steps(), once(both));
  Ties ties(fixture.saga(), FaultKind::kRequestDuplicated);
  fixture.run(ties);
  EXPECT_THAT(ties.offered, ElementsAre("pay.action#1@tie:order_swapped", "ship.action#1@tie:order_swapped"));
}

TEST(TieTest, SwapsOfNeighboursReachEveryOrder) {
  Saga saga = two_beside("l");
  saga.steps.push_back(saga.steps[0]);
  saga.steps[2].name = "middle";
  const auto order_under = [&](std::string_view plan) {
    std::string order;
    EngineFixture fixture(saga, once([](Runtime& runtime) {
                            std::vector<Pending> pending;
                            for (const char* const action : {"left", "middle", "right"})
                              pending.push_back(runtime.start({.service = "l", .action = action}));
                            for (const Pending& each : pending) runtime.wait(each);
                          }),
                          participant_from([&order](const Delivery& delivery, EffectRecorder&) {
                            order += delivery.step[0];
                            return Reply{};
                          }));
    fixture.run(plan);
    return order;
  };
  EXPECT_EQ(order_under("none"), "lmr");
  EXPECT_EQ(order_under("left@tie:order_swapped"), "mlr");
  EXPECT_EQ(order_under("middle@tie:order_swapped"), "lrm");
  EXPECT_EQ(order_under("left#1@tie:order_swapped, left#2@tie:order_swapped"), "mrl");
  EXPECT_EQ(order_under("left@tie:order_swapped, left#2@tie:order_swapped"), "mrl");
}

}  // namespace
}  // namespace saga_harness
