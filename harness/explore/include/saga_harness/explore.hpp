#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/duration.hpp>
#include <saga_harness/engine.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/judge.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/search_verdict.hpp>

namespace saga_harness {

/// Cells of the failure coverage that are out of reach, with a reason and somebody to ask. An exclusion
/// states that they cannot be tried here: one of them that strikes all the same proves it wrong.
struct Exclusion {
  std::string cells = {};  ///< a name as cell_name() has it; `*` stands for any characters
  std::string reason = {};
  std::string owner = {};
  std::string expires = {};  ///< `2027-06-30`: from the day after it counts no more

  friend bool operator==(const Exclusion&, const Exclusion&);
};
void PrintTo(const Exclusion& value, std::ostream* out);

/// A subject with everything needed to run and judge it.
struct Experiment {
  Setup setup = {};
  Claims claims = Claims::all();
  std::vector<SwitchedOff> switched_off = {};
  std::vector<Invariant> invariants = {};      ///< the user's own, judged after the built-in rules
  std::string coordinator_name = "reference";  ///< for tokens and reports
  std::string participant_name = "reference";
  std::string source = {};  ///< the scenario file it came from, if any: for repro lines and gtest cases
  /// The file that says how to reach the subject, if it is a process of its own: for repro lines.
  std::string target = {};
  std::vector<Exclusion> exclusions = {};
  /// False: a participant is an object of the test's own, such as a mock, whose state outlives a run. A run
  /// that violates a rule is then not run again to see whether it comes out alike.
  bool can_run_again = true;
};
void PrintTo(const Experiment& value, std::ostream* out);

/// How the last word on a cell of the coverage matrix reads.
enum class CellStatus : std::uint8_t {
  kHeld,        ///< fired, judged, and never to blame for a violation (see Cell::violated)
  kViolated,    ///< fired, and some rule was violated that was not without it
  kVacuous,     ///< fired, but no invariant judged the run
  kNotFired,    ///< its instant was reached, but the fault was not tried
  kNotReached,  ///< its instant was never reached
};
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
  std::uint64_t reached = 0;  ///< times its instant was offered while the search was branching
  std::uint64_t fired = 0;    ///< schedules in which it struck
  std::uint64_t judged = 0;   ///< … and at least one rule was judged
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

/// @throws Error if `exclusion` lacks something, its day is no day, or it matches no cell of the experiment.
void validate(const Exclusion& exclusion, const Experiment& experiment);

/// A violation with its smallest plan. One per rule (or invariant) and culprit step: the first that iterative
/// deepening meets.
struct Finding {
  Rule rule = Rule::kTruthfulOutcome;
  std::string step = {};  ///< empty: the saga as a whole
  std::string explanation = {};
  FaultPlan plan = {};
  std::string token = {};
  std::uint64_t schedules = 0;  ///< how many schedules show it
  std::string repeat = {};      ///< how_to_repeat(); filled by SagaTestHarness::explore()
  std::string test_case =
      {};  ///< as gtest_case() writes it; filled by SagaTestHarness::explore() and the command
  std::string invariant = {};  ///< where `rule` is kOwnRule: its name
  /// A timeout of real time, or a message held back for one, had a part in the run that shows it.
  bool rests_on_time = false;
};
void PrintTo(const Finding& value, std::ostream* out);
[[nodiscard]] std::string_view name_of(const Finding& finding);  ///< of its rule, or of the user's invariant

struct LevelCount {
  int faults = 0;
  std::uint64_t schedules = 0;
  bool exhausted = false;
};
void PrintTo(const LevelCount& value, std::ostream* out);

struct RuleCount {
  std::uint64_t held = 0;
  std::uint64_t violated = 0;
  std::uint64_t unknown = 0;
  std::uint64_t not_applicable = 0;
  std::string invariant = {};  ///< the name, if it is one of the user's own
};
void PrintTo(const RuleCount& value, std::ostream* out);

/// A schedule that a subject in a process of its own did not go through alike twice. What it violated only
/// once is not counted as violated.
struct Nondeterministic {
  FaultPlan plan = {};
  std::string difference = {};  ///< one sentence: what was seen first, and what when it was run again

  friend bool operator==(const Nondeterministic&, const Nondeterministic&);
};
void PrintTo(const Nondeterministic& value, std::ostream* out);

/// Everything a search has to say. Same experiment and options, same value, on every compiler and machine.
struct Exploration {
  int max_faults = 0;
  std::uint64_t schedules = 0;
  bool exhausted = false;  ///< every schedule of up to max_faults faults (of the shard) was run
  std::vector<LevelCount> levels = {};
  std::array<std::uint64_t, 4> outcomes = {};  ///< schedules by Outcome
  /// One per Rule, in their order, then the user's own.
  std::vector<RuleCount> rules = std::vector<RuleCount>(kRuleCount);
  std::uint64_t violated_schedules = 0;
  std::vector<Finding> findings = {};  ///< fewest faults first
  std::vector<Cell> cells = {};        ///< in the order of the definition and the catalogue
  std::vector<Cell> undeclared = {};
  std::vector<std::string> markers = {};  ///< markers passed in any run (see Runtime::mark()), sorted
  std::vector<Nondeterministic> nondeterministic = {};  ///< only of subjects in a process of their own
  std::uint64_t timed_schedules = 0;  ///< … that rest on real time: see Finding::rests_on_time
  std::uint64_t pruned = 0;           ///< … that need not be run: see ExploreOptions::prune
  Earned earned = {};                 ///< what it has seen of what it owes
  SearchVerdict verdict = {};         ///< of it all, computed when the search was over

  [[nodiscard]] bool finds_no_violation() const noexcept { return violated_schedules == 0; }
  [[nodiscard]] std::uint64_t count(CellStatus status) const;
};
void PrintTo(const Exploration& value, std::ostream* out);

/// A rule that was violated, by its place in the Judgement held as a Rule, and the step it was violated at.
struct Violation {
  Rule rule = Rule::kTruthfulOutcome;
  StepId step = kNoStep;

  friend auto operator<=>(const Violation&, const Violation&) = default;
};
void PrintTo(const Violation& value, std::ostream* out);

/// What a caller may look at after every schedule; valid during the call.
struct Schedule {
  std::uint64_t number = 0;  ///< from 1
  const FaultPlan& plan;
  const Observation& observation;
  const Judgement& judgement;
  std::span<const Invariant> invariants = {};  ///< whose statuses follow those of the rules in the judgement
  std::span<const Violation> violations = {};
  bool blamed = false;  ///< the faults of the plan are to blame for them: see Cell::violated
  /// The run itself where something is violated and run_plan() cannot repeat it: the subject is a process of
  /// its own, or is driven over real wires.
  const Run* run = nullptr;
};

/// One of so many parts of a search: every schedule belongs to exactly one. Merged, they are the whole.
struct Shard {
  std::uint32_t index = 0;  ///< from 0
  std::uint32_t count = 1;

  friend bool operator==(const Shard&, const Shard&) = default;
};
void PrintTo(const Shard& value, std::ostream* out);

/// Random instead of exhaustive: every schedule draws which kinds of fault it may meet, how often, and how
/// many.
struct Swarm {
  std::string seed = {};  ///< any text; same text, same schedules, everywhere
  std::uint64_t schedules = 10'000;

  friend bool operator==(const Swarm&, const Swarm&) = default;
};
void PrintTo(const Swarm& value, std::ostream* out);

struct ExploreOptions {
  int max_faults = 2;
  std::vector<FaultKind> kinds = {};  ///< empty: all that the subject's claims put in scope
  bool windows = true;
  std::uint64_t max_schedules = 0;  ///< 0: no bound; else stop there, not exhausted
  bool stop_at_first_violation = false;
  Duration max_time = Duration::zero();  ///< zero: no bound; else stop about then, not exhausted
  Shard shard = {};                      ///< search this part alone
  int workers = 1;                       ///< processes that share the work; the result is the same
  std::optional<Swarm> swarm = std::nullopt;
  bool sample_ok = false;  ///< a random search without violation is upheld, not inconclusive
  /// Every so many schedules one is run twice, and the traces are compared; 0: never.
  std::uint64_t recheck_every = 1000;
  /// Leave out schedules of which it is known how they would go: their last fault lasts longer than that of
  /// another that was run, but no attempt came in that run that it could strike besides. Nothing is assumed
  /// of the subject but that it is deterministic, and every number of the result is as if they had been run.
  bool prune = false;
  std::uint64_t audit_every = 100;  ///< every so many of those are run all the same and compared; 0: none
  /// A file to continue from, if it is there, and to leave the state of the search in, every `save_every`
  /// schedules and at the end. Whenever the process is killed, the next one with this file goes on.
  std::string resume = {};
  std::uint64_t save_every = 50'000;
  std::string tally = {};  ///< a file to leave the counts in, for merge_tallies()
  std::function<void(const Schedule&)> on_schedule = {};     ///< makes every schedule build its plan: slower
  std::function<void(const Exploration&)> on_progress = {};  ///< about every 50,000 schedules, counts only
};
void PrintTo(const ExploreOptions& value, std::ostream* out);

/// Runs every schedule of 0, 1, … max_faults faults ("iterative deepening": fewest faults first), judging
/// each.
/// @throws Error with ErrorKind::kInternal if a re-execution differs: the coordinator or a participant is not
/// deterministic.
[[nodiscard]] Exploration explore(const Experiment& experiment, const ExploreOptions& options = {});

/// `asked`, or if that is empty every kind that the subject's claims put in scope (see is_in_scope()).
[[nodiscard]] std::vector<FaultKind> kinds_in_scope(const Experiment& experiment,
                                                    const std::vector<FaultKind>& asked);

/// Every legal cell of the definition for this subject, all of them CellStatus::kNotReached: of the kinds in
/// scope, and of those `asked` for by name.
[[nodiscard]] std::vector<Cell> declared_cells(const SagaIndex& saga, const Experiment& experiment,
                                               const std::vector<FaultKind>& asked = {});

/// What a file that ExploreOptions::tally or ::resume names was written for.
struct SearchedFor {
  std::string coordinator = {};
  std::string participant = {};
  ExploreOptions options = {};  ///< those that decide what is searched
};
void PrintTo(const SearchedFor& value, std::ostream* out);
/// @throws Error if the file is missing, damaged or of another version.
[[nodiscard]] SearchedFor searched_for(const std::string& path);

/// The search as a whole from the files of its shards: what one process would have found.
/// @throws Error if a file belongs to another search, or a shard is there twice; with ErrorKind::kIncomplete
/// if one is missing.
[[nodiscard]] Exploration merge_tallies(const Experiment& experiment, const ExploreOptions& options,
                                        std::span<const std::string> paths);

/// Which plans run_plan() runs again, to see whether they come out alike.
enum class RunAgain : std::uint8_t {
  kIfViolated,  ///< those that violate a rule
  kAlways,      ///< all: for plans that were drawn, in properties
};

/// Runs one plan and judges it. Faults whose point is never reached are in Run::unfired. A plan that violates
/// a rule is run again a few times: what comes of chance is no finding. Nothing is, where
/// Experiment::can_run_again says so.
/// @throws Error if the plan names what does not exist (with the nearest name) or is not legal; with
/// ErrorKind::kInternal if it came out differently when it was run again.
[[nodiscard]] Run run_plan(const Experiment& experiment, const FaultPlan& plan,
                           RunAgain again = RunAgain::kIfViolated);

/// Every plan of one fault on the forward path of this saga, in the order of the catalogue, from the
/// definition alone (its own context included: a step that it rules out is not there): first attempts, single
/// faults and for-ever windows of every kind that `claims` put in scope; what strikes log and coordinator as
/// the reference orchestrator meets it.
[[nodiscard]] std::vector<FaultPlan> single_fault_plans(const SagaIndex& saga,
                                                        const Claims& claims = Claims::all());

/// For every fault of a compensation, a plan that gets there: the step's own action fails after its effect,
/// for ever, and then the fault strikes its compensation. In a choreography a later step is refused instead.
[[nodiscard]] std::vector<FaultPlan> compensation_fault_plans(const SagaIndex& saga,
                                                              const Claims& claims = Claims::all());

/// How to run the plan of a token again, for this kind of subject: a command where the command can make the
/// subject from its files (`saga-harness replay order.json sh2-…`, with `--target` for a process of its own),
/// else the call in its test: `harness.replay("sh2-…")`.
[[nodiscard]] std::string how_to_repeat(const Experiment& experiment, std::string_view token);

/// A gtest case to paste that fails as `finding` did: compiles against saga_harness/testing.hpp.
[[nodiscard]] std::string gtest_case(const Finding& finding, const SagaIndex& saga,
                                     const Experiment& experiment);

}  // namespace saga_harness
