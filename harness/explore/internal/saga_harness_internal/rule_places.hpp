#pragma once

#include <string>
#include <string_view>

#include <saga_harness/explore.hpp>

namespace saga_harness {

// Inside a search a rule is known by its place in the Judgement, held as a Rule: from kRuleCount on they are
// the user's own, in the order of Experiment::invariants.

/// The place of what a finding is about.
[[nodiscard]] Rule place_of(const Finding& finding, const Experiment& experiment);
/// The id of a rule, the name of an invariant; and back. @throws Error with the nearest name.
[[nodiscard]] std::string_view text_of(Rule place, const Experiment& experiment);
[[nodiscard]] Rule parse_place(std::string_view text, const Experiment& experiment);
/// Says in `finding` what it is about.
void name_rule(Finding& finding, Rule place, const Experiment& experiment);

}  // namespace saga_harness
