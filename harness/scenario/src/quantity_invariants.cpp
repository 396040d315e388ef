#include "quantity_invariants.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::in_quotes;
using internal::JsonReader;

constexpr std::array<std::string_view, 3> kConservedKeys{"name", "conserved", "when"};
constexpr std::array<std::string_view, 5> kLevelKeys{"name", "level", "min", "max", "when"};
constexpr std::array<Outcome, 3> kEnds{Outcome::kCompleted, Outcome::kCompensated, Outcome::kFlagged};

std::vector<std::string> quantities_of(const Scenario& scenario) {
  std::vector<std::string> names;
  const SagaIndex saga(scenario.saga);
  for (const std::string_view service : saga.services()) {
    const auto listed = scenario.participants.find(service);
    const ParticipantSpec spec = listed == scenario.participants.end() ? ParticipantSpec{} : listed->second;
    for (Quantity& quantity : make_participant(spec, service, scenario.saga)()->quantities())
      names.push_back(std::move(quantity.name));
  }
  return names;
}

std::string read_quantity(const JsonReader& value, const std::vector<std::string>& known) {
  const std::string& name = value.string();
  if (std::find(known.begin(), known.end(), name) != known.end()) return name;
  const std::vector<std::string_view> names(known.begin(), known.end());
  value.refuse("no participant has a quantity " + in_quotes(name),
               internal::name_fix(name, names,
                                  names.empty() ? "give a service a fake that has some, e.g. a stock"
                                                : "name one of: " + internal::listed(names)));
}

Outcome read_outcome(const JsonReader& value) {
  std::vector<std::string_view> names;
  for (const Outcome outcome : kEnds) {
    names.push_back(name_of(outcome));
    if (value.string() == names.back()) return outcome;
  }
  value.refuse("there is no outcome " + in_quotes(value.string()),
               internal::name_fix(value.string(), names, "name " + internal::listed(names)));
}

void read_bounds(const JsonReader& object, QuantityInvariant& invariant) {
  if (const auto min = object.find("min")) invariant.min = min->integer(-kMaxAmount, kMaxAmount);
  if (const auto max = object.find("max")) {
    invariant.max = max->integer(-kMaxAmount, kMaxAmount);
    if (invariant.min && *invariant.max < *invariant.min)
      max->refuse("the level must be at least min and at most max, but max is smaller", "exchange them");
  }
  if (!invariant.min && !invariant.max)
    object.refuse("the level has no bound", "give it \"min\", \"max\" or both");
}

QuantityInvariant read_invariant(const JsonReader& object, const std::vector<std::string>& known) {
  QuantityInvariant invariant;
  const auto level = object.find("level");
  invariant.is_level = level.has_value();
  if (level) {
    object.expect_keys("an invariant about a level", kLevelKeys);
    invariant.quantities = {read_quantity(*level, known)};
    read_bounds(object, invariant);
  } else {
    if (!object.find("conserved"))
      object.refuse("the invariant demands nothing", "give it \"conserved\": [quantities], or \"level\"");
    object.expect_keys("an invariant about a conserved sum", kConservedKeys);
    const JsonReader sum = object.at("conserved");
    for (const JsonReader& part : sum.items()) {
      std::string name = read_quantity(part, known);
      if (std::find(invariant.quantities.begin(), invariant.quantities.end(), name) !=
          invariant.quantities.end())
        part.refuse("the quantity " + in_quotes(name) + " is in the sum twice", "remove one of the two");
      invariant.quantities.push_back(std::move(name));
    }
    if (invariant.quantities.empty()) sum.refuse("the sum has no part", "name a quantity");
  }
  if (const auto when = object.find("when")) {
    for (const JsonReader& outcome : when->items()) invariant.when.push_back(read_outcome(outcome));
    if (invariant.when.empty())
      when->refuse("no outcome is named, so nothing would be judged", "name one, or leave the key out");
  }
  invariant.name = object.at("name").string();
  return invariant;
}

std::uint32_t last_of(const Observation& seen, std::initializer_list<EventType> types) {
  for (std::size_t i = seen.events.size(); i-- > 0;) {
    if (std::find(types.begin(), types.end(), seen.events[i].type) != types.end())
      return static_cast<std::uint32_t>(i);
  }
  return static_cast<std::uint32_t>(seen.events.size());
}

Verdict violated(const Observation& seen, std::string sentence) {
  Verdict verdict{.status = VerdictStatus::kViolated, .explanation = std::move(sentence)};
  for (const std::uint32_t place :
       {last_of(seen, {EventType::kApplied, EventType::kUndone}), last_of(seen, {EventType::kReported})}) {
    if (place < seen.events.size()) verdict.evidence.push_back(place);
  }
  return verdict;
}

Verdict judge_level(const QuantityInvariant& rule, const Observation& seen, std::int64_t level) {
  const std::string& name = rule.quantities.front();
  if (rule.min && level < *rule.min)
    return violated(seen,
                    fmt::format("{} must be at least {} at the end, but is {}", name, *rule.min, level));
  if (rule.max && level > *rule.max)
    return violated(seen, fmt::format("{} must be at most {} at the end, but is {}", name, *rule.max, level));
  return {.status = VerdictStatus::kHeld};
}

Verdict judge(const QuantityInvariant& rule, const Observation& seen) {
  if (!rule.when.empty() && std::find(rule.when.begin(), rule.when.end(), seen.outcome) == rule.when.end())
    return {};
  std::int64_t at_start = 0;
  std::int64_t at_end = 0;
  for (const std::string& name : rule.quantities) {
    const auto quantity = std::find_if(seen.quantities.begin(), seen.quantities.end(),
                                       [&name](const Quantity& candidate) { return candidate.name == name; });
    if (quantity == seen.quantities.end()) return {.explanation = name + " was not measured"};
    at_start += quantity->at_start;
    at_end += quantity->at_end;
  }
  const auto has_effect = [](const Event& event) {
    return event.type == EventType::kApplied || event.type == EventType::kUndone;
  };
  const bool is_exercised =
      at_start != at_end || std::any_of(seen.events.begin(), seen.events.end(), has_effect);
  if (!is_exercised) return {};
  if (rule.is_level) return judge_level(rule, seen, at_end);
  if (at_start == at_end) return {.status = VerdictStatus::kHeld};
  return violated(seen, fmt::format("the sum of {} must be conserved, but went from {} to {}",
                                    fmt::join(rule.quantities, " + "), at_start, at_end));
}

}  // namespace

std::vector<QuantityInvariant> read_invariants(const JsonReader& list, const Scenario& scenario) {
  const std::vector<std::string> known = quantities_of(scenario);
  std::vector<QuantityInvariant> invariants;
  std::vector<Invariant> made;
  for (const JsonReader& object : list.items()) {
    invariants.push_back(read_invariant(object, known));
    made.push_back(make_invariant(invariants.back()));
    try {
      validate(made);
    } catch (const Error& error) {
      object.at("name").refuse(error.what(), "give every invariant a name of its own");
    }
  }
  return invariants;
}

Invariant make_invariant(const QuantityInvariant& invariant) {
  return {.name = invariant.name,
          .check = [invariant](const Observation& seen,
                               const SagaIndex& /*saga*/) { return judge(invariant, seen); },
          .from_scenario = true};
}

}  // namespace saga_harness
