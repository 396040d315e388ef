#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {

/// Every plan of one fault that strikes when nothing else goes wrong: the schedules of `explore({.max_faults
/// = 1})`, in their order. Faults on compensations are not among them: nothing is compensated unless
/// something failed before.
[[nodiscard]] std::vector<FaultPlan> striking_plans(const Experiment& experiment);
/// … for the reference orchestrator and ledger fakes.
[[nodiscard]] std::vector<FaultPlan> striking_plans(const Saga& saga);

/// The same as a parameter source, one test case each:
/// `INSTANTIATE_TEST_SUITE_P(Order, SurvivesOneFault, SingleFaultPlans(kOrder), PlanName());`
[[nodiscard]] inline auto SingleFaultPlans(const Saga& saga) {
  return testing::ValuesIn(striking_plans(saga));
}
/// … with the participants of a scenario.
[[nodiscard]] inline auto SingleFaultPlans(const Scenario& scenario) {
  return testing::ValuesIn(striking_plans(experiment(scenario)));
}
/// … for the subject of a harness: SagaTestHarness::experiment().
[[nodiscard]] inline auto SingleFaultPlans(const Experiment& experiment) {
  return testing::ValuesIn(striking_plans(experiment));
}

/// Every fault on every compensation of a saga, each with the failure that makes the compensation necessary.
[[nodiscard]] inline auto CompensationFaultPlans(const Saga& saga) {
  return testing::ValuesIn(compensation_fault_plans(SagaIndex(saga)));
}

/// A plan as part of a test's name, letters, digits and `_` only: `process_payment_action_1_reply_lost`.
/// Different plans have different names unless their steps differ in other characters alone.
[[nodiscard]] std::string case_name(const FaultPlan& plan);

/// Names the cases of a suite over plans, each differently: the last argument of INSTANTIATE_TEST_SUITE_P.
struct PlanName {
  [[nodiscard]] std::string operator()(const testing::TestParamInfo<FaultPlan>& info) const;
};

}  // namespace saga_harness
