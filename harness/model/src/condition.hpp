#pragma once

#include <string>
#include <string_view>

#include <saga_harness/condition.hpp>
#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::internal {

/// What is wrong with one part of a condition.
struct ConditionProblem {
  std::string_view key = {};  ///< of the JSON object; empty: there is nothing wrong
  std::string message = {};
  std::string fix = {};
};
[[nodiscard]] ConditionProblem problem_with(const Condition& condition);

/// Reads `{"pointer": …, COMPARISON: …}`. @throws Error with source, JSON pointer and fix.
[[nodiscard]] Condition read_condition(const JsonReader& object);

}  // namespace saga_harness::internal
