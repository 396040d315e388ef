#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/explore.hpp>

namespace saga_harness {

struct Scenario;

/// Every plan of one fault that strikes when nothing else goes wrong: the schedules of `explore({.max_faults
/// = 1})`, in their order. Faults on compensations are not among them: nothing is compensated unless
/// something failed before.
[[nodiscard]] std::vector<FaultPlan> striking_plans(const Experiment& experiment);
/// … for the reference orchestrator and ledger fakes.
[[nodiscard]] std::vector<FaultPlan> striking_plans(const Saga& saga);

/// Parameters of a suite, as testing::ValuesIn() gives them.
using FaultPlanSource = decltype(testing::ValuesIn(std::declval<const std::vector<FaultPlan>&>()));

/// The same as a parameter source, one test case each:
/// `INSTANTIATE_TEST_SUITE_P(Order, SurvivesOneFault, SingleFaultPlans(kOrder), PlanName());`
[[nodiscard]] FaultPlanSource SingleFaultPlans(const Saga& saga);
/// … with the participants of a scenario.
[[nodiscard]] FaultPlanSource SingleFaultPlans(const Scenario& scenario);
/// … for the subject of a harness: SagaTestHarness::experiment().
[[nodiscard]] FaultPlanSource SingleFaultPlans(const Experiment& experiment);

/// Every fault on every compensation of a saga, each with the failure that makes the compensation necessary.
[[nodiscard]] FaultPlanSource CompensationFaultPlans(const Saga& saga);

/// A plan as part of a test's name, letters, digits and `_` only: `process_payment_action_1_reply_lost`.
/// Different plans have different names unless their steps differ in other characters alone.
[[nodiscard]] std::string case_name(const FaultPlan& plan);

/// Names the cases of a suite over plans, each differently: the last argument of INSTANTIATE_TEST_SUITE_P.
struct PlanName {
  [[nodiscard]] std::string operator()(const testing::TestParamInfo<FaultPlan>& info) const;
};

}  // namespace saga_harness
