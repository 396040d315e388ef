#include "rules.hpp"

#include <algorithm>

#include "explanation.hpp"

namespace saga_harness {
std::string_view no_pivot(const SagaIndex& saga) {
  return saga.pivot() == kNoStep ? "the definition has no pivot" : "";
}

bool applies(Rule rule, const Claims& claims, const SagaIndex& saga, std::string* why) {
  std::string reason;
  const RuleFunction& function = kRuleFunctions[static_cast<std::size_t>(rule)];
  if (function.nothing_to_judge != nullptr) reason = function.nothing_to_judge(saga);
  bool Claims::*const claim = row_of(rule).claim;
  if (reason.empty() && claim != kEveryone && !(claims.*claim)) {
    const auto row = std::ranges::find(kClaimCatalogue, claim, &ClaimRow::flag);
    reason = fmt::format("the subject does not claim {}", row->promise);
  }
  if (why != nullptr) *why = reason;
  return reason.empty();
}

std::string named(const TraceSummary& summary, StepId step) { return summary.saga->step(step).name; }

std::string named(const TraceSummary& summary, StepId step, Operation operation) {
  const std::string_view action = summary.saga->action_of({step, operation});
  if (action == summary.saga->step(step).name) return std::string(action);
  return fmt::format("{} (of {})", action, summary.saga->step(step).name);
}

std::string times(std::uint32_t count) {
  if (count == 0) return "never";
  if (count == 1) return "once";
  return count == 2 ? "twice" : fmt::format("{} times", count);
}

}  // namespace saga_harness
