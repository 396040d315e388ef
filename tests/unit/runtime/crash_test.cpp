// Crashes of the coordinator: when they are offered, and what they leave.

#include <chrono>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<LogKind> kinds(std::span<const LogRecord> records) {
  std::vector<LogKind> result;
  for (const LogRecord& record : records) result.push_back(record.kind);
  return result;
}

/// Every kind of record and a call; the records it finds when it begins, by incarnation.
class Diary {
 public:
  [[nodiscard]] Coordinator coordinator() {
    return [this](Runtime& runtime) {
      found[runtime.incarnation()] = kinds(runtime.records());
      if (runtime.incarnation() > 1) return;
      runtime.append({.kind = LogKind::kStarted});
      runtime.append({.kind = LogKind::kIntent, .step = "pay"});
      runtime.call(kPay);
      runtime.append({.kind = LogKind::kDone, .step = "pay"});
      runtime.append({.kind = LogKind::kCompensating});
      runtime.call(kRefund);
      runtime.append({.kind = LogKind::kUndone, .step = "pay"});
      runtime.append({.kind = LogKind::kNote, .note = "hm"});
      runtime.append({.kind = LogKind::kEnd, .outcome = Outcome::kCompensated});
    };
  }

  std::map<int, std::vector<LogKind>> found = {};
};

const std::vector<LogKind> kWritten = {LogKind::kStarted,      LogKind::kIntent, LogKind::kDone,
                                       LogKind::kCompensating, LogKind::kUndone, LogKind::kNote,
                                       LogKind::kEnd};

std::size_t records_that_survive(const std::string& plan) {
  Diary diary;
  EngineFixture fixture(one_step(), diary.coordinator());
  fixture.run(plan + ":coordinator_crash");
  EXPECT_EQ(fixture.count(EventType::kCrashed), 1U) << plan;
  const std::vector<LogKind>& found = diary.found.at(2);
  EXPECT_TRUE(std::ranges::equal(found, std::span(kWritten).first(found.size()))) << plan;
  EXPECT_EQ(fixture.count(EventType::kLogged), found.size()) << plan;
  EXPECT_EQ(diary.found.at(4), found) << plan << ": the log outlives the run's end";
  return found.size();
}

TEST(CrashTest, BeforeAWriteTheRecordIsLostAndAfterItItIsDurable) {
  EXPECT_EQ(records_that_survive("saga@before_started"), 0U);
  EXPECT_EQ(records_that_survive("saga@after_started"), 1U);
  EXPECT_EQ(records_that_survive("pay@before_intent"), 1U);
  EXPECT_EQ(records_that_survive("pay@after_intent"), 2U);
  EXPECT_EQ(records_that_survive("pay@before_call"), 2U);
  EXPECT_EQ(records_that_survive("pay@after_call"), 2U);
  EXPECT_EQ(records_that_survive("pay@before_result"), 2U);
  EXPECT_EQ(records_that_survive("pay@after_result"), 3U);
  EXPECT_EQ(records_that_survive("saga@before_compensating"), 3U);
  EXPECT_EQ(records_that_survive("saga@after_compensating"), 4U);
  EXPECT_EQ(records_that_survive("pay.compensation@before_call"), 4U);
  EXPECT_EQ(records_that_survive("pay.compensation@after_call"), 4U);
  EXPECT_EQ(records_that_survive("pay.compensation@before_result"), 4U);
  EXPECT_EQ(records_that_survive("pay.compensation@after_result"), 5U);
  EXPECT_EQ(records_that_survive("saga@before_note"), 5U);
  EXPECT_EQ(records_that_survive("saga@after_note"), 6U);
  EXPECT_EQ(records_that_survive("saga@before_end"), 6U);
  EXPECT_EQ(records_that_survive("saga@after_end"), 7U);
}

TEST(CrashTest, BeforeACallNothingIsSentAndAfterItTheReplyIsForgotten) {
  Diary diary;
  EngineFixture fixture(one_step(), diary.coordinator());
  EXPECT_EQ(fixture.story("pay@before_call:coordinator_crash"), R"(
0.000ms logged started
0.000ms logged intent pay.action
0.000ms fault coordinator_crash at pay.action#1@before_call
0.000ms crashed
1000.000ms started after_crash [incarnation 2]
1000.000ms returned [incarnation 2]
)");
  EXPECT_EQ(fixture.story("pay@after_call:coordinator_crash"), R"(
0.000ms logged started
0.000ms logged intent pay.action
0.000ms sent pay.action#1
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok
2.000ms received pay.action#1 ok
2.000ms fault coordinator_crash at pay.action#1@after_call
2.000ms crashed
1002.000ms started after_crash [incarnation 2]
1002.000ms returned [incarnation 2]
)");
}

TEST(CrashTest, AReplyToTheDeadIsDropped) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          runtime.start(kPay);
                          runtime.append({.kind = LogKind::kNote});
                        }));
  EXPECT_EQ(fixture.story("saga@after_note:coordinator_crash"), R"(
0.000ms sent pay.action#1
0.000ms logged note
0.000ms fault coordinator_crash at saga#1@after_note
0.000ms crashed
1.000ms delivered pay.action#1
1.000ms applied pay.action#1
1.000ms answered pay.action#1 ok
2.000ms dropped pay.action#1
1000.000ms started after_crash [incarnation 2]
1000.000ms returned [incarnation 2]
)");
}

TEST(CrashTest, RecordsKeepAllThatWasWrittenThroughACrash) {
  std::vector<std::string> found;
  EngineFixture fixture(two_steps(), [&found](Runtime& runtime) {
    if (runtime.incarnation() == 1) {
      const std::string fleeting = "a note";
      const std::vector<std::string> names = {"ship", "pay"};
      const std::vector<std::string_view> flagged(names.begin(), names.end());
      runtime.append(
          {.kind = LogKind::kFailed, .step = names[0], .operation = Operation::kAction, .maybe_done = true});
      runtime.append({.kind = LogKind::kNote, .note = fleeting});
      runtime.append({.kind = LogKind::kEnd, .outcome = Outcome::kFlagged, .flagged = flagged});
    }
    if (runtime.incarnation() != 2) return;
    for (const LogRecord& record : runtime.records()) {
      std::string text = std::string(name_of(record.kind)) + " " + std::string(record.step) + " " +
                         std::string(name_of(record.outcome)) + (record.maybe_done ? " maybe " : " ") +
                         std::string(record.note);
      for (const std::string_view step : record.flagged) text.append(" ").append(step);
      found.push_back(text);
    }
  });
  fixture.run("saga@after_end:coordinator_crash");
  EXPECT_THAT(found, ElementsAre("failed ship unresolved maybe ", "note  unresolved a note",
                                 "end  flagged  ship pay"));
}

TEST(CrashTest, ARunCanCrashInEveryIncarnation) {
  EngineFixture fixture(one_step(),
                        [](Runtime& runtime) { runtime.append({.kind = LogKind::kNote, .note = "here"}); });
  fixture.run(
      "saga#1@after_note:coordinator_crash, saga#2@after_note:coordinator_crash, "
      "saga#3@after_note:coordinator_crash");
  EXPECT_EQ(fixture.count(EventType::kCrashed), 3U);
  EXPECT_EQ(fixture.count(EventType::kStarted), 6U);
}

// What a search is asked.

std::vector<std::string> asked(const Coordinator& coordinator, bool synonyms, int crash_at = 0) {
  EngineFixture fixture(two_steps(), coordinator);
  Recording choices(fixture.saga(), synonyms, crash_at);
  fixture.run(choices);
  return choices.asked;
}

TEST(OfferedCrashTest, EveryInstantIsOfferedOnceUnderTheFirstOfItsNames) {
  Diary diary;
  EXPECT_THAT(asked(diary.coordinator(), false),
              ElementsAre("saga#1@before_started", "saga#1@after_started", "pay.action#1@after_intent",
                          "pay.action#1", "pay.action#1@after_call", "pay.action#1@after_result",
                          "saga#1@after_compensating", "pay.compensation#1", "pay.compensation#1@after_call",
                          "pay.compensation#1@after_result", "saga#1@after_note", "saga#1@after_end"));
}

TEST(OfferedCrashTest, AllNamesAreOfferedToOneWhoWantsSynonyms) {
  Diary diary;
  EXPECT_THAT(
      asked(diary.coordinator(), true),
      ElementsAre("saga#1@before_started", "saga#1@after_started",            //
                  "pay.action#1@before_intent", "pay.action#1@after_intent",  //
                  "pay.action#1@before_call", "pay.action#1", "pay.action#1@after_call",
                  "pay.action#1@before_result", "pay.action#1@after_result",  //
                  "saga#1@before_compensating", "saga#1@after_compensating",  //
                  "pay.compensation#1@before_call", "pay.compensation#1", "pay.compensation#1@after_call",
                  "pay.compensation#1@before_result", "pay.compensation#1@after_result",  //
                  "saga#1@before_note", "saga#1@after_note",                              //
                  "saga#1@before_end", "saga#1@after_end"));
}

TEST(OfferedCrashTest, AfterTimeHasPassedItIsAnotherInstant) {
  const Coordinator coordinator = once([](Runtime& runtime) {
    runtime.append({.kind = LogKind::kIntent, .step = "pay"});
    runtime.sleep(1us);
    runtime.call(kPay);
    runtime.sleep(1us);
    runtime.append({.kind = LogKind::kDone, .step = "pay"});
  });
  EXPECT_THAT(asked(coordinator, false),
              ElementsAre("pay.action#1@before_intent", "pay.action#1@after_intent",
                          "pay.action#1@before_call", "pay.action#1", "pay.action#1@after_call",
                          "pay.action#1@before_result", "pay.action#1@after_result"));
}

TEST(OfferedCrashTest, AfterARequestWasSentItIsAnotherInstant) {
  const Coordinator coordinator = once([](Runtime& runtime) {
    runtime.append({.kind = LogKind::kIntent, .step = "pay"});
    runtime.start(kPay);
    runtime.append({.kind = LogKind::kIntent, .step = "ship"});
    runtime.start(kShip);
  });
  EXPECT_THAT(asked(coordinator, false),
              ElementsAre("pay.action#1@before_intent", "pay.action#1@after_intent", "pay.action#1",
                          "ship.action#1@before_intent", "ship.action#1@after_intent", "ship.action#1"));
}

TEST(OfferedCrashTest, AfterAReportItIsAnotherInstant) {
  const Coordinator coordinator = once([](Runtime& runtime) {
    runtime.append({.kind = LogKind::kCompensating});
    runtime.report(Outcome::kCompensated);
    runtime.append({.kind = LogKind::kEnd, .outcome = Outcome::kCompensated});
  });
  EXPECT_THAT(asked(coordinator, false),
              ElementsAre("saga#1@before_compensating", "saga#1@after_compensating", "saga#1@before_end",
                          "saga#1@after_end"));
}

TEST(OfferedCrashTest, ASynonymFoundByAReplayIsTheInstantASearchCallsOtherwise) {
  const auto trace_of = [](std::string_view plan) {
    Diary diary;
    EngineFixture fixture(one_step(), diary.coordinator());
    fixture.run(plan);
    Trace trace = fixture.engine().trace();
    std::erase_if(trace.events, [](const Event& event) { return event.type == EventType::kFault; });
    return trace;
  };
  EXPECT_EQ(trace_of("pay@before_call:coordinator_crash"), trace_of("pay@after_intent:coordinator_crash"));
  EXPECT_EQ(trace_of("pay@before_result:coordinator_crash"), trace_of("pay@after_call:coordinator_crash"));
  EXPECT_EQ(trace_of("saga@before_end:coordinator_crash"), trace_of("saga@after_note:coordinator_crash"));
}

TEST(OfferedCrashTest, NoPlaceIsReachedTwiceUnderOneName) {
  // It crashes where nothing has been written or sent yet: the next incarnation comes by again.
  const Coordinator coordinator = [](Runtime& runtime) {
    runtime.append({.kind = LogKind::kStarted});
    runtime.append({.kind = LogKind::kIntent, .step = "pay"});
    runtime.call(kPay);
    runtime.append({.kind = LogKind::kDone, .step = "pay"});
  };
  for (const bool synonyms : {false, true}) {
    for (int crash_at = 1; crash_at <= 8; ++crash_at) {
      const std::vector<std::string> names = asked(coordinator, synonyms, crash_at);
      EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size()) << crash_at;
    }
  }
  EngineFixture fixture(one_step(), coordinator);
  EXPECT_THAT(
      fixture.story("saga#1@before_started:coordinator_crash, saga#2@before_started:coordinator_crash, "
                    "pay#1@before_call:coordinator_crash, pay#2@before_call:coordinator_crash"),
      HasSubstr("sent pay.action#1 [incarnation 5]"));
}

TEST(OfferedCrashTest, NothingIsOfferedOnceTheFaultsHaveStopped) {
  const Coordinator coordinator = [](Runtime& runtime) {
    if (runtime.incarnation() == 1) return;
    runtime.append({.kind = LogKind::kStarted});
    runtime.call(kPay);
  };
  EXPECT_THAT(asked(coordinator, true), IsEmpty());
}

TEST(OfferedCrashTest, ACoordinatorWithoutADurableLogNeitherCrashesNorRecovers) {
  int starts = 0;
  Diary diary;
  EngineFixture fixture(one_step(),
                        [&](Runtime& runtime) {
                          ++starts;
                          diary.coordinator()(runtime);
                        },
                        participant_from(naive), {.durable = false});
  Recording choices(fixture.saga(), true, 1);
  fixture.run(choices);
  EXPECT_THAT(choices.asked, ElementsAre("pay.action#1", "pay.compensation#1"));
  EXPECT_EQ(starts, 1);
  EXPECT_EQ(fixture.epilogue(), "\n4.000ms healed\n");
}

}  // namespace
}  // namespace saga_harness
