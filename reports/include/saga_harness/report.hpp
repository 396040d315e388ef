#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/exit_code.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/ledger.hpp>
#include <saga_harness/report_known.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness/study.hpp>
#include <saga_harness/trace.hpp>

/// Reports on records of runs (see run_records.hpp): what was tried, what came of it, what was not covered. A
/// Report is a value made of records; every writer is a pure function of it. Texts in it are as foreign as
/// they were in the definition: a writer escapes them.
namespace saga_harness {

/// One of the runs that met a cell.
struct RunSample {
  std::string id = {};  ///< 16 hexadecimal digits
  std::string plan = {};
  int faults = 0;
  Outcome outcome = Outcome::kUnresolved;
  bool blamed = false;                     ///< its faults are to blame for a violation
  std::vector<std::size_t> violated = {};  ///< positions in SagaReport::invariants

  friend bool operator==(const RunSample&, const RunSample&) = default;
};
void PrintTo(const RunSample& value, std::ostream* out);
inline constexpr std::size_t kRunsPerCell = 5;

struct ReportCell {
  std::string name = {};  ///< as cell_name() has it: stable, and unique within a saga
  StepId step = kNoStep;  ///< kNoStep: the saga itself
  Operation operation = Operation::kAction;
  Instant instant = Instant::kCall;
  FaultKind kind = FaultKind::kRejected;
  CellStatus status = CellStatus::kNotReached;
  std::uint64_t reached = 0;                   ///< runs in which its instant came before the faults stopped
  std::uint64_t armed = 0;                     ///< runs that planned it
  std::uint64_t fired = 0;                     ///< … and in which it struck
  std::uint64_t judged = 0;                    ///< … and some invariant was judged
  std::uint64_t violated = 0;                  ///< … and it was to blame for a violation
  std::array<std::uint64_t, 4> outcomes = {};  ///< of those that fired, by Outcome
  std::optional<std::size_t> exclusion = std::nullopt;  ///< position in SagaReport::exclusions, if in force
  std::optional<std::size_t> example = std::nullopt;    ///< position in SagaReport::examples, if to blame
  int unreachable_within = -1;       ///< kUnreachable: in a search of all plans of so many faults
  std::vector<RunSample> runs = {};  ///< a few that fired: those to blame first, then the smallest plans

  friend bool operator==(const ReportCell&, const ReportCell&) = default;
};
void PrintTo(const ReportCell& value, std::ostream* out);

/// What was to be undone and what was asked to be, over all runs.
struct CompensationCount {
  StepId step = kNoStep;
  std::uint64_t expected =
      0;                      ///< runs that ended compensated, or flagged short of the pivot, with the effect
  std::uint64_t called = 0;   ///< runs in which the compensation was requested
  std::uint64_t missing = 0;  ///< … expected, but not requested
  std::uint64_t unexpected = 0;    ///< … requested, but not expected: nothing was there, or nobody knew
  std::uint64_t requests = 0;      ///< all of them, retries and those of recovery included
  std::uint64_t most = 0;          ///< in one run
  std::uint64_t out_of_order = 0;  ///< runs in which a step that came after it was compensated after it

  friend bool operator==(const CompensationCount&, const CompensationCount&) = default;
};
void PrintTo(const CompensationCount& value, std::ostream* out);

/// An event of the run that shows a finding.
struct ReportEvent {
  std::int64_t at_us = 0;
  std::string type = {};  ///< as name_of(EventType) has it
  int incarnation = 0;
  int call = 0;
  std::string step = {};
  std::string operation = {};
  int attempt = 0;
  std::vector<std::pair<std::string, std::string>> details = {};  ///< whatever else the event says

  /// Empty if there is no such detail.
  [[nodiscard]] std::string_view detail(std::string_view key) const;
  friend bool operator==(const ReportEvent&, const ReportEvent&) = default;
};
void PrintTo(const ReportEvent& value, std::ostream* out);

struct ReportEffect {
  std::string step = {};
  std::string service = {};
  std::uint32_t applied = 0;
  std::uint32_t undone = 0;

  friend bool operator==(const ReportEffect&, const ReportEffect&) = default;
};
void PrintTo(const ReportEffect& value, std::ostream* out);

/// A rule that was violated at a step, with the smallest plan known.
struct ReportFinding {
  std::size_t invariant = 0;  ///< position in SagaReport::invariants
  std::string step = {};      ///< empty: the saga as a whole
  std::string explanation = {};
  std::string cause = {};                       ///< see Finding::cause; empty: not known, or nothing to say
  std::string replayed = {};                    ///< see Finding::replayed; empty: not known
  std::vector<std::string> earlier_sagas = {};  ///< see Finding::earlier_sagas
  std::string plan = {};
  int faults = 0;
  std::string token = {};
  std::string command = {};  ///< that repeats it
  std::string test_case = {};
  std::string run = {};    ///< its id
  std::uint64_t runs = 0;  ///< how many show it
  bool has_trace = false;  ///< false: the records were cut off, what follows is empty
  Outcome outcome = Outcome::kUnresolved;
  std::vector<std::string> flagged_steps = {};
  std::vector<std::uint32_t> evidence = {};  ///< positions in the trace; the first is the first divergence
  std::vector<ReportEvent> trace = {};
  std::vector<ReportEffect> effects = {};
  std::vector<Quantity> quantities = {};

  friend bool operator==(const ReportFinding&, const ReportFinding&) = default;
};
void PrintTo(const ReportFinding& value, std::ostream* out);

struct ReportInvariant {
  std::string id = {};  ///< `I1`; `own`
  std::string name = {};
  VerdictStatus status = VerdictStatus::kUnknown;
  std::uint64_t held = 0;
  std::uint64_t violated = 0;
  std::uint64_t unknown = 0;
  std::uint64_t not_applicable = 0;
  std::string switched_off = {};  ///< the reason, if it is

  [[nodiscard]] std::uint64_t exercised() const { return held + violated; }
  friend bool operator==(const ReportInvariant&, const ReportInvariant&) = default;
};
void PrintTo(const ReportInvariant& value, std::ostream* out);

struct ReportExclusion {
  Exclusion exclusion = {};
  bool expired = false;
  std::size_t cells = 0;                ///< that it matches
  std::vector<std::string> fired = {};  ///< of these, though they cannot

  friend bool operator==(const ReportExclusion&, const ReportExclusion&) = default;
};
void PrintTo(const ReportExclusion& value, std::ostream* out);

/// A search that runs came from, its shards together.
struct ReportSearch {
  int max_faults = 0;
  std::vector<std::string> kinds = {};
  bool windows = true;
  std::optional<Swarm> swarm = std::nullopt;
  int shards = 1;
  bool complete = false;    ///< every shard is there with its end
  bool exhausted = false;   ///< … and ran everything within the bounds
  bool sample_ok = false;   ///< a random one, which is taken for an answer
  bool by_classes = false;  ///< one fault stood for others: see ExploreOptions::classes
  std::optional<ClassCount> classes = std::nullopt;  ///< … what was run so, if it came to its end
  std::vector<std::string> notes = {};               ///< what is good to know beside its verdict
  std::vector<ReportKnown> known = {};
  std::vector<std::string> errors = {};  ///< why it has no verdict
  std::vector<LackFound> lacks = {};     ///< what it owed and did not earn, as the search itself said

  friend bool operator==(const ReportSearch&, const ReportSearch&) = default;
};
void PrintTo(const ReportSearch& value, std::ostream* out);

struct ReportLevel {
  int faults = 0;
  std::uint64_t runs = 0;

  friend bool operator==(const ReportLevel&, const ReportLevel&) = default;
};
void PrintTo(const ReportLevel& value, std::ostream* out);

/// `denominator` is what is legal and not excluded.
struct CellCounts {
  std::uint64_t legal = 0;
  std::uint64_t denominator = 0;
  std::uint64_t fired = 0;
  std::uint64_t held = 0;
  std::array<std::uint64_t, kCellStatusCount> by_status = {};

  friend bool operator==(const CellCounts&, const CellCounts&) = default;
};
void PrintTo(const CellCounts& value, std::ostream* out);

/// One subject: a saga as run by one coordinator with one set of participants.
struct SagaReport {
  std::string id = {};  ///< of the subject, 16 hexadecimal digits: for links
  Saga definition = {};
  std::uint64_t definition_hash = 0;
  std::string version = {};  ///< of the harness that ran it
  std::string coordinator = {};
  std::string participant = {};
  std::string scope = {};   ///< the test that a nameless coordinator belongs to
  std::string source = {};  ///< the scenario's file, if any
  std::string target = {};  ///< the file that says how to reach it, if it is a process of its own
  std::vector<std::string> claims = {};
  std::vector<ReportSearch> searches = {};
  bool has_single_runs = false;  ///< some come from tests that chose their plans
  std::uint64_t runs = 0;
  std::uint64_t violated_runs = 0;
  std::uint64_t stale_runs = 0;                ///< in which a planned fault never struck
  std::string stale_plan = {};                 ///< of one of them
  std::array<std::uint64_t, 4> outcomes = {};  ///< by Outcome
  std::vector<ReportLevel> levels = {};        ///< runs by their number of faults
  CellCounts counts = {};
  std::vector<ReportCell> cells = {};  ///< in the order of the definition and the catalogue
  std::vector<ReportCell> undeclared = {};
  std::vector<CompensationCount> compensations = {};  ///< of the steps that have one
  std::vector<ReportInvariant> invariants = {};       ///< the built-in rules, then the user's own
  std::vector<ReportFinding> findings = {};           ///< fewest faults first
  std::vector<ReportFinding> examples = {};           ///< runs that show cells which are to blame
  std::vector<ReportExclusion> exclusions = {};

  friend bool operator==(const SagaReport&, const SagaReport&) = default;
};
void PrintTo(const SagaReport& value, std::ostream* out);

/// The same plan, run twice, came out differently: in other records (such runs are in no count), or when a
/// search ran it again.
struct Contradiction {
  std::string saga = {};  ///< SagaReport::id
  std::string run = {};
  std::string plan = {};
  std::vector<Outcome> outcomes = {};  ///< one if they differ in something else; none if a search saw it
  std::string difference = {};         ///< what the search saw, in a sentence

  friend bool operator==(const Contradiction&, const Contradiction&) = default;
};
void PrintTo(const Contradiction& value, std::ostream* out);

struct Report {
  std::vector<SagaReport> sagas = {};  ///< by name, coordinator, participant
  std::vector<Study> studies = {};     ///< by name
  std::uint64_t runs = 0;
  std::uint64_t violated_runs = 0;
  std::uint64_t findings = 0;
  CellCounts counts = {};
  std::vector<Contradiction> contradictions = {};
  std::vector<std::string> incomplete = {};  ///< what is missing, in sentences
  std::vector<std::string> errors = {};      ///< why there is no verdict, in sentences

  friend bool operator==(const Report&, const Report&) = default;
};
void PrintTo(const Report& value, std::ostream* out);

/// What is said of it though it is no finding and nothing that is missing: runs whose planned faults did not
/// all strike.
[[nodiscard]] std::vector<std::string> doubts_of(const Report& report);

/// Contradictions and errors are internal; then violated; then what is missing, stale, not exhausted or not
/// foreseen is inconclusive; then an excluded cell that fired is missed coverage.
[[nodiscard]] ExitCode exit_code_of(const Report& report);
[[nodiscard]] ExitCode exit_code_of(const SagaReport& saga);
/// As if there were no findings and no stale runs, whose numbers a gate bounds.
[[nodiscard]] ExitCode exit_code_besides_counted(const Report& report);
/// `upheld`, `violated`, `coverage_missed`, `inconclusive`, or `error` where there is no verdict.
[[nodiscard]] std::string_view verdict_word(ExitCode code);

/// Records as they were read: a name for messages, and the text.
struct RecordText {
  std::string name = {};
  std::string_view text = {};
};
void PrintTo(const RecordText& value, std::ostream* out);

struct MergeOptions {
  std::string today = {};  ///< `2026-11-21`; empty: no exclusion expires
};
void PrintTo(const MergeOptions& value, std::ostream* out);

/// The set union of the runs in all texts: their order does not matter, nor how often one is given.
/// @throws Error with name and line if one is no record, or if sagas of one name have different definitions.
[[nodiscard]] Report merge_records(std::span<const RecordText> texts, const MergeOptions& options = {});
/// The same of files, read bit by bit. A directory stands for its `runs.jsonl` and `*.runs.jsonl`.
[[nodiscard]] Report merge_record_files(std::span<const std::string> paths, const MergeOptions& options = {});

/// What is true of one moment and one machine. Nothing else in any report is.
struct Volatile {
  std::string written_at = {};
  std::string host = {};
  std::string today = {};
};
void PrintTo(const Volatile& value, std::ostream* out);

/// The report as canonical JSON: see reports/schema/saga-report.schema.json.
[[nodiscard]] std::string report_json(const Report& report, const Volatile& moment = {});

/// What an earlier report said of cells, to be compared with.
struct BaselineSaga {
  std::string name = {};
  std::string coordinator = {};
  std::string participant = {};
  std::string scope = {};
  std::uint64_t definition_hash = 0;
  CellCounts counts = {};
  std::vector<std::pair<std::string, CellStatus>> cells = {};  ///< by name, sorted
};
void PrintTo(const BaselineSaga& value, std::ostream* out);
struct Baseline {
  std::vector<BaselineSaga> sagas = {};
  /// nullptr: the baseline does not know it.
  [[nodiscard]] const BaselineSaga* find(const SagaReport& saga) const;
};
void PrintTo(const Baseline& value, std::ostream* out);
/// Reads what report_json() wrote. @throws Error with source, JSON pointer and fix.
[[nodiscard]] Baseline read_baseline(std::string_view json, std::string_view source);

}  // namespace saga_harness
