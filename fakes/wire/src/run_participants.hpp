#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <vector>

#include <saga_harness/ledger.hpp>
#include <saga_harness/participant.hpp>
#include <saga_harness_internal/served_scenario.hpp>

#include "run_trace.hpp"

namespace saga_harness::wire {

/// The participants of a run, and what they really did.
class RunParticipants final : private Bookkeeper {
 public:
  RunParticipants(const ServedScenario& served, RunTrace& trace);

  [[nodiscard]] Participant& of(StepId step) { return *participants_[served_.service_of_step[step]]; }
  /// What it throws is answered as an error; the first Error is kept, since misuse is no failure of a
  /// service.
  [[nodiscard]] Reply ask(const Delivery& delivery);
  void forget_all();
  /// The participant of that step, and what it did of any.
  void restore(StepId step);
  [[nodiscard]] Ledger ledger();
  void rethrow_misuse() const {
    if (misuse_) std::rethrow_exception(misuse_);
  }

 private:
  void apply(const Delivery& delivery) override;
  void undo(const Delivery& delivery) override;
  [[nodiscard]] const Effect& effect(StepId step) override { return effects_[step]; }
  void mark(std::string_view name) override;
  void commit(const Delivery& delivery) override;
  void note(EventType type, const Delivery& delivery);
  void measure(bool at_end);

  const ServedScenario& served_;
  RunTrace& trace_;
  std::vector<std::unique_ptr<Participant>> participants_;  // by service
  std::vector<Effect> effects_;                             // by step
  std::vector<Quantity> quantities_;
  std::exception_ptr misuse_;
};

}  // namespace saga_harness::wire
