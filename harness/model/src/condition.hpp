#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <saga_harness/saga.hpp>
#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::internal {

/// What is wrong with one part of a condition.
struct ConditionProblem {
  std::string_view key = {};  ///< of the JSON object; empty: there is nothing wrong
  std::string message = {};
  std::string fix = {};
};
[[nodiscard]] ConditionProblem problem_with(const Condition& condition);

/// Does a condition that looks at a result hold where that was answered? Empty: it was not.
[[nodiscard]] bool holds_of_answer(const Condition& condition, std::string_view answer);

/// What is wrong with where the condition of a step looks: nowhere, or at what is not known by then.
[[nodiscard]] ConditionProblem problem_with_place(
    const Saga& saga, std::size_t step, const std::function<bool(std::size_t, std::size_t)>& precedes);

/// Reads `{"pointer": …, COMPARISON: …}`. @throws Error with source, JSON pointer and fix.
[[nodiscard]] Condition read_condition(const JsonReader& object);

}  // namespace saga_harness::internal
