#include "shared_values_section.hpp"

#include <algorithm>
#include <array>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/saga_json.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::in_quotes;
using internal::JsonReader;

constexpr std::array<std::string_view, 6> kUseKeys{"reads", "changes", "by", "sum_of", "at_least", "ends"};
constexpr std::array<std::string_view, 3> kCountermeasureKeys{"semantic_lock", "commutative_update",
                                                              "reread"};
constexpr std::size_t kMostTogether = 8;

std::vector<std::string> strings(const JsonReader& array) {
  std::vector<std::string> all;
  for (const JsonReader& item : array.items()) all.push_back(item.string());
  return all;
}

ValueUse read_use(const JsonReader& object) {
  object.expect_keys("a use of values", kUseKeys);
  ValueUse use;
  if (const auto reads = object.find("reads")) use.reads = strings(*reads);
  if (const auto changes = object.find("changes")) use.changes = changes->string();
  if (const auto by = object.find("by"))
    use.by = by->is_string() ? by->string() : std::to_string(by->integer(-kMaxAmount, kMaxAmount));
  if (const auto parts = object.find("sum_of")) use.sum_of = strings(*parts);
  if (const auto least = object.find("at_least")) use.at_least = least->integer(-kMaxAmount, kMaxAmount);
  if (const auto ends = object.find("ends")) use.ends = ends->boolean();
  if (use.changes.empty() && (object.find("by") || !use.sum_of.empty() || object.find("at_least")))
    object.refuse("it changes nothing",
                  "say with \"changes\" which value \"by\" and the condition are about");
  return use;
}

Countermeasures read_countermeasures(const JsonReader& object) {
  object.expect_keys("a list of countermeasures", kCountermeasureKeys);
  Countermeasures countermeasures;
  for (const std::string_view key : kCountermeasureKeys) {
    if (const auto value = object.find(key)) flag_of(countermeasures, key) = value->boolean();
  }
  return countermeasures;
}

}  // namespace

void read_value_uses(const JsonReader& object, std::string_view service, const Saga& saga,
                     ParticipantSpec& spec) {
  std::vector<std::string_view> steps;
  for (const Step& step : saga.steps) {
    if (step.service == service) steps.emplace_back(step.name);
  }
  for (const auto& [step, use] : object.at("uses").members()) {
    if (std::ranges::find(steps, step) == steps.end())
      use.refuse("the service has no step " + in_quotes(step),
                 internal::name_fix(step, steps, "remove or rename it"));
    spec.uses.emplace(step, read_use(use));
  }
  if (const auto given = object.find("countermeasures")) spec.countermeasures = read_countermeasures(*given);
  try {
    (void)shared_values(spec.amounts, spec.uses);
  } catch (const Error& error) {
    object.at("uses").refuse(error.what(), "fix it");
  }
}

std::vector<Context> read_together(const JsonReader& array) {
  std::vector<Context> contexts;
  for (const JsonReader& item : array.items()) contexts.push_back(internal::read_context(item));
  if (contexts.size() < 2 || contexts.size() > kMostTogether)
    array.refuse("there are " + std::to_string(contexts.size()) + " contexts", "give 2 to 8 of them");
  return contexts;
}

}  // namespace saga_harness
