// The reference orchestrator with circuit breakers: what they do, and that nothing else changes.

#include <chrono>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/choreography.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/replay.hpp>

namespace saga_harness {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Experiment subject(const CircuitBreaker& breaker) {
  Saga saga{.name = "trip",
            .steps = {{.name = "flight",
                       .service = "agency",
                       .compensation = "no_flight",
                       .retry = {.attempts = 3, .delay = 1s}},
                      {.name = "hotel",
                       .service = "agency",
                       .compensation = "no_hotel",
                       .after = std::vector<std::string>{}},
                      {.name = "pay",
                       .service = "bank",
                       .compensation = "refund",
                       .retry = {.attempts = 3, .delay = 1s},
                       .compensation_retry = {.attempts = 3, .delay = 1s},
                       .after = std::vector<std::string>{"flight", "hotel"}},
                      {.name = "ship", .service = "depot", .compensation = "recall"}}};
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(std::move(saga));
  use_reference(experiment.setup, experiment.claims);
  experiment.setup.coordinator = orchestrator(breaker);
  for (const std::string_view service : experiment.setup.saga->services())
    experiment.setup.participants.emplace(service, ledger_fake());
  return experiment;
}

/// When requests of a step went out, before the faults stopped.
std::vector<Duration> sent(const Run& run, StepId step, Operation operation) {
  std::vector<Duration> times;
  for (const Event& event : run.trace.events) {
    if (event.type == EventType::kHealed) break;
    if (event.type == EventType::kSent && event.step == step && event.operation == operation)
      times.push_back(Duration(event.at));
  }
  return times;
}

TEST(CircuitBreakerTest, AfterSoManyFailuresTheNextRequestWaits) {
  const saga_harness::Run run =
      run_plan(subject({.failures = 2, .open_for = 60s}), parse_plan("pay#1..budget:unavailable"));
  const std::vector<Duration> times = sent(run, 2, Operation::kAction);
  ASSERT_EQ(times.size(), 3U);
  EXPECT_LT(times[1] - times[0], 2s);
  EXPECT_GE(times[2] - times[1], 60s);
  EXPECT_TRUE(run.upholds_all_invariants());
}

TEST(CircuitBreakerTest, OnTheWayBackAsWell) {
  const saga_harness::Run run =
      run_plan(subject({.failures = 1, .open_for = 60s}),
               parse_plan("ship#1:rejected, pay.compensation#1..budget:unavailable"));
  const std::vector<Duration> times = sent(run, 2, Operation::kCompensation);
  ASSERT_EQ(times.size(), 3U);
  EXPECT_GE(times[1] - times[0], 60s);
  EXPECT_GE(times[2] - times[1], 60s);
  EXPECT_EQ(run.outcome, Outcome::kFlagged) << "what cannot be undone is left to a person";
  EXPECT_THAT(run.flagged_steps, ElementsAre("pay"));
  EXPECT_TRUE(run.upholds_all_invariants());
}

TEST(CircuitBreakerTest, OthersAtTheSameServiceWaitToo) {
  const saga_harness::Run run =
      run_plan(subject({.failures = 1, .open_for = 60s}), parse_plan("hotel#1:unavailable"));
  EXPECT_EQ(run.outcome, Outcome::kCompensated);
  const saga_harness::Run alone =
      run_plan(subject({.failures = 9, .open_for = 60s}), parse_plan("hotel#1:unavailable"));
  const auto first_undoing = [](const saga_harness::Run& each) {
    return sent(each, 0, Operation::kCompensation).front();
  };
  EXPECT_GE(first_undoing(run) - first_undoing(alone), 59s);
}

TEST(CircuitBreakerTest, AnAnswerClosesIt) {
  const saga_harness::Run run = run_plan(subject({.failures = 2, .open_for = 60s}),
                                         parse_plan("flight#1:unavailable, pay#1:unavailable"));
  EXPECT_EQ(run.outcome, Outcome::kCompleted);
  EXPECT_LT(Duration(run.trace.events.back().at), 60s);
}

TEST(CircuitBreakerTest, WithstandsEveryPairOfFaults) {
  const Exploration found =
      explore(subject({.failures = 2, .open_for = 30s}), {.max_faults = 2, .windows = false});
  EXPECT_TRUE(found.exhausted);
  EXPECT_TRUE(found.finds_no_violation())
      << found.findings.front().explanation << " " << to_string(found.findings.front().plan);
  const Exploration windows = explore(subject({.failures = 1, .open_for = 5s}), {.max_faults = 1});
  EXPECT_TRUE(windows.finds_no_violation());
}

TEST(CircuitBreakerTest, OneThatNeverClosesIsRefused) {
  EXPECT_THROW((void)orchestrator(CircuitBreaker{.failures = 0}), Error);
  EXPECT_THROW((void)orchestrator(CircuitBreaker{.open_for = 0s}), Error);
}

}  // namespace
}  // namespace saga_harness
