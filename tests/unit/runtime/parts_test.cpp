// The parts an engine is made of, each by itself.

#include <gtest/gtest.h>

#include <vector>

#include "choreography_end.hpp"
#include "crash_instants.hpp"
#include "fault_windows.hpp"
#include "held_messages.hpp"
#include "incarnation_table.hpp"
#include "known_facts.hpp"
#include "outbox.hpp"
#include "questions.hpp"
#include "run_clock.hpp"
#include "run_limits.hpp"
#include "saga_log.hpp"
#include "trace_recorder.hpp"

namespace saga_harness {
namespace {

TEST(RunClockTest, AJumpMovesWhatIsShownAndNotTheTime) {
  RunClock clock;
  clock.advance_to(10);
  clock.jump(100);
  EXPECT_EQ(clock.now(), 10);
  EXPECT_EQ(clock.shown(), 110);
  EXPECT_EQ(clock.real_time_of(115), 15);
  clock.advance_to(5);
  EXPECT_EQ(clock.now(), 10);
}

TEST(FaultWindowsTest, ABudgetLastsForSoManyAttemptsAndForeverBeyondTheHealing) {
  FaultWindows windows(2);
  windows.note(0, {FaultKind::kUnavailable, FaultDuration::kBudget}, 2, 3);
  windows.note(1, {FaultKind::kRejected, FaultDuration::kForever}, 1, 1);
  EXPECT_NE(windows.striking(0, 4), nullptr);
  EXPECT_EQ(windows.striking(0, 5), nullptr);
  ASSERT_NE(windows.striking(1, 99), nullptr);
  EXPECT_EQ(windows.striking(1, 99)->kind, FaultKind::kRejected);
  windows.heal();
  EXPECT_EQ(windows.striking(0, 3), nullptr);
  EXPECT_NE(windows.striking(1, 99), nullptr);
}

TEST(FaultWindowsTest, WhatStrikesOnceDoesNotGoOn) {
  FaultWindows windows(1);
  windows.note(0, {FaultKind::kUnavailable, FaultDuration::kOnce}, 1, 3);
  EXPECT_EQ(windows.striking(0, 1), nullptr);
}

TEST(HeldMessagesTest, ARequestIsReleasedByALaterOneAndTheRestAtTheEnd) {
  HeldMessages held;
  MessageQueue queue;
  held.hold(1, MessageKind::kRequest, HoldUntil::kNextRequest);
  held.hold(2, MessageKind::kDuplicate, HoldUntil::kEnd);
  held.release_overtaken(queue, 7, 1);
  EXPECT_TRUE(queue.empty());
  held.release_overtaken(queue, 7, 2);
  EXPECT_EQ(queue.pop().call, 1U);
  held.release_all(queue, 9);
  EXPECT_EQ(queue.pop().kind, MessageKind::kDuplicate);
  EXPECT_TRUE(held.empty());
}

TEST(CrashInstantsTest, EachTimeIsAnotherOccurrenceUntilTheNextRun) {
  CrashInstants instants(2);
  EXPECT_EQ(instants.reached(1, Instant::kBeforeCall), 1);
  EXPECT_EQ(instants.reached(1, Instant::kBeforeCall), 2);
  EXPECT_EQ(instants.reached(0, Instant::kBeforeCall), 1);
  instants.note_offered(5);
  EXPECT_TRUE(instants.is_offered(5));
  EXPECT_FALSE(instants.is_offered(6));
  instants.reset();
  EXPECT_EQ(instants.reached(1, Instant::kBeforeCall), 1);
  EXPECT_FALSE(instants.is_offered(5));
}

TEST(IncarnationTableTest, OneThatWasSuspendedGoesOnAndOneThatEndedDoesNot) {
  IncarnationTable incarnations;
  const std::uint32_t first = incarnations.begin(StartCause::kFirst);
  const std::uint32_t second = incarnations.begin(StartCause::kTakeover);
  EXPECT_EQ(incarnations.running(), second);
  incarnations.end(second);
  incarnations.resume(first);
  EXPECT_EQ(incarnations.running(), first);
  EXPECT_EQ(incarnations.count(), 2U);
  EXPECT_FALSE(incarnations.has_ended(first));
  EXPECT_TRUE(incarnations.has_ended(second));
  EXPECT_EQ(incarnations.cause_of(second), StartCause::kTakeover);
}

TEST(SagaLogTest, WhoHasNotReadTheLastRecordIsBehind) {
  SagaLog log;
  log.append(1, {.kind = LogKind::kStarted});
  log.read_by(2);
  EXPECT_FALSE(log.is_behind(1));
  log.append(2, {.kind = LogKind::kCompensating});
  EXPECT_TRUE(log.is_behind(1));
  log.hide_last_from(3);
  EXPECT_EQ(log.records(3).size(), 1U);
  EXPECT_EQ(log.records(2).size(), 2U);
}

TEST(SagaLogTest, WhatIsLostIsGoneOnlyOnceItIsDropped) {
  SagaLog log;
  log.append(1, {.kind = LogKind::kStarted});
  log.lose_next();
  EXPECT_TRUE(log.loses_next());
  log.append(1, {.kind = LogKind::kCompensating});
  log.append(1, {.kind = LogKind::kEnd});
  EXPECT_EQ(log.records(1).size(), 3U);
  log.drop_lost();
  ASSERT_EQ(log.records(1).size(), 2U);
  EXPECT_EQ(log.records(1)[1].kind, LogKind::kEnd);
  EXPECT_TRUE(log.is_behind(1));
}

TEST(TraceRecorderTest, KeepsEveryEventOfARunHoweverManyThereAre) {
  TraceRecorder trace;
  for (std::uint32_t i = 0; i < 5000; ++i) trace.next() = {.call = i};
  ASSERT_EQ(trace.events().size(), 5000U);
  EXPECT_EQ(trace.events()[4321].call, 4321U);
  trace.reset();
  EXPECT_TRUE(trace.events().empty());
}

TEST(RunLimitsTest, CallsWithoutProgressAreCountedFromTheLastProgress) {
  RunLimits limits({.max_operations = 3}, 0);
  for (int i = 0; i < 32; ++i) EXPECT_TRUE(limits.spend_call_without_progress());
  EXPECT_FALSE(limits.spend_call_without_progress());
  limits.note_progress();
  EXPECT_TRUE(limits.spend_call_without_progress());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limits.spend_operation());
  EXPECT_FALSE(limits.spend_operation());
}

TEST(KnownFactsTest, AreOfOneServiceAndOneRun) {
  KnownFacts facts(2);
  facts.reset();
  facts.keep(0, 7);
  EXPECT_TRUE(facts.knows(0, 7));
  EXPECT_FALSE(facts.knows(1, 7));
  facts.reset();
  EXPECT_FALSE(facts.knows(0, 7));
}

TEST(OutboxTest, GivesAServiceWhatIsNeitherConfirmedNorWaitsForTheHealing) {
  Outbox outbox(1);
  outbox.add({.service = 1, .is_waiting = true});
  const Outbox::Number mine = outbox.add({.service = 2, .is_waiting = true});
  EXPECT_EQ(outbox.next_of(2, 0), mine);
  outbox.set_waits_for_heal(mine, true);
  EXPECT_EQ(outbox.next_of(2, 0), std::nullopt);
  outbox.heal();
  EXPECT_EQ(outbox.next_of(2, 0), mine);
  outbox.confirm(mine);
  EXPECT_EQ(outbox.next_of(2, 0), std::nullopt);
}

}  // namespace
}  // namespace saga_harness
