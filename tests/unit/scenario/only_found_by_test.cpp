// Bugs that show under one kind of fault and under no others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {
namespace {

struct OneKind {
  std::string_view mutant;
  FaultKind kind;
};
void PrintTo(const OneKind& value, std::ostream* out) { *out << value.mutant; }

constexpr OneKind kCases[] = {
    {"cancel_stops_compensation", FaultKind::kCancelDuringCompensation},
    {"resume_counts_records", FaultKind::kLogWriteUnconfirmed},
    {"promise_not_recalled", FaultKind::kOkBeforeEffect},
};

class HeavyOnlyFoundByTest : public testing::TestWithParam<OneKind> {};

TEST_P(HeavyOnlyFoundByTest, TheKindFindsTheBugAndAllOthersTogetherDoNot) {
  const Mutant& mutant = *find_mutant(GetParam().mutant);
  const Scenario scenario =
      load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + std::string(mutant.scenario) + ".json");
  const Experiment subject =
      mutant.participant ? experiment(scenario, kReference, mutant.name) : experiment(scenario, mutant.name);
  ExploreOptions others{.max_faults = 2};
  for (const FaultKind kind : kinds_in_scope(subject, {})) {
    if (kind != GetParam().kind) others.kinds.push_back(kind);
  }
  EXPECT_EQ(explore(subject, others).violated_schedules, 0U);
  const Exploration all = explore(subject, {.max_faults = 2});
  ASSERT_FALSE(all.findings.empty());
  EXPECT_EQ(all.findings.front().rule, mutant.predicted);
  for (const Finding& finding : all.findings) {
    EXPECT_TRUE(std::ranges::any_of(finding.plan.faults, [](const Fault& fault) {
      return fault.kind == GetParam().kind;
    })) << to_string(finding.plan);
  }
}

INSTANTIATE_TEST_SUITE_P(All, HeavyOnlyFoundByTest, testing::ValuesIn(kCases),
                         [](const auto& given) { return std::string(given.param.mutant); });

}  // namespace
}  // namespace saga_harness
