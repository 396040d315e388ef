#pragma once

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace saga_harness::cli_tests {

/// A search, and what every output is to say of it.
struct Situation {
  std::string name = {};
  nlohmann::json scenario = {};
  ExploreOptions options = {.max_faults = 1};
  std::string word = "upheld";
  std::set<std::string> lacks = {};
  std::string coordinator = std::string(kReference);
  Coordinator own = {};  ///< one of a test's, which no command runs; its records are reported
};

/// One of each kind, whatever is lacking; of searches over the runs of one saga.
[[nodiscard]] std::vector<Situation> situations();

/// What `saga-harness explore` is to be called with.
[[nodiscard]] std::vector<std::string> arguments_of(const Situation& situation, const std::string& file);
/// The same in a test.
[[nodiscard]] SagaTestHarness harness_of(const Situation& situation);

/// Three steps, the last of them the pivot.
[[nodiscard]] nlohmann::json order_saga();
/// Nobody looks at how a run of the saga ends.
[[nodiscard]] nlohmann::json outcome_rules_off(const nlohmann::json& saga);

/// Two sagas that share a bank, which only one of them goes to.
[[nodiscard]] nlohmann::json sagas_that_do_not_meet();

}  // namespace saga_harness::cli_tests
