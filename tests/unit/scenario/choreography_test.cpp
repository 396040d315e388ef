// The reference choreography under plans that each need one of its parts.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_plans.hpp>
#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/score.hpp>

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr StepId kOrder = 0;
constexpr StepId kInventory = 1;
constexpr StepId kPayment = 2;
constexpr StepId kShipment = 3;

Scenario load(const std::string& name) {
  return load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + name + ".json");
}
saga_harness::Run one_after_the_other(const std::string& plan) {
  return run_plan(experiment(load("order_choreography")), parse_plan(plan));
}
saga_harness::Run side_by_side(const std::string& plan) {
  return run_plan(experiment(load("order_choreography_parallel")), parse_plan(plan));
}

std::vector<StepId> undone_in_order(const saga_harness::Run& run) {
  std::vector<StepId> steps;
  for (const Event& event : run.trace.events) {
    if (event.type == EventType::kUndone) steps.push_back(event.step);
  }
  return steps;
}
bool publishes(const saga_harness::Run& run, std::string_view name) {
  return std::any_of(run.trace.events.begin(), run.trace.events.end(), [&](const Event& event) {
    return event.type == EventType::kPublished && run.trace.texts[event.text] == name;
  });
}

TEST(ReferenceChoreographyTest, UndoesInReverseOrderWhereCompensationsWaitForEachOther) {
  const saga_harness::Run run = one_after_the_other("confirm_order:rejected");
  EXPECT_EQ(run.outcome, Outcome::kCompensated);
  EXPECT_THAT(undone_in_order(run), ElementsAre(kShipment, kPayment, kInventory, kOrder));
  EXPECT_EQ(run.verdicts[static_cast<std::size_t>(Rule::kReverseOrder)].status, VerdictStatus::kHeld);
  EXPECT_TRUE(run.upholds_all_invariants());
}

TEST(ReferenceChoreographyTest, PassesACompensationOnThoughThereIsNothingToUndo) {
  const saga_harness::Run run = one_after_the_other("process_payment#*:unavailable");
  EXPECT_TRUE(publishes(run, "order.timed_out"));
  EXPECT_THAT(undone_in_order(run), ElementsAre(kInventory, kOrder));
}

TEST(ReferenceChoreographyTest, KeepsAnActionFromBeingDoneOnceItsCompensationHasCome) {
  const saga_harness::Run run = side_by_side("reserve_inventory:rejected, process_payment:unavailable");
  EXPECT_EQ(run.outcome, Outcome::kCompensated);
  EXPECT_EQ(run.ledger.effects[kPayment], Effect{});
  EXPECT_THAT(undone_in_order(run), ElementsAre(kOrder));
}

TEST(ReferenceChoreographyTest, HandlesAMessageOnceHoweverOftenItComes) {
  for (const char* plan : {"process_payment:reply_lost", "process_payment:request_duplicated",
                           "reserve_inventory@publish:reply_lost"}) {
    const saga_harness::Run run = one_after_the_other(plan);
    EXPECT_EQ(run.outcome, Outcome::kCompleted) << plan;
    EXPECT_EQ(run.ledger.effects[kPayment].applied, 1U) << plan;
  }
}

TEST(ReferenceChoreographyTest, TellsOfWhatItHasDoneThoughItDiesInBetween) {
  const saga_harness::Run run = one_after_the_other("reserve_inventory@publish:participant_crash_before");
  EXPECT_EQ(run.outcome, Outcome::kCompleted);
  EXPECT_EQ(run.ledger.effects[kInventory].applied, 1U);
}

TEST(ReferenceChoreographyTest, WaitsForEveryEventThatAStepNeeds) {
  const saga_harness::Run run = side_by_side("process_payment:request_lost");
  const auto& events = run.trace.events;
  const auto applied = [&](StepId step) {
    return std::find_if(events.begin(), events.end(), [step](const Event& event) {
      return event.type == EventType::kApplied && event.step == step;
    });
  };
  EXPECT_LT(applied(kInventory), applied(kPayment));
  EXPECT_LT(applied(kPayment), applied(kShipment));
  EXPECT_EQ(run.ledger.effects[kShipment].applied, 1U);
}

TEST(ReferenceChoreographyTest, LetsTheTimerUndoWhatIsNotDoneInTime) {
  const saga_harness::Run run = one_after_the_other(
      "create_shipment:delay_past_deadline, "
      "create_shipment#2..budget:request_lost");
  EXPECT_TRUE(publishes(run, "order.timed_out"));
  for (const Effect& effect : run.ledger.effects) EXPECT_EQ(effect.net(), 0);
}

TEST(ReferenceChoreographyTest, LeavesAFinishedSagaAlone) {
  EXPECT_FALSE(publishes(one_after_the_other("none"), "order.timed_out"));
  const saga_harness::Run late = side_by_side("process_payment:request_late_after_end");
  EXPECT_EQ(late.outcome, Outcome::kCompleted);
  EXPECT_EQ(late.verdicts[static_cast<std::size_t>(Rule::kSilenceAfterEnd)].status, VerdictStatus::kHeld);
}

TEST(ReferenceChoreographyTest, FlagsWhatADeadCompensationKeepsFromBeingUndone) {
  const saga_harness::Run run =
      one_after_the_other("process_payment:rejected, release_inventory#*:unavailable");
  EXPECT_EQ(run.outcome, Outcome::kFlagged);
  EXPECT_THAT(run.flagged_steps, ElementsAre("create_order", "reserve_inventory"));
  EXPECT_TRUE(run.upholds_all_invariants());
}

TEST(ReferenceChoreographyTest, CannotBearAMissingSubscription) {
  const Exploration exploration = explore(experiment(load("order_choreography_parallel")),
                                          {.max_faults = 1, .kinds = {FaultKind::kSubscriberMissing}});
  EXPECT_FALSE(exploration.finds_no_violation());
  ASSERT_FALSE(exploration.findings.empty());
  EXPECT_EQ(exploration.findings[0].rule, Rule::kTerminates);
}

TEST(ReferenceChoreographyTest, LeavesNoDeclaredCellUntriedWithTwoFaults) {
  for (const char* name : {"order_choreography", "order_choreography_parallel"}) {
    const Exploration exploration = explore(experiment(load(name)), {.max_faults = 2});
    EXPECT_TRUE(exploration.exhausted);
    EXPECT_EQ(exploration.count(CellStatus::kHeld), exploration.cells.size()) << name;
    EXPECT_THAT(exploration.undeclared, IsEmpty());
  }
}

TEST(ReferenceChoreographyTest, IsSearchedAlikeByShardsWorkersAndAtRandom) {
  const Experiment subject = experiment(load("order_choreography_parallel"), "sibling_rerun");
  const Exploration alone = explore(subject, {.max_faults = 1});
  const Exploration together = explore(subject, {.max_faults = 1, .workers = 2});
  EXPECT_EQ(alone.schedules, together.schedules);
  EXPECT_EQ(alone.violated_schedules, together.violated_schedules);
  ASSERT_FALSE(alone.findings.empty());
  EXPECT_EQ(alone.findings[0].token, together.findings[0].token);
  const Exploration random = explore(subject, {.swarm = Swarm{.seed = "bus", .schedules = 500}});
  EXPECT_FALSE(random.finds_no_violation());
}

TEST(ReferenceChoreographyTest, MeetsEveryPlanThatItsDefinitionYields) {
  for (const char* name : {"order_choreography", "order_choreography_parallel"}) {
    const Experiment subject = experiment(load(name));
    std::vector<FaultPlan> plans = single_fault_plans(*subject.setup.saga, subject.claims);
    const std::vector<FaultPlan> more = compensation_fault_plans(*subject.setup.saga, subject.claims);
    EXPECT_GT(more.size(), 50U);
    plans.insert(plans.end(), more.begin(), more.end());
    for (const FaultPlan& plan : plans) {
      const saga_harness::Run run = run_plan(subject, plan);
      EXPECT_TRUE(run.unfired.empty()) << to_string(plan);
      EXPECT_TRUE(run.upholds_all_invariants()) << to_string(plan);
    }
  }
}

TEST(SharedBusScenarioTest, TheSagasOfTogetherAreOnOneBusAndAllAreJudged) {
  const Scenario scenario = load("order_choreography_two_orders");
  const Experiment subject = experiment(scenario);
  EXPECT_EQ(subject.setup.beside.size(), 1U);
  EXPECT_EQ(subject.setup.context, scenario.together[0]);
  const saga_harness::Run run = run_plan(experiment(scenario, "facts_without_saga"), parse_plan("none"));
  const Verdict& truthful = run.verdicts[static_cast<std::size_t>(Rule::kTruthfulOutcome)];
  EXPECT_EQ(truthful.status, VerdictStatus::kViolated);
  EXPECT_TRUE(run_plan(subject, parse_plan("none")).upholds_all_invariants());
}

TEST(SharedBusScenarioTest, EarlierSagasAreNoneOfItsBusiness) {
  Scenario scenario = load("order_choreography_parallel");
  scenario.earlier_sagas = 2;
  EXPECT_TRUE(explore(experiment(scenario), {.max_faults = 1}).finds_no_violation());
  const auto of = [&scenario](const char* bug) {
    std::vector<Rule> rules;
    for (const Finding& finding : explore(experiment(scenario, bug), {.max_faults = 0}).findings)
      rules.push_back(finding.rule);
    return rules;
  };
  EXPECT_THAT(of("one_correlation_for_all"), testing::Contains(Rule::kContextTravels));
  EXPECT_THAT(of("facts_without_saga"), Not(IsEmpty()));
}

TEST(SharedBusScenarioTest, AWrongCorrelationIdIsAViolationWhetherItIsClaimedOrNot) {
  const auto rules_of = [](const char* file) {
    Experiment subject = experiment(load(file), "event_context_lost");
    subject.claims = {};
    std::vector<Rule> rules;
    for (const Finding& finding : explore(subject, {.max_faults = 0}).findings) rules.push_back(finding.rule);
    return rules;
  };
  EXPECT_THAT(rules_of("order_choreography_parallel"), IsEmpty());
  EXPECT_THAT(rules_of("order_choreography_two_orders"), testing::Contains(Rule::kContextTravels));
}

std::string error_of(const auto& call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return error.what();
  }
  return "(no error)";
}

TEST(SharedBusScenarioTest, ASearchIsNotTakenUpBesideOtherSagas) {
  Scenario scenario = load("order_choreography_two_orders");
  ExploreOptions options{.max_faults = 1, .max_schedules = 10};
  options.resume = std::string(SAGA_HARNESS_SCRATCH_DIR) + "/two_orders_state";
  std::filesystem::remove(options.resume);
  const auto taken_up = [&] { return error_of([&] { return explore(experiment(scenario), options); }); };
  EXPECT_EQ(taken_up(), "(no error)");
  EXPECT_EQ(taken_up(), "(no error)");
  scenario.together[1] = Context{{"customer_id", "CUST-456"}, {"total_amount", 11}};
  EXPECT_THAT(taken_up(), HasSubstr("belongs to another search"));
}

TEST(ChoreographyScenarioTest, HasBugsOfItsOwn) {
  const Scenario choreographed = load("order_choreography");
  const Scenario orchestrated = load("order_processing");
  EXPECT_THAT(error_of([&] { return experiment(choreographed, "skips_first"); }),
              HasSubstr("the bug is one of orchestrators"));
  EXPECT_THAT(error_of([&] { return experiment(orchestrated, "sibling_rerun"); }),
              HasSubstr("the bug is one of choreographies"));
  EXPECT_THAT(mutant_case(*find_mutant("sibling_rerun"), orchestrated).impossible, Not(IsEmpty()));
  EXPECT_THAT(mutant_case(*find_mutant("skips_first"), choreographed).impossible, Not(IsEmpty()));
}

TEST(ChoreographyScenarioTest, LeavesInboxAndTombstonesToItsServices) {
  constexpr const char* kWithGuarantees = R"({
    "saga": {"name": "s", "choreography": {"starts_with": "go"},
             "steps": [{"name": "one", "service": "a", "pivot": true, "on_event": ["go"],
                        "emits": {"success": "gone"}}]},
    "participants": {"a": {"guarantees": {"tombstones": false}}}})";
  EXPECT_THAT(error_of([&] { return parse_scenario(kWithGuarantees, "s.json"); }),
              HasSubstr("s.json: /participants/a/guarantees: in a choreography"));
  for (const GuaranteeRemoval& removal : guarantee_removals(load("order_choreography")))
    EXPECT_THAT(removal.impossible, Not(IsEmpty()));
}

}  // namespace
}  // namespace saga_harness
