#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/text_map.hpp>

namespace saga_harness::internal {

/// Where a condition looks that does not look into the context: `/results/STEP/FIELD`. Nothing for the
/// others.
struct ResultPlace {
  std::string_view step;     ///< by name
  std::string_view pointer;  ///< into its answer
};
[[nodiscard]] std::optional<ResultPlace> result_place(const Condition& condition);

/// The steps whose conditions look at what earlier ones were answered.
class ResultChoices {
 public:
  explicit ResultChoices(const SagaIndex& saga);

  /// In the order of the definition; empty: the saga has none.
  [[nodiscard]] std::span<const StepId> steps() const noexcept { return steps_; }
  /// The step whose answer decides about this one, or kNoStep.
  [[nodiscard]] StepId decided_by(StepId step) const {
    return step < by_step_.size() ? by_step_[step].from : kNoStep;
  }
  /// Is the step done where that was answered? Empty: it was not done. What was asked before costs a look-up.
  [[nodiscard]] bool holds(StepId step, std::string_view answer);
  /// Bounds what is kept; to be called between runs.
  void forget_if_many();

 private:
  struct OfStep {
    StepId from = kNoStep;
    ByText<bool> known = {};  // by answer
  };
  const SagaIndex& saga_;
  std::vector<StepId> steps_;
  std::vector<OfStep> by_step_;  // empty: there are none
};

}  // namespace saga_harness::internal
