#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/trace.hpp>

namespace saga_harness {

struct Experiment;
struct ExploreOptions;
struct Exploration;

/// The three words that a search can end with.
enum class VerdictWord : std::uint8_t { kUpheld, kViolated, kInconclusive };
[[nodiscard]] std::string_view name_of(VerdictWord word);
[[nodiscard]] std::string_view describe(VerdictWord word);  ///< in one line, for tables

/// What a search lacks, so that no violation is not yet `upheld`.
enum class Lack : std::uint8_t {
  kNothingRan,         ///< no schedule was run
  kNotExhausted,       ///< it was stopped before it had tried everything within its bounds
  kSampled,            ///< a random search is a sample
  kUnforeseenPoint,    ///< a fault could strike where the definition does not foresee it
  kNoRequest,          ///< the subject asked nothing of any participant
  kNoOutcomeRule,      ///< I1, I5 and I6 are all switched off
  kUnexpectedOutcome,  ///< without faults it did not end as expected: completed, unless Setup::expects
                       ///< differs
  kNeverCompensates,   ///< no schedule undid an effect, though some step could be made to fail
  kNoFlagJudged,       ///< sagas were flagged, and of none could be said whether rightly
  kNothingWatched,     ///< several sagas met where neither accesses nor quantities are seen
  kNothingExercised,   ///< what was asked about never mattered: a guarantee not missed, a mutant not reached
  kInvariantNotExercised,  ///< no run gave an invariant of the user's own anything to judge
};
inline constexpr std::size_t kLackCount = 12;
[[nodiscard]] std::string_view name_of(Lack lack);   ///< `never_compensates`
[[nodiscard]] std::string_view describe(Lack lack);  ///< in one line, for tables
[[nodiscard]] std::string_view owed_by(Lack lack);   ///< by which searches, likewise
/// @throws Error with the nearest name.
[[nodiscard]] Lack parse_lack(std::string_view name);

struct LackFound {
  Lack lack = Lack::kNothingRan;
  std::string reason = {};  ///< one clause: what is missing, and what would bring it

  friend bool operator==(const LackFound&, const LackFound&) = default;
};
void PrintTo(const LackFound& value, std::ostream* out);

/// What a search says, computed once at its end and carried to every output.
struct SearchVerdict {
  VerdictWord word = VerdictWord::kInconclusive;
  std::vector<LackFound> lacks = {};
  std::string scope = {};  ///< what the options themselves left out; no lack
  /// What is good to know beside the word, and changes nothing about it.
  std::vector<std::string> notes = {};
  std::string error =
      {};  ///< not empty: there is no verdict, the subject is not deterministic or an output lost
  bool is_part = false;  ///< of one shard, which owes nothing: the merge of all does
  /// Not empty: findings that were not replayed where nothing had run before, and why. See Finding::replayed.
  std::string not_checked = {};

  friend bool operator==(const SearchVerdict&, const SearchVerdict&) = default;
};
void PrintTo(const SearchVerdict& value, std::ostream* out);
/// What SearchVerdict::error says of so many schedules that went otherwise the second time.
[[nodiscard]] std::string what_was_not_the_same(std::size_t schedules);
/// `upheld`, `violated`, `inconclusive`; `error` where there is no verdict.
[[nodiscard]] std::string_view word_of(const SearchVerdict& verdict);
/// What is lacking where an invariant of the user's own had nothing to judge in any run.
[[nodiscard]] LackFound not_exercised(std::string_view invariant);

/// What a search must have seen to be called upheld. Known before it runs.
struct Owed {
  std::optional<Outcome> without_faults = std::nullopt;
  /// A compensation that undoes an effect; the text says what could have led there. Nothing: not owed.
  std::optional<std::string> compensation = std::nullopt;
  bool request = false;
  bool outcome_rule = false;  ///< owed, and none is on
  bool flag_judged = false;

  friend bool operator==(const Owed&, const Owed&) = default;
};
void PrintTo(const Owed& value, std::ostream* out);

/// What it has seen of that. Those of disjoint parts add up.
struct Earned {
  bool asked = false;        ///< some request was made, or some event delivered
  bool compensated = false;  ///< some effect was undone
  bool flagged = false;
  bool flag_judged = false;
  bool key_changed = false;  ///< some operation was asked for with another key than before
  std::optional<Outcome> without_faults = std::nullopt;

  void add(const Earned& other);
  friend bool operator==(const Earned&, const Earned&) = default;
};
void PrintTo(const Earned& value, std::ostream* out);

/// Of the whole search that `options` are of, even if they name a shard. One that stops at its first
/// violation owes nothing; a random one no particular schedule.
/// @throws Error if Setup::expects is unresolved, or nothing of the saga could be compensated and it says so.
[[nodiscard]] Owed owed_by(const Experiment& experiment, const ExploreOptions& options);

[[nodiscard]] std::vector<LackFound> lacks_of(const Owed& owed, const Earned& earned);

/// What is good to know beside the verdict: the rules that were asked for, keys that change.
[[nodiscard]] std::vector<std::string> notes_on(const Experiment& experiment, const Earned& earned);

/// Of a search that is over. `owed`: nothing, if it was a part of one.
[[nodiscard]] SearchVerdict verdict_of(const Exploration& found, const Owed& owed,
                                       const ExploreOptions& options);

}  // namespace saga_harness
