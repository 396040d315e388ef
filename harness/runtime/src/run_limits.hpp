#pragma once

#include <cstddef>
#include <cstdint>

#include <saga_harness/engine.hpp>

namespace saga_harness {

/// What one run may spend before it is ended.
class RunLimits {
 public:
  /// `budgets`: attempts that the definition allows, in all.
  RunLimits(const RunBounds& bounds, std::uint32_t budgets)
      : bounds_(bounds),
        calls_(bounds.max_calls != 0 ? bounds.max_calls : 8 * budgets + 64),
        calls_without_progress_(4 * budgets + 32) {}

  void reset() { spent_ = {}; }
  // False: no more.
  [[nodiscard]] bool spend_operation() { return ++spent_.operations <= bounds_.max_operations; }
  [[nodiscard]] bool spend_operation_of_the_dead() {
    return ++spent_.operations_of_the_dead <= bounds_.max_operations;
  }
  [[nodiscard]] bool spend_call_without_progress() {
    return ++spent_.calls_without_progress <= calls_without_progress_;
  }
  [[nodiscard]] bool allows_calls(std::size_t calls) const { return calls <= calls_; }
  [[nodiscard]] bool allows_restart(std::uint32_t incarnations) const {
    return incarnations < static_cast<std::uint32_t>(bounds_.max_incarnations);
  }
  /// A ledger or the log has changed.
  void note_progress() { spent_.calls_without_progress = 0; }

 private:
  struct Spent {
    std::uint32_t operations = 0;
    std::uint32_t operations_of_the_dead = 0;
    std::uint32_t calls_without_progress = 0;
  };

  RunBounds bounds_;
  std::uint32_t calls_;
  std::uint32_t calls_without_progress_;
  Spent spent_;
};

}  // namespace saga_harness
