#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/search_reports.hpp>

#include "text/drawing.hpp"

namespace saga_harness::reports {

[[nodiscard]] Ink ink_of(VerdictStatus status);
[[nodiscard]] std::string_view word_for(QuantityRule rule);

/// The rule at this place of Exploration::rules, kOwnRule for those of the user; and what it is called.
[[nodiscard]] Rule rule_at(std::size_t place);
[[nodiscard]] std::string name_of_rule(std::size_t place, const RuleCount& count);
/// `I1 truthful outcome`; one of the user's own: `own NAME`. Fit to be printed.
[[nodiscard]] std::string label_of(const Finding& finding);

/// The trace, a line per event. Marked are the first fault with `!`, the events at the positions in
/// `evidence` with `>`; the first of these is the first divergence: what came before could still have ended
/// well.
[[nodiscard]] std::string draw_trace(const Trace& trace, const SagaIndex& saga,
                                     const std::vector<std::uint32_t>& evidence, const Style& style);

/// What the marks mean, to follow a title.
[[nodiscard]] std::string_view trace_legend(const Trace& trace, const std::vector<std::uint32_t>& evidence);

/// A test to paste.
[[nodiscard]] std::string draw_test(std::string_view gtest_case);

/// What every participant did, from its own ledger.
[[nodiscard]] std::string draw_ledger(const Ledger& ledger, const SagaIndex& saga, const Style& style);

}  // namespace saga_harness::reports
