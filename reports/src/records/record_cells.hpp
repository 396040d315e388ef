#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness/observation.hpp>

namespace saga_harness::reports {

/// A set of small numbers, written as one hexadecimal number.
class BitSet {
 public:
  void clear() { words_.assign(words_.size(), 0); }
  void insert(std::size_t bit);
  [[nodiscard]] bool contains(std::size_t bit) const;
  /// Without leading zeros; the empty set is `0`.
  void append_to(std::string& text) const;
  /// False if the text is not such a number. Bits from `limit` on are refused, too.
  [[nodiscard]] bool parse(std::string_view text, std::size_t limit);

 private:
  std::vector<std::uint64_t> words_;
};

/// Numbers of cells, and of places: cells that differ in their kind of fault alone share one. Places are
/// numbered in the order in which the list of cells first names them.
class CellNumbers {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  CellNumbers(std::span<const Cell> cells, std::size_t step_count);

  [[nodiscard]] std::uint32_t cell(StepId step, Operation operation, Instant phase, FaultKind kind) const;
  [[nodiscard]] std::uint32_t place(StepId step, Operation operation, Instant phase) const;
  [[nodiscard]] std::uint32_t place_of(std::size_t cell) const { return place_of_cell_[cell]; }
  [[nodiscard]] std::size_t place_count() const { return place_count_; }

  /// The places whose instant came before the faults stopped, as the trace has it.
  void collect_reached(const Observation& observation, BitSet& reached) const;

 private:
  [[nodiscard]] std::size_t slot(StepId step, Operation operation, Instant phase) const;

  std::size_t step_count_;
  std::size_t place_count_ = 0;
  std::vector<std::uint32_t> place_of_slot_;  // place + 1
  std::vector<std::uint32_t> cell_of_slot_;   // cell + 1, by place and kind
  std::vector<std::uint32_t> place_of_cell_;
};

}  // namespace saga_harness::reports
