#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/experiment.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness {

/// The last word on a cell of the failure coverage, in searches and in reports.
enum class CellStatus : std::uint8_t {
  kHeld,         ///< fired, judged, and never to blame for a violation (see Cell::violated)
  kViolated,     ///< fired, and some rule was violated that was not without it
  kVacuous,      ///< fired, but no rule judged the run
  kNotFired,     ///< its instant came, but the fault never struck
  kNotReached,   ///< its instant never came
  kExcluded,     ///< not to be tried: see Exclusion
  kUnreachable,  ///< its instant never came in a search of everything within its bounds that tries the kind
};
inline constexpr std::size_t kCellStatusCount = 7;
[[nodiscard]] std::string_view name_of(CellStatus status);

/// saga × step × operation × phase × fault kind: the unit of failure coverage. The denominator is every legal
/// cell, known from definition and start context before anything runs: a step that the context rules out has
/// none.
struct Cell {
  StepId step = kNoStep;
  Operation operation = Operation::kAction;
  Instant instant = Instant::kCall;  ///< kAfter… stands for the instants before and after the same thing
  FaultKind kind = FaultKind::kRejected;
  CellStatus status = CellStatus::kNotReached;
  /// Schedules in which its instant came before the faults stopped; of one that is not declared, in which it
  /// struck.
  std::uint64_t reached = 0;
  std::uint64_t fired = 0;   ///< schedules in which it struck
  std::uint64_t judged = 0;  ///< … and at least one rule was judged
  /// … and were to blame: the schedule violates some rule at some step, and no smaller part of its plan does
  /// so by itself. A fault that merely keeps a guilty one company is not blamed.
  std::uint64_t violated = 0;
  std::array<std::uint64_t, 4> outcomes = {};  ///< … by Outcome
  bool declared =
      true;  ///< false: met in a run, though the definition does not foresee it: a finding in itself

  friend bool operator==(const Cell&, const Cell&) = default;
};
void PrintTo(const Cell& value, std::ostream* out);

/// What stands in Cell::where for an instant: `kAfter…` for the two around the same thing.
[[nodiscard]] Instant phase_of(Instant instant);

/// `process_payment.action@call:reply_lost`, `saga@after_end:coordinator_crash`.
[[nodiscard]] std::string cell_name(const Cell& cell, const SagaIndex& saga);

/// Does a pattern of Exclusion::cells match this name?
[[nodiscard]] bool matches_cell(std::string_view pattern, std::string_view name);

/// Every legal cell of the definition for this subject, all of them CellStatus::kNotReached: of the kinds in
/// scope, and of those `asked` for by name.
[[nodiscard]] std::vector<Cell> declared_cells(const SagaIndex& saga, const Experiment& experiment,
                                               const std::vector<FaultKind>& asked = {});

}  // namespace saga_harness
