#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/saga.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness::internal {

/// `{"amount": "/context/total_amount", "reason": {"const": "cancelled"}}`
[[nodiscard]] std::vector<Binding> read_bindings(const JsonReader& object);
void write_bindings(JsonWriter& writer, std::string_view key, const std::vector<Binding>& bindings);

/// `{"id": "string"}`
[[nodiscard]] std::vector<ResultField> read_results(const JsonReader& object);
void write_results(JsonWriter& writer, const std::vector<ResultField>& results);

/// What is wrong with the data of a step.
struct BindingProblem {
  std::string_view key = {};  ///< of the step: `input`
  std::string tail = {};      ///< of the pointer behind it
  std::string message = {};
  std::string fix = {};
};
/// `precedes(a, b)`: must a be done before b starts? Of a saga whose names and order are good.
[[nodiscard]] std::vector<BindingProblem> problems_with_data(
    const Saga& saga, std::size_t step, const std::function<bool(std::size_t, std::size_t)>& precedes);

}  // namespace saga_harness::internal
