#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include <saga_harness/choreography.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

Scenario shipped(std::string_view name) {
  return load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + std::string(name) + ".json");
}

/// The markers passed in a run in which nothing goes wrong from outside.
std::vector<std::string> markers_of_quiet_run(Engine& engine) {
  NoFaults no_faults;
  engine.run(no_faults);
  const Trace trace = engine.trace();
  std::vector<std::string> markers;
  for (const Event& event : trace.events) {
    if (event.type == EventType::kMarked) markers.push_back(trace.texts[event.text]);
  }
  return markers;
}

std::string refusal_of(const Scenario& scenario, std::string_view coordinator, std::string_view participant) {
  try {
    (void)experiment(scenario, coordinator, participant);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(MutantsTest, HaveNamesOfTheirOwnAndCanBeFound) {
  std::set<std::string_view> names;
  for (const Mutant& mutant : mutants()) {
    EXPECT_TRUE(names.insert(mutant.name).second) << mutant.name;
    EXPECT_EQ(find_mutant(mutant.name), &mutant);
    EXPECT_EQ(mutant.participant, mutant.group == "participant") << mutant.name;
    EXPECT_TRUE(mutant.bug.ends_with('.')) << mutant.name;
    EXPECT_GE(mutant.faults, 0) << mutant.name;
  }
  EXPECT_EQ(find_mutant("reference"), nullptr);
  EXPECT_EQ(find_mutant(""), nullptr);
}

TEST(MutantsTest, AreEveryBugOfTheReferencesAndOfTheFakes) {
  std::set<std::string_view> coordinators;
  std::set<std::string_view> participants;
  for (const Mutant& mutant : mutants())
    (mutant.participant ? participants : coordinators).insert(mutant.name);
  std::set<std::string_view> bugs;
  for (const OrchestratorBug bug : all_orchestrator_bugs()) bugs.insert(name_of(bug));
  for (const ChoreographyBug bug : all_choreography_bugs()) bugs.insert(name_of(bug));
  EXPECT_EQ(coordinators, bugs);
  EXPECT_EQ(participants,
            (std::set<std::string_view>{"no_dedup", "no_tombstone", "null_compensation_fails",
                                        "compensation_not_idempotent", "dedup_not_durable", "partial_batch",
                                        "promise_not_recalled", "effect_before_key"}));
}

// Where a search says "upheld" and nothing was upheld: each has a rule that sees it.
TEST(MutantsTest, GreensThatWereNotEarnedHaveTheRulesThatSeeThem) {
  const std::map<std::string_view, Rule> rules{
      {"pivot_first", Rule::kOrderRespected},
      {"join_on_any", Rule::kOrderRespected},
      {"irreversible_early", Rule::kOrderRespected},
      {"forward_order_reversed", Rule::kOrderRespected},
      {"one_attempt_too_many", Rule::kBudgetRespected},
      {"one_compensation_too_many", Rule::kBudgetRespected},
      {"backoff_ignored", Rule::kTimingKept},
      {"timeout_not_kept", Rule::kTimingKept},
      {"repeats_not_idempotent", Rule::kNotIdempotentNotRepeated},
      {"flags_always", Rule::kFlaggedOnlyWhenNeeded},
      {"flags_on_first_refusal", Rule::kFlaggedOnlyWhenNeeded},
      {"compensates_every_success", Rule::kCompensatedThoughNothingFailed},
      {"cancel_ignored", Rule::kCancelHeeded},
      {"retry_after_ignored_undoing", Rule::kTimingKept},
      {"compensates_in_flight", Rule::kNotUndoneInFlight},
      {"completion_credited_in_order_asked", Rule::kTruthfulOutcome},
      {"two_sagas_swap_state", Rule::kTruthfulOutcome}};
  for (const auto& [name, rule] : rules) {
    const Mutant* mutant = find_mutant(name);
    ASSERT_NE(mutant, nullptr) << name;
    EXPECT_EQ(mutant->predicted, rule) << name;
  }
}

TEST(MutantsTest, StandGroupByGroup) {
  std::vector<std::string_view> groups;
  for (const Mutant& mutant : mutants()) {
    if (groups.empty() || groups.back() != mutant.group) groups.push_back(mutant.group);
  }
  EXPECT_THAT(groups, testing::ElementsAre("forward", "compensation", "recovery", "data", "participant",
                                           "choreography"));
}

TEST(MutantsTest, NameAShippedScenarioThatCanHaveThem) {
  for (const Mutant& mutant : mutants()) {
    const Scenario scenario = shipped(mutant.scenario);
    EXPECT_EQ(refusal_of(scenario, mutant.participant ? kReference : mutant.name,
                         mutant.participant ? mutant.name : kReference),
              mutant.together ? "\"two_sagas_swap_state\" takes several sagas at the same time; give it to "
                                "saga-harness interleave"
                              : "no error")
        << mutant.name;
    EXPECT_GE(scenario.together.size(), mutant.together ? 2U : 0U) << mutant.name;
  }
}

TEST(ExperimentTest, HasAParticipantForEveryServiceListedOrNot) {
  Scenario scenario = shipped("order_processing");
  scenario.participants.clear();
  const Experiment subject = experiment(scenario);
  EXPECT_EQ(subject.setup.participants.size(), 4U);
  EXPECT_EQ(subject.setup.context, scenario.saga.context);
  EXPECT_EQ(subject.coordinator_name, "reference");
  EXPECT_EQ(subject.participant_name, "reference");
  EXPECT_EQ(subject.source, scenario.source);
}

TEST(ExperimentTest, TheReferenceCompletesTheOrder) {
  for (const char* name : {"order_processing", "order_processing_fallback"}) {
    const Experiment subject = experiment(shipped(name));
    Engine engine(subject.setup);
    EXPECT_THAT(markers_of_quiet_run(engine), IsEmpty()) << name;
    EXPECT_EQ(engine.observation().outcome, Outcome::kCompleted) << name;
    const Ledger ledger = engine.ledger();
    for (const Effect& effect : ledger.effects) EXPECT_EQ(effect, (Effect{1, 0}));
    EXPECT_THAT(ledger.quantities,
                Contains(Quantity{"inventory_service/PROD-1 reserved", QuantityRule::kRestored, 0, 2}));
    EXPECT_THAT(ledger.quantities,
                Contains(Quantity{"payment_service/CUST-123", QuantityRule::kRestored, 50000, 40001}));
    EXPECT_THAT(ledger.quantities,
                Contains(Quantity{"payment_service/all money", QuantityRule::kConserved, 50000, 50000}));
    EXPECT_THAT(ledger.quantities,
                Contains(Quantity{"order_service/confirmed orders", QuantityRule::kRestored, 0, 1}));
    EXPECT_THAT(ledger.quantities,
                Contains(Quantity{"shipping_service/scheduled", QuantityRule::kRestored, 0, 1}));
  }
}

TEST(ExperimentTest, TheReferenceCompensatesAnOrderThatIsNotInStock) {
  const Experiment subject = experiment(shipped("order_processing_short_stock"));
  Engine engine(subject.setup);
  EXPECT_THAT(markers_of_quiet_run(engine), IsEmpty());
  EXPECT_EQ(engine.observation().outcome, Outcome::kCompensated);
  for (const Quantity& quantity : engine.ledger().quantities) EXPECT_EQ(quantity.at_end, quantity.at_start);
}

TEST(ExperimentTest, SwitchesOffWhatTheScenarioDoes) {
  Scenario scenario = shipped("order_processing");
  EXPECT_THAT(experiment(scenario).switched_off, IsEmpty());
  scenario.switched_off = {{Rule::kTransientFaultsMasked, "because"}};
  ASSERT_EQ(experiment(scenario).switched_off.size(), 1U);
  EXPECT_EQ(experiment(scenario).switched_off[0].rule, Rule::kTransientFaultsMasked);
  EXPECT_EQ(experiment(scenario).switched_off[0].reason, "because");
}

TEST(ExperimentTest, PartialBatchKeepsHalfAReservationWithoutAnyFault) {
  const Experiment subject = experiment(shipped("order_processing_short_stock"), kReference, "partial_batch");
  EXPECT_EQ(subject.participant_name, "partial_batch");
  Engine engine(subject.setup);
  EXPECT_THAT(markers_of_quiet_run(engine), Contains("partial_batch"));
  EXPECT_EQ(engine.observation().outcome, Outcome::kCompensated);
  EXPECT_THAT(engine.ledger().quantities,
              Contains(Quantity{"inventory_service/PROD-1 reserved", QuantityRule::kRestored, 0, 2}));
}

/// Asks the first service of the order saga in its own way, in every participant mutant's sore spot.
std::vector<std::string> markers_of_awkward_run(std::string_view participant) {
  Experiment subject = experiment(shipped("order_processing"), kReference, participant);
  subject.setup.coordinator = [](Runtime& runtime) {
    if (runtime.incarnation() > 1) return;
    const auto ask = [&runtime](std::string_view service, std::string_view action, std::string_view key) {
      (void)runtime.call({.service = service, .action = action, .idempotency_key = key});
    };
    ask("payment_service", "process_payment", "k1");
    ask("payment_service", "process_payment", "k1");
    ask("payment_service", "refund_payment", "k2");
    ask("payment_service", "refund_payment", "k2");
    ask("shipping_service", "cancel_shipment", "k3");
    ask("shipping_service", "create_shipment", "k4");
  };
  Engine engine(subject.setup);
  return markers_of_quiet_run(engine);
}

TEST(ExperimentTest, PlantsEachParticipantBugAndNoOther) {
  EXPECT_THAT(markers_of_awkward_run("reference"), IsEmpty());
  for (const char* name :
       {"no_dedup", "no_tombstone", "null_compensation_fails", "compensation_not_idempotent"}) {
    EXPECT_THAT(markers_of_awkward_run(name), testing::ElementsAre(name));
  }
}

TEST(ExperimentTest, RunsTheNamedCoordinator) {
  const Experiment subject = experiment(shipped("order_processing"), "no_idempotency_key");
  EXPECT_EQ(subject.coordinator_name, "no_idempotency_key");
  Engine engine(subject.setup);
  EXPECT_THAT(markers_of_quiet_run(engine), Contains("no_idempotency_key"));
}

TEST(ExperimentTest, RefusesUnknownNamesWithTheNearest) {
  const Scenario scenario = shipped("order_processing");
  EXPECT_THAT(refusal_of(scenario, "skip_first", "reference"),
              HasSubstr(R"(there is no coordinator "skip_first"; did you mean "skips_first"?)"));
  EXPECT_THAT(refusal_of(scenario, "reference", "no_tombstones"),
              HasSubstr(R"(there is no participant "no_tombstones"; did you mean "no_tombstone"?)"));
  EXPECT_THAT(refusal_of(scenario, "xyz", "reference"), HasSubstr(R"(the correct one is "reference")"));
}

TEST(ExperimentTest, SaysWhereANameBelongs) {
  const Scenario scenario = shipped("order_processing");
  EXPECT_EQ(refusal_of(scenario, "no_dedup", "reference"),
            R"("no_dedup" is a participant, not a coordinator; give it as the participant)");
  EXPECT_EQ(refusal_of(scenario, "reference", "skips_first"),
            R"("skips_first" is a coordinator, not a participant; give it as the coordinator)");
}

TEST(ExperimentTest, RefusesABugThatNoParticipantOfTheScenarioCanHave) {
  Scenario scenario = shipped("order_processing");
  scenario.participants.erase("inventory_service");
  EXPECT_THAT(refusal_of(scenario, "reference", "partial_batch"),
              HasSubstr(R"(can have the bug "partial_batch")"));
}

}  // namespace
}  // namespace saga_harness
