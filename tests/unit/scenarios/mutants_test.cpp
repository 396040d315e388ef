#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <saga_harness/scenario.hpp>

namespace saga_harness {
namespace {

Scenario scenario_of(const Mutant& mutant) {
  return load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + std::string(mutant.scenario) +
                       ".json");
}

class HeavyMutantTest : public testing::TestWithParam<Mutant> {};

TEST_P(HeavyMutantTest, IsSeenByThePredictedRuleAtThePredictedNumberOfFaultsAndNotBefore) {
  const Mutant& mutant = GetParam();
  const Experiment subject = mutant.participant ? experiment(scenario_of(mutant), kReference, mutant.name)
                                                : experiment(scenario_of(mutant), mutant.name);
  const Exploration exploration = explore(subject, {.max_faults = mutant.faults});
  const auto finding =
      std::find_if(exploration.findings.begin(), exploration.findings.end(),
                   [&](const Finding& candidate) { return candidate.rule == mutant.predicted; });
  ASSERT_NE(finding, exploration.findings.end());
  EXPECT_EQ(finding->plan.size(), static_cast<std::size_t>(mutant.faults)) << to_string(finding->plan);
  EXPECT_THAT(exploration.markers, testing::ElementsAre(mutant.name));
  EXPECT_TRUE(exploration.exhausted);
}

INSTANTIATE_TEST_SUITE_P(All, HeavyMutantTest, testing::ValuesIn(mutants().begin(), mutants().end()),
                         [](const auto& mutant) { return std::string(mutant.param.name); });

class HeavyReferenceTest : public testing::TestWithParam<const char*> {};

TEST_P(HeavyReferenceTest, WithstandsEveryPairOfFaults) {
  const Exploration exploration =
      explore(experiment(load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + GetParam() + ".json")),
              {.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_TRUE(exploration.finds_no_violation()) << exploration.findings.at(0).explanation;
  EXPECT_THAT(exploration.markers, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, HeavyReferenceTest,
                         testing::Values("order_processing", "order_processing_fallback",
                                         "order_processing_short_stock", "order_choreography",
                                         "order_choreography_parallel"),
                         [](const auto& scenario) { return std::string(scenario.param); });

}  // namespace
}  // namespace saga_harness
