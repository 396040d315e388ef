#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/instants_met.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/picks.hpp>

namespace saga_harness {

/// What decides the status of a cell.
struct CellFacts {
  std::uint64_t reached = 0;
  std::uint64_t fired = 0;
  std::uint64_t judged = 0;
  std::uint64_t violated = 0;
  bool is_excluded = false;   ///< by an exclusion that is in force
  bool is_exhausted = false;  ///< by a search of everything within its bounds that tries the kind
};
[[nodiscard]] CellStatus status_of(const CellFacts& facts);

/// Once it is known whether the search was exhausted: the status of cells that are excluded or out of reach.
/// `options.kinds` are those that were tried.
void conclude_statuses(const Experiment& experiment, const ExploreOptions& options, Exploration& exploration);

/// Counts cells while a search runs.
class Coverage {
 public:
  Coverage(const SagaIndex& saga, const Experiment& experiment, const std::vector<FaultKind>& asked = {});
  /// The denominator is `declared`.
  Coverage(const SagaIndex& saga, std::vector<Cell> declared);

  /// Begins a run: counts the instants that came in it, by its trace or by what instants_in() says of another
  /// run that went alike. `marked(event)` is called for markers on the way. Returns where the faults stopped.
  template <class Marked>
  std::size_t count_met(std::span<const Event> events, Marked marked) {
    ++run_;
    const auto met = [this](StepId step, Operation operation, Instant phase) {
      meet(instant_of(step, operation, phase));
    };
    return internal::for_each_instant_met(events, is_choreography_, met, marked);
  }
  void count_met_like(std::span<const std::uint32_t> instants);
  [[nodiscard]] std::vector<std::uint32_t> instants_in(std::span<const Event> events) const;
  /// Of the run that was begun.
  void count_fired(std::span<const Pick> picks, Outcome outcome, bool judged, bool blamed);

  /// Adds what another counted for the same experiment.
  void merge(const Coverage& other);
  void write(internal::JsonWriter& writer, const SagaIndex& saga) const;
  void read(const internal::JsonReader& array, const SagaIndex& saga);

  /// The cells with their final statuses; undeclared ones apart.
  void conclude(std::vector<Cell>& cells, std::vector<Cell>& undeclared) const;

 private:
  Cell& cell_of(const Point& point, FaultKind kind);
  [[nodiscard]] std::size_t slot_of(const Point& point, FaultKind kind) const;
  [[nodiscard]] std::size_t instant_of(StepId step, Operation operation, Instant phase) const {
    const std::size_t row = step == kNoStep ? step_count_ : step;
    return (row * kOperationCount + static_cast<std::size_t>(operation)) * kInstantCount +
           static_cast<std::size_t>(phase);
  }
  [[nodiscard]] std::uint64_t runs_that_met(const Cell& cell) const;
  void meet(std::size_t instant) {
    if (std::exchange(met_in_[instant], run_) != run_) ++met_[instant];
  }
  void meet(const Point& point);

  std::size_t step_count_;
  bool is_choreography_;
  std::vector<Cell> cells_;
  std::vector<std::uint32_t> slots_;   // position in cells_ + 1, by instant and kind
  std::vector<std::uint64_t> met_;     // runs, by instant; of what comes with a call those without the call
  std::vector<std::uint64_t> met_in_;  // the last run in which it came, by instant
  std::uint64_t run_ = 0;
};

}  // namespace saga_harness
