#include <gtest/gtest.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/score.hpp>
#include <saga_harness/search_verdict.hpp>
#include <saga_harness/shrink.hpp>
#include <saga_harness/token.hpp>

namespace saga_harness {
namespace {

using testing::PrintToString;

TEST(PrintExploreTest, ShowsEnumeratorsByTheirNames) {
  EXPECT_EQ(PrintToString(CellStatus::kViolated), "violated");
  EXPECT_EQ(PrintToString(Need::kNotNeeded), "not_needed");
  EXPECT_EQ(PrintToString(MutantStatus::kKilledByAnotherRule), "killed_by_another_rule");
  EXPECT_EQ(PrintToString(VerdictWord::kViolated), "violated");
  EXPECT_EQ(PrintToString(RunAgain::kAlways), "always");
  EXPECT_EQ(PrintToString(Replayed::kNeedsEarlierSagas), "needs_earlier_sagas");
  EXPECT_EQ(PrintToString(Lack::kNotExhausted), "not_exhausted");
}

TEST(PrintExploreTest, ShowsValuesAsOneWouldWriteThem) {
  EXPECT_EQ(PrintToString(Exclusion{.cells = "some text"}), "Exclusion{.cells = \"some text\"}");
  EXPECT_EQ(PrintToString(KnownFinding{.step = "some text"}), "KnownFinding{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(KnownSeen{.schedules = 7}), "KnownSeen{.schedules = 7}");
  EXPECT_EQ(PrintToString(KnownState::kShowsNoMore), "shows_no_more");
  EXPECT_EQ(PrintToString(Experiment{.coordinator_name = "some text"}),
            "Experiment{.coordinator_name = \"some text\"}");
  EXPECT_EQ(PrintToString(Cell{.step = 7}), "Cell{.step = 7}");
  EXPECT_EQ(PrintToString(Finding{.step = "some text"}), "Finding{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(LevelCount{.faults = 7}), "LevelCount{.faults = 7}");
  EXPECT_EQ(PrintToString(ClassCount{.of = 7}), "ClassCount{.of = 7}");
  EXPECT_EQ(PrintToString(RuleCount{.invariant = "some text"}), "RuleCount{.invariant = \"some text\"}");
  EXPECT_EQ(PrintToString(Nondeterministic{.difference = "some text"}),
            "Nondeterministic{.difference = \"some text\"}");
  EXPECT_EQ(PrintToString(Violation{.step = 7}), "Violation{.step = 7}");
  EXPECT_EQ(PrintToString(Shard{.index = 7}), "Shard{.index = 7}");
  EXPECT_EQ(PrintToString(Swarm{.seed = "some text"}), "Swarm{.seed = \"some text\"}");
  EXPECT_EQ(PrintToString(ExploreOptions{.resume = "some text"}), "ExploreOptions{.resume = \"some text\"}");
  EXPECT_EQ(PrintToString(SearchedFor{.coordinator = "some text"}),
            "SearchedFor{.coordinator = \"some text\"}");
  EXPECT_EQ(PrintToString(Token{.definition = 7}), "the token " + to_string(Token{.definition = 7}));
  EXPECT_EQ(PrintToString(TokenFault{.step = 7}), "TokenFault{.step = 7}");
  EXPECT_EQ(PrintToString(TokenFault::StepForm::kNumber), "by its number");
  EXPECT_EQ(PrintToString(GuaranteeRemoval{.step = "some text"}), "GuaranteeRemoval{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(GuaranteeDependency{.step = "some text"}),
            "GuaranteeDependency{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(GuaranteeDependencies{.max_faults = 7}), "GuaranteeDependencies{.max_faults = 7}");
  EXPECT_EQ(PrintToString(MutantSearch{.activated = true}), "MutantSearch{.activated = true}");
  EXPECT_EQ(PrintToString(MutantCase{.name = "some text"}), "MutantCase{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(MutantScore{.name = "some text"}), "MutantScore{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(ReferenceScore{.saga = "some text"}), "ReferenceScore{.saga = \"some text\"}");
  EXPECT_EQ(PrintToString(FaultClass{.name = "some text"}), "FaultClass{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(AblationRow{.name = "some text"}), "AblationRow{.name = \"some text\"}");
  EXPECT_EQ(PrintToString(ScoreOptions{.swarm_seeds = 7}), "ScoreOptions{.swarm_seeds = 7}");
  EXPECT_EQ(PrintToString(Score{.max_faults = 7}), "Score{.max_faults = 7}");
  EXPECT_EQ(PrintToString(LackFound{.reason = "some text"}), "LackFound{.reason = \"some text\"}");
  EXPECT_EQ(PrintToString(SearchVerdict{.scope = "some text"}), "SearchVerdict{.scope = \"some text\"}");
  EXPECT_EQ(PrintToString(Owed{.request = true}), "Owed{.request = true}");
  EXPECT_EQ(PrintToString(Earned{.asked = true}), "Earned{.asked = true}");
  EXPECT_EQ(PrintToString(ShrunkPlan{.step = "some text"}), "ShrunkPlan{.step = \"some text\"}");
  EXPECT_EQ(PrintToString(ShrunkSaga{.plan = {.step = "pay"}}),
            "ShrunkSaga{.plan = ShrunkPlan{.step = \"pay\"}}");
}

TEST(PrintExploreTest, ShowsSearchesInOneLine) {
  EXPECT_EQ(PrintToString(Exploration()), "0 schedules of up to 0 faults, not exhausted, 0 in violation");
  Exploration found;
  found.max_faults = 1;
  found.schedules = 1;
  found.exhausted = true;
  EXPECT_EQ(PrintToString(found), "1 schedule of up to 1 fault, exhausted, 0 in violation");
  found = {};
  found.max_faults = 2;
  found.schedules = 30;
  found.violated_schedules = 4;
  EXPECT_EQ(PrintToString(found), "30 schedules of up to 2 faults, not exhausted, 4 in violation");
}

TEST(PrintExploreTest, SaysWhetherThereIsAFunction) {
  saga_harness::Setup setup;
  setup.saga_id = "order-1";
  EXPECT_EQ(PrintToString(Experiment{.setup = setup, .coordinator_name = "mine"}),
            "Experiment{.setup = Setup{.saga_id = \"order-1\"}, .coordinator_name = \"mine\"}");
}

}  // namespace
}  // namespace saga_harness
