#include <saga_harness/scenario.hpp>

#include <algorithm>
#include <array>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/input_file.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/saga_json.hpp>
#include <saga_harness_internal/text.hpp>

#include "http_section.hpp"
#include "quantity_invariants.hpp"
#include "shared_values_section.hpp"

namespace saga_harness {
namespace {

using internal::in_quotes;
using internal::JsonReader;

constexpr std::array<std::string_view, 11> kScenarioKeys{
    "saga",          "expects", "volatile", "participants", "invariants", "switched_off",
    "earlier_sagas", "http",    "excluded", "known",        "together"};
constexpr std::array<std::string_view, 4> kExclusionKeys{"cell", "reason", "owner", "expires"};
constexpr std::array<std::string_view, 7> kKnownKeys{"rule",  "step",    "outcome", "reason",
                                                     "owner", "expires", "plan"};
constexpr std::array<std::string_view, 4> kOutcomes{"unresolved", "completed", "compensated", "flagged"};
constexpr std::array<std::string_view, 2> kUndoes{"what_it_names", "by_key"};
constexpr int kMostEarlierSagas = 100;
constexpr std::array<std::string_view, 6> kFakeNames{"ledger", "stock",     "balances",
                                                     "orders", "shipments", "shared_values"};

/// The key under which a fake of this kind has its amounts; empty if it has none.
std::string_view amounts_key(FakeKind kind) {
  switch (kind) {
    case FakeKind::kStock:
    case FakeKind::kBalances:
      return name_of(kind);
    case FakeKind::kSharedValues:
      return "values";
    case FakeKind::kLedger:
    case FakeKind::kOrders:
    case FakeKind::kShipments:
      break;
  }
  return {};
}

/// What `work` refuses, at the place where `reader` stands.
template <class Work>
auto at_its_place(const JsonReader& reader, const std::string& fix, Work work) {
  try {
    return work();
  } catch (const Error& error) {
    reader.refuse(error.what(), fix);
  }
}

Guarantees read_guarantees(const JsonReader& object) {
  std::vector<std::string_view> keys;
  for (std::size_t i = 0; i < kGuaranteeCount; ++i) keys.push_back(name_of(static_cast<Guarantee>(i)));
  object.expect_keys("a list of guarantees", keys);
  Guarantees guarantees;
  for (std::size_t i = 0; i < kGuaranteeCount; ++i) {
    if (const auto value = object.find(keys[i]))
      flag_of(guarantees, static_cast<Guarantee>(i)) = value->boolean();
  }
  return guarantees;
}

/// By step of the service and declared result.
GivenResults read_given_results(const JsonReader& object, std::string_view service, const Saga& saga) {
  std::vector<std::string_view> steps;
  for (const Step& step : saga.steps) {
    if (step.service == service) steps.emplace_back(step.name);
  }
  GivenResults given;
  for (const auto& [name, results] : object.members()) {
    const auto step = std::ranges::find_if(saga.steps, [name = name, service](const Step& each) {
      return each.name == name && each.service == service;
    });
    if (step == saga.steps.end())
      results.refuse("the service " + in_quotes(service) + " has no step " + in_quotes(name),
                     internal::name_fix(name, steps, "remove or rename it"));
    std::vector<std::string_view> declared;
    for (const ResultField& result : step->result) declared.emplace_back(result.name);
    for (const auto& [field, value] : results.members()) {
      const auto result = std::ranges::find(step->result, field, &ResultField::name);
      if (result == step->result.end())
        value.refuse("the step " + in_quotes(name) + " declares no result " + in_quotes(field),
                     internal::name_fix(field, declared, "declare it: \"result\": {…}"));
      std::string text;
      internal::append_json(text, value.value());
      const std::string answer = internal::object_of({{internal::pointer_of_field(result->name), text}});
      if (!internal::gives_results({*result}, answer))
        value.refuse(text + " is not of the declared type " + in_quotes(name_of(result->type)),
                     "give a value of that type");
      given[std::string(name)].emplace(std::string(field), Json::parse(text));
    }
  }
  return given;
}

ParticipantSpec read_participant(const JsonReader& object, std::string_view service, const Saga& saga) {
  ParticipantSpec spec;
  if (const auto fake = object.find("fake")) {
    spec.fake = at_its_place(*fake, "name one of them", [&] {
      return internal::value_in<FakeKind>(kFakeNames, fake->string(), "fake");
    });
  }
  const std::string_view amounts = amounts_key(spec.fake);
  std::vector<std::string_view> keys{"fake", "guarantees", "undoes", "gives"};
  if (!amounts.empty()) keys.push_back(amounts);
  const bool is_shared = spec.fake == FakeKind::kSharedValues;
  if (is_shared) keys.insert(keys.end(), {"uses", "countermeasures"});
  object.expect_keys("a participant with the fake " + in_quotes(name_of(spec.fake)), keys);

  if (!amounts.empty()) {
    std::int64_t most = kMaxAmount;  // for balances: of them all together
    for (const auto& [name, amount] : object.at(amounts).members()) {
      const std::int64_t units = amount.integer(is_shared ? -kMaxAmount : 0, most);
      spec.amounts.emplace(name, units);
      if (spec.fake == FakeKind::kBalances) most -= units;
    }
  }
  if (is_shared) read_value_uses(object, service, saga, spec);
  if (const auto guarantees = object.find("guarantees")) spec.guarantees = read_guarantees(*guarantees);
  if (const auto gives = object.find("gives")) spec.gives = read_given_results(*gives, service, saga);
  if (const auto undoes = object.find("undoes")) {
    spec.undoes = at_its_place(*undoes, "name one of them", [&] {
      return internal::value_in<Undoes>(kUndoes, undoes->string(), "way to undo");
    });
  }
  return spec;
}

void read_participants(const JsonReader& object, Scenario& scenario) {
  std::vector<std::string_view> services;
  for (const Step& step : scenario.saga.steps) services.push_back(step.service);
  std::sort(services.begin(), services.end());
  services.erase(std::unique(services.begin(), services.end()), services.end());
  for (const auto& [service, participant] : object.members()) {
    if (!std::binary_search(services.begin(), services.end(), service)) {
      participant.refuse("no step of the saga has the service " + in_quotes(service),
                         internal::name_fix(service, services, "remove or rename it"));
    }
    if (const auto guarantees = participant.find("guarantees"); guarantees && scenario.saga.choreography)
      guarantees->refuse("in a choreography, inbox and tombstones are the service's own", "remove it");
    scenario.participants.emplace(service, read_participant(participant, service, scenario.saga));
  }
}

std::vector<SwitchedOff> read_switched_off(const JsonReader& object,
                                           const std::vector<QuantityInvariant>& own) {
  std::vector<SwitchedOff> switched_off;
  for (const auto& [name, reason] : object.members()) {
    if (reason.string().empty()) reason.refuse("the reason is empty", "say why the rule is not to be judged");
    SwitchedOff off{.rule = kOwnRule, .reason = reason.string()};
    if (std::any_of(own.begin(), own.end(),
                    [text = name](const QuantityInvariant& candidate) { return candidate.name == text; })) {
      off.invariant = name;
    } else {
      off.rule =
          at_its_place(reason, "name a rule by its number (I1) or its name, or an invariant by its name",
                       [text = name] { return parse_rule(text); });
    }
    if (std::any_of(switched_off.begin(), switched_off.end(), [&off](const SwitchedOff& other) {
          return other.rule == off.rule && other.invariant == off.invariant;
        })) {
      reason.refuse("the rule " + std::string(id_of(off.rule)) + " is switched off twice",
                    "remove one of the two");
    }
    switched_off.push_back(std::move(off));
  }
  return switched_off;
}

std::vector<Exclusion> read_excluded(const JsonReader& array, const Scenario& scenario) {
  Experiment subject;  // which cells there are, the definition alone decides
  subject.setup.saga = std::make_shared<const SagaIndex>(scenario.saga);
  std::vector<Exclusion> excluded;
  for (const JsonReader& object : array.items()) {
    object.expect_keys("an exclusion", kExclusionKeys);
    Exclusion& exclusion = excluded.emplace_back();
    exclusion.cells = object.at("cell").string();
    exclusion.reason = object.at("reason").string();
    exclusion.owner = object.at("owner").string();
    exclusion.expires = object.at("expires").string();
    at_its_place(object, "fix or remove it", [&] { validate(exclusion, subject); });
  }
  return excluded;
}

std::vector<KnownFinding> read_known(const JsonReader& array, const Scenario& scenario) {
  Experiment subject;  // rules and steps are all that is looked up
  subject.setup.saga = std::make_shared<const SagaIndex>(scenario.saga);
  for (const QuantityInvariant& own : scenario.invariants) subject.invariants.push_back(make_invariant(own));
  std::vector<KnownFinding> known;
  for (const JsonReader& object : array.items()) {
    object.expect_keys("a known finding", kKnownKeys);
    KnownFinding& each = known.emplace_back();
    each.rule = object.at("rule").string();
    each.step = object.at("step").string();
    if (each.step == internal::kSagaItself && subject.setup.saga->find_step(each.step) == kNoStep)
      each.step.clear();
    const JsonReader outcome = object.at("outcome");
    each.outcome = at_its_place(outcome, "name one of them", [&] {
      return internal::value_in<Outcome>(kOutcomes, outcome.string(), "outcome");
    });
    each.reason = object.at("reason").string();
    each.owner = object.at("owner").string();
    each.expires = object.at("expires").string();
    at_its_place(object, "fix or remove it", [&] {
      if (const auto plan = object.find("plan"))
        each.plan = resolve(parse_plan(plan->string()), *subject.setup.saga);
      validate(each, subject);
    });
  }
  return known;
}

Outcome read_expects(const JsonReader& value, const Saga& saga) {
  constexpr std::array<std::string_view, 3> kExpectable{"completed", "compensated", "flagged"};
  const auto* const at = std::ranges::find(kExpectable, value.string());
  if (at == kExpectable.end()) {
    value.refuse("a saga without faults cannot be expected to end " + in_quotes(value.string()),
                 internal::name_fix(value.string(), kExpectable, "say completed, compensated or flagged"));
  }
  const auto expected = static_cast<Outcome>(at - kExpectable.begin() + 1);
  const bool has_compensation =
      std::ranges::any_of(saga.steps, [](const Step& step) { return !step.compensation.empty(); });
  if (expected == Outcome::kCompensated && !has_compensation)
    value.refuse("no step of the saga has a compensation", "say completed or flagged");
  return expected;
}

std::vector<std::string> read_volatile(const JsonReader& array) {
  std::vector<std::string> fields;
  for (const JsonReader& field : array.items()) {
    if (field.string().empty() || !internal::is_json_pointer(field.string()))
      field.refuse(in_quotes(field.string()) + " is no JSON pointer to a field",
                   "begin it with /, as in \"/requested_at\"");
    fields.push_back(field.string());
  }
  return fields;
}

/// A saga definition stands for a scenario whose services are all ledgers.
bool is_bare_definition(const JsonReader& document) {
  return document.is_object() && !document.find("saga") && document.find("steps");
}

}  // namespace

std::string_view name_of(FakeKind kind) { return internal::name_in(kFakeNames, kind); }

Scenario parse_scenario(std::string_view json, std::string_view source) {
  const internal::JsonValue value = internal::parse_json(json, source);
  const JsonReader document(value, source);
  if (is_bare_definition(document)) {
    return {.source = std::string(source), .saga = internal::read_saga(document)};
  }
  document.expect_keys("a scenario", kScenarioKeys);
  Scenario scenario{.source = std::string(source), .saga = internal::read_saga(document.at("saga"))};
  if (const auto participants = document.find("participants")) read_participants(*participants, scenario);
  if (const auto own = document.find("invariants")) scenario.invariants = read_invariants(*own, scenario);
  if (const auto rules = document.find("switched_off"))
    scenario.switched_off = read_switched_off(*rules, scenario.invariants);
  if (const auto earlier = document.find("earlier_sagas")) {
    scenario.earlier_sagas = static_cast<int>(earlier->integer(0, kMostEarlierSagas));
  }
  if (const auto expects = document.find("expects")) scenario.expects = read_expects(*expects, scenario.saga);
  if (const auto fields = document.find("volatile")) scenario.volatile_fields = read_volatile(*fields);
  if (const auto http = document.find("http")) scenario.http = read_http_spec(*http, scenario.saga);
  if (const auto together = document.find("together")) {
    scenario.together = read_together(*together);
  }
  if (const auto excluded = document.find("excluded")) scenario.excluded = read_excluded(*excluded, scenario);
  if (const auto known = document.find("known")) scenario.known = read_known(*known, scenario);
  return scenario;
}

void keep_rules_of(std::string_view version, Scenario& scenario) {
  switch_off_newer(version, scenario.switched_off);
  scenario.rules_as_of = version;
}

Scenario load_scenario(const std::string& path) {
  return parse_scenario(
      internal::read_file(path, {.limit = internal::kLargestJson, .fix = "name a scenario file"}), path);
}

bool operator==(const ParticipantSpec&, const ParticipantSpec&) = default;
bool operator==(const QuantityInvariant&, const QuantityInvariant&) = default;

}  // namespace saga_harness
