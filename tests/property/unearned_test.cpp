// Ways to a green that was not earned, each with the word that it gets: a search that goes on from another,
// parts that do not belong together, records with something missing, gates, filters, versions, interleavings,
// choreographies, coordinators that find themselves an excuse. Beside each kind stands what is rightly green.

#include <algorithm>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/choreography.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness/known_finding.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/score.hpp>
#include <saga_harness/test_records.hpp>
#include <saga_harness/testing.hpp>

namespace saga_harness::property_test {
namespace {

using std::chrono_literals::operator""s;

Scenario loaded(const std::string& name) {
  return load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + name + ".json");
}
Scenario order() { return loaded("order_processing"); }
Scenario order_whose_payments_are_taken_twice() {
  Scenario scenario = order();
  scenario.participants["payment_service"].guarantees.deduplicates = false;
  return scenario;
}
Scenario order_with_bound(std::int64_t most_reserved) {
  Scenario scenario = order();
  scenario.invariants = {{.name = "little is reserved",
                          .quantities = {"inventory_service/PROD-1 reserved"},
                          .is_level = true,
                          .max = most_reserved}};
  return scenario;
}

const ExploreOptions kOneFault{
    .max_faults = 1,
    .kinds = {FaultKind::kRejected, FaultKind::kErrorAfterEffect, FaultKind::kRequestDuplicated}};

/// A file of the running test that is not there yet.
std::string fresh_file(const std::string& name) {
  const auto& info = *testing::UnitTest::GetInstance()->current_test_info();
  std::string test = info.name();
  std::ranges::replace(test, '/', '.');
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / ("unearned." + test);
  std::filesystem::create_directories(folder);
  const std::filesystem::path path = folder / name;
  std::filesystem::remove(path);
  return path.string();
}

std::string word(const Exploration& found) { return std::string(word_of(found.verdict)); }
std::string word(const Interleavings& found) { return std::string(word_of(found.verdict)); }
std::string word(const Report& report, const GateOptions& options) {
  return std::string(verdict_word(judge_gate(report, options).exit_code()));
}
std::string word(const Report& report) { return std::string(verdict_word(exit_code_of(report))); }

std::string searched(const Experiment& subject, const ExploreOptions& options = kOneFault) {
  return word(explore(subject, options));
}

/// The first search leaves its state, and the second goes on from it.
std::string resumed(const Experiment& first, const Experiment& second) {
  ExploreOptions options = kOneFault;
  options.resume = fresh_file("state");
  static_cast<void>(explore(first, options));
  return searched(second, options);
}

/// Two halves, each of another subject, taken for one search of the first.
std::string merged(const Experiment& first, const Experiment& second, std::uint32_t second_half = 1) {
  std::vector<std::string> files;
  for (const auto& [subject, index] : {std::pair(&first, 0U), std::pair(&second, second_half)}) {
    ExploreOptions options = kOneFault;
    options.shard = {index, 2};
    files.push_back(options.tally = fresh_file("tally" + std::to_string(files.size())));
    static_cast<void>(explore(*subject, options));
  }
  return word(merge_tallies(first, kOneFault, files));
}

std::string records_of(const Experiment& subject, ExploreOptions options = kOneFault) {
  RunRecords records(subject, options);
  std::string text = records.header();
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  const Exploration found = explore(subject, options);
  return text + records.end(found);
}
/// What the reports of the running test say is missing, for a failure to show.
std::string& said_of_reports() {
  static std::string said;
  return said;
}
Report report_of(const std::vector<std::string>& texts) {
  std::vector<RecordText> records;
  for (const std::string& text : texts) records.push_back({"runs.jsonl", text});
  Report report = merge_records(records);
  for (const std::string& missing : report.incomplete) said_of_reports() += missing + '\n';
  return report;
}
std::string records_of_half(const Experiment& subject, std::uint32_t half) {
  ExploreOptions options = kOneFault;
  options.shard = {half, 2};
  return records_of(subject, options);
}
/// Without its lines that contain `part`.
std::string without_lines(const std::string& text, std::string_view part) {
  std::string rest;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string line = text.substr(at, end - at);
    if (line.find(part) == std::string::npos) rest += line;
    at = end;
  }
  return rest;
}

std::string records_of_a_run() {
  const Experiment subject = experiment(order());
  RunRecords records(subject);
  const Run run = run_plan(subject, {});
  std::string text = records.header();
  text += records.record(run);
  return text + records.end();
}

/// What a program of two tests left; `second`: how the second ended, nothing if it never began.
std::vector<std::string> tests_that_ended(std::optional<TestResult> second, bool has_end = true) {
  std::string text = tests_header("order_test", {"Order.Completes", "Order.Compensates"});
  text += test_began("Order.Completes") + test_ended("Order.Completes", TestResult::kPassed);
  if (second) text += test_began("Order.Compensates") + test_ended("Order.Compensates", *second);
  return {records_of_a_run(), has_end ? text + tests_end() : text};
}

/// Three steps; the coordinators below call them by name.
Saga three_steps() {
  return {.name = "three",
          .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                    {.name = "pay", .service = "bank", .compensation = "refund", .retry = {.attempts = 2}},
                    {.name = "ship", .service = "post", .pivot = true}},
          .deadline = 60s};
}
Experiment coordinated_by(Coordinator coordinator, Claims claims = {}, std::string version = "1") {
  SagaTestHarness harness(three_steps());
  harness.use_coordinator(std::move(coordinator), claims).named("own", std::move(version));
  return harness.experiment();
}
Experiment coordinated_well(std::string version = "1") {
  return coordinated_by(orchestrator(), Claims::all(), std::move(version));
}
Experiment handled_by(EventHandlerFactory handlers, const std::string& name = "order_choreography") {
  SagaTestHarness harness(loaded(name));
  harness.use_choreography(std::move(handlers), choreography_claims()).named("own", "1");
  return harness.experiment();
}
EventHandlerFactory always(Handled answer) {
  return [answer](std::string_view /*service*/) -> EventHandler {
    return [answer](const EventDelivery& /*delivery*/, HandlerContext& /*context*/) { return answer; };
  };
}
Experiment choreographed(ChoreographyBug bug) { return handled_by(choreography(bug)); }

ConcurrentExperiment two_payments() { return concurrent_experiment(loaded("two_payments")); }

Experiment with_known(const std::string& expires, std::string_view coordinator) {
  Experiment subject = experiment(order(), coordinator);
  for (const Finding& finding : explore(experiment(order(), "ambiguous_not_compensated"), kOneFault).findings)
    subject.known.push_back({.rule = std::string(id_of(finding.rule)),
                             .step = finding.step,
                             .outcome = finding.outcome,
                             .reason = "known",
                             .owner = "payments team",
                             .expires = expires,
                             .plan = finding.plan});
  return subject;
}
ExploreOptions on_day(const std::string& day) {
  ExploreOptions options = kOneFault;
  options.today = day;
  return options;
}

struct Cheat {
  std::string name;
  std::string word;  ///< that it gets; `refused` where an Error says why
  std::function<std::string()> attempt;
};
void PrintTo(const Cheat& cheat, std::ostream* out) { *out << cheat.name; }

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
         return word(report_of({records_of_half(subject, 0), records_of_half(subject, 1)}));
       }},
      {"ReportOneHalf", "inconclusive",
       [] { return word(report_of({records_of_half(experiment(order()), 0)})); }},
      {"ReportHalvesOfTwoParticipants", "violated",
       [] {
         return word(report_of({records_of_half(experiment(order()), 0),
                                records_of_half(experiment(order_whose_payments_are_taken_twice()), 1)}));
       }},
      {"ReportHalvesOfTwoVersions", "inconclusive",
       [] {
         return word(report_of(
             {records_of_half(coordinated_well("1"), 0), records_of_half(coordinated_well("2"), 1)}));
       }},
      {"ReportWithoutTheRunsThatViolate", "violated",
       [] {
         const std::string text = records_of(experiment(order(), "ambiguous_not_compensated"));
         return word(report_of({without_lines(text, "\"violated\":[[")}));
       }},
      {"ReportWithoutTheRunsThatViolateAndTheirFindings", "inconclusive",
       [] {
         const std::string text = records_of(experiment(order(), "ambiguous_not_compensated"));
         return word(report_of({without_lines(without_lines(text, "\"violated\":[["), "{\"finding\"")}));
       }},
      {"ReportWithoutTheFindings", "refused",
       [] {
         const std::string text = records_of(experiment(order(), "ambiguous_not_compensated"));
         return word(report_of({without_lines(text, "{\"finding\"")}));
       }},
      {"ReportWithoutTheEnd", "inconclusive",
       [] { return word(report_of({without_lines(records_of(experiment(order())), "{\"end\"")})); }},
      {"ReportOfOneSearchThatCameOutDifferently", "error",
       [] {
         const std::string good = records_of(coordinated_well());
         const std::string bad = records_of(
             coordinated_by(orchestrator(OrchestratorBug::kAmbiguousNotCompensated), Claims::all()));
         return word(report_of({good, bad}));
       }},

      // Gates.
      {"GateOfAnUpheldSearch", "upheld",
       [] { return word(report_of({records_of(experiment(order()))}), {.exhausted = true}); }},
      {"GateThatToleratesEveryViolation", "violated",
       [] {
         const Report report = report_of({records_of(experiment(order(), "ambiguous_not_compensated"))});
         const Gate gate = judge_gate(report, {.max_violations = 1000});
         return std::string(verdict_word(shown_code(report, &gate)));
       }},
      {"GateOfASearchThatWasStopped", "inconclusive",
       [] {
         ExploreOptions stopped = kOneFault;
         stopped.max_schedules = 5;
         return word(report_of({records_of(experiment(order()), stopped)}), {});
       }},
      {"GateThatWantsSearchesWhereThereAreNone", "coverage_missed",
       [] { return word(report_of(tests_that_ended(TestResult::kPassed)), {.exhausted = true}); }},
      {"GateOfRulesThatNeverJudged", "coverage_missed",
       [] { return word(report_of({records_of(experiment(order()))}), {.min_rules = kRuleCount}); }},
      {"GateOfLessThanTheBaselineHeld", "coverage_missed",
       [] {
         const Report wide = report_of({records_of(experiment(order()))});
         ExploreOptions narrow = kOneFault;
         narrow.kinds = {FaultKind::kRejected};
         return word(report_of({records_of(experiment(order()), narrow)}),
                     {.baseline = read_baseline(report_json(wide), "baseline.json")});
       }},
      {"GateOfACellThatWasExcludedAndStruck", "coverage_missed",
       [] {
         Scenario scenario = order();
         scenario.excluded = {{.cells = "process_payment.action@call:rejected",
                               .reason = "cannot be",
                               .owner = "payments team",
                               .expires = "2099-01-01"}};
         return word(report_of({records_of(experiment(scenario))}), {});
       }},

      // Known findings.
      {"AKnownFindingThatShows", "upheld",
       [] { return searched(with_known("2027-01-31", "ambiguous_not_compensated"), on_day("2027-01-31")); }},
      {"AKnownFindingForEver", "error",
       [] { return searched(with_known("2027-01-31", "ambiguous_not_compensated"), on_day("2027-02-01")); }},
      {"AKnownFindingThatWasFixed", "error",
       [] { return searched(with_known("2027-01-31", "reference"), on_day("2027-01-31")); }},
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
      {"TestsThatAllPassed", "upheld", [] { return word(report_of(tests_that_ended(TestResult::kPassed))); }},
      {"ATestThatFailed", "inconclusive",
       [] { return word(report_of(tests_that_ended(TestResult::kFailed))); }},
      {"ATestThatWasSkipped", "inconclusive",
       [] { return word(report_of(tests_that_ended(TestResult::kSkipped))); }},
      {"ATestThatAFilterLeftOut", "inconclusive",
       [] { return word(report_of(tests_that_ended(std::nullopt))); }},
      {"ATestThatCrashed", "inconclusive",
       [] {
         std::vector<std::string> left = tests_that_ended(std::nullopt, false);
         left.back() += test_began("Order.Compensates");
         return word(report_of(left));
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
         return searched(experiment(order()),
                         {.max_faults = 1, .swarm = Swarm{.seed = "monday", .schedules = 50}});
       }},
      {"EveryRuleOfOutcomesOff", "inconclusive",
       [] {
         Experiment blind = experiment(order());
         for (const Rule rule : {Rule::kTruthfulOutcome, Rule::kAtMostOnce, Rule::kTerminates})
           blind.switched_off.push_back({.rule = rule, .reason = "in the way"});
         return searched(blind);
       }},
      {"AnInvariantThatIsNeverExercised", "unknown",
       [] {
         Scenario scenario = order_with_bound(0);
         scenario.invariants[0].when = {Outcome::kFlagged};
         const Run run = run_plan(experiment(scenario), {});
         return std::string(name_of(run.verdicts.back().status));
       }},
      {"ASagaThatIsAlwaysRefused", "violated",
       [] {
         Scenario scenario = order();
         scenario.participants["inventory_service"].amounts["PROD-1"] = 0;
         return searched(experiment(scenario));
       }},
      {"ARequireThatTriedNothing", "inconclusive",
       [] {
         return std::string(
             word_of(relies_on(experiment(order()), guarantee_removals(order()), {.max_faults = 0}).verdict));
       }},

      // Coordinators that find themselves an excuse.
      {"ACoordinatorThatIsRight", "upheld", [] { return searched(coordinated_well()); }},
      {"OnlySaysFlagged", "inconclusive",
       [] { return searched(coordinated_by([](Runtime& runtime) { runtime.report(Outcome::kFlagged); })); }},
      {"SaysCompletedBeforehandAndTheTruthLater", "violated",
       [] {
         return searched(coordinated_by([](Runtime& runtime) {
           runtime.report(Outcome::kCompleted);
           orchestrator()(runtime);
         }));
       }},
      {"SleepsPastItsDeadlineInsteadOfTryingAgain", "violated",
       [] {
         return searched(coordinated_by(
                             [](Runtime& runtime) {
                               for (const auto& [service, action] :
                                    {std::pair("stock", "reserve"), std::pair("bank", "pay")}) {
                                 if (runtime.call({.service = service, .action = action}).ok()) continue;
                                 runtime.sleep(120s);
                                 for (const auto& [other, undo] :
                                      {std::pair("bank", "refund"), std::pair("stock", "release")})
                                   static_cast<void>(runtime.call({.service = other, .action = undo}));
                                 return runtime.report(Outcome::kCompensated);
                               }
                               const bool is_sent = runtime.call({.service = "post", .action = "ship"}).ok();
                               runtime.report(is_sent ? Outcome::kCompleted : Outcome::kFlagged);
                             },
                             {.retries = true}),
                         {.max_faults = 1, .kinds = {FaultKind::kUnavailable}, .windows = false});
       }},

      // Choreographies.
      {"HandlersThatAreRight", "upheld", [] { return searched(choreographed(ChoreographyBug::kNone)); }},
      {"HandlersThatThrowEveryEventAway", "violated",
       [] { return searched(handled_by(always(Handled::kDone))); }},
      {"HandlersThatGiveEveryEventUp", "violated",
       [] { return searched(handled_by(always(Handled::kGivenUp))); }},
      {"AHandlerThatGivesUpInsteadOfAskingAgain", "violated",
       [] {
         return searched(choreographed(ChoreographyBug::kGivesUpAtOnce),
                         {.max_faults = 1, .kinds = {FaultKind::kUnavailable}});
       }},
      {"AHandlerThatRemembersOnlyInItsMemory", "violated",
       [] { return searched(choreographed(ChoreographyBug::kDoneInMemory), {.max_faults = 1}); }},
      {"EventsThatBelongToNoSaga", "violated",
       [] { return searched(choreographed(ChoreographyBug::kEventContextLost)); }},

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

TEST_P(UnearnedTest, GetsTheWordThatItEarns) {
  const Cheat& cheat = GetParam();
  std::string got;
  std::string why;
  said_of_reports().clear();
  try {
    got = cheat.attempt();
  } catch (const Error& error) {
    got = error.kind() == ErrorKind::kInternal ? "error" : "refused";
    why = error.what();
  }
  EXPECT_EQ(got, cheat.word) << why << said_of_reports();
}

INSTANTIATE_TEST_SUITE_P(Each, UnearnedTest, testing::ValuesIn(cheats()),
                         [](const auto& cheat) { return cheat.param.name; });

}  // namespace
}  // namespace saga_harness::property_test
