// The reference orchestrator upholds every invariant with participants that fail by themselves, too: no fault
// makes them, and no fault keeps a copy of a request from being accepted after the original was turned away.

#include <algorithm>
#include <memory>
#include <vector>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/scenario.hpp>

#include "own_failures.hpp"

namespace saga_harness::property_test {
namespace {

Experiment with_own_failures(const Saga& saga, const std::vector<Moment>& moments) {
  Experiment experiment = SagaTestHarness(saga).experiment();
  for (auto& [service, factory] : experiment.setup.participants)
    factory = [moments] { return std::make_unique<FailsByItself>(moments); };
  const auto refuses = [](const Moment& moment) { return moment.failure == OwnFailure::kRefuses; };
  if (std::ranges::any_of(moments, refuses)) experiment.setup.expects = Outcome::kFlagged;
  return experiment;
}

// A participant that has answered OK and then fails by itself breaks its word, which nobody can mask.
std::vector<FaultKind> kinds_that_promise_nothing(const Experiment& experiment) {
  std::vector<FaultKind> kinds = kinds_in_scope(experiment, {});
  std::erase_if(kinds, [](FaultKind kind) { return fate_of(kind).promises(); });
  return kinds;
}

void expect_no_violation_with_own_failures(int max_steps, int max_faults) {
  Saga saga = *gen::saga({.max_steps = max_steps});
  std::vector<Moment> moments{draw_moment(saga)};
  if (*rc::gen::arbitrary<bool>()) moments.push_back(draw_moment(saga));
  for (const Moment& moment : moments) RC_LOG() << moment << '\n';
  const Experiment subject = with_own_failures(saga, moments);
  expect_no_violation(
      explore(subject, {.max_faults = max_faults, .kinds = kinds_that_promise_nothing(subject)}));
}

TEST(OwnFailuresTest, TheReferenceUpholdsEverythingUnderOneFault) {
  check(300, 100, [] { expect_no_violation_with_own_failures(6, 1); });
}

TEST(OwnFailuresHeavyTest, TheReferenceUpholdsEverythingUnderTwoFaults) {
  check(150, 100, [] { expect_no_violation_with_own_failures(4, 2); });
}

// The copy is accepted though the original was turned away, and that was the last attempt.
TEST(OwnFailuresTest, ACopyOfARequestThatWasTurnedAwayIsUndone) {
  const Saga saga{
      .name = "shop",
      .steps = {{.name = "reserve", .service = "stock", .compensation = "release", .retry = {.attempts = 2}},
                {.name = "pay", .service = "bank", .compensation = "refund"}}};
  const Experiment experiment = with_own_failures(saga, {{.step = 0}});
  const saga_harness::Run run =
      run_plan(experiment, parse_plan("reserve#1:unavailable, reserve#2:request_duplicated"));
  EXPECT_EQ(run.outcome, Outcome::kCompensated);
  EXPECT_EQ(run.ledger.effects.front(), (Effect{.applied = 1, .undone = 1}));
  EXPECT_TRUE(run.upholds_all_invariants());
}

}  // namespace
}  // namespace saga_harness::property_test
