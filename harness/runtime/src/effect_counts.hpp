#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/observation.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness {

/// What participants say they did and undid, by step.
class EffectCounts {
 public:
  explicit EffectCounts(const SagaIndex& saga) : saga_(&saga), effects_(saga.step_count()) {}

  void reset() { std::ranges::fill(effects_, Effect{}); }
  /// That of every step at this service.
  void forget(std::string_view service) {
    for (StepId step = 0; step < effects_.size(); ++step) {
      if (saga_->step(step).service == service) effects_[step] = Effect{};
    }
  }
  [[nodiscard]] bool has(StepId step) const { return step < effects_.size(); }
  [[nodiscard]] Effect& of(StepId step) { return effects_[step]; }
  [[nodiscard]] const Effect& of(StepId step) const { return effects_[step]; }
  [[nodiscard]] std::span<const Effect> all() const { return effects_; }

  /// Of a participant that asks for a step the saga does not have.
  [[nodiscard]] std::string misuse_by(StepId step) const {
    return fmt::format(
        "a participant asks its EffectRecorder for step number {}, which saga \"{}\" does not have: pass on "
        "the Delivery it was given",
        step, saga_->saga().name);
  }

 private:
  const SagaIndex* saga_;
  std::vector<Effect> effects_;
};

}  // namespace saga_harness
