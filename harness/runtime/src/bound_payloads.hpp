#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/context.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/bound_data.hpp>

namespace saga_harness {

/// What the definition binds requests to, as text. What was asked for before costs a look-up.
class BoundPayloads {
 public:
  /// @throws Error if a pointer into the context leads nowhere in `context`.
  BoundPayloads(const SagaIndex& saga, const Context& context);

  /// `results`: by step, what its action was answered; empty where that is not known: then the fields bound
  /// to it are left out. Empty: nothing is bound. Valid until forget_if_many().
  [[nodiscard]] std::string_view payload(OperationId operation, std::span<const std::string_view> results);
  /// Does an answer to the step give all that it declares?
  [[nodiscard]] bool gives_results(StepId step, std::string_view answer);
  /// To be called between runs.
  void forget_if_many();

 private:
  struct Field {
    std::string pointer;
    std::string text = {};   // of what is the same in every run
    StepId from = kNoStep;   // else: the step whose answer has it …
    std::size_t result = 0;  // … as this field of its reader
  };
  struct Operation {
    std::vector<Field> fields = {};
    std::vector<StepId> needs = {};
    internal::ByText<std::string> known = {};  // by the answers needed
  };
  [[nodiscard]] Operation bound(const std::vector<Binding>& bindings, const std::string& who,
                                const Context& context) const;
  [[nodiscard]] std::string build(const Operation& operation, std::span<const std::string_view> results);

  const SagaIndex& saga_;
  std::vector<Operation> inputs_;               // by step; empty: the saga binds nothing
  std::vector<Operation> compensations_;        // by step
  std::vector<internal::FieldReader> results_;  // by step, in the order of Step::result
  std::vector<internal::ByText<bool>> usable_;  // by step and answer
  std::string wanted_;
};

}  // namespace saga_harness
