// Faults of the saga log.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> kinds_in(std::span<const LogRecord> records) {
  std::vector<std::string> kinds;
  for (const LogRecord& record : records) kinds.emplace_back(name_of(record.kind));
  return kinds;
}

/// Writes `started` and the intent to pay, calls, and keeps what it was told and what each later incarnation
/// finds.
struct Writing {
  std::vector<LogWrite> writes = {};
  std::vector<std::vector<std::string>> found = {};
  std::string story = {};
};
Writing writing(std::string_view plan) {
  Writing result;
  EngineFixture fixture(one_step(), [&result](Runtime& runtime) {
    if (runtime.incarnation() > 1) {
      result.found.push_back(kinds_in(runtime.records()));
      if (runtime.cause() == StartCause::kAfterCrash) {
        result.writes.push_back(runtime.append({.kind = LogKind::kNote}));
      }
      return;
    }
    result.writes.push_back(runtime.append({.kind = LogKind::kStarted}));
    result.writes.push_back(runtime.append({.kind = LogKind::kIntent, .step = "pay"}));
    result.found.push_back(kinds_in(runtime.records()));
    runtime.call(kPay);
  });
  result.story = fixture.story(plan);
  return result;
}

TEST(LogFaultTest, AWriteErrorIsToldAndLeavesNothing) {
  const Writing now = writing("pay@before_intent:log_write_error");
  EXPECT_THAT(now.writes, ElementsAre(LogWrite::kDurable, LogWrite::kFailed));
  EXPECT_THAT(now.found.front(), ElementsAre("started"));
  EXPECT_THAT(now.story, HasSubstr("fault log_write_error at pay.action#1@before_intent\n"
                                   "0.000ms not_logged intent pay.action the write failed\n"));
}

TEST(LogFaultTest, ALogThatIsDownStaysDownUntilTheFaultsStop) {
  const Writing now = writing("saga#1..heal@before_started:log_write_error");
  EXPECT_THAT(now.writes, ElementsAre(LogWrite::kFailed, LogWrite::kFailed));
  EXPECT_THAT(now.found.front(), IsEmpty());
  EngineFixture fixture(one_step(), [](Runtime& runtime) {
    const bool fails = runtime.cause() == StartCause::kFirst;
    EXPECT_EQ(runtime.append({.kind = LogKind::kNote}), fails ? LogWrite::kFailed : LogWrite::kDurable);
  });
  fixture.run("saga#1..heal@before_note:log_write_error");
}

TEST(LogFaultTest, AnUnconfirmedWriteIsThereThoughItsWriterIsToldOtherwise) {
  const Writing now = writing("pay@before_intent:log_write_unconfirmed");
  EXPECT_THAT(now.writes, ElementsAre(LogWrite::kDurable, LogWrite::kFailed));
  EXPECT_THAT(now.found.front(), ElementsAre("started", "intent"));
  EXPECT_THAT(now.story, HasSubstr("fault log_write_unconfirmed at pay.action#1@before_intent\n"
                                   "0.000ms logged intent pay.action\n"));
}

TEST(LogFaultTest, WhoWritesAnUnconfirmedRecordAgainHasItTwice) {
  std::vector<LogWrite> writes;
  std::vector<std::string> found;
  EngineFixture fixture(one_step(), [&](Runtime& runtime) {
    found = kinds_in(runtime.records());
    for (int attempt = 0; attempt < 2 && runtime.incarnation() == 1; ++attempt)
      writes.push_back(runtime.append({.kind = LogKind::kStarted}));
  });
  fixture.run("saga@before_started:log_write_unconfirmed");
  EXPECT_THAT(writes, ElementsAre(LogWrite::kFailed, LogWrite::kDurable));
  EXPECT_THAT(found, ElementsAre("started", "started"));
}

TEST(LogFaultTest, ATornRecordStaysWhereItsWriterDied) {
  const Writing now = writing("pay@before_intent:log_write_torn");
  EXPECT_THAT(now.found.front(), ElementsAre("started", "torn"));
  EXPECT_THAT(now.writes, ElementsAre(LogWrite::kDurable, LogWrite::kDurable));
  EXPECT_THAT(now.found.back(), ElementsAre("started", "torn", "note"));
}

TEST(LogFaultTest, ALostWriteIsThereUntilTheCrash) {
  const Writing now = writing("pay@before_intent:log_write_lost, pay@after_call:coordinator_crash");
  EXPECT_THAT(now.writes, ElementsAre(LogWrite::kDurable, LogWrite::kDurable, LogWrite::kDurable));
  ASSERT_EQ(now.found.size(), 4U);
  EXPECT_THAT(now.found[0], ElementsAre("started", "intent"));
  EXPECT_THAT(now.found[1], ElementsAre("started"));
  EXPECT_THAT(now.found[2], ElementsAre("started", "note"));
}

TEST(LogFaultTest, WithoutACrashALostWriteIsNotLost) {
  EXPECT_THAT(writing("pay@before_intent:log_write_lost").found.back(), ElementsAre("started", "intent"));
}

TEST(LogFaultTest, WhoTakesOverDoesNotFindALostWrite) {
  std::vector<std::string> found;
  EngineFixture fixture(one_step(), [&found](Runtime& runtime) {
    if (runtime.cause() == StartCause::kTakeover) found = kinds_in(runtime.records());
    if (runtime.cause() != StartCause::kFirst) return;
    runtime.append({.kind = LogKind::kStarted});
    runtime.append({.kind = LogKind::kIntent, .step = "pay"});
    runtime.call(kPay);
  });
  fixture.run("pay@before_intent:log_write_lost, pay@during_call:takeover");
  EXPECT_THAT(found, ElementsAre("started"));
}

TEST(LogFaultTest, AStaleReaderSeesAllButTheLastRecordAndMayNotWrite) {
  const Writing now = writing("pay@after_call:coordinator_crash, saga@on_resume:log_read_stale");
  ASSERT_EQ(now.found.size(), 4U);
  EXPECT_THAT(now.found[1], ElementsAre("started"));
  EXPECT_EQ(now.writes.back(), LogWrite::kFenced);
  EXPECT_THAT(now.found[2], ElementsAre("started", "intent"));
}

TEST(LogFaultTest, ACoordinatorThatNeverResumesMeetsWriteErrorsOnly) {
  EngineFixture fixture(one_step(),
                        once([](Runtime& runtime) { runtime.append({.kind = LogKind::kStarted}); }),
                        participant_from(naive), {.durable = false});
  EXPECT_THAT(fixture.story("saga@before_started:log_write_error"), HasSubstr("not_logged started"));
  EXPECT_THAT(error_of([&] { return fixture.run("saga@before_started:log_write_torn").events.size(); }),
              HasSubstr("not every fault fired"));
}

TEST(LogFaultTest, ARecordCannotBeWrittenTorn) {
  EXPECT_THAT(error_of([] {
                EngineFixture fixture(
                    one_step(), once([](Runtime& runtime) { runtime.append({.kind = LogKind::kTorn}); }));
                return fixture.run().events.size();
              }),
              HasSubstr("cannot be written torn"));
}

TEST(LivelockTest, IsCallAfterCallThatChangesNothing) {
  EngineFixture fixture(
      one_step(), once([](Runtime& runtime) {
        for (;;) runtime.call(kPay);
      }),
      participant_from([](const Delivery&, EffectRecorder&) { return Reply{ReplyStatus::kUnavailable}; }));
  EXPECT_THAT(fixture.story("none"), HasSubstr("gave_up a livelock: call after call"));
}

TEST(LivelockTest, IsNotWorkThatGetsOn) {
  int calls = 0;
  EngineFixture fixture(
      one_step(), once([&calls](Runtime& runtime) {
        for (; calls < 100; ++calls) {
          runtime.call(kPay);
          runtime.append({.kind = LogKind::kNote});
        }
      }),
      participant_from([](const Delivery&, EffectRecorder&) { return Reply{ReplyStatus::kUnavailable}; }),
      {.bounds = {.max_calls = 200}});
  fixture.run();
  EXPECT_EQ(calls, 100);
}

}  // namespace
}  // namespace saga_harness
