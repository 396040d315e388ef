#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness/orchestrator.hpp>

namespace saga_harness {
namespace {

bool is_shared(FakeKind kind) {
  switch (kind) {
    case FakeKind::kStock:
    case FakeKind::kBalances:
    case FakeKind::kSharedValues:
      return true;
    case FakeKind::kLedger:
    case FakeKind::kOrders:
    case FakeKind::kShipments:
      return false;
  }
  return false;
}

}  // namespace

ConcurrentExperiment concurrent_experiment(const Scenario& scenario, std::string_view coordinator,
                                           std::string_view participant) {
  if (scenario.saga.choreography)
    throw Error(ErrorText{
        .message = fmt::format("{}: the sagas of a choreography meet on one bus, not only at what they share",
                               scenario.source.empty() ? "scenario" : scenario.source),
        .fix = "search it with saga-harness explore, which puts the sagas of \"together\" on one bus"});
  if (scenario.together.empty())
    throw Error(
        ErrorText{.message = fmt::format("{}: the scenario does not say which sagas run at the same time",
                                         scenario.source.empty() ? "scenario" : scenario.source),
                  .fix = "add \"together\" with the context of each, e.g. \"together\": [{}, {}]"});
  ConcurrentExperiment concurrent;
  concurrent.history = std::make_shared<AccessHistory>();
  const Mutant* mutant = find_mutant(coordinator);
  const bool is_of_all = mutant != nullptr && mutant->together;
  std::vector<Coordinator> coordinators;
  if (is_of_all) coordinators = orchestrators_that_swap_states(scenario.together.size());
  for (std::size_t saga = 0; saga < scenario.together.size(); ++saga) {
    Experiment& each = concurrent.sagas.emplace_back(
        experiment(scenario, is_of_all ? kReference : coordinator, participant));
    if (is_of_all) {
      each.setup.coordinator = coordinators[saga];
      each.coordinator_name = coordinator;
    }
    each.setup.context = scenario.together[saga];
    concurrent.has_other_context.push_back(scenario.together[saga] != scenario.saga.context);
    each.setup.saga_id = fmt::format("{}-{}", scenario.saga.name, saga + 1);
  }
  for (const auto& [service, spec] : scenario.participants) {
    if (!is_shared(spec.fake)) continue;
    concurrent.shared[service] =
        spec.fake == FakeKind::kSharedValues
            ? ledger_fake(spec.guarantees,
                          shared_values(spec.amounts, spec.uses, spec.countermeasures, concurrent.history),
                          service, spec.at_step)
            : concurrent.sagas.front().setup.participants.at(service);
  }
  if (concurrent.shared.empty())
    throw Error(ErrorText{.message = fmt::format(
                              "{}: the sagas of \"together\" share nothing, so nothing can come between them",
                              scenario.source.empty() ? "scenario" : scenario.source),
                          .fix = "give a participant the fake \"stock\", \"balances\" or \"shared_values\""});
  return concurrent;
}

}  // namespace saga_harness
