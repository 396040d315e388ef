#include "search_result.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include <saga_harness_internal/rule_places.hpp>

#include "observed.hpp"

namespace saga_harness::blackbox {

std::string unlike(const Result& first, const Result& second, const Experiment& experiment) {
  const SagaIndex& saga = *experiment.setup.saga;
  if (first.fired != second.fired) return "a fault struck only sometimes";
  std::string what;
  for (const auto& [one, other] : {std::pair(&first, &second), std::pair(&second, &first)}) {
    for (const Violation& violation : one->violations) {
      if (std::ranges::find(other->violations, violation) != other->violations.end()) continue;
      const bool has_step = violation.step < saga.step_count();
      what += fmt::format("it violated {}{} only sometimes; ", text_of(violation.rule, experiment),
                          has_step ? " at " + saga.step(violation.step).name : std::string());
    }
  }
  what += difference(first.run, second.run, saga);
  if (what.ends_with("; ")) what.resize(what.size() - 2);
  return what;
}

void keep_common(Result& result, const Result& again) {
  for (std::size_t i = result.violations.size(); i-- > 0;) {
    const Violation violation = result.violations[i];
    if (std::ranges::find(again.violations, violation) != again.violations.end()) continue;
    result.judgement[static_cast<std::size_t>(violation.rule)] = VerdictStatus::kUnknown;
    result.violations.erase(result.violations.begin() + static_cast<std::ptrdiff_t>(i));
    result.explanations.erase(result.explanations.begin() + static_cast<std::ptrdiff_t>(i));
    result.causes.erase(result.causes.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace saga_harness::blackbox
