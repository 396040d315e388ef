// Ways to a green that was not earned, each with the word that it gets: a search that goes on from another,
// parts that do not belong together, records with something missing, gates, filters, versions, interleavings,
// choreographies, coordinators that find themselves an excuse. Beside each kind stands what is rightly green.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/scenario.hpp>

#include "unearned.hpp"

namespace saga_harness::property_test {
namespace {

using namespace unearned;
using std::chrono_literals::operator""s;

const std::vector<Cheat>& cheats() {
  static const std::vector<Cheat> kCheats{
      // A search that goes on from the state of another.
      {"ResumeTheSame", "upheld", [] { return resumed(experiment(order()), experiment(order())); }},
      {"ResumeWithAParticipantThatDeduplicatesNoMore", "refused",
       [] { return resumed(experiment(order()), experiment(order_whose_payments_are_taken_twice())); }},
      {"ResumeWithAnotherBoundOfAnInvariant", "refused",
       [] { return resumed(experiment(order_with_bound(5)), experiment(order_with_bound(0))); }},
      {"ResumeWithARuleSwitchedOff", "refused",
       [] {
         Experiment lenient = experiment(order());
         lenient.switched_off = {{.rule = Rule::kAtMostOnce, .reason = "in the way"}};
         return resumed(experiment(order()), lenient);
       }},
      {"ResumeWithFewerClaims", "refused",
       [] {
         Experiment modest = experiment(order());
         modest.claims = {};
         return resumed(experiment(order()), modest);
       }},
      {"ResumeWithAnotherVersionOfOnesOwnCode", "refused",
       [] { return resumed(coordinated_well("1"), coordinated_well("2")); }},
      {"ResumeWithOtherCodeOfTheSameVersion", "refused",
       [] {
         return resumed(
             coordinated_well(),
             coordinated_by(orchestrator(OrchestratorBug::kAmbiguousNotCompensated), Claims::all()));
       }},
      {"ResumeWithAnotherContext", "refused",
       [] {
         Experiment richer = experiment(order());
         richer.setup.context = Context{{"customer_id", "CUST-123"}, {"total_amount", 1}};
         return resumed(experiment(order()), richer);
       }},

      // Halves that do not belong together.
      {"MergeTheHalvesOfOneSubject", "upheld",
       [] { return merged(experiment(order()), experiment(order())); }},
      {"MergeHalvesOfTwoParticipants", "refused",
       [] { return merged(experiment(order()), experiment(order_whose_payments_are_taken_twice())); }},
      {"MergeHalvesOfTwoBounds", "refused",
       [] { return merged(experiment(order_with_bound(5)), experiment(order_with_bound(0))); }},
      {"MergeHalvesOfTwoVersions", "refused",
       [] { return merged(coordinated_well("1"), coordinated_well("2")); }},
      {"MergeTheSameHalfTwice", "refused",
       [] { return merged(experiment(order()), experiment(order()), 0); }},

      // Records.
      {"ReportBothHalves", "upheld",
       [] {
         const Experiment subject = experiment(order());
         return word(report_on({records_of_half(subject, 0), records_of_half(subject, 1)}));
       }},
      {"ReportOneHalf", "inconclusive",
       [] { return word(report_on({records_of_half(experiment(order()), 0)})); }},
      {"ReportHalvesOfTwoParticipants", "violated",
       [] {
         return word(report_on({records_of_half(experiment(order()), 0),
                                records_of_half(experiment(order_whose_payments_are_taken_twice()), 1)}));
       }},
      {"ReportHalvesOfTwoVersions", "inconclusive",
       [] {
         return word(report_on(
             {records_of_half(coordinated_well("1"), 0), records_of_half(coordinated_well("2"), 1)}));
       }},
      {"ReportWithoutTheRunsThatViolate", "violated",
       [] {
         const std::string text = records_of(experiment(order(), "ambiguous_not_compensated"));
         return word(report_on({without_lines(text, "\"violated\":[[")}));
       }},
      {"ReportWithoutTheRunsThatViolateAndTheirFindings", "inconclusive",
       [] {
         const std::string text = records_of(experiment(order(), "ambiguous_not_compensated"));
         return word(report_on({without_lines(without_lines(text, "\"violated\":[["), "{\"finding\"")}));
       }},
      {"ReportWithoutTheFindings", "refused",
       [] {
         const std::string text = records_of(experiment(order(), "ambiguous_not_compensated"));
         return word(report_on({without_lines(text, "{\"finding\"")}));
       }},
      {"ReportWithoutTheEnd", "inconclusive",
       [] { return word(report_on({without_lines(records_of(experiment(order())), "{\"end\"")})); }},
      {"ReportOfOneSearchThatCameOutDifferently", "error",
       [] {
         const std::string good = records_of(coordinated_well());
         const std::string bad = records_of(
             coordinated_by(orchestrator(OrchestratorBug::kAmbiguousNotCompensated), Claims::all()));
         return word(report_on({good, bad}));
       }},

      {"UnreachableWithoutTryingAFault", "not_reached",
       [] {
         const Report report = report_on({records_of(experiment(order()), {.max_faults = 0})});
         const std::vector<ReportCell>& cells = report.sagas.at(0).cells;
         const auto undoing = std::ranges::find_if(
             cells, [](const ReportCell& cell) { return cell.operation == Operation::kCompensation; });
         return std::string(name_of(undoing->status));
       }},

      // Gates.
      {"GateOfAnUpheldSearch", "upheld",
       [] { return word(report_on({records_of(experiment(order()))}), {.exhausted = true}); }},
      {"GateThatToleratesEveryViolation", "violated",
       [] {
         const Report report = report_on({records_of(experiment(order(), "ambiguous_not_compensated"))});
         const Gate gate = judge_gate(report, {.max_violations = 1000});
         return std::string(verdict_word(shown_code(report, &gate)));
       }},
      {"GateOfASearchThatWasStopped", "inconclusive",
       [] {
         ExploreOptions stopped = kOneFault;
         stopped.max_schedules = 5;
         return word(report_on({records_of(experiment(order()), stopped)}), {});
       }},
      {"GateThatWantsSearchesWhereThereAreNone", "coverage_missed",
       [] { return word(report_on(tests_that_ended(TestResult::kPassed)), {.exhausted = true}); }},
      {"GateOfRulesThatNeverJudged", "coverage_missed",
       [] { return word(report_on({records_of(experiment(order()))}), {.min_rules = kRuleCount}); }},
      {"GateOfLessThanTheBaselineHeld", "coverage_missed",
       [] {
         const Report wide = report_on({records_of(experiment(order()))});
         ExploreOptions narrow = kOneFault;
         narrow.kinds = {FaultKind::kRejected};
         return word(report_on({records_of(experiment(order()), narrow)}),
                     {.baseline = read_baseline(report_json(wide), "baseline.json")});
       }},
      {"GateOfACellThatWasExcludedAndStruck", "coverage_missed",
       [] {
         Scenario scenario = order();
         scenario.excluded = {{.cells = "process_payment.action@call:rejected",
                               .reason = "cannot be",
                               .owner = "payments team",
                               .expires = "2099-01-01"}};
         return word(report_on({records_of(experiment(scenario))}), {});
       }},

      // Known findings.
      {"AKnownFindingThatShows", "upheld",
       [] {
         return word_of_search(with_known("2027-01-31", "ambiguous_not_compensated"), on_day("2027-01-31"));
       }},
      {"AKnownFindingForEver", "error",
       [] {
         return word_of_search(with_known("2027-01-31", "ambiguous_not_compensated"), on_day("2027-02-01"));
       }},
      {"AKnownFindingThatWasFixed", "error",
       [] { return word_of_search(with_known("2027-01-31", "reference"), on_day("2027-01-31")); }},
      {"AMutantComparedWithWhatExpired", "error",
       [] {
         const MutantCase one{.name = "no_idempotency_key",
                              .bug = "It has a bug.",
                              .mutated = experiment(order(), "no_idempotency_key"),
                              .reference = with_known("2027-01-31", "ambiguous_not_compensated")};
         return std::string(word_of(
             score(std::span(&one, 1), {.explore = on_day("2027-02-01"), .ablation = false, .swarm_seeds = 0})
                 .verdict));
       }},

      // Tests that did not run.
      {"TestsThatAllPassed", "upheld", [] { return word(report_on(tests_that_ended(TestResult::kPassed))); }},
      {"ATestThatFailed", "inconclusive",
       [] { return word(report_on(tests_that_ended(TestResult::kFailed))); }},
      {"ATestThatWasSkipped", "inconclusive",
       [] { return word(report_on(tests_that_ended(TestResult::kSkipped))); }},
      {"ATestThatAFilterLeftOut", "inconclusive",
       [] { return word(report_on(tests_that_ended(std::nullopt))); }},
      {"ATestThatCrashed", "inconclusive",
       [] {
         std::vector<std::string> left = tests_that_ended(std::nullopt, false);
         left.back() += test_began("Order.Compensates");
         return word(report_on(left));
       }},

      // What a search has not seen.
      {"ASearchOfOneHalfForATest", "no match",
       [] {
         ExploreOptions half = kOneFault;
         half.shard = {0, 2};
         const Exploration found = explore(experiment(order()), half);
         return std::string(testing::Matches(FindsNoViolation())(found) ? "match" : "no match");
       }},
      {"ASearchThatWasStoppedForATest", "no match",
       [] {
         const Exploration found = explore(experiment(order()), {.max_faults = 1, .max_schedules = 4});
         return std::string(testing::Matches(FindsNoViolation())(found) ? "match" : "no match");
       }},
      {"ASample", "inconclusive",
       [] {
         return word_of_search(experiment(order()),
                               {.max_faults = 1, .swarm = Swarm{.seed = "monday", .schedules = 50}});
       }},
      {"EveryRuleOfOutcomesOff", "inconclusive",
       [] {
         Experiment blind = experiment(order());
         for (const Rule rule : {Rule::kTruthfulOutcome, Rule::kAtMostOnce, Rule::kTerminates})
           blind.switched_off.push_back({.rule = rule, .reason = "in the way"});
         return word_of_search(blind);
       }},
      {"AnInvariantThatIsNeverExercised", "unknown",
       [] {
         Scenario scenario = order_with_bound(0);
         scenario.invariants[0].when = {Outcome::kFlagged};
         const Run run = run_plan(experiment(scenario), {});
         return std::string(name_of(run.verdicts.back().status));
       }},
      {"ASearchThatNeverExercisesAnInvariant", "inconclusive",
       [] {
         Scenario scenario = order_with_bound(0);
         scenario.invariants[0].when = {Outcome::kFlagged};
         return word_of_search(experiment(scenario), {.max_faults = 0});
       }},
      {"ASagaThatIsAlwaysRefused", "violated",
       [] {
         Scenario scenario = order();
         scenario.participants["inventory_service"].amounts["PROD-1"] = 0;
         return word_of_search(experiment(scenario));
       }},
      {"ARequireThatTriedNothing", "inconclusive",
       [] {
         return std::string(
             word_of(relies_on(experiment(order()), guarantee_removals(order()), {.max_faults = 0}).verdict));
       }},

      // Coordinators that find themselves an excuse.
      {"ACoordinatorThatIsRight", "upheld", [] { return word_of_search(coordinated_well()); }},
      {"OnlySaysFlagged", "inconclusive",
       [] {
         return word_of_search(coordinated_by([](Runtime& runtime) { runtime.report(Outcome::kFlagged); }));
       }},
      {"SaysCompletedBeforehandAndTheTruthLater", "violated",
       [] {
         return word_of_search(coordinated_by([](Runtime& runtime) {
           runtime.report(Outcome::kCompleted);
           orchestrator()(runtime);
         }));
       }},
      {"SleepsPastItsDeadlineInsteadOfTryingAgain", "violated",
       [] {
         return word_of_search(coordinated_by(
                                   [](Runtime& runtime) {
                                     for (const auto& [service, action] :
                                          {std::pair("stock", "reserve"), std::pair("bank", "pay")}) {
                                       if (runtime.call({.service = service, .action = action}).ok())
                                         continue;
                                       runtime.sleep(120s);
                                       for (const auto& [other, undo] :
                                            {std::pair("bank", "refund"), std::pair("stock", "release")})
                                         static_cast<void>(runtime.call({.service = other, .action = undo}));
                                       return runtime.report(Outcome::kCompensated);
                                     }
                                     const bool is_sent =
                                         runtime.call({.service = "post", .action = "ship"}).ok();
                                     runtime.report(is_sent ? Outcome::kCompleted : Outcome::kFlagged);
                                   },
                                   {.retries = true}),
                               {.max_faults = 1, .kinds = {FaultKind::kUnavailable}, .windows = false});
       }},

      // Choreographies.
      {"HandlersThatAreRight", "upheld",
       [] { return word_of_search(choreographed(ChoreographyBug::kNone)); }},
      {"HandlersThatThrowEveryEventAway", "violated",
       [] { return word_of_search(handled_by(always(Handled::kDone))); }},
      {"HandlersThatGiveEveryEventUp", "violated",
       [] { return word_of_search(handled_by(always(Handled::kGivenUp))); }},
      {"AHandlerThatGivesUpInsteadOfAskingAgain", "violated",
       [] {
         return word_of_search(choreographed(ChoreographyBug::kGivesUpAtOnce),
                               {.max_faults = 1, .kinds = {FaultKind::kUnavailable}});
       }},
      {"AHandlerThatRemembersOnlyInItsMemory", "violated",
       [] { return word_of_search(choreographed(ChoreographyBug::kDoneInMemory), {.max_faults = 1}); }},
      {"EventsThatBelongToNoSaga", "violated",
       [] { return word_of_search(choreographed(ChoreographyBug::kEventContextLost)); }},

      // Several sagas at the same time.
      {"SagasThatKeepOutOfEachOthersWay", "upheld",
       [] { return word(explore_interleavings(two_payments(), {.max_faults = 0})); }},
      {"OrdersThatWereNotAllTried", "inconclusive",
       [] { return word(explore_interleavings(two_payments(), {.max_faults = 1, .max_schedules = 3})); }},
      {"ASampleOfOrders", "inconclusive",
       [] { return word(sample_interleavings(two_payments(), {.max_faults = 1}, "monday", 20)); }},
      {"SagasWhoseReadsNobodyWatches", "inconclusive",
       [] {
         ConcurrentExperiment blind = two_payments();
         blind.history.reset();
         for (auto& [service, participant] : blind.shared) participant = ledger_fake();
         return word(explore_interleavings(blind, {.max_faults = 0}));
       }},
      {"SagasOfWhichNothingIsKnown", "violated",
       [] {
         return word(explore_interleavings(concurrent_experiment(loaded("two_payments"), "forward_order"),
                                           rejections_on("2027-01-31")));
       }},
      {"SagasOfWhichWhatShowsIsKnown", "upheld",
       [] {
         return word(explore_interleavings(two_with_known("forward_order"), rejections_on("2027-01-31")));
       }},
      {"SagasOfWhichWhatIsKnownHasExpired", "error",
       [] {
         return word(explore_interleavings(two_with_known("forward_order"), rejections_on("2027-02-01")));
       }},
      {"SagasOfWhichWhatIsKnownWasFixed", "error",
       [] { return word(explore_interleavings(two_with_known("reference"), rejections_on("2027-01-31"))); }},
      {"SagasThatShareNothing", "refused",
       [] {
         Scenario apart = order();
         apart.together = {Context{{"order", 1}}, Context{{"order", 2}}};
         for (auto& [service, spec] : apart.participants) spec = {};
         return word(explore_interleavings(concurrent_experiment(apart), {.max_faults = 0}));
       }},
  };
  return kCheats;
}

class UnearnedTest : public testing::TestWithParam<Cheat> {};

TEST_P(UnearnedTest, GetsTheWordThatItEarns) { expect_word(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Each, UnearnedTest, testing::ValuesIn(cheats()),
                         [](const auto& cheat) { return cheat.param.name; });

}  // namespace
}  // namespace saga_harness::property_test
