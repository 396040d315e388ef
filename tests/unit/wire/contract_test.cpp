// What every transport has to do, whatever it is made of: each fate of the catalogue that it can carry, seen
// from its other end, and told by trace, ledger and journal.

#include <algorithm>
#include <array>
#include <future>
#include <iterator>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness_internal/run_registry.hpp>

#include "contract.hpp"

namespace saga_harness::wire_tests {

Scenario shop(PointKind points) {
  Scenario scenario;
  scenario.saga = {
      .name = "shop",
      .steps = {{.name = "reserve", .service = "stock", .compensation = "release", .retry = {.attempts = 3}},
                {.name = "pay", .service = "payments", .pivot = true}},
      .deadline = kDeadline};
  if (points == PointKind::kCall) {
    scenario.saga.steps[0].result = {{"id"}};
    scenario.saga.steps[1].input = {{"reservation", result("reserve", "/id")}};
    return scenario;
  }
  Step& reserve = scenario.saga.steps[0];
  reserve.on_event = {"placed"};
  reserve.emits = {.success = "reserved", .failure = "out", .compensated = "released"};
  reserve.compensate_on = {"payment_failed"};
  Step& pay = scenario.saga.steps[1];
  pay.on_event = {"reserved"};
  pay.emits = {.success = "paid", .failure = "payment_failed"};
  scenario.saga.choreography = Choreography{.starts_with = "placed"};
  scenario.saga.deadline.reset();
  return scenario;
}

namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr OperationId kReserve{0, Operation::kAction};
constexpr OperationId kRelease{0, Operation::kCompensation};
constexpr OperationId kPay{1, Operation::kAction};
constexpr auto kLong = std::chrono::seconds(20);

struct Transport {
  const char* name;
  PointKind points;
  PeerFactory make;
};
constexpr std::array kTransports{Transport{"http", PointKind::kCall, http_peer},
                                 Transport{"nats", PointKind::kDelivery, nats_peer},
                                 Transport{"toy", PointKind::kCall, toy_peer}};

std::vector<Transport> transports_of_calls() {
  std::vector<Transport> found;
  std::ranges::copy_if(kTransports, std::back_inserter(found),
                       [](const Transport& each) { return each.points == PointKind::kCall; });
  return found;
}

/// A fault of the catalogue over a transport.
struct Case {
  Transport transport;
  FaultKind kind;

  [[nodiscard]] bool has_broker() const { return transport.points == PointKind::kDelivery; }
  [[nodiscard]] bool rests_on_timeout() const {
    return !has_broker() && row_of(kind).wire_calls == Reach::kWithTimeout;
  }
  friend void PrintTo(const Case& given, std::ostream* out) {
    *out << name_of(given.kind) << " over " << given.transport.name;
  }
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Transport& transport : kTransports) {
    for (const FaultRow& row : kFaultCatalogue) {
      const bool has_broker = transport.points == PointKind::kDelivery;
      const bool is_carried = has_broker ? row.wire_deliveries : row.wire_calls != Reach::kNone;
      if (is_carried && row.fate.is_about_attempt()) cases.push_back({transport, row.kind});
    }
  }
  return cases;
}

/// What the sender of the first attempt is to see of it.
Sight expected_sight(const Case& given) {
  const Fate& fate = fate_of(given.kind);
  const bool is_told = !given.has_broker() && !given.rests_on_timeout();
  const Seen nothing = is_told ? Seen::kEnded : Seen::kNothing;
  switch (fate.answer) {
    case AnswerFate::kInstead:
      return {.seen = Seen::kAnswered, .status = fate.instead.meaning};
    case AnswerFate::kReset:
      return {.seen = Seen::kBroken};
    case AnswerFate::kForeign:
      return {.seen = Seen::kAnswered, .is_foreign = true};
    case AnswerFate::kAltered:
      break;
    case AnswerFate::kGarbled:
      return {.seen = Seen::kUnreadable};
    case AnswerFate::kDropped:
    case AnswerFate::kHeld:
      return {.seen = nothing};
    case AnswerFate::kPassed:
    case AnswerFate::kTwice:
      break;
  }
  if (fate.request == RequestFate::kDelivered || fate.request == RequestFate::kTwice)
    return {.seen = Seen::kAnswered};
  const bool comes_in_time =
      fate.until == HoldUntil::kAnswerBeforeTimeout || fate.until == HoldUntil::kAnswerAfterDeadline;
  return {.seen = comes_in_time && !given.has_broker() ? Seen::kAnswered : nothing};
}

/// How often the first attempt is to reach its receiver: before anything else is sent, and once all that is
/// held back was delivered.
struct Arrivals {
  int at_first = 1;
  int in_the_end = 1;
};
Arrivals expected_arrivals(const Case& given) {
  const Fate& fate = fate_of(given.kind);
  switch (fate.request) {
    case RequestFate::kDelivered:
      return {1, 1};
    case RequestFate::kDropped:
    case RequestFate::kNoSubscriber:
      return {0, 0};
    case RequestFate::kTwice:
      return {fate.until == HoldUntil::kNothing ? 2 : 1, 2};
    case RequestFate::kHeld:
      break;
  }
  switch (fate.until) {
    case HoldUntil::kCompensated:
    case HoldUntil::kEnd:
      return {0, 1};
    case HoldUntil::kNextRequest:  // a broker's own next delivery of the event is one
      return {given.has_broker() ? 1 : 0, 1};
    case HoldUntil::kNothing:
    case HoldUntil::kAnswerBeforeTimeout:
    case HoldUntil::kAnswerAtTimeout:
    case HoldUntil::kAnswerAfterTimeout:
    case HoldUntil::kAnswerAfterDeadline:
    case HoldUntil::kTimeout:
      return {1, 1};
  }
  return {};
}

/// What the trace says that the sender received, if it received anything.
ReplyStatus expected_status(const Sight& sight) {
  switch (sight.seen) {
    case Seen::kUnreadable:
      return ReplyStatus::kCorrupt;
    case Seen::kBroken:
      return ReplyStatus::kError;
    case Seen::kAnswered:
      return sight.is_foreign ? ReplyStatus::kMismatched : sight.status;
    case Seen::kEnded:
    case Seen::kNothing:
      break;
  }
  return ReplyStatus::kTimeout;
}

/// The word of the journal for what was delivered of the answer.
std::string_view expected_delivery(const Case& given, Seen seen) {
  switch (seen) {
    case Seen::kAnswered:
      return "whole";
    case Seen::kUnreadable:
      return "cut";
    case Seen::kEnded:
      return "closed";
    case Seen::kBroken:
      return "reset";
    case Seen::kNothing:
      break;
  }
  return fate_of(given.kind).until == HoldUntil::kNextRequest ? "closed" : "gone";
}

/// How many events of that kind there are about the first attempt at reserving.
int count_of_first(const ObservedRun& run, EventType type) {
  return static_cast<int>(std::ranges::count_if(run.trace.events, [type](const Event& event) {
    return event.type == type && event.step == kReserve.step && event.operation == kReserve.operation &&
           event.attempt == 1;
  }));
}

class WireContractTest : public testing::TestWithParam<Case> {};

TEST_P(WireContractTest, AFaultIsSeenAndTold) {
  const Case& given = GetParam();
  const Sight expected = expected_sight(given);
  const auto peer = given.transport.make();
  ObservedRuns& runs = peer->runs();
  const std::string plan = fmt::format("reserve.action#1:{}", name_of(given.kind));
  const bool is_answered = expected_status(expected) != ReplyStatus::kTimeout;
  // A machine that is busy must not turn an answer that is in time into none.
  const std::chrono::milliseconds patience = is_answered ? 5 * kTimeout : kTimeout;
  const std::chrono::milliseconds timeout = given.rests_on_timeout() ? patience : 0ms;
  runs.open(kSaga, {.plan = parse_plan(plan), .kinds = {given.kind}, .timeout = timeout});

  const Sight seen = peer->attempt(kReserve, given.rests_on_timeout() ? patience : kLong);
  EXPECT_EQ(seen, expected);
  EXPECT_TRUE(given.has_broker() || runs.wait_quiet(kSaga, 0ms, kLong));

  const ObservedRun at_first = runs.look_at(kSaga);
  EXPECT_EQ(to_string(at_first.fired), plan);
  EXPECT_EQ(count_of_first(at_first, EventType::kSent), 1);
  EXPECT_EQ(count_of_first(at_first, EventType::kFault), 1);
  EXPECT_EQ(count_of_first(at_first, EventType::kDelivered), expected_arrivals(given).at_first);
  EXPECT_EQ(count_of_first(at_first, EventType::kReceived), is_answered ? 1 : 0);
  EXPECT_EQ(count_of_first(at_first, EventType::kTimedOut), is_answered ? 0 : 1);
  const auto received = std::ranges::find(at_first.trace.events, EventType::kReceived, &Event::type);
  if (is_answered) {
    const bool is_unusable = fate_of(given.kind).answer == AnswerFate::kAltered;
    EXPECT_EQ(static_cast<ReplyStatus>(received->detail),
              is_unusable ? ReplyStatus::kCorrupt : expected_status(expected));
  }

  runs.drain(kSaga);
  const ObservedRun in_the_end = runs.look_at(kSaga);
  EXPECT_EQ(count_of_first(in_the_end, EventType::kDelivered), expected_arrivals(given).in_the_end);
  const Fate& fate = fate_of(given.kind);
  const bool is_done =
      (fate.promises() || !fate.keeps_from_participant()) && expected_arrivals(given).in_the_end > 0;
  if (!given.has_broker() || is_answered) {
    EXPECT_EQ(in_the_end.ledger.effects[kReserve.step].applied, is_done ? 1U : 0U);
  }
  if (given.has_broker()) return;
  const std::string journal = runs.registry().journal.to_json({.saga_id = kSaga});
  EXPECT_THAT(journal, HasSubstr(fmt::format(R"("fault":"{}")", name_of(given.kind))));
  EXPECT_THAT(journal,
              HasSubstr(fmt::format(R"("delivered":"{}")", expected_delivery(given, expected.seen))));
}

INSTANTIATE_TEST_SUITE_P(EveryFate, WireContractTest, testing::ValuesIn(all_cases()), [](const auto& given) {
  return fmt::format("{}_{}", given.param.transport.name, name_of(given.param.kind));
});

/// What is to be so without any fault, or with one that is about more than one attempt.
class TransportContractTest : public testing::TestWithParam<Transport> {
 protected:
  void open(const std::string& plan, ObservedRunOptions options = {}) {
    options.plan = parse_plan(plan);
    runs().open(kSaga, std::move(options));
  }
  [[nodiscard]] ObservedRuns& runs() const { return peer_->runs(); }
  Sight attempt(OperationId operation) { return peer_->attempt(operation, kLong); }
  std::unique_ptr<Peer> peer_ = GetParam().make();
};

TEST_P(TransportContractTest, WithoutAFaultItIsDoneAndUndone) {
  open("none");
  EXPECT_EQ(attempt(kReserve), (Sight{.seen = Seen::kAnswered}));
  EXPECT_EQ(attempt(kRelease), (Sight{.seen = Seen::kAnswered}));
  const ObservedRun run = runs().close(kSaga);
  EXPECT_EQ(run.ledger.effects[0].applied, 1U);
  EXPECT_EQ(run.ledger.effects[0].undone, 1U);
  EXPECT_EQ(run.calls, 2U);
  EXPECT_EQ(run.questions.size(), 2U);
}

TEST_P(TransportContractTest, ACopyComesAfterTheCompensation) {
  open("reserve#1:request_duplicated_later");
  EXPECT_EQ(attempt(kReserve).seen, Seen::kAnswered);
  EXPECT_EQ(attempt(kRelease).seen, Seen::kAnswered);
  EXPECT_EQ(count_of_first(runs().look_at(kSaga), EventType::kDelivered), 2);
}

TEST_P(TransportContractTest, WhatFailedOnceIsDoneTheSecondTime) {
  open("reserve#1:rejected");
  EXPECT_EQ(attempt(kReserve).status, ReplyStatus::kRejected);
  EXPECT_EQ(attempt(kReserve).status, ReplyStatus::kOk);
  EXPECT_EQ(runs().close(kSaga).ledger.effects[0].applied, 1U);
}

TEST_P(TransportContractTest, FaultsThatAreHealedDoNotStrike) {
  open("reserve#1:rejected");
  runs().heal(kSaga);
  EXPECT_EQ(attempt(kReserve), (Sight{.seen = Seen::kAnswered}));
  EXPECT_EQ(runs().close(kSaga).unfired.size(), 1U);
}

/// Where the sender of a request waits for its answer.
class CallContractTest : public TransportContractTest {};

TEST_P(CallContractTest, ACoordinatorIsKilledWhereItsRequestIsNotTakenOrNotAnswered) {
  for (const char* const instant : {"before_call", "after_call"}) {
    int kills = 0;
    ObservedRunOptions options{.crash = [&kills] { ++kills; }};
    open(fmt::format("reserve#1@{}:coordinator_crash", instant), std::move(options));
    EXPECT_EQ(attempt(kReserve), (Sight{.seen = Seen::kEnded})) << instant;
    EXPECT_TRUE(runs().wait_quiet(kSaga, 0ms, kLong));
    EXPECT_EQ(kills, 1) << instant;
    EXPECT_EQ(attempt(kReserve), (Sight{.seen = Seen::kAnswered})) << instant;
    const ObservedRun run = runs().close(kSaga);
    EXPECT_EQ(run.ledger.effects[0].applied, 1U) << instant;
    EXPECT_EQ(std::ranges::count(run.trace.events, EventType::kCrashed, &Event::type), 1) << instant;
  }
}

TEST_P(CallContractTest, AWindowByCountGoesOnWhenTheFaultsStop) {
  open("reserve#2..budget:unavailable, pay#1..heal:unavailable");
  EXPECT_EQ(attempt(kReserve).status, ReplyStatus::kOk);
  EXPECT_EQ(attempt(kReserve).status, ReplyStatus::kUnavailable);
  EXPECT_EQ(attempt(kPay).status, ReplyStatus::kUnavailable);
  runs().heal(kSaga);
  EXPECT_EQ(attempt(kReserve).status, ReplyStatus::kUnavailable);
  EXPECT_EQ(attempt(kReserve).status, ReplyStatus::kUnavailable);
  EXPECT_EQ(attempt(kReserve).status, ReplyStatus::kOk) << "the budget is of three attempts";
  EXPECT_EQ(attempt(kPay).status, ReplyStatus::kOk);
}

TEST_P(CallContractTest, ARequestThatWasOvertakenIsAnsweredAfterAll) {
  open("reserve#1:request_reordered", {.timeout = kLong});
  auto overtaken = std::async(std::launch::async, [this] { return attempt(kReserve); });
  while (runs().look_at(kSaga).fired.empty()) std::this_thread::yield();
  EXPECT_EQ(attempt(kPay), (Sight{.seen = Seen::kAnswered}));
  EXPECT_EQ(overtaken.get(), (Sight{.seen = Seen::kAnswered}));
  const ObservedRun run = runs().close(kSaga);
  const auto first = std::ranges::find(run.trace.events, EventType::kDelivered, &Event::type);
  EXPECT_EQ(first->step, kPay.step);
}

TEST_P(CallContractTest, WhoseRunIsOverIsTurnedAway) {
  open("none");
  static_cast<void>(runs().close(kSaga));
  EXPECT_EQ(attempt(kReserve).status, ReplyStatus::kCorrupt) << "it is no status of a participant";
  EXPECT_EQ(runs().strays().late.at(kSaga), 1U);
}

TEST_P(CallContractTest, ARunWithoutEndIsTurnedAway) {
  int times = 0;
  open("none", {.max_calls = 1, .capped = [&times] { ++times; }});
  EXPECT_EQ(attempt(kReserve).status, ReplyStatus::kOk);
  EXPECT_NE(attempt(kReserve).status, ReplyStatus::kOk);
  EXPECT_NE(attempt(kReserve).status, ReplyStatus::kOk);
  const ObservedRun run = runs().close(kSaga);
  EXPECT_TRUE(run.hit_call_cap);
  EXPECT_EQ(run.calls, 1U);
  EXPECT_EQ(times, 1);
}

INSTANTIATE_TEST_SUITE_P(EveryTransport, TransportContractTest, testing::ValuesIn(kTransports),
                         [](const auto& given) { return std::string(given.param.name); });
INSTANTIATE_TEST_SUITE_P(EveryTransport, CallContractTest, testing::ValuesIn(transports_of_calls()),
                         [](const auto& given) { return std::string(given.param.name); });

}  // namespace
}  // namespace saga_harness::wire_tests
