// What arrives after its sender has given up arrives before whatever that one sends next.

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/fault.hpp>
#include <saga_harness_internal/saga_run.hpp>

namespace saga_harness::wire {
namespace {

/// A sender that hears nothing and whose end is seen only once the test says so.
class SilentSender final : public Exchange {
 public:
  bool answer(const Answer&) override { return true; }
  bool garble(const Answer&, Garbling) override { return true; }
  void cut() override {}
  void reset() override {}
  Waited hold(std::chrono::microseconds) override {
    is_waiting_ = true;
    is_waiting_.notify_all();
    is_gone_.wait(false);
    return Waited::kPeerGone;
  }
  void wake() override {}
  [[nodiscard]] int code_of(const Answer&) const override { return 0; }

  void wait_until_it_waits() { is_waiting_.wait(false); }
  void go() {
    is_gone_ = true;
    is_gone_.notify_all();
  }

 private:
  std::atomic<bool> is_waiting_ = false;
  std::atomic<bool> is_gone_ = false;
};

Scenario shop() {
  Scenario scenario;
  scenario.saga = {
      .name = "shop",
      .steps = {
          {.name = "reserve", .service = "stock", .compensation = "release", .retry = {.attempts = 1}}}};
  return scenario;
}

/// How long a target is put up with is counted from then.
TEST(StruckTest, IsSaidOnceTheLastFaultHasBegun) {
  SagaRun run(std::make_shared<ServedScenario>(shop(), PointKind::kCall), "run-1",
              {.plan = parse_plan("reserve.action#1:rejected, reserve.compensation#1:unavailable")}, false,
              0);
  Journal journal(10, 1U << 20U);
  FaultBoard faults;
  SilentSender sender;
  RequestSummary facts{.saga_id = "run-1"};
  EXPECT_EQ(run.since_all_struck(), std::nullopt);
  run.serve({.facts = facts, .operation = {0, Operation::kAction}}, sender, {journal, faults});
  EXPECT_EQ(run.since_all_struck(), std::nullopt);
  run.serve({.facts = facts, .operation = {0, Operation::kCompensation}}, sender, {journal, faults});
  ASSERT_NE(run.since_all_struck(), std::nullopt);
  const Duration first = *run.since_all_struck();
  EXPECT_GE(first, Duration::zero());
  EXPECT_GE(*run.since_all_struck(), first);
  run.drop();
}

TEST(LateRequestTest, ComesBeforeWhatItsSenderSendsNextWhicheverThreadIsFaster) {
  // Nobody waits for so short a time: whatever comes next comes after it.
  SagaRun run(std::make_shared<ServedScenario>(shop(), PointKind::kCall), "run-1",
              {.plan = parse_plan("reserve.action#1:request_late"), .timeout = std::chrono::milliseconds(1)},
              false, 0);
  Journal journal(10, 1U << 20U);
  FaultBoard faults;
  SilentSender first;
  std::thread late([&] {
    RequestSummary facts{.saga_id = "run-1"};
    run.serve({.facts = facts, .operation = {0, Operation::kAction}}, first, {journal, faults});
  });
  first.wait_until_it_waits();
  RequestSummary facts{.saga_id = "run-1"};
  SilentSender second;
  run.serve({.facts = facts, .operation = {0, Operation::kCompensation}}, second, {journal, faults});
  first.go();
  late.join();
  const ObservedRun seen = run.close();
  std::vector<EventType> effects;
  for (const Event& event : seen.trace.events) {
    if (event.type == EventType::kApplied || event.type == EventType::kUndone) effects.push_back(event.type);
  }
  EXPECT_THAT(effects, testing::ElementsAre(EventType::kApplied, EventType::kUndone));
}

Scenario trip(Predecessors after) {
  Scenario scenario;
  scenario.saga = {.name = "trip",
                   .steps = {{.name = "fly", .service = "airline", .compensation = "stay"},
                             {.name = "sleep", .service = "hotel", .compensation = "wake", .after = after}}};
  return scenario;
}

/// In a run in which the second of two requests is to be overtaken: does it wait for a third?
bool waits_for_a_third(Scenario scenario, Duration timeout) {
  SagaRun run(std::make_shared<ServedScenario>(std::move(scenario), PointKind::kCall), "run-1",
              {.plan = parse_plan("sleep.action#1:request_reordered"), .timeout = timeout}, false, 0);
  Journal journal(10, 1U << 20U);
  FaultBoard faults;
  SilentSender sender;
  sender.go();
  RequestSummary facts{.saga_id = "run-1"};
  run.serve({.facts = facts, .operation = {0, Operation::kAction}}, sender, {journal, faults});
  run.serve({.facts = facts, .operation = {1, Operation::kAction}}, sender, {journal, faults});
  const ObservedRun seen = run.close();
  return std::ranges::any_of(seen.trace.events,
                             [](const Event& event) { return event.type == EventType::kTimedOut; });
}

TEST(ReorderedTest, OfRequestsSideBySideWhicheverComesFirstOvertakesTheOther) {
  constexpr auto kLong = std::chrono::minutes(10);  // a quarter of it is not over, however slow the machine
  EXPECT_FALSE(waits_for_a_third(trip(kNoPredecessors), kLong));
  EXPECT_TRUE(waits_for_a_third(trip(kPreviousStep), kLong)) << "one of them was to wait for the other";
  EXPECT_TRUE(waits_for_a_third(trip(kNoPredecessors), std::chrono::microseconds(1))) << "long ago";
}

}  // namespace
}  // namespace saga_harness::wire
