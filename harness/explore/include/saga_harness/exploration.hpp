#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/cell.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/known_finding.hpp>
#include <saga_harness/rule.hpp>
#include <saga_harness/search_verdict.hpp>

namespace saga_harness {

/// How a finding fared when its plan was run where nothing had run before: see replay_findings().
enum class Replayed : std::uint8_t {
  kNotChecked,         ///< SearchVerdict::not_checked says why
  kShown,              ///< the plan alone shows it
  kNeedsEarlierSagas,  ///< it shows only after the sagas of Finding::earlier_sagas
  kNowhere,            ///< it does not show: it is no finding, and the subject is not deterministic
};
[[nodiscard]] std::string_view name_of(Replayed value);
void PrintTo(Replayed value, std::ostream* out);

/// A violation with its smallest plan: the first that iterative deepening meets. One per rule (or invariant),
/// culprit step, outcome and cause, so that a defect does not hide another of the same rule at the same step.
/// What a smaller part of a plan shows by itself is no finding of its own.
struct Finding {
  Rule rule = Rule::kTruthfulOutcome;
  std::string step = {};  ///< empty: the saga as a whole
  Outcome outcome = Outcome::kUnresolved;
  /// How it came about at the step, as the trace tells: `in doubt, never undone`, `done, undoing not
  /// confirmed, after a restart`.
  std::string cause = {};
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
  Replayed replayed = Replayed::kNotChecked;
  /// The plans of the sagas that must have run before, in this order, for it to show: something is kept from
  /// saga to saga.
  std::vector<FaultPlan> earlier_sagas = {};
};
void PrintTo(const Finding& value, std::ostream* out);
[[nodiscard]] std::string_view name_of(const Finding& finding);  ///< of its rule, or of the user's invariant

/// How it came about, and what it needs: `in doubt, never undone; shows only after 2 earlier sagas: none,
/// then none`.
[[nodiscard]] std::string notes_of(const Finding& finding);

/// A known finding, and what the search has seen of it.
struct KnownSeen {
  KnownFinding known = {};
  KnownState state = KnownState::kOutOfReach;
  bool in_reach = false;               ///< a whole search of these bounds would show it
  std::uint64_t schedules = 0;         ///< that show it
  std::vector<Finding> findings = {};  ///< one per cause
};
void PrintTo(const KnownSeen& value, std::ostream* out);

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

/// A schedule that a subject in a process of its own did not go through alike twice, and what it violated
/// only once is not counted as violated; or one whose finding did not show again where nothing had run
/// before.
struct Nondeterministic {
  FaultPlan plan = {};
  std::string difference = {};  ///< one sentence: what was seen first, and what when it was run again

  friend bool operator==(const Nondeterministic&, const Nondeterministic&);
};
void PrintTo(const Nondeterministic& value, std::ostream* out);

/// How much of a search by ExploreOptions::classes was run. In plans, of which those whose faults did not all
/// strike are no schedules.
struct ClassCount {
  std::uint64_t run = 0;
  /// Within the bounds; with more than two faults at least so many, as what follows on a plan that was not
  /// run is not known.
  std::uint64_t of = 0;
  std::uint64_t audited =
      0;  ///< of those that were run: to see whether they go as the one of their class does
  std::uint64_t unlike = 0;  ///< … which did not; their faults have been tried by themselves since

  friend bool operator==(const ClassCount&, const ClassCount&) = default;
};
void PrintTo(const ClassCount& value, std::ostream* out);
/// `exhausted up to classes, 812 of 9241 plans run`, of a search with so many faults.
[[nodiscard]] std::string describe(const ClassCount& classes, int max_faults);

/// Everything a search has to say. Same experiment and options, same value, on every compiler and machine.
struct Exploration {
  Exploration();  // compiled once, as those of Run
  ~Exploration();
  Exploration(const Exploration& other);
  Exploration(Exploration&& other) noexcept;
  Exploration& operator=(const Exploration& other);
  Exploration& operator=(Exploration&& other) noexcept;

  int max_faults = 0;
  std::uint64_t schedules = 0;
  bool exhausted = false;  ///< every schedule of up to max_faults faults (of the shard) was run
  std::vector<LevelCount> levels = {};
  std::array<std::uint64_t, 4> outcomes = {};  ///< schedules by Outcome
  /// One per Rule, in their order, then the user's own.
  std::vector<RuleCount> rules = std::vector<RuleCount>(kRuleCount);
  std::uint64_t violated_schedules = 0;
  std::vector<Finding> findings = {};  ///< fewest faults first
  std::vector<KnownSeen> known = {};   ///< one per known finding of the experiment; not among the findings
  std::vector<Cell> cells = {};        ///< in the order of the definition and the catalogue
  std::vector<Cell> undeclared = {};
  std::vector<std::string> markers = {};  ///< markers passed in any run (see Runtime::mark()), sorted
  std::vector<Nondeterministic> nondeterministic = {};
  std::uint64_t timed_schedules = 0;  ///< … that rest on real time: see Finding::rests_on_time
  std::uint64_t pruned = 0;           ///< … that need not be run: see ExploreOptions::prune
  /// Of a search by classes that was not stopped, and left something out.
  std::optional<ClassCount> classes = std::nullopt;
  Earned earned = {};          ///< what it has seen of what it owes
  SearchVerdict verdict = {};  ///< of it all, computed when the search was over

  [[nodiscard]] bool finds_no_violation() const noexcept { return violated_schedules == 0; }
  [[nodiscard]] std::uint64_t count(CellStatus status) const;
};
void PrintTo(const Exploration& value, std::ostream* out);

}  // namespace saga_harness
