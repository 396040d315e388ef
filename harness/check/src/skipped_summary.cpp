// What steps wait for where others are skipped.

#include <algorithm>

#include "trace_summary.hpp"

namespace saga_harness {

// Most often the same from run to run.
void FactReader::pass_over_skipped() {
  const SagaIndex& saga = *summary_.saga;
  const std::span<const std::uint8_t> now = summary_.seen->skipped;
  if (!choices_ && !waits_for_.empty() && std::ranges::equal(now, skipped_)) return;
  skipped_.assign(now.begin(), now.end());
  if (choices_) {
    skipped_.resize(saga.step_count());
    for (const StepId step : choices_->steps()) {
      const Choice choice = choice_states_[step];
      skipped_[step] = choice == Choice::kSkipped || choice == Choice::kInDoubt ? 1 : 0;
    }
  }
  waits_for_.assign(saga.step_count(), {});
  for (const StepId step : saga.order()) {
    std::vector<StepId>& those = waits_for_[step];
    const auto add = [&those](StepId before) {
      if (std::ranges::find(those, before) == those.end()) those.push_back(before);
    };
    for (const StepId before : saga.predecessors(step)) {
      if (before < skipped_.size() && skipped_[before] != 0) {
        std::ranges::for_each(waits_for_[before], add);
      } else {
        add(before);
      }
    }
  }
}

}  // namespace saga_harness
