#include "rules.hpp"

#include <algorithm>

#include "explanation.hpp"

namespace saga_harness {
namespace {

std::string_view promise_of(bool Claims::*claim) {
  return std::ranges::find(kClaimCatalogue, claim, &ClaimRow::flag)->promise;
}

}  // namespace

std::string_view no_pivot(const SagaIndex& saga, Outcome) {
  return saga.pivot() == kNoStep ? "the definition has no pivot" : "";
}

std::string_view no_coordinator(const SagaIndex& saga, Outcome) {
  return saga.is_choreography() ? "nobody asks for the steps of a choreography" : "";
}

std::string_view all_idempotent(const SagaIndex& saga, Outcome expects) {
  if (saga.is_choreography()) return no_coordinator(saga, expects);
  const bool any = !std::ranges::all_of(saga.saga().steps, &Step::idempotent);
  return any ? "" : "every step is declared idempotent";
}

std::string_view no_bindings(const SagaIndex& saga, Outcome) {
  return saga.has_bindings() ? "" : "the definition binds no request to data";
}

std::string_view expects_failure(const SagaIndex&, Outcome expects) {
  return expects == Outcome::kCompleted ? "" : "without faults, too, the saga is expected to fail";
}

bool applies(Rule rule, const Claims& claims, const SagaIndex& saga, Outcome expects, std::string* why) {
  std::string reason;
  const RuleFunction& function = kRuleFunctions[static_cast<std::size_t>(rule)];
  if (function.nothing_to_judge != nullptr) reason = function.nothing_to_judge(saga, expects);
  if (reason.empty() && !row_of(rule).is_claimed_by(claims)) {
    reason = fmt::format("the subject does not claim {}", promise_of(row_of(rule).claim));
    if (row_of(rule).or_claim != nullptr)
      reason += fmt::format(", nor {}", promise_of(row_of(rule).or_claim));
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
