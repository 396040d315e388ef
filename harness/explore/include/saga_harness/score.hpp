#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/explore.hpp>

namespace saga_harness {

/// What a search of a mutant, or of the same subject without the bug, found.
struct MutantSearch {
  struct Found {
    Finding finding = {};
    std::string plan = {};     ///< to_string(finding.plan), or what else shows it again
    bool reached_bug = false;  ///< the run that shows it has passed the marker
  };
  std::uint64_t schedules = 0;
  bool exhausted = false;
  bool activated = false;            ///< some run has passed the marker
  std::vector<Found> findings = {};  ///< fewest faults first
  SearchVerdict verdict = {};        ///< of one without findings: what its search is worth
};
void PrintTo(const MutantSearch& value, std::ostream* out);

/// A mutant to be scored: a coordinator or participant with one known bug, which it says in the trace that it
/// has reached (see Runtime::mark(), EffectRecorder::mark()), beside the same subject without the bug.
struct MutantCase {
  std::string name = {};
  std::string group = {};
  std::string bug = {};                          ///< one sentence
  std::optional<Rule> predicted = std::nullopt;  ///< the rule that must see it; nothing: any
  int faults = 0;                                ///< the fewest faults that show it, as predicted
  std::string explanation = {};  ///< why another rule may be the one that sees it, if that is known
  std::string equivalent = {};   ///< not empty: why no run can tell it from the reference
  std::string marker = {};       ///< empty: the name
  Experiment mutated = {};
  /// Without the bug. Cases whose references are the same by all that is declared of them, and by the version
  /// of their code if they have some, search it once; references with code of one's own and no version are
  /// each their case's own.
  Experiment reference = {};
  int sagas = 1;  ///< how many run at the same time
  /// How `subject`, one of the two experiments or the same with rules switched off, is searched; empty: by
  /// explore().
  std::function<MutantSearch(const Experiment& subject, const ExploreOptions& options)> search = {};
  std::string search_name =
      {};  ///< of `search`: cases share no reference with others of another name, or none
  std::string impossible = {};  ///< not empty: why the subject cannot have the bug; there are no experiments
};
void PrintTo(const MutantCase& value, std::ostream* out);

enum class MutantStatus : std::uint8_t {
  kKilled,               ///< by the rule that was predicted, in a run that reached the bug
  kKilledByAnotherRule,  ///< only by others than predicted
  kSurvived,             ///< the bug was reached, and no rule saw it
  kNotActivated,         ///< no run that violates a rule, or no run at all, reached the bug
  kEquivalent,           ///< survived, and said before why no run can tell
  kReferenceViolated,    ///< the subject without the bug is not green under the same search: proves nothing
};
[[nodiscard]] std::string_view name_of(MutantStatus status);

struct MutantScore {
  std::string name = {};
  std::string group = {};
  std::string bug = {};
  std::optional<Rule> predicted = std::nullopt;
  std::string explanation = {};  ///< of a kill by another rule, of an equivalent, of what cannot be
  MutantStatus status = MutantStatus::kNotActivated;
  bool activated = false;
  std::size_t reference = 0;    ///< position in Score::references
  Finding finding = {};         ///< what killed it
  std::string plan = {};        ///< … as it is given again
  std::uint64_t schedules = 0;  ///< exhaustively, until this finding; if there is none, all that were run
  bool exhausted = false;       ///< where it was not killed: every schedule was run
  /// The first violation of any rule, where that is another: it may come earlier.
  std::string seen_first_by = {};
  std::uint64_t seen_first_after = 0;
  /// Median of the schedules that a random search needed, over ScoreOptions::swarm_seeds seeds. Nothing:
  /// there was no random search, or most of them did not find it within ScoreOptions::swarm_schedules.
  std::optional<std::uint64_t> swarm_median = std::nullopt;
  int swarm_found = 0;  ///< seeds that found it
};
void PrintTo(const MutantScore& value, std::ostream* out);

/// The subject without a bug, under the same search.
struct ReferenceScore {
  std::string saga = {};
  std::string coordinator = {};
  std::string participant = {};
  std::string source = {};
  int sagas = 1;  ///< how many run at the same time
  int max_faults = 0;
  std::uint64_t schedules = 0;
  bool exhausted = false;
  bool upheld = false;         ///< no schedule was violated
  SearchVerdict verdict = {};  ///< what its search is worth, where no schedule was violated
  Finding finding = {};        ///< the first, where it is not upheld
};
void PrintTo(const ReferenceScore& value, std::ostream* out);

/// Kinds of fault that belong together: `request`, `participant`, `reply`, `time`, `coordinator`, `log`.
struct FaultClass {
  std::string name = {};
  std::vector<FaultKind> kinds = {};
};
void PrintTo(const FaultClass& value, std::ostream* out);
/// Every kind is in exactly one.
[[nodiscard]] std::vector<FaultClass> fault_classes();

/// What is left of the kills when a class of faults is the only one allowed, or the only one forbidden.
struct AblationRow {
  std::string name = {};                             ///< of the class, or `windows`
  std::optional<std::uint64_t> only = std::nullopt;  ///< kills with nothing else; nothing for windows
  std::uint64_t without = 0;                         ///< kills with everything else
  std::vector<std::string> lost = {};                ///< mutants that only this class shows
};
void PrintTo(const AblationRow& value, std::ostream* out);

struct ScoreOptions {
  /// Bounds of every search. Its callbacks and stop_at_first_violation are not used.
  ExploreOptions explore = {};
  /// Mutants that are predicted to need more faults than that are searched as far as predicted.
  bool as_far_as_predicted = true;
  bool ablation = true;
  int swarm_seeds = 21;                    ///< 0: no random search
  std::uint64_t swarm_schedules = 10'000;  ///< that each may take
};
void PrintTo(const ScoreOptions& value, std::ostream* out);

/// How many known bugs a search with these rules finds, and which of its parts it owes that to.
struct Score {
  int max_faults = 0;
  bool has_swarm = false;  ///< a random search was made
  std::vector<ReferenceScore> references = {};
  std::vector<MutantScore> mutants = {};  ///< in the order given
  bool has_ablation = false;
  std::vector<AblationRow> ablation = {};
  std::vector<std::string> missed_at_the_end = {};  ///< killed, but not if only I1 is judged, at the end
  SearchVerdict verdict = {};                       ///< verdict_of() it all

  [[nodiscard]] std::uint64_t count(MutantStatus status) const;
  [[nodiscard]] std::uint64_t killed() const;  ///< by whatever rule
  /// Of how many: all but those that are equivalent.
  [[nodiscard]] std::uint64_t listed() const;
};
void PrintTo(const Score& value, std::ostream* out);

/// Violated if a reference is; inconclusive if the search of one lacks something, or a mutant was not
/// reached. What survived is no matter of the verdict: it is missed coverage of an upheld one.
[[nodiscard]] SearchVerdict verdict_of(const Score& score);

/// Searches every mutant and every reference. A mutant is killed if the reference is green under the
/// same search, and a run of the mutant that reached the bug violates a rule. `on_progress` is called before
/// each mutant with what is known so far.
/// @throws Error if two mutants have one name, or one has no name.
[[nodiscard]] Score score(std::span<const MutantCase> cases, const ScoreOptions& options = {},
                          const std::function<void(const Score&)>& on_progress = {});

}  // namespace saga_harness
