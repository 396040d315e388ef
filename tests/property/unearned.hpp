#pragma once

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

/// What ways to a green are made of: searches, halves of searches, records of them, coordinators, and the
/// word that each gets.
namespace saga_harness::property_test::unearned {

using std::chrono_literals::operator""s;

inline Scenario loaded(const std::string& name) {
  return load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/" + name + ".json");
}
inline Scenario order() { return loaded("order_processing"); }
inline Scenario order_whose_payments_are_taken_twice() {
  Scenario scenario = order();
  scenario.participants["payment_service"].guarantees.deduplicates = false;
  return scenario;
}
inline Scenario order_with_bound(std::int64_t most_reserved) {
  Scenario scenario = order();
  scenario.invariants = {{.name = "little is reserved",
                          .quantities = {"inventory_service/PROD-1 reserved"},
                          .is_level = true,
                          .max = most_reserved}};
  return scenario;
}

inline const ExploreOptions kOneFault{
    .max_faults = 1,
    .kinds = {FaultKind::kRejected, FaultKind::kErrorAfterEffect, FaultKind::kRequestDuplicated}};

/// A file of the running test that is not there yet.
inline std::string fresh_file(const std::string& name) {
  const auto& info = *testing::UnitTest::GetInstance()->current_test_info();
  std::string test = info.name();
  std::ranges::replace(test, '/', '.');
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / ("unearned." + test);
  std::filesystem::create_directories(folder);
  const std::filesystem::path path = folder / name;
  std::filesystem::remove(path);
  return path.string();
}

inline std::string word(const Exploration& found) { return std::string(word_of(found.verdict)); }
inline std::string word(const Interleavings& found) { return std::string(word_of(found.verdict)); }
inline std::string word(const Report& report, const GateOptions& options) {
  return std::string(verdict_word(judge_gate(report, options).exit_code()));
}
inline std::string word(const Report& report) { return std::string(verdict_word(exit_code_of(report))); }

inline std::string word_of_search(const Experiment& subject, const ExploreOptions& options = kOneFault) {
  return word(explore(subject, options));
}

/// The first search leaves its state, and the second goes on from it.
inline std::string resumed(const Experiment& first, const Experiment& second) {
  ExploreOptions options = kOneFault;
  options.resume = fresh_file("state");
  static_cast<void>(explore(first, options));
  return word_of_search(second, options);
}

/// Two halves, each of another subject, taken for one search of the first.
inline std::string merged(const Experiment& first, const Experiment& second, std::uint32_t second_half = 1) {
  std::vector<std::string> files;
  for (const auto& [subject, index] : {std::pair(&first, 0U), std::pair(&second, second_half)}) {
    ExploreOptions options = kOneFault;
    options.shard = {index, 2};
    files.push_back(options.tally = fresh_file("tally" + std::to_string(files.size())));
    static_cast<void>(explore(*subject, options));
  }
  return word(merge_tallies(first, kOneFault, files));
}

inline std::string records_of(const Experiment& subject, ExploreOptions options = kOneFault) {
  RunRecords records(subject, options);
  std::string text = records.header();
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  const Exploration found = explore(subject, options);
  return text + records.end(found);
}
/// What the reports of the running test say is missing, for a failure to show.
inline std::string& said_of_reports() {
  static std::string said;
  return said;
}
inline Report report_on(const std::vector<std::string>& texts) {
  std::vector<RecordText> records;
  for (const std::string& text : texts) records.push_back({"runs.jsonl", text});
  Report report = merge_records(records);
  for (const std::string& missing : report.incomplete) said_of_reports() += missing + '\n';
  return report;
}
inline std::string records_of_half(const Experiment& subject, std::uint32_t half) {
  ExploreOptions options = kOneFault;
  options.shard = {half, 2};
  return records_of(subject, options);
}
/// Without its lines that contain `part`.
inline std::string without_lines(const std::string& text, std::string_view part) {
  std::string rest;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string line = text.substr(at, end - at);
    if (line.find(part) == std::string::npos) rest += line;
    at = end;
  }
  return rest;
}

inline std::string records_of_a_run() {
  const Experiment subject = experiment(order());
  RunRecords records(subject);
  const Run run = run_plan(subject, {});
  std::string text = records.header();
  text += records.record(run);
  return text + records.end();
}

/// What a program of two tests left; `second`: how the second ended, nothing if it never began.
inline std::vector<std::string> tests_that_ended(std::optional<TestResult> second, bool has_end = true) {
  std::string text = tests_header("order_test", {"Order.Completes", "Order.Compensates"});
  text += test_began("Order.Completes") + test_ended("Order.Completes", TestResult::kPassed);
  if (second) text += test_began("Order.Compensates") + test_ended("Order.Compensates", *second);
  return {records_of_a_run(), has_end ? text + tests_end() : text};
}

/// Three steps; the coordinators below call them by name.
inline Saga three_steps() {
  return {.name = "three",
          .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                    {.name = "pay", .service = "bank", .compensation = "refund", .retry = {.attempts = 2}},
                    {.name = "ship", .service = "post", .pivot = true}},
          .deadline = 60s};
}
inline Experiment coordinated_by(Coordinator coordinator, Claims claims = {}, std::string version = "1") {
  SagaTestHarness harness(three_steps());
  harness.use_coordinator(std::move(coordinator), claims).named("own", std::move(version));
  return harness.experiment();
}
inline Experiment coordinated_well(std::string version = "1") {
  return coordinated_by(orchestrator(), Claims::all(), std::move(version));
}
inline Experiment handled_by(EventHandlerFactory handlers, const std::string& name = "order_choreography") {
  SagaTestHarness harness(loaded(name));
  harness.use_choreography(std::move(handlers), choreography_claims()).named("own", "1");
  return harness.experiment();
}
inline EventHandlerFactory always(Handled answer) {
  return [answer](std::string_view /*service*/) -> EventHandler {
    return [answer](const EventDelivery& /*delivery*/, HandlerContext& /*context*/) { return answer; };
  };
}
inline Experiment choreographed(ChoreographyBug bug) { return handled_by(choreography(bug)); }

inline ConcurrentExperiment two_payments() { return concurrent_experiment(loaded("two_payments")); }

inline Experiment with_known(const std::string& expires, std::string_view coordinator) {
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
/// The same of two sagas at the same time.
inline ConcurrentExperiment two_with_known(std::string_view coordinator) {
  ConcurrentExperiment sagas = concurrent_experiment(loaded("two_payments"), coordinator);
  const ConcurrentExperiment broken = concurrent_experiment(loaded("two_payments"), "forward_order");
  const auto& subject = broken.sagas.front();
  const ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kRejected}};
  for (const Finding& finding : explore(subject, options).findings) {
    for (Experiment& saga : sagas.sagas) {
      saga.known.push_back({.rule = std::string(id_of(finding.rule)),
                            .step = finding.step,
                            .outcome = finding.outcome,
                            .reason = "known",
                            .owner = "payments team",
                            .expires = "2027-01-31",
                            .plan = finding.plan});
    }
  }
  return sagas;
}
inline InterleavingOptions rejections_on(const std::string& day) {
  return {.max_faults = 1, .kinds = {FaultKind::kRejected}, .today = day};
}
inline ExploreOptions on_day(const std::string& day) {
  ExploreOptions options = kOneFault;
  options.today = day;
  return options;
}

/// A way to a green, and the word that it gets: `refused` where an Error says why.
struct Cheat {
  std::string name;
  std::string word;
  std::function<std::string()> attempt;
};
inline void PrintTo(const Cheat& cheat, std::ostream* out) { *out << cheat.name; }

inline void expect_word(const Cheat& cheat) {
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

}  // namespace saga_harness::property_test::unearned
