#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/picks.hpp>

namespace saga_harness {

/// Counts cells while a search runs.
class Coverage {
 public:
  Coverage(const SagaIndex& saga, const Experiment& experiment, const std::vector<FaultKind>& asked = {});
  /// The denominator is `declared`, of whatever kinds are in scope or in it.
  Coverage(const SagaIndex& saga, const Experiment& experiment, std::vector<Cell> declared);

  void count_reached(std::span<const Branch> branches);
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

  std::size_t step_count_;
  bool is_choreography_;
  std::vector<Cell> cells_;
  std::vector<bool> is_counted_;      // by kind: those that the search tries
  std::vector<std::uint32_t> slots_;  // position in cells_ + 1, by step, operation, where, kind
};

}  // namespace saga_harness
