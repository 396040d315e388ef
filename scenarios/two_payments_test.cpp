// Two payments at the same time from the same accounts, and two orders for the last item: what can come
// between them, and what is done about it.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

#include <set>
#include <string>

#include <saga_harness/interleaving.hpp>

namespace sh = saga_harness;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

sh::Scenario bank(sh::Countermeasures countermeasures) {
  sh::Scenario scenario = sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/two_payments.json");
  scenario.participants.at("bank").countermeasures = countermeasures;
  return scenario;
}

/// Both from the account that has enough for them.
sh::Scenario one_account(sh::Countermeasures countermeasures) {
  sh::Scenario scenario = bank(countermeasures);
  scenario.participants.at("bank").amounts["current"] = 200;
  scenario.together = {{{"from", "current"}, {"amount", 60}}, {{"from", "current"}, {"amount", 60}}};
  return scenario;
}

std::set<std::string> anomalies(const sh::Scenario& scenario, int max_faults) {
  std::set<std::string> rules;
  const sh::Interleavings found =
      sh::explore_interleavings(sh::concurrent_experiment(scenario), {.max_faults = max_faults});
  EXPECT_TRUE(found.exhausted);
  for (const sh::ConcurrentFinding& finding : found.findings) rules.insert(finding.violation.rule);
  return rules;
}

TEST(TwoPaymentsTest, WithTheLockNothingComesBetweenThemWhateverFails) {
  const sh::Interleavings found =
      sh::explore_interleavings(sh::concurrent_experiment(bank({})), {.max_faults = 1});
  EXPECT_THAT(found, sh::FindsNoAnomaly());
  EXPECT_TRUE(found.exhausted);
}

// Every combination of countermeasures: the lock alone is enough; without it, each of the others guards
// against one thing, and nothing but the lock against reading what is taken back.
TEST(TwoPaymentsTest, HeavyEachCountermeasureIsThereForSomething) {
  for (const bool commutative : {true, false}) {
    for (const bool reread : {true, false}) {
      const sh::Countermeasures locked{
          .semantic_lock = true, .commutative_update = commutative, .reread = reread};
      EXPECT_THAT(anomalies(bank(locked), 1), IsEmpty());
      EXPECT_THAT(anomalies(one_account(locked), 1), IsEmpty());
    }
  }
  EXPECT_THAT(anomalies(bank({.semantic_lock = false}), 1), ElementsAre("dirty read"));
  EXPECT_THAT(anomalies(bank({.semantic_lock = false, .reread = false}), 0), ElementsAre("write skew"));
  EXPECT_THAT(anomalies(one_account({.semantic_lock = false, .reread = false}), 0), IsEmpty());
  EXPECT_THAT(
      anomalies(one_account({.semantic_lock = false, .commutative_update = false, .reread = false}), 0),
      ElementsAre("lost update"));
}

TEST(TwoPaymentsTest, TheOneThatComesSecondIsRefusedAndUndone) {
  const sh::ConcurrentRun run =
      sh::run_concurrently(sh::concurrent_experiment(bank({})), sh::parse_concurrent_plan("turns 1 2 1 1"));
  EXPECT_EQ(run.sagas[0].outcome, sh::Outcome::kCompleted);
  EXPECT_EQ(run.sagas[1].outcome, sh::Outcome::kCompensated);
  EXPECT_THAT(run.violations, IsEmpty());
}

TEST(LastItemTest, IsSoldOnceWhateverFails) {
  const sh::Scenario scenario = sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/last_item.json");
  const sh::Interleavings found =
      sh::explore_interleavings(sh::concurrent_experiment(scenario), {.max_faults = 1});
  EXPECT_THAT(found, sh::FindsNoAnomaly());
  EXPECT_GT(found.outcomes[static_cast<std::size_t>(sh::Outcome::kCompleted)], 0U);
}

TEST(LastItemTest, AParticipantThatUndoesTwiceGivesAwayWhatTheOtherHas) {
  const sh::Scenario scenario = sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/last_item.json");
  const sh::Interleavings found = sh::explore_interleavings(
      sh::concurrent_experiment(scenario, sh::kReference, "compensation_not_idempotent"),
      {.max_faults = 2,
       .kinds = {sh::FaultKind::kRejected, sh::FaultKind::kRequestDuplicated},
       .windows = false});
  EXPECT_FALSE(found.finds_no_violation());
}

}  // namespace
