#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/fate.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/text_map.hpp>

namespace saga_harness::internal {

/// A number without a fraction, however it is written.
[[nodiscard]] bool is_whole(const JsonValue& value);

/// What a field or result is called, as a JSON pointer: `amount` is `/amount`.
[[nodiscard]] std::string pointer_of_field(std::string_view name);

/// What an operation is bound to send: a fallback what its action is.
[[nodiscard]] const std::vector<Binding>& bindings_of(const Step& step, Operation operation);
/// Can the step's compensation not be asked for unless the answer to its action is known?
[[nodiscard]] bool needs_own_result(const Step& step);

/// Reads certain fields of JSON texts, each in canonical form: numbers that are worth the same are alike. A
/// text that was read before costs a look-up.
class FieldReader {
 public:
  explicit FieldReader(std::vector<std::string> pointers) : pointers_(std::move(pointers)) {}

  using Fields = std::vector<std::optional<std::string>>;
  /// In the order of the pointers; nothing where nothing stands, and of a text that is no JSON. Valid until
  /// forget().
  const Fields& read(std::string_view json);
  /// Bounds what is kept. To be called when nobody holds what read() gave.
  void forget_if_many();

 private:
  std::vector<std::string> pointers_;
  ByText<Fields> known_;
};

/// Does an answer give all that the step declares, each of its type? What is left is unusable.
[[nodiscard]] bool gives_results(const std::vector<ResultField>& results, std::string_view answer);

/// Is any request bound to what the step answers, or a step done or not because of it?
[[nodiscard]] bool is_result_bound(const Saga& saga, std::string_view step);
/// `answer` with its declared results missing, null, or of another type; as it is if it is no JSON.
[[nodiscard]] std::string altered_answer(const std::vector<ResultField>& results, std::string_view answer,
                                         ResultAlteration how);

/// A JSON object built member by member, at JSON pointers.
[[nodiscard]] std::string object_of(
    const std::vector<std::pair<std::string, std::string>>& pointers_and_texts);

}  // namespace saga_harness::internal
