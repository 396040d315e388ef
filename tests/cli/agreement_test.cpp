// One verdict of subjects in other processes, whoever is asked: the search on the terminal and as JSON, every
// report of its records, the gate.

#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "python_targets.hpp"
#include "support/told.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using support::disagreements;
using support::output;

const std::map<std::string, int> kCodes{{"upheld", 0}, {"violated", 1}, {"inconclusive", 3}, {"error", 70}};

/// A search, where it leaves its records, and what it said.
struct Search {
  std::string name = {};
  std::vector<std::string> arguments = {};
  std::string records = {};
  Result result = {};
};

Search search(const std::string& name, std::vector<std::string> arguments) {
  const std::string records = scratch(name);
  arguments.insert(arguments.end(), {"--json", "--out", records});
  return {.name = name, .arguments = std::move(arguments), .records = records};
}

/// What is waited for is other processes: so a few at a time.
void run_all(std::vector<Search>& searches) {
  constexpr std::size_t kAtATime = 5;
  std::vector<std::thread> threads;
  for (std::size_t first = 0; first < kAtATime; ++first) {
    threads.emplace_back([&searches, first] {
      for (std::size_t i = first; i < searches.size(); i += kAtATime)
        searches[i].result = run(searches[i].arguments);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// What is told of each cell, in the order of the cells.
std::vector<std::string> cells_told(const json& cells) {
  std::vector<std::string> told;
  for (const json& cell : cells) {
    json facts = json::array();
    for (const char* key : {"step", "operation", "where", "kind", "status", "reached", "fired", "judged",
                            "violated", "outcomes"})
      facts.push_back(cell.at(key));
    told.push_back(facts.dump());
  }
  return told;
}

void expect_cells(const json& document, const std::string& report) {
  const json saga = json::parse(report).at("sagas").at(0);
  EXPECT_EQ(cells_told(saga.at("cells")), cells_told(document.at("cells")));
  EXPECT_EQ(cells_told(saga.at("undeclared")), cells_told(document.at("undeclared")));
}

/// Asks every other output for the same, and gives the word.
std::string expect_agreement(const Search& search) {
  SCOPED_TRACE(search.name);
  const json document = json::parse(search.result.out, nullptr, false);
  if (!document.is_object()) {
    ADD_FAILURE() << search.result.out << search.result.err;
    return "error";
  }
  const support::Told told = support::told_by(document);
  const int code = kCodes.at(told.word);
  EXPECT_EQ(search.result.exit_code, code);
  EXPECT_EQ(read_file(search.records + "/exploration.json"), search.result.out);
  for (const support::Output& each : support::outputs()) {
    if (each.name.starts_with("search") || each.name.starts_with("matcher")) continue;
    const Result reported = run({"report", search.records, "--format", std::string(each.name)});
    EXPECT_EQ(reported.exit_code, code) << each.name;
    EXPECT_THAT(disagreements(told, each, reported.out), testing::IsEmpty()) << each.name;
    if (each.name == "json") expect_cells(document, reported.out);
  }
  EXPECT_EQ(run({"report", search.records, "--gate"}).exit_code, code);
  return told.word;
}

void expect_agreement_of_all(std::vector<Search> searches) {
  run_all(searches);
  std::map<std::string, int> words;
  for (const Search& each : searches) ++words[expect_agreement(each)];
  for (const char* word : {"upheld", "violated", "inconclusive"}) EXPECT_GT(words[word], 0) << word;
}

const std::vector<std::string> kWithoutFaults{"-k", "0"};
const std::vector<std::string> kRejected{"-k", "1", "--faults", "rejected"};
const std::vector<std::string> kLost{"-k", "1", "--faults", "reply_lost,request_lost", "--no-windows"};
const std::vector<std::string> kCrashed{"-k", "1", "--faults", "coordinator_crash"};
const std::vector<std::string> kStopped{"-k", "1", "--max-schedules", "3"};

Search of_target(const std::string& name, const json& target, const std::vector<std::string>& options) {
  std::vector<std::string> arguments{"explore", shop(), "--target",
                                     write_scratch(name + ".json", target.dump())};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return search(name, std::move(arguments));
}

/// Servers, durable ones, and a process for each saga; correct, and with bugs.
std::vector<Search> of_targets() {
  std::vector<Search> all;
  const auto add = [&all](const json& target, const std::vector<std::string>& options) {
    all.push_back(of_target("target-" + std::to_string(all.size()), target, options));
  };
  for (const char* bug : {"none", "always_back", "pays_first", "only_flags", "gives_up"})
    add(server(bug), kWithoutFaults);
  for (const char* bug : {"none", "completes_on_error", "forgets_in_doubt", "wrong_order", "fresh_keys"})
    add(server(bug), kLost);
  for (const char* bug : {"none", "stops_at_first", "undoes_later"}) add(server(bug), kRejected);
  add(server("none"), kStopped);
  for (const char* bug : {"none", "forgets_on_restart"}) add(durable_server(bug), kCrashed);
  for (const char* bug : {"none", "wrong_order"}) add(process_per_saga(bug), kRejected);
  for (const char* bug : {"none", "forgets_in_doubt"}) add(process_per_saga(bug), kLost);
  return all;
}

std::vector<Search> of_services_behind_a_broker() {
  const std::string target =
      std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/../tests/http/targets/nats_choreography";
  const std::vector<std::pair<std::string, std::vector<std::string>>> kKinds{
      {"",
       {"rejected", "unavailable", "error_after_effect", "request_lost", "request_duplicated", "request_late",
        "reply_lost"}},
      {"_no_inbox", {"rejected", "unavailable", "request_duplicated", "request_lost"}},
      {"_acks_first", {"rejected", "unavailable", "request_duplicated", "reply_lost", "request_lost"}},
      {"_deaf_stock", {"unavailable", "request_duplicated", "reply_lost", "request_lost"}}};
  std::vector<Search> all;
  for (const auto& [bug, kinds] : kKinds) {
    for (const std::string& kind : kinds) {
      all.push_back(search("nats" + bug + "-" + kind,
                           {"explore", scenario("order_choreography"), "--target", target + bug + ".json",
                            "-k", "1", "--workers", "4", "--kinds", kind}));
    }
  }
  return all;
}

class TargetAgreementHeavyTest : public TargetCommandTest {};

constexpr std::size_t kOfEachWire = 20;

TEST_F(TargetAgreementHeavyTest, AllOutputsSayTheSameOfProcessesOverHttp) {
  std::vector<Search> all = of_targets();
  ASSERT_EQ(all.size(), kOfEachWire);
  expect_agreement_of_all(std::move(all));
}

TEST_F(TargetAgreementHeavyTest, AllOutputsSayTheSameOfServicesBehindABroker) {
  std::vector<Search> all = of_services_behind_a_broker();
  ASSERT_EQ(all.size(), kOfEachWire);
  expect_agreement_of_all(std::move(all));
}

// The command itself, from end to end, where everything happens in virtual time.
TEST(AgreementTest, AllOutputsSayTheSameOfWhatTheCommandRuns) {
  const std::vector<std::string> order{"explore", scenario("order_processing"), "-k", "1",
                                       "--kinds", "rejected,reply_lost"};
  std::vector<Search> all;
  for (const char* coordinator : {"reference", "skips_first", "ambiguous_not_compensated", "pivot_first"}) {
    std::vector<std::string> arguments = order;
    arguments.insert(arguments.end(), {"--coordinator", coordinator});
    all.push_back(search(coordinator, std::move(arguments)));
  }
  std::vector<std::string> stopped = order;
  stopped.insert(stopped.end(), {"--max-schedules", "5"});
  all.push_back(search("stopped", std::move(stopped)));
  all.push_back(
      search("choreography", {"explore", scenario("order_choreography"), "-k", "1", "--kinds", "rejected"}));
  expect_agreement_of_all(std::move(all));
}

}  // namespace
}  // namespace saga_harness::cli_tests
