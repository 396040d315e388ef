#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/duration.hpp>
#include <saga_harness/experiment.hpp>
#include <saga_harness/exploration.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/judge.hpp>
#include <saga_harness/observation.hpp>
#include <saga_harness/run.hpp>

namespace saga_harness {

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
  /// Where the search stops at the first violation: a few thousand schedules that are likely to show one are
  /// tried before all others. If they show none, they do not count.
  bool likely_first = true;
  Duration max_time = Duration::zero();  ///< zero: no bound; else stop about then, not exhausted
  Shard shard = {};                      ///< search this part alone
  int workers = 1;                       ///< processes that share the work; the result is the same
  std::optional<Swarm> swarm = std::nullopt;
  /// The day by which known findings expire, `2026-11-21`; empty: none does.
  std::string today = {};
  bool sample_ok = false;  ///< a random search without violation is upheld, not inconclusive
  /// Every so many schedules one is run twice, and the traces are compared; 0: never.
  std::uint64_t recheck_every = 1000;
  /// Leave out schedules of which it is known how they would go: their last fault lasts longer than that of
  /// another that was run, but no attempt came in that run that it could strike besides. Nothing is assumed
  /// of the subject but that it is deterministic, and every number of the result is as if they had been run.
  bool prune = false;
  std::uint64_t audit_every = 100;  ///< every so many of those are run all the same and compared; 0: none
  /// Of a target in a process of its own: of faults that it was seen to treat alike, one is combined with
  /// others, and some of the rest to compare. See Exploration::classes; fakes/blackbox/README.md.
  bool classes = false;
  /// A file to continue from, if it is there, and to leave the state of the search in, every `save_every`
  /// schedules and at the end; with workers no more often than they tell, every 1.5 s, unless it is less than
  /// 10,000. Whenever the process is killed, the next one with this file goes on.
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

}  // namespace saga_harness
