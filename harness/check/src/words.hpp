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
void say(Words words, std::initializer_list<Position> evidence, fmt::format_string<Args...> sentence,
         Args&&... args) {
  if (words == nullptr) return;
  words->explanation = fmt::format(sentence, std::forward<Args>(args)...);
  words->evidence.assign(evidence);
  std::erase(words->evidence, kNever);
  std::ranges::sort(words->evidence);
  words->evidence.erase(std::unique(words->evidence.begin(), words->evidence.end()), words->evidence.end());
}

/// `process_payment`; an operation by what is asked for: `refund_payment (of process_payment)`.
[[nodiscard]] std::string named(const Facts& facts, StepId step);
[[nodiscard]] std::string named(const Facts& facts, StepId step, Operation operation);
/// `twice`, `3 times`.
[[nodiscard]] std::string times(std::uint32_t count);

}  // namespace saga_harness
