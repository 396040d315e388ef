#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <saga_harness/choreography.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/saga.hpp>

namespace saga_harness::test {

/// Two payments from accounts that are looked at first: 60 each, where 100 are left in all.
inline Saga payment() {
  Saga saga{.name = "payment",
            .steps = {{.name = "look", .service = "bank", .compensation = "forget"},
                      {.name = "take", .service = "bank", .compensation = "give_back"},
                      {.name = "ship", .service = "shop", .compensation = "recall"},
                      {.name = "close", .service = "bank", .pivot = true}}};
  return saga;
}

inline std::map<std::string, ValueUse, std::less<>> uses_of_payment() {
  return {{"look", {.reads = {"savings", "current"}}},
          {"take", {.changes = "/from", .by = "-/amount", .sum_of = {"savings", "current"}, .at_least = 0}},
          {"close", {.ends = true}}};
}

inline ConcurrentExperiment payments(Countermeasures countermeasures,
                                     std::vector<std::string> from = {"current", "current"},
                                     std::int64_t savings = 0, std::int64_t current = 100) {
  ConcurrentExperiment experiment;
  experiment.history = std::make_shared<AccessHistory>();
  const auto index = std::make_shared<const SagaIndex>(payment());
  for (std::size_t i = 0; i < from.size(); ++i) {
    Experiment saga;
    saga.setup.saga = index;
    use_reference(saga.setup, saga.claims);
    saga.setup.saga_id = "payment-" + std::to_string(i + 1);
    saga.setup.context = Context{{"from", from[i]}, {"amount", 60}};
    saga.setup.participants["bank"] = ledger_fake();
    saga.setup.participants["shop"] = ledger_fake();
    experiment.sagas.push_back(std::move(saga));
  }
  experiment.shared["bank"] =
      ledger_fake({},
                  shared_values({{"savings", savings}, {"current", current}}, uses_of_payment(),
                                countermeasures, experiment.history),
                  "bank");
  return experiment;
}

}  // namespace saga_harness::test
