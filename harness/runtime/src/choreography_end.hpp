#pragma once

#include <optional>
#include <vector>

#include <saga_harness/saga_index.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness {

/// How a choreography ends, as a person would say who looks at the bus: its events, its dead letters.
class ChoreographyEnd {
 public:
  explicit ChoreographyEnd(const SagaIndex& saga);

  void reset();
  /// An event is on the bus. True if the saga is completed by it.
  bool note_event(EventRole role, StepId step);
  void note_dead_letter(OperationId id);

  [[nodiscard]] bool is_completed() const { return completed_; }
  /// Where it is not completed; nothing: it did not end.
  [[nodiscard]] std::optional<Outcome> outcome() const;
  /// The steps whose effect the dead letters account for: one of an action for whatever the saga stopped at,
  /// one of a compensation for the effect of its step, and of those that wait for it.
  [[nodiscard]] std::vector<bool> accounted_for() const;

 private:
  [[nodiscard]] bool has_dead_letters() const;
  void account_for(StepId step, std::vector<bool>& those) const;

  const SagaIndex& saga_;
  std::vector<StepId> last_steps_;
  std::vector<bool> succeeded_;  // by step: its success is on the bus
  std::vector<bool> dead_compensations_;
  bool dead_action_ = false;
  bool failed_ = false;
  bool completed_ = false;
};

}  // namespace saga_harness
