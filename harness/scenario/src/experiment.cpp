#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <saga_harness/choreography.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/score.hpp>
#include <saga_harness_internal/text.hpp>

#include "declared.hpp"

namespace saga_harness {
namespace {

using internal::in_quotes;

constexpr std::string_view kWithout = "reference-without:";

/// @throws Error if `name` is no mutant of that sort.
void check_name(std::string_view name, bool participant) {
  const Mutant* mutant = find_mutant(name);
  if (participant && name.starts_with(kWithout)) return;
  if (name == kReference || (mutant != nullptr && mutant->participant == participant)) return;
  const std::string_view sort = participant ? "participant" : "coordinator";
  const std::string_view other = participant ? "coordinator" : "participant";
  if (mutant != nullptr) {
    throw Error(
        ErrorText{.message = in_quotes(name) + " is a " + std::string(other) + ", not a " + std::string(sort),
                  .fix = "give it as the " + std::string(other)});
  }
  std::vector<std::string_view> names{kReference};
  for (const Mutant& candidate : mutants()) {
    if (candidate.participant == participant) names.push_back(candidate.name);
  }
  std::string fix = internal::name_fix(name, names);
  if (fix.empty()) fix = "the correct one is " + in_quotes(kReference);
  throw Error(ErrorText{.message = "there is no " + std::string(sort) + " " + in_quotes(name), .fix = fix});
}

template <class Bug>
Bug find_bug(std::span<const Bug> bugs, std::string_view name) {
  const auto found = std::find_if(bugs.begin(), bugs.end(), [name](Bug bug) { return name_of(bug) == name; });
  return found == bugs.end() ? Bug::kNone : *found;
}

/// Empty if a subject of this sort can have the bug.
std::string wrong_sort(const Mutant* mutant, const Saga& saga) {
  const bool is_choreography = saga.choreography.has_value();
  if (mutant == nullptr || mutant->participant || is_choreography == mutant->choreography) return {};
  return is_choreography ? "the saga is a choreography, and the bug is one of orchestrators"
                         : "the bug is one of choreographies, and the saga is none";
}

/// The coordinator or, of a choreography, what its services do.
void cast_subject(std::string_view name, Experiment& experiment) {
  use_reference(experiment.setup, experiment.claims);
  if (name == kReference) return;
  const Saga& saga = experiment.setup.saga->saga();
  if (const std::string why = wrong_sort(find_mutant(name), saga); !why.empty())
    throw Error(ErrorText{
        .message = in_quotes(name) + " cannot be the coordinator of " + in_quotes(saga.name) + ": " + why,
        .fix = "choose another scenario or coordinator"});
  if (const Mutant* mutant = find_mutant(name); mutant != nullptr && mutant->together)
    throw Error(ErrorText{.message = in_quotes(name) + " takes several sagas at the same time",
                          .fix = "give it to saga-harness interleave"});
  if (saga.choreography) {
    experiment.setup.handlers = choreography(find_bug(all_choreography_bugs(), name));
  } else {
    experiment.setup.coordinator = orchestrator(find_bug(all_orchestrator_bugs(), name));
  }
}

Guarantees guarantees_at(const ParticipantSpec& spec, std::string_view step) {
  const auto exception = spec.at_step.find(step);
  return exception == spec.at_step.end() ? spec.guarantees : exception->second;
}

ParticipantSpec spec_of(const Scenario& scenario, std::string_view service) {
  const auto listed = scenario.participants.find(service);
  ParticipantSpec spec = listed == scenario.participants.end() ? ParticipantSpec{} : listed->second;
  if (scenario.saga.choreography) spec.guarantees = kNoGuarantees;
  return spec;
}

void plant(std::string_view bug, ParticipantSpec& spec) {
  if (bug == markers::kNoDedup) spec.guarantees.deduplicates = false;
  if (bug == markers::kNoTombstone) spec.guarantees.tombstones = false;
  if (bug == markers::kNullCompensationFails) spec.guarantees.null_compensation = false;
  if (bug == markers::kCompensationNotIdempotent) spec.guarantees.idempotent_compensation = false;
  if (bug == markers::kDedupNotDurable) spec.guarantees.durable_dedup = false;
  if (bug == markers::kPromiseNotRecalled) spec.promise_not_recalled = true;
  if (bug == markers::kEffectBeforeKey) spec.transactions = Transactions::kEffectBeforeKey;
  if (bug == markers::kPartialBatch) spec.partial_batch = spec.fake == FakeKind::kStock;
}

/// The guarantee that a name says is withdrawn, and where; nothing for any other name.
struct Withdrawn {
  Guarantee guarantee = Guarantee::kDeduplicates;
  StepId step = kNoStep;
};
std::optional<Withdrawn> parse_removed(std::string_view name, const SagaIndex& saga) {
  if (!name.starts_with(kWithout)) return std::nullopt;
  const std::string_view rest = name.substr(kWithout.size());
  const std::size_t at = rest.find('@');
  if (at == std::string_view::npos) {
    throw Error(ErrorText{.message = "the participant " + in_quotes(name) + " does not say at which step",
                          .fix = "write reference-without:GUARANTEE@STEP"});
  }
  const Withdrawn withdrawn{parse_guarantee(rest.substr(0, at)), saga.find_step(rest.substr(at + 1))};
  if (withdrawn.step != kNoStep) return withdrawn;
  std::vector<std::string_view> names;
  for (const Step& step : saga.saga().steps) names.emplace_back(step.name);
  throw Error(ErrorText{.message = "the participant " + in_quotes(name) +
                                   " is of another saga: there is no step " + in_quotes(rest.substr(at + 1)),
                        .fix = internal::name_fix(rest.substr(at + 1), names)});
}

/// Has no effect where the guarantee is not given anyway.
void withdraw(const Withdrawn& withdrawn, const SagaIndex& saga, std::string_view service,
              ParticipantSpec& spec) {
  const Step& step = saga.step(withdrawn.step);
  if (step.service != service) return;
  Guarantees guarantees = guarantees_at(spec, step.name);
  if (!gives(guarantees, withdrawn.guarantee)) return;
  flag_of(guarantees, withdrawn.guarantee) = false;
  spec.at_step.insert_or_assign(step.name, guarantees);
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
    case FakeKind::kSharedValues:
      return shared_values(spec.amounts, spec.uses, spec.countermeasures);
  }
  return {};
}

}  // namespace

ParticipantFactory make_participant(const ParticipantSpec& spec, std::string_view service, const Saga& saga) {
  ParticipantFactory fake =
      ledger_fake(spec.guarantees, make_business(spec, service, saga), std::string(service), spec.at_step,
                  spec.transactions, spec.undoes, spec.gives);
  return spec.promise_not_recalled ? promise_not_recalled(std::move(fake)) : fake;
}

std::string reference_without(Guarantee guarantee, std::string_view step) {
  return std::string(kWithout) + std::string(name_of(guarantee)) + "@" + std::string(step);
}

Experiment experiment(const Scenario& scenario, std::string_view coordinator, std::string_view participant) {
  check_name(coordinator, false);
  check_name(participant, true);

  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(scenario.saga);
  cast_subject(coordinator, experiment);
  experiment.setup.context = scenario.saga.context;
  experiment.setup.earlier_sagas = scenario.earlier_sagas;
  if (scenario.saga.choreography && !scenario.together.empty()) {
    experiment.setup.context = scenario.together.front();
    experiment.setup.beside.assign(scenario.together.begin() + 1, scenario.together.end());
  }
  experiment.setup.expects = scenario.expects;
  experiment.setup.volatile_fields = scenario.volatile_fields;
  experiment.switched_off = scenario.switched_off;
  experiment.rules_as_of = scenario.rules_as_of;
  for (const QuantityInvariant& own : scenario.invariants)
    experiment.invariants.push_back(make_invariant(own));
  experiment.coordinator_name = coordinator;
  experiment.participant_name = participant;
  experiment.source = scenario.source;
  experiment.exclusions = scenario.excluded;
  experiment.known = scenario.known;

  const SagaIndex& saga = *experiment.setup.saga;
  const std::optional<Withdrawn> withdrawn = parse_removed(participant, saga);
  bool planted = participant == kReference;
  ParticipantSpecs cast;
  for (const std::string_view service : saga.services()) {
    const ParticipantSpec correct = spec_of(scenario, service);
    ParticipantSpec spec = correct;
    plant(participant, spec);
    if (withdrawn) withdraw(*withdrawn, saga, service, spec);
    planted = planted || spec != correct;
    if (spec.transactions != Transactions::kOne) experiment.claims.separate_transactions = true;
    cast.emplace(service, spec);
    experiment.setup.participants.emplace(service, make_participant(spec, service, scenario.saga));
  }
  if (!planted) {
    throw Error(ErrorText{.message = "no participant of the saga " + in_quotes(scenario.saga.name) +
                                     " can have the bug " + in_quotes(participant) +
                                     ", or they have it without",
                          .fix = "choose another scenario or participant"});
  }
  experiment.declared = declared_by(scenario, cast);
  experiment.has_own_code = false;
  return experiment;
}

std::vector<GuaranteeRemoval> guarantee_removals(const Scenario& scenario, std::string_view coordinator) {
  std::vector<GuaranteeRemoval> all;
  const std::vector<std::uint8_t> skipped = skipped_steps(scenario.saga, scenario.saga.context);
  for (const Step& step : scenario.saga.steps) {
    const auto number = static_cast<std::size_t>(&step - scenario.saga.steps.data());
    const ParticipantSpec spec = spec_of(scenario, step.service);
    for (std::size_t i = 0; i < kGuaranteeCount; ++i) {
      const auto guarantee = static_cast<Guarantee>(i);
      GuaranteeRemoval& removal =
          all.emplace_back(GuaranteeRemoval{.step = step.name, .guarantee = guarantee});
      const bool is_about_compensation =
          guarantee != Guarantee::kDeduplicates && guarantee != Guarantee::kDurableDedup;
      if (is_about_compensation && step.compensation.empty()) {
        removal.impossible = "the step has no compensation";
      } else if (!skipped.empty() && skipped[number] != 0) {
        removal.impossible = "the step is skipped in this context";
      } else if (scenario.saga.choreography) {
        removal.impossible = "in a choreography, inbox and tombstones are the service's own";
      } else if (!gives(guarantees_at(spec, step.name), guarantee)) {
        removal.impossible = "the scenario does without it already";
      } else {
        removal.experiment = experiment(scenario, coordinator, reference_without(guarantee, step.name));
      }
    }
  }
  return all;
}

namespace {

/// What a mutant is compared with: participants with as many transactions as its own have.
Scenario without_bug(const Mutant& mutant, const Scenario& scenario) {
  Scenario result = scenario;
  for (const Step& step : scenario.saga.steps) {
    ParticipantSpec spec = spec_of(scenario, step.service);
    ParticipantSpec mutated = spec;
    plant(mutant.name, mutated);
    if (mutated.transactions == spec.transactions) continue;
    spec.transactions = Transactions::kKeyBeforeEffect;
    result.participants.insert_or_assign(step.service, std::move(spec));
  }
  return result;
}

}  // namespace

MutantCase mutant_case(const Mutant& mutant, const Scenario& scenario) {
  MutantCase result{.name = std::string(mutant.name),
                    .group = std::string(mutant.group),
                    .bug = std::string(mutant.bug),
                    .predicted = mutant.predicted,
                    .faults = mutant.faults,
                    .explanation = std::string(mutant.explanation),
                    .equivalent = std::string(mutant.equivalent)};
  result.impossible =
      mutant.together ? "the bug takes several sagas at the same time" : wrong_sort(&mutant, scenario.saga);
  if (!result.impossible.empty()) return result;
  if (mutant.participant) {
    const auto can_have_it = [&](std::string_view service) {
      const ParticipantSpec correct = spec_of(scenario, service);
      ParticipantSpec spec = correct;
      plant(mutant.name, spec);
      return spec != correct;
    };
    const bool is_possible = std::any_of(scenario.saga.steps.begin(), scenario.saga.steps.end(),
                                         [&](const Step& step) { return can_have_it(step.service); });
    if (!is_possible) {
      result.impossible = "no participant of the scenario can have the bug";
      return result;
    }
  }
  result.mutated = mutant.participant ? experiment(scenario, kReference, mutant.name)
                                      : experiment(scenario, mutant.name, kReference);
  result.reference = experiment(without_bug(mutant, scenario));
  return result;
}

}  // namespace saga_harness
