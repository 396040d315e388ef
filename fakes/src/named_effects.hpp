#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/fakes.hpp>
#include <saga_harness_internal/bound_data.hpp>

namespace saga_harness {

/// What a fake answers to actions of steps that declare results, and whether a compensation names an effect
/// that there is. What was asked before costs a look-up.
class NamedEffects {
 public:
  explicit NamedEffects(GivenResults gives) : gives_(std::move(gives)) {}

  /// The answer to the action that took effect for the `applied`th time: each result is what was said of
  /// it, or names saga, step, result and that number.
  [[nodiscard]] const ReplyBody& answer(const Delivery& delivery, std::uint32_t applied);
  /// `given`: what the action was answered. Empty: the compensation names that effect, or nothing that tells
  /// it from others where its idempotency key does. Else the body of a refusal.
  [[nodiscard]] std::string_view refusal(const Delivery& delivery, std::string_view given);
  /// To be called between runs.
  void forget_if_many();

 private:
  struct OfStep {
    std::vector<ResultField> results = {};  // as declared
    std::vector<Binding> bindings = {};
    std::vector<std::string> fields = {};  // of the compensation, that are bound to what its action answered
    internal::FieldReader named{{}};       // … in its payload
    internal::FieldReader given{{}};       // … in that answer
  };
  OfStep& of(const Step& declared);
  [[nodiscard]] std::string value_of_result(const ResultField& result, std::size_t place,
                                            const Delivery& delivery, std::uint32_t applied) const;

  GivenResults gives_;

  std::map<std::string, OfStep, std::less<>> steps_;  // by name
  internal::ByText<ReplyBody> answers_;               // by saga, step and number
  std::string wanted_;
};

}  // namespace saga_harness
