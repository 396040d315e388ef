#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "rules.hpp"

namespace saga_harness {

/// Writes a violation's sentence and evidence, if anybody reads them.
template <class... Args>
void say(Explanation explanation, std::initializer_list<Position> evidence,
         fmt::format_string<Args...> sentence, Args&&... args) {
  if (explanation == nullptr) return;
  explanation->explanation = fmt::format(sentence, std::forward<Args>(args)...);
  explanation->evidence.assign(evidence);
  std::erase(explanation->evidence, kNever);
  std::ranges::sort(explanation->evidence);
  explanation->evidence.erase(std::unique(explanation->evidence.begin(), explanation->evidence.end()),
                              explanation->evidence.end());
}

/// `process_payment`; an operation by what is asked for: `refund_payment (of process_payment)`.
[[nodiscard]] std::string named(const TraceSummary& summary, StepId step);
[[nodiscard]] std::string named(const TraceSummary& summary, StepId step, Operation operation);
/// `twice`, `3 times`.
[[nodiscard]] std::string times(std::uint32_t count);

}  // namespace saga_harness
