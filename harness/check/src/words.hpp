#pragma once

#include <initializer_list>
#include <string>

#include <fmt/format.h>

#include "rules.hpp"

namespace saga_harness {

/// Writes a violation's sentence and evidence, if anybody reads them.
template <class... Args>
void say(Words words, std::initializer_list<Position> evidence, fmt::format_string<Args...> sentence, Args&&... args) {
  if (words == nullptr) return;
  words->explanation = fmt::format(sentence, std::forward<Args>(args)...);
  for (const Position at : evidence) {
    if (at != kNever) words->evidence.push_back(at);
  }
}

/// `process_payment`, or `process_payment's refund_payment` for another operation than the action.
[[nodiscard]] std::string named(const Facts& facts, StepId step);
[[nodiscard]] std::string named(const Facts& facts, StepId step, Operation operation);
/// `twice`, `3 times`.
[[nodiscard]] std::string times(std::uint32_t count);

}  // namespace saga_harness
