// Coordinators that do not behave: a run ends all the same and says so.

#include <chrono>
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

EngineFixture stage_of(Coordinator coordinator, RunBounds bounds) {
  return {one_step(), std::move(coordinator), participant_from(naive), {.bounds = bounds}};
}

TEST(ThrowingCoordinatorTest, LeavesItsMessageInTheTraceAndCountsAsReturned) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          runtime.call(kPay);
                          throw std::runtime_error("no more ink");
                        }));
  EXPECT_THAT(fixture.story("none"),
              EndsWith("received pay.action#1 ok\n2.000ms threw no more ink\n2.000ms returned\n"));
  EXPECT_EQ(fixture.count(EventType::kStarted), 3U) << "it is recovered, but not restarted";
}

TEST(ThrowingCoordinatorTest, MayThrowAnything) {
  EngineFixture fixture(one_step(), once([](Runtime& /*runtime*/) { throw 42; }));
  EXPECT_EQ(fixture.story("none"), "\n0.000ms threw not a std::exception\n0.000ms returned\n");
}

TEST(ThrowingCoordinatorTest, HasNoEffectOnTheNextRun) {
  bool throws = true;
  EngineFixture fixture(one_step(), once([&throws](Runtime& runtime) {
                          const Pending pending = runtime.start(kPay);
                          if (throws) throw std::runtime_error("half-way");
                          runtime.wait(pending);
                        }));
  fixture.run();
  throws = false;
  EXPECT_THAT(fixture.story("none"), EndsWith("2.000ms received pay.action#1 ok\n2.000ms returned\n"));
}

TEST(BoundsTest, ACoordinatorThatCallsWithoutEndIsStopped) {
  EngineFixture fixture(one_step(), [](Runtime& runtime) {
    for (;;) runtime.call(kPay);
  });
  const std::string story = fixture.story("none");
  // Six attempts are granted: three for the action, three for the compensation.
  EXPECT_EQ(fixture.count(EventType::kSent), 8U * 6 + 64);
  EXPECT_THAT(story, EndsWith(" gave_up the bound on calls\n"));
  EXPECT_EQ(fixture.count(EventType::kStarted), 1U) << "there is no sense in recovering what cannot end";
  EXPECT_EQ(fixture.count(EventType::kReturned), 0U);
  EXPECT_EQ(fixture.count(EventType::kHealed), 1U);
}

TEST(BoundsTest, TheBoundOnCallsCanBeSet) {
  EngineFixture fixture = stage_of(
      [](Runtime& runtime) {
        for (int i = 0; i < 10; ++i) runtime.call(kPay);
      },
      {.max_calls = 30});
  fixture.run();
  EXPECT_EQ(fixture.count(EventType::kGaveUp), 0U)
      << "ten in each of three incarnations are not more than 30";
  EXPECT_EQ(fixture.count(EventType::kSent), 30U);

  EngineFixture stricter = stage_of(
      [](Runtime& runtime) {
        for (int i = 0; i < 10; ++i) runtime.call(kPay);
      },
      {.max_calls = 29});
  stricter.run();
  EXPECT_EQ(stricter.count(EventType::kGaveUp), 1U);
  EXPECT_EQ(stricter.count(EventType::kSent), 29U);
}

TEST(BoundsTest, EveryOperationCounts) {
  const std::vector<std::pair<std::string, Coordinator>> endless = {
      {"sleep",
       [](Runtime& runtime) {
         for (;;) runtime.sleep(0ms);
       }},
      {"wait",
       [](Runtime& runtime) {
         for (;;) runtime.wait_any({}, 0ms);
       }},
      {"append",
       [](Runtime& runtime) {
         for (;;) runtime.append({});
       }},
      {"report",
       [](Runtime& runtime) {
         for (;;) runtime.report(Outcome::kCompleted);
       }},
      {"mark",
       [](Runtime& runtime) {
         for (;;) runtime.mark("here");
       }},
  };
  for (const auto& [what, coordinator] : endless) {
    EngineFixture fixture = stage_of(coordinator, {.max_operations = 100});
    EXPECT_THAT(fixture.story("none"), EndsWith(" gave_up the bound on operations\n")) << what;
  }
}

TEST(BoundsTest, ACoordinatorThatIsStoppedCanDoNoMore) {
  EngineFixture fixture = stage_of(
      [](Runtime& runtime) {
        for (int i = 0; i < 100; ++i) {
          try {
            runtime.append({});
          } catch (...) {
          }
        }
      },
      {.max_operations = 60});
  fixture.run();
  EXPECT_EQ(fixture.count(EventType::kLogged), 60U);
  EXPECT_EQ(fixture.count(EventType::kGaveUp), 1U);
}

TEST(BoundsTest, ACoordinatorThatAlwaysCrashesIsGivenUp) {
  class AlwaysCrash final : public Choices {
   public:
    std::size_t pick(const Point& point, std::span<const Alternative> /*legal*/) override {
      return point.instant == Instant::kCall ? 0 : 1;
    }
  } choices;
  EngineFixture fixture = stage_of([](Runtime& runtime) { runtime.append({}); }, {.max_incarnations = 5});
  fixture.run(choices);
  EXPECT_EQ(fixture.count(EventType::kCrashed), 5U);
  EXPECT_EQ(fixture.count(EventType::kStarted), 5U);
  EXPECT_THAT(
      fixture.story(),
      EndsWith("crashed [incarnation 5]\n4000.000ms gave_up the bound on restarts [incarnation 5]\n"));
}

TEST(BoundsTest, ARunAfterOneThatWasStoppedIsLikeAnyOther) {
  bool endless = true;
  EngineFixture fixture(one_step(), [&endless](Runtime& runtime) {
    do {
      runtime.call(kPay);
    } while (endless);
  });
  fixture.run();
  endless = false;
  fixture.run();
  EXPECT_EQ(fixture.count(EventType::kGaveUp), 0U);
  EXPECT_EQ(fixture.count(EventType::kReturned), 3U);
}

TEST(BoundsTest, AreCheckedThemselves) {
  for (const int restarts : {0, -1, 201}) {
    EXPECT_THAT(error_of([&] { stage_of([](Runtime& /*runtime*/) {}, {.max_incarnations = restarts}); }),
                HasSubstr("give a number from 1 to 200"));
  }
}

}  // namespace
}  // namespace saga_harness
