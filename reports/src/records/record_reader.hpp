#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <saga_harness/report.hpp>
#include <saga_harness_internal/json_reader.hpp>

#include "records/record_cells.hpp"

namespace saga_harness::reports {

/// A shard of a search, as a header has it.
struct SearchHead {
  ReportSearch search = {};
  int shard = 1;  ///< from 1
  Owed owed = {};
};

struct HeaderRecord {
  bool is_old = false;  ///< of the format before this one
  std::string version = {};
  std::shared_ptr<const SagaIndex> saga = {};
  std::string subject = {};
  std::string coordinator = {};
  std::string participant = {};
  bool by_tests = false;
  std::string scope = {};
  std::string source = {};
  std::string target = {};
  std::vector<std::string> claims = {};
  std::vector<ReportInvariant> invariants = {};
  std::vector<Exclusion> exclusions = {};
  std::optional<SearchHead> search = std::nullopt;  ///< nothing: single runs
  std::vector<ReportCell> cells = {};
};

/// Reused from line to line.
struct RunRecord {
  std::uint64_t id = 0;
  std::string plan = {};
  int faults = 0;
  Outcome outcome = Outcome::kUnresolved;
  std::string rules = {};
  std::vector<std::pair<std::size_t, int>> violated = {};  ///< invariant, step or -1
  bool blamed = false;
  BitSet reached = {};
  std::vector<std::uint32_t> fired = {};
  std::vector<std::uint32_t> unfired = {};
  int stale = 0;  ///< faults that were planned and never struck, with a cell or without
  std::vector<std::string> other = {};
  std::vector<std::pair<std::uint32_t, std::uint32_t>> compensated = {};  ///< step, requests
  std::vector<std::uint32_t> expected = {};
  bool is_open = false;  ///< nobody can say what is expected
  std::vector<std::pair<std::uint32_t, int>> left = {};
};

/// How many of what a record may name.
struct RecordLimits {
  std::size_t invariants = 0;
  std::size_t cells = 0;
  std::size_t places = 0;
  std::size_t steps = 0;
};

struct FindingRecord {
  std::size_t invariant = 0;
  int step = -1;
  std::vector<std::uint32_t> shows = {};  ///< cells
  bool is_known = false;                  ///< by a run before it
  std::string cause = {};                 ///< what sets it apart from others of the rule at the step
  std::uint64_t schedules = 0;            ///< of the search that show it, if that is known
  ReportFinding finding = {};
};

/// What went wrong with a run as such, whatever the rules say of it.
struct DefectRecord {
  std::string name = {};
  std::string plan = {};
  std::string what = {};
};

struct EndRecord {
  bool exhausted = false;
  std::uint64_t runs = 0;
  std::optional<std::uint64_t> violated = std::nullopt;  ///< runs; not in old records
  // Of a search, and not in old records.
  std::optional<SearchVerdict> verdict = std::nullopt;
  std::optional<ClassCount> classes = std::nullopt;
  std::vector<ReportKnown> known = {};
  Earned earned = {};
  std::optional<std::uint64_t> findings = std::nullopt;
};

/// @throws Error with source, JSON pointer and fix: of what cannot be read, and of a line that contradicts
/// itself.
[[nodiscard]] HeaderRecord read_header(const internal::JsonReader& object);
void read_run(const internal::JsonReader& object, const RecordLimits& limits, RunRecord& run);
[[nodiscard]] FindingRecord read_finding(const internal::JsonReader& object, const RecordLimits& limits,
                                         const SagaIndex& saga);
[[nodiscard]] DefectRecord read_defect(const internal::JsonReader& object);
[[nodiscard]] EndRecord read_end(const internal::JsonReader& object);

/// The cell of this name, which must be one of the saga's.
[[nodiscard]] ReportCell read_cell(const internal::JsonReader& name, const SagaIndex& saga);
[[nodiscard]] Outcome read_outcome(const internal::JsonReader& name);
[[nodiscard]] std::uint64_t read_hash(const internal::JsonReader& digits);
/// A 64-bit count, which is a string.
[[nodiscard]] std::uint64_t read_count(const internal::JsonReader& digits);

}  // namespace saga_harness::reports
