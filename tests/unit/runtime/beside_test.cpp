// What comes from beside: another incarnation, a second start, a cancellation, a clock that jumps.

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::string cause_of(const Runtime& runtime) { return std::string(name_of(runtime.cause())); }

TEST(TakeoverTest, RunsAnotherIncarnationWhileTheFirstWaits) {
  std::vector<std::string> story;
  EngineFixture fixture(one_step(), [&story](Runtime& runtime) {
    story.push_back(cause_of(runtime) + " begins");
    if (runtime.incarnation() <= 2) runtime.call(kPay);
    story.push_back(cause_of(runtime) + " ends");
  });
  EXPECT_EQ(fixture.run("pay@during_call:takeover").effects[0].applied, 2U);
  EXPECT_THAT(story, ElementsAre("first begins", "takeover begins", "takeover ends", "first ends",
                                 "recovery begins", "recovery ends", "recovery begins", "recovery ends"));
  EXPECT_EQ(fixture.count(EventType::kWokeUp), 1U);
}

TEST(TakeoverTest, FencesTheFirstOnceTheOtherHasWritten) {
  std::vector<LogWrite> writes;
  std::vector<bool> fenced;
  EngineFixture fixture(one_step(), [&](Runtime& runtime) {
    if (runtime.cause() == StartCause::kTakeover) runtime.append({.kind = LogKind::kNote, .note = "mine"});
    if (runtime.cause() != StartCause::kFirst) return;
    fenced.push_back(runtime.is_fenced());
    runtime.call(kPay);
    fenced.push_back(runtime.is_fenced());
    writes.push_back(runtime.append({.kind = LogKind::kNote, .note = "mine, too"}));
    EXPECT_EQ(runtime.records().size(), 1U);
  });
  const std::string story = fixture.story("pay@during_call:takeover");
  EXPECT_THAT(fenced, ElementsAre(false, true));
  EXPECT_THAT(writes, ElementsAre(LogWrite::kFenced));
  EXPECT_THAT(story, HasSubstr("not_logged note another incarnation has written since\n"));
}

TEST(TakeoverTest, DoesNotFenceWhereTheOtherWroteNothing) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          runtime.call(kPay);
                          EXPECT_FALSE(runtime.is_fenced());
                          EXPECT_EQ(runtime.append({.kind = LogKind::kNote}), LogWrite::kDurable);
                        }));
  fixture.run("pay@during_call:takeover");
}

TEST(TakeoverTest, TheOtherMayCrashAndIsStartedAgain) {
  std::vector<std::string> story;
  EngineFixture fixture(one_step(), [&story](Runtime& runtime) {
    story.push_back(cause_of(runtime));
    if (runtime.incarnation() <= 2) runtime.call(kPay);
  });
  fixture.run("pay@during_call:takeover, pay#2@after_call:coordinator_crash");
  EXPECT_THAT(story, ElementsAre("first", "takeover", "after_crash", "recovery", "recovery"));
}

TEST(TakeoverTest, IsNotOfferedToACoordinatorThatNeverResumes) {
  const EngineFixture fixture(one_step(), once([](Runtime& runtime) { runtime.call(kPay); }),
                              participant_from(naive), {.durable = false});
  EXPECT_THAT(error_of([&] {
                EngineFixture copy(one_step(), once([](Runtime& runtime) { runtime.call(kPay); }),
                                   participant_from(naive), {.durable = false});
                return copy.run("pay@during_call:takeover").events.size();
              }),
              HasSubstr("not every fault fired"));
}

TEST(DuplicatedStartTest, BeginsASecondIncarnationDuringACall) {
  std::vector<std::string> story;
  EngineFixture fixture(one_step(), [&story](Runtime& runtime) {
    story.push_back(cause_of(runtime));
    if (runtime.incarnation() == 1) runtime.call(kPay);
  });
  fixture.run("pay@during_call:start_duplicated");
  EXPECT_THAT(story, ElementsAre("first", "duplicate", "recovery", "recovery"));
}

TEST(DuplicatedStartTest, ComesAfterTheEndAsWell) {
  std::vector<std::string> story;
  EngineFixture fixture(one_step(), [&story](Runtime& runtime) {
    story.push_back(cause_of(runtime));
    if (runtime.incarnation() > 1) return;
    runtime.append({.kind = LogKind::kEnd, .outcome = Outcome::kCompleted});
    runtime.report(Outcome::kCompleted);
    story.emplace_back("reported");
  });
  fixture.run("saga@after_end:start_duplicated");
  EXPECT_THAT(story, ElementsAre("first", "reported", "duplicate", "recovery", "recovery"));
}

TEST(CancelTest, IsHeardFromThenOnAndAfterARestart) {
  std::vector<bool> heard;
  EngineFixture fixture(one_step(), [&heard](Runtime& runtime) {
    if (runtime.incarnation() > 2) return;
    heard.push_back(runtime.cancel_requested());
    if (runtime.incarnation() == 1) runtime.call(kPay);
    heard.push_back(runtime.cancel_requested());
  });
  fixture.run("pay@during_call:cancel, pay@after_call:coordinator_crash");
  EXPECT_THAT(heard, ElementsAre(false, true, true));
}

TEST(ClockTest, JumpsForTheCoordinatorAlone) {
  Time before = {};
  Time after = {};
  EngineFixture fixture(one_step(), once([&](Runtime& runtime) {
                          before = runtime.now();
                          runtime.call(kPay);
                          after = runtime.now();
                        }));
  fixture.run("pay@during_call:clock_forward");
  EXPECT_EQ(after - before, 1h + 2ms);
  EXPECT_THAT(fixture.story(), HasSubstr("\n2.000ms received"));
  fixture.run("pay@during_call:clock_back");
  EXPECT_EQ(after - before, 2ms - 1h);
}

TEST(ClockTest, WakesAWaiterByItsOwnReckoning) {
  std::vector<bool> answered;
  EngineFixture fixture(one_step(), once([&answered](Runtime& runtime) {
                          const std::vector<Pending> pending = {runtime.start(kPay)};
                          // An hour has passed, says the clock: the time to wake up is over.
                          answered.push_back(runtime.wait_any(pending, runtime.now() + 5ms).has_value());
                          answered.push_back(runtime.wait_any(pending, runtime.now() + 5ms).has_value());
                        }));
  fixture.run("pay@during_call:clock_forward");
  EXPECT_THAT(answered, ElementsAre(false, true));
}

}  // namespace
}  // namespace saga_harness
