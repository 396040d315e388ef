#include <saga_harness/search_reports.hpp>

namespace saga_harness {

ExitCode exit_code_of(const Exploration& exploration) { return exit_code_of(exploration.verdict); }

CoverageCounts coverage_of(const Exploration& exploration) {
  CoverageCounts coverage;
  for (const Cell& cell : exploration.cells) {
    coverage.denominator += cell.status == CellStatus::kExcluded ? 0 : 1;
    coverage.fired += cell.fired > 0 ? 1 : 0;
    coverage.held += cell.status == CellStatus::kHeld ? 1 : 0;
  }
  return coverage;
}

std::optional<int> percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<int>(part * 100 / whole);  // counts of cells: thousands, never near 2^64 / 100
}

VerdictStatus status_of(const RuleCount& count) {
  if (count.violated > 0) return VerdictStatus::kViolated;
  if (count.held > 0) return VerdictStatus::kHeld;
  if (count.unknown == 0 && count.not_applicable > 0) return VerdictStatus::kNotApplicable;
  return VerdictStatus::kUnknown;
}

ReplayStatus status_of(const Replay& replay) {
  if (!replay.run.unfired.empty()) return ReplayStatus::kStale;
  return replay.run.upholds_all_invariants() ? ReplayStatus::kUpheld : ReplayStatus::kReproduced;
}

ExitCode exit_code_of(const Replay& replay) {
  switch (status_of(replay)) {
    case ReplayStatus::kReproduced:
      return ExitCode::kViolated;
    case ReplayStatus::kUpheld:
      return ExitCode::kUpheld;
    case ReplayStatus::kStale:
      return ExitCode::kInconclusive;
  }
  return ExitCode::kInternal;
}

}  // namespace saga_harness
