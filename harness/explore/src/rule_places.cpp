#include <saga_harness_internal/rule_places.hpp>

#include <algorithm>

namespace saga_harness {

Rule parse_place(std::string_view text, const Experiment& experiment) {
  const auto own = std::ranges::find(experiment.invariants, text, &Invariant::name);
  if (own == experiment.invariants.end()) return parse_rule(text);
  return static_cast<Rule>(kRuleCount + static_cast<std::size_t>(own - experiment.invariants.begin()));
}

Rule place_of(const Finding& finding, const Experiment& experiment) {
  return finding.rule == kOwnRule ? parse_place(finding.invariant, experiment) : finding.rule;
}

std::string_view text_of(Rule place, const Experiment& experiment) {
  const auto number = static_cast<std::size_t>(place);
  if (number < kRuleCount) return id_of(place);
  return experiment.invariants[number - kRuleCount].name;
}

void name_rule(Finding& finding, Rule place, const Experiment& experiment) {
  const bool is_own = static_cast<std::size_t>(place) >= kRuleCount;
  finding.rule = is_own ? kOwnRule : place;
  finding.invariant = is_own ? std::string(text_of(place, experiment)) : std::string();
}

}  // namespace saga_harness
