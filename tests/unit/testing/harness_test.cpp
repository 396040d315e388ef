#include <saga_harness/harness.hpp>

#include <filesystem>
#include <string>
#include <utility>

#include <saga_harness/scenario.hpp>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SagaTestHarnessTest, RunsTheReferenceOverLedgerFakesUntilToldOtherwise) {
  SagaTestHarness harness(order_saga());
  const auto run = harness.start_saga();
  EXPECT_EQ(run.outcome, Outcome::kCompleted);
  EXPECT_EQ(harness.outcome(), Outcome::kCompleted);
  EXPECT_EQ(harness.effect("pay"), (Effect{.applied = 1}));
  EXPECT_EQ(harness.ledger().effects.size(), 3U);
  EXPECT_FALSE(harness.trace().events.empty());
  EXPECT_TRUE(harness.violations().empty());
  EXPECT_EQ(harness.last_run(), run);
}

TEST(SagaTestHarnessTest, GivesEveryRunItsDefinition) {
  SagaTestHarness harness(order_saga());
  EXPECT_EQ(harness.start_saga().saga, harness.saga().saga());
  EXPECT_EQ(harness.run({}).saga, harness.saga().saga());
}

TEST(SagaTestHarnessTest, CountsLostRequestsAsCalls) {
  SagaTestHarness harness(order_saga());
  harness.lose_request({"bank", "pay"});
  harness.start_saga();
  EXPECT_EQ(harness.call_count("bank", "pay"), 2U);
  EXPECT_TRUE(harness.was_called("stock", "reserve"));
  EXPECT_FALSE(harness.was_called("stock", "release"));
}

TEST(SagaTestHarnessTest, CountsTheCallsOfAllStepsThatShareAnAction) {
  Saga saga = order_saga();
  saga.steps[2].service = "bank";
  saga.steps[2].action = "pay";
  SagaTestHarness harness(saga);
  harness.start_saga();
  EXPECT_EQ(harness.call_count("bank", "pay"), 2U);
}

TEST(SagaTestHarnessTest, UsesUpPlannedFaultsInOneStart) {
  SagaTestHarness harness(order_saga());
  harness.fail({"bank", "pay"});
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompleted);
}

TEST(SagaTestHarnessTest, SendsTheContextOfTheTestOrElseOfTheDefinition) {
  Saga saga = order_saga();
  saga.context = {{"customer", "of the definition"}};
  std::vector<std::string> payloads;
  const auto remember = [&payloads](const Delivery& delivery, EffectRecorder& recorder) {
    payloads.emplace_back(delivery.payload);
    recorder.apply(delivery);
    return Reply{};
  };
  SagaTestHarness harness(saga);
  harness.use_participant("post", participant_from(remember));
  harness.start_saga();
  harness.start_saga({{"customer", "of the test"}});
  harness.start_saga();
  EXPECT_THAT(payloads, ElementsAre(R"({"customer":"of the definition"})", R"({"customer":"of the test"})",
                                    R"({"customer":"of the definition"})"));
}

TEST(SagaTestHarnessTest, RunsTheCoordinatorItIsGiven) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator([](Runtime& runtime) { runtime.report(Outcome::kFlagged); });
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kFlagged);
  EXPECT_FALSE(harness.was_called("stock", "reserve"));
}

TEST(SagaTestHarnessTest, JudgesACoordinatorByNoPromiseItHasNotMade) {
  // It retries a rejection, which only those who promise not to must not do.
  const auto stubborn = [](Runtime& runtime) {
    runtime.call({.service = "stock", .action = "reserve"});
    runtime.call({.service = "stock", .action = "reserve"});
    runtime.report(Outcome::kCompensated);
  };
  const FaultPlan plan = parse_plan("reserve#1:rejected, reserve#2:rejected");
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(stubborn);
  EXPECT_THAT(harness.run(plan), UpholdsAllInvariants());
  harness.claims({.accepts_rejection = true});
  EXPECT_THAT(harness.run(plan), Violates(Rule::kRejectionIsFinal));
  harness.switch_off(Rule::kRejectionIsFinal, "the shop insists");
  EXPECT_THAT(harness.run(plan), UpholdsAllInvariants());
}

TEST(SagaTestHarnessTest, CrashesOnlyACoordinatorThatClaimsToSurviveIt) {
  const FaultPlan crash = parse_plan("reserve@after_call:coordinator_crash");
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator());
  EXPECT_EQ(harness.run(crash).unfired, resolve(crash, harness.saga()));
  harness.claims(Claims::all());
  EXPECT_EQ(harness.run(crash).fired, resolve(crash, harness.saga()));
}

TEST(SagaTestHarnessTest, AsksTheParticipantItIsGiven) {
  SagaTestHarness harness(order_saga());
  harness.use_participant("post",
                          participant_from([](const Delivery& /*delivery*/, EffectRecorder& /*recorder*/) {
                            return Reply{.status = ReplyStatus::kRejected};
                          }));
  EXPECT_EQ(harness.start_saga().outcome, Outcome::kCompensated);
}

TEST(SagaTestHarnessTest, SeesWhatAParticipantWithoutDeduplicationDoes) {
  SagaTestHarness harness(order_saga());
  harness.use_participant("bank", ledger_fake({.deduplicates = false}));
  harness.duplicate({"bank", "pay"});
  EXPECT_THAT(harness.start_saga(), Violates(Rule::kAtMostOnce));
  EXPECT_EQ(harness.effect("pay").applied, 2U);
}

TEST(SagaTestHarnessTest, RunsAnExperimentAsItIs) {
  const Scenario scenario = load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json");
  SagaTestHarness harness(experiment(scenario, "skips_first"));
  harness.fail(at_step("process_payment"));
  EXPECT_THAT(harness.start_saga(), Violates(Rule::kTruthfulOutcome));
}

TEST(SagaTestHarnessTest, RunsAScenarioFile) {
  SagaTestHarness harness = SagaTestHarness::from_file(SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json");
  EXPECT_THAT(harness.start_saga(), EndsIn(Outcome::kCompleted));
  EXPECT_FALSE(harness.ledger().quantities.empty());
}

TEST(SagaTestHarnessTest, RunsAScenarioFileWithTheNamedCoordinatorAndParticipants) {
  const std::string file = SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json";
  SagaTestHarness skips = SagaTestHarness::from_file(file, "skips_first");
  skips.fail(at_step("process_payment"));
  EXPECT_THAT(skips.start_saga(), Violates(Rule::kTruthfulOutcome));
  const SagaTestHarness forgets = SagaTestHarness::from_file(file, "reference", "no_dedup");
  EXPECT_EQ(forgets.experiment().coordinator_name, "reference");
  EXPECT_EQ(forgets.experiment().participant_name, "no_dedup");
  EXPECT_THROW((void)SagaTestHarness::from_file(file, "skips_frist"), Error);
}

TEST(SagaTestHarnessTest, FindsABugAndWritesTheTestThatShowsIt) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator(OrchestratorBug::kSkipsFirst), Claims::all());
  const Exploration exploration = harness.explore({.max_faults = 1});
  ASSERT_FALSE(exploration.findings.empty());
  const Finding& finding = exploration.findings[0];
  EXPECT_EQ(finding.rule, Rule::kTruthfulOutcome);
  EXPECT_THAT(finding.test_case, HasSubstr("harness.plan(\"" + to_string(finding.plan) + "\")"));
  EXPECT_THAT(finding.test_case, HasSubstr("use_coordinator"));
  harness.plan(finding.plan);
  EXPECT_THAT(harness.start_saga(), Violates(Rule::kTruthfulOutcome));
}

TEST(SagaTestHarnessTest, CanBeHandedOn) {
  SagaTestHarness first(order_saga());
  first.fail({"bank", "pay"});
  SagaTestHarness second = std::move(first);
  EXPECT_EQ(second.start_saga().outcome, Outcome::kCompensated);
}

/// A search of a coordinator of one's own, taken up where one of that name left it.
std::string taken_up(OrchestratorBug bug, const std::string& version, const std::string& state) {
  SagaTestHarness harness(order_saga());
  harness.use_coordinator(orchestrator(bug), Claims::all()).named("orders", version);
  try {
    const Exploration found = harness.explore({.max_faults = 1, .resume = state});
    return found.finds_no_violation() ? "fine" : "violated";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(SagaTestHarnessTest, ASearchIsTakenUpByTheSameVersionOfTheSameCodeAlone) {
  const std::string state = std::string(SAGA_HARNESS_SCRATCH_DIR) + "/taken_up.search";
  std::filesystem::remove(state);
  const OrchestratorBug fine = OrchestratorBug::kNone;
  EXPECT_EQ(taken_up(fine, "v12", state), "fine");
  EXPECT_EQ(taken_up(fine, "v12", state), "fine");
  EXPECT_THAT(taken_up(fine, "v13", state), HasSubstr("version is \"v12\" there and \"v13\" here"));
  EXPECT_THAT(taken_up(fine, "", state), HasSubstr("version is \"v12\" there and \"build "));
  EXPECT_THAT(taken_up(OrchestratorBug::kAmbiguousNotCompensated, "v12", state),
              HasSubstr("belongs to a search of another subject"))
      << "who forgets to change the version is caught, too";
  std::filesystem::remove(state);
  EXPECT_EQ(taken_up(OrchestratorBug::kAmbiguousNotCompensated, "v12", state), "violated");
}

TEST(SagaTestHarnessTest, WhatIsOnesOwnIsNotDeclared) {
  SagaTestHarness harness(order_saga());
  EXPECT_FALSE(harness.experiment().has_own_code);
  const auto owns = [](auto use) {
    SagaTestHarness changed(order_saga());
    use(changed);
    return changed.experiment().has_own_code;
  };
  EXPECT_TRUE(owns([](SagaTestHarness& each) { each.use_coordinator(orchestrator()); }));
  EXPECT_TRUE(owns([](SagaTestHarness& each) { each.use_participant("bank", ledger_fake()); }));
  EXPECT_TRUE(owns([](SagaTestHarness& each) {
    each.add_invariant({.name = "mine", .check = [](const Observation&, const SagaIndex&) {
                          return Verdict{.status = VerdictStatus::kHeld};
                        }});
  }));
  EXPECT_FALSE(owns([](SagaTestHarness& each) { each.claims({}).named("orders"); }));
}

TEST(SagaTestHarnessMisuseTest, RefusesKindsThatCanStrikeNowhere) {
  SagaTestHarness harness(order_saga());
  EXPECT_THAT(
      error_of([&] { static_cast<void>(harness.explore({.kinds = {FaultKind::kSubscriberMissing}})); }),
      HasSubstr("explore(): subscriber_missing can strike nowhere in the saga order"));
  const std::vector<FaultKind> one_can{FaultKind::kRejected, FaultKind::kSubscriberMissing};
  EXPECT_GT(harness.explore({.max_faults = 1, .kinds = one_can}).schedules, 1U);
}

TEST(SagaTestHarnessMisuseTest, RefusesABadDefinition) {
  EXPECT_THAT(error_of([] { SagaTestHarness harness(Saga{.name = "empty"}); }), HasSubstr("/steps"));
}

TEST(SagaTestHarnessMisuseTest, RefusesAnExperimentWithoutASaga) {
  EXPECT_THAT(error_of([] { SagaTestHarness harness(Experiment{}); }), HasSubstr("has no saga"));
}

TEST(SagaTestHarnessMisuseTest, NamesTheNearestServiceActionAndStep) {
  SagaTestHarness harness(order_saga());
  harness.start_saga();
  EXPECT_THAT(error_of([&] { harness.use_participant("pots", ledger_fake()); }),
              HasSubstr(R"(no service "pots"; did you mean "post"?)"));
  EXPECT_THAT(error_of([&] { static_cast<void>(harness.was_called("bank", "pya")); }),
              HasSubstr(R"(no action "pya" at "bank"; did you mean "pay"?)"));
  EXPECT_THAT(error_of([&] { static_cast<void>(harness.was_called("post", "refund")); }),
              HasSubstr(R"(no action "refund" at "post"; it belongs to bank)"));
  EXPECT_THAT(error_of([&] { static_cast<void>(harness.effect("shop")); }),
              HasSubstr(R"(no step "shop"; did you mean "ship"?)"));
}

TEST(SagaTestHarnessMisuseTest, HasNothingToSayBeforeTheFirstRun) {
  const SagaTestHarness harness(order_saga());
  EXPECT_THAT(error_of([&] { static_cast<void>(harness.outcome()); }),
              HasSubstr("call start_saga() or run() first"));
  EXPECT_THAT(error_of([&] { static_cast<void>(harness.was_called("bank", "pay")); }), HasSubstr("no run"));
}

TEST(SagaTestHarnessMisuseTest, RefusesWhatIsEmpty) {
  SagaTestHarness harness(order_saga());
  EXPECT_THAT(error_of([&] { harness.use_coordinator(Coordinator()); }),
              HasSubstr("the coordinator is empty"));
  EXPECT_THAT(error_of([&] { harness.use_participant("bank", ParticipantFactory()); }),
              HasSubstr("is empty"));
  EXPECT_THAT(error_of([&] { harness.switch_off(Rule::kTransientFaultsMasked, ""); }),
              HasSubstr("switch_off(I15): the reason is empty; say why"));
}

TEST(SagaTestHarnessMisuseTest, DoesNotIgnorePlannedFaults) {
  SagaTestHarness harness(order_saga());
  harness.fail({"bank", "pay"});
  EXPECT_THAT(error_of([&] { harness.run({}); }),
              HasSubstr("run() would ignore the planned fault pay.action#1:rejected"));
  EXPECT_THAT(error_of([&] { static_cast<void>(harness.explore()); }), HasSubstr("explore() would ignore"));
  harness.start_saga();
  harness.run({});
}

}  // namespace
}  // namespace saga_harness
