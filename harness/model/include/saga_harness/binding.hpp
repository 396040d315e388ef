#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <saga_harness/context.hpp>
#include <saga_harness/print.hpp>

namespace saga_harness {

/// The value is what the run starts with: a JSON pointer (RFC 6901) into the context.
class FromContext {
 public:
  FromContext() = default;
  explicit FromContext(std::string pointer) : pointer_(std::move(pointer)) {}
  [[nodiscard]] const std::string& pointer() const noexcept { return pointer_; }
  friend bool operator==(const FromContext&, const FromContext&) = default;

 private:
  std::string pointer_ = {};
};

/// The value is what an earlier step, or of a compensation the step itself, was answered: a result that the
/// step declares (see ResultField).
class FromResult {
 public:
  FromResult(std::string step, std::string pointer) : step_(std::move(step)), pointer_(std::move(pointer)) {}
  [[nodiscard]] const std::string& step() const noexcept { return step_; }
  [[nodiscard]] const std::string& pointer() const noexcept { return pointer_; }  ///< into the answer
  friend bool operator==(const FromResult&, const FromResult&) = default;

 private:
  std::string step_;
  std::string pointer_;
};

void PrintTo(const FromContext& value, std::ostream* out);
void PrintTo(const FromResult& value, std::ostream* out);

/// Where the value of a field comes from; a Json is always the same.
using ValueSource = std::variant<FromContext, FromResult, Json>;

/// `{"amount", context("/total_amount")}`
[[nodiscard]] inline FromContext context(std::string pointer) { return FromContext(std::move(pointer)); }
/// `{"payment", result("process_payment", "/id")}`
[[nodiscard]] inline FromResult result(std::string step, std::string pointer) {
  return {std::move(step), std::move(pointer)};
}
/// `{"reason", constant("cancelled")}`
[[nodiscard]] inline Json constant(Json value) { return value; }

/// `/context/total_amount`, `/results/process_payment/id`, `"cancelled"`.
[[nodiscard]] std::string to_string(const ValueSource& source);

/// A field of what a request carries, and where its value comes from.
struct Binding {
  std::string field = {};  ///< a member of the payload; one that begins with `/` is a JSON pointer into it
  ValueSource source = {};

  friend bool operator==(const Binding&, const Binding&) = default;
};
void PrintTo(const Binding& value, std::ostream* out);

/// The type of a result. A whole array or object is passed on as it is.
enum class ResultType : std::uint8_t { kString, kNumber, kBoolean, kArray, kObject, kInteger };
/// Its name in JSON: `string`, `number`, `boolean`, `array`, `object`, `integer`.
[[nodiscard]] std::string_view name_of(ResultType type);

/// What the answer to a step's action (or fallback) gives, for later requests to carry.
struct ResultField {
  std::string name = {};  ///< a member of the answer; one that begins with `/` is a JSON pointer into it
  ResultType type = ResultType::kString;

  friend bool operator==(const ResultField&, const ResultField&) = default;
};
void PrintTo(const ResultField& value, std::ostream* out);

}  // namespace saga_harness
