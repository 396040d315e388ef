#include <algorithm>
#include <memory>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::in_quotes;

/// @throws Error if `name` is no mutant of that sort.
void check_name(std::string_view name, bool participant) {
  const Mutant* mutant = find_mutant(name);
  if (name == kReference || (mutant != nullptr && mutant->participant == participant)) return;
  const std::string_view sort = participant ? "participant" : "coordinator";
  const std::string_view other = participant ? "coordinator" : "participant";
  if (mutant != nullptr) {
    throw Error(in_quotes(name) + " is a " + std::string(other) + ", not a " + std::string(sort) +
                "; give it as the " + std::string(other));
  }
  std::vector<std::string_view> names{kReference};
  for (const Mutant& candidate : mutants()) {
    if (candidate.participant == participant) names.push_back(candidate.name);
  }
  std::string mend = internal::suggestion(name, names);
  if (mend.empty()) mend = "; the correct one is " + in_quotes(kReference);
  throw Error("there is no " + std::string(sort) + " " + in_quotes(name) + mend);
}

OrchestratorBug find_bug(std::string_view name) {
  for (const OrchestratorBug bug : all_orchestrator_bugs()) {
    if (name_of(bug) == name) return bug;
  }
  return OrchestratorBug::kNone;
}

void plant(std::string_view bug, ParticipantSpec& spec) {
  if (bug == markers::kNoDedup) spec.guarantees.deduplicates = false;
  if (bug == markers::kNoTombstone) spec.guarantees.tombstones = false;
  if (bug == markers::kNullCompensationFails) spec.guarantees.null_compensation = false;
  if (bug == markers::kCompensationNotIdempotent) spec.guarantees.idempotent_compensation = false;
  if (bug == markers::kPartialBatch) spec.partial_batch = spec.fake == FakeKind::kStock;
}

BusinessFactory make_business(const ParticipantSpec& spec, std::string_view service, const Saga& saga) {
  switch (spec.fake) {
    case FakeKind::kLedger:
      return {};
    case FakeKind::kStock:
      return stock(spec.amounts, spec.partial_batch);
    case FakeKind::kBalances:
      return balances(spec.amounts);
    case FakeKind::kOrders: {
      const auto pivot = std::find_if(saga.steps.begin(), saga.steps.end(), [service](const Step& step) {
        return step.pivot && step.service == service;
      });
      return orders(pivot == saga.steps.end() ? std::string() : pivot->name);
    }
    case FakeKind::kShipments:
      return shipments();
  }
  return {};
}

}  // namespace

ParticipantFactory make_participant(const ParticipantSpec& spec, std::string_view service, const Saga& saga) {
  return ledger_fake(spec.guarantees, make_business(spec, service, saga), std::string(service));
}

Experiment experiment(const Scenario& scenario, std::string_view coordinator, std::string_view participant) {
  check_name(coordinator, false);
  check_name(participant, true);

  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(scenario.saga);
  experiment.setup.coordinator = orchestrator(find_bug(coordinator));
  experiment.setup.context = scenario.saga.context;
  experiment.setup.earlier_sagas = scenario.earlier_sagas;
  experiment.switched_off = scenario.switched_off;
  experiment.coordinator_name = coordinator;
  experiment.participant_name = participant;
  experiment.source = scenario.source;

  bool planted = participant == kReference;
  for (const std::string_view service : experiment.setup.saga->services()) {
    const auto listed = scenario.participants.find(service);
    const ParticipantSpec correct =
        listed == scenario.participants.end() ? ParticipantSpec{} : listed->second;
    ParticipantSpec spec = correct;
    plant(participant, spec);
    planted = planted || spec != correct;
    experiment.setup.participants.emplace(service, make_participant(spec, service, scenario.saga));
  }
  if (!planted) {
    throw Error("no participant of the saga " + in_quotes(scenario.saga.name) + " can have the bug " +
                in_quotes(participant) + ", or they have it without; choose another scenario or participant");
  }
  return experiment;
}

}  // namespace saga_harness
