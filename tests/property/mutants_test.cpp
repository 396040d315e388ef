// Every mutant of the catalogue is killed, by the rule and with the number of faults that the catalogue
// foretells.

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/token.hpp>

#include "properties.hpp"

namespace saga_harness {}  // namespace saga_harness

namespace saga_harness::property_test {
namespace {

Scenario scenario_of(const Mutant& mutant) {
  return load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/" + std::string(mutant.scenario) + ".json");
}

Exploration explore_mutant(const Mutant& mutant, int max_faults) {
  const std::string_view coordinator = mutant.participant ? kReference : mutant.name;
  const std::string_view participant = mutant.participant ? mutant.name : kReference;
  return explore(experiment(scenario_of(mutant), coordinator, participant), {.max_faults = max_faults});
}

constexpr int kMaxFaults = 2;  // show every mutant of the catalogue
constexpr std::size_t kNoPlan = 99;

/// Rules that see a mutant with fewer faults than the one that is predicted, because its bug shows there,
/// too.
const std::map<std::string_view, std::set<std::string_view>> kSeenEarlierBy = {
    {"join_on_any",
     {"I12"}}};  // what comes after the join is asked for before the result of the other is logged

class MutantTest : public testing::TestWithParam<Mutant> {};

TEST_P(MutantTest, IsKilledAsPredicted) {
  const Mutant& mutant = GetParam();
  ASSERT_LE(mutant.faults, kMaxFaults);
  const Exploration exploration = explore_mutant(mutant, mutant.faults);
  ASSERT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration.markers, testing::Contains(std::string(mutant.name)));

  std::size_t fewest = kNoPlan;
  for (const Finding& finding : exploration.findings) {
    if (finding.rule == mutant.predicted) fewest = std::min(fewest, finding.plan.size());
  }
  EXPECT_EQ(fewest, static_cast<std::size_t>(mutant.faults)) << "predicted: " << id_of(mutant.predicted);

  std::set<std::string_view> earlier;
  for (const Finding& finding : exploration.findings) {
    if (finding.plan.size() < static_cast<std::size_t>(mutant.faults)) earlier.insert(id_of(finding.rule));
  }
  const auto listed = kSeenEarlierBy.find(mutant.name);
  EXPECT_EQ(earlier, listed == kSeenEarlierBy.end() ? std::set<std::string_view>() : listed->second);
}

TEST_P(MutantTest, DiesOfAVerdictThatReplays) {
  const Mutant& mutant = GetParam();
  const Exploration exploration = explore_mutant(mutant, mutant.faults);
  const auto found = std::ranges::find(exploration.findings, mutant.predicted, &Finding::rule);
  ASSERT_NE(found, exploration.findings.end());
  const Token token = parse_token(found->token);
  const Scenario scenario = scenario_of(mutant);
  EXPECT_EQ(coordinator_of(token), mutant.participant ? kReference : mutant.name);
  EXPECT_EQ(participant_of(token, scenario), mutant.participant ? mutant.name : kReference);
  const FaultPlan plan = token.plan(SagaIndex(scenario.saga));
  const saga_harness::Run run =
      run_plan(experiment(scenario, coordinator_of(token), participant_of(token, scenario)), plan);
  EXPECT_TRUE(run.unfired.empty());
  EXPECT_THAT(run, Violates(mutant.predicted));
  EXPECT_THAT(run_plan(experiment(scenario), plan), UpholdsAllInvariants());
}

/// Those that take several sagas: tests/unit/interleaving.
std::vector<Mutant> all_mutants() {
  std::vector<Mutant> all(mutants().begin(), mutants().end());
  std::erase_if(all, [](const Mutant& mutant) { return mutant.together; });
  return all;
}

std::string name_of_case(const testing::TestParamInfo<Mutant>& info) { return std::string(info.param.name); }

INSTANTIATE_TEST_SUITE_P(Catalogue, MutantTest, testing::ValuesIn(all_mutants()), name_of_case);

TEST(MutantScenariosTest, HeavyTheReferenceIsGreenUnderTheSameSearch) {
  std::set<std::string_view> scenarios;
  for (const Mutant& mutant : mutants()) {
    if (!scenarios.insert(mutant.scenario).second) continue;
    const Exploration exploration = explore(experiment(scenario_of(mutant)), {.max_faults = kMaxFaults});
    EXPECT_THAT(exploration, FindsNoViolation()) << mutant.scenario;
    EXPECT_TRUE(exploration.exhausted);
    EXPECT_THAT(exploration.markers, testing::IsEmpty());
  }
}

TEST(MutantScenariosTest, EveryBugOfTheOrchestratorIsInTheCatalogue) {
  for (const OrchestratorBug bug : all_orchestrator_bugs()) {
    const Mutant* mutant = find_mutant(name_of(bug));
    ASSERT_NE(mutant, nullptr) << name_of(bug);
    EXPECT_FALSE(mutant->participant);
  }
}

TEST(MutantScenariosTest, EveryBugOfTheChoreographyIsInTheCatalogue) {
  for (const ChoreographyBug bug : all_choreography_bugs()) {
    const Mutant* mutant = find_mutant(name_of(bug));
    ASSERT_NE(mutant, nullptr) << name_of(bug);
    EXPECT_TRUE(mutant->choreography);
  }
}

}  // namespace
}  // namespace saga_harness::property_test
