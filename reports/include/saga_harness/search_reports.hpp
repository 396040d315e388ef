#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/exit_code.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/score.hpp>

/// Reports: pure functions from what a search or a run showed to text. The same values give the same bytes;
/// no clock, locale, environment or terminal is consulted. What is foreign text (names, messages of
/// exceptions) reaches a terminal with control characters and bad UTF-8 escaped.
namespace saga_harness {

/// How text for a person is drawn.
struct Style {
  bool colour = false;      ///< ANSI colours; every colour repeats what a character says already
  bool ascii = true;        ///< only ASCII in what we draw ourselves; names stay as they are
  std::size_t width = 100;  ///< columns the coverage matrix and lists are fitted to

  friend bool operator==(const Style&, const Style&) = default;
};
void PrintTo(const Style& value, std::ostream* out);

/// One number for a search, the same everywhere: that of its verdict.
[[nodiscard]] ExitCode exit_code_of(const Exploration& exploration);

/// The two fractions of failure coverage, as raw counts of cells.
struct CoverageCounts {
  std::uint64_t denominator = 0;  ///< every legal cell, known before anything ran
  std::uint64_t fired = 0;        ///< its fault struck in some schedule
  std::uint64_t held = 0;         ///< … was judged, and nothing was violated

  friend bool operator==(const CoverageCounts&, const CoverageCounts&) = default;
};
void PrintTo(const CoverageCounts& value, std::ostream* out);
[[nodiscard]] CoverageCounts coverage_of(const Exploration& exploration);

/// `part` of `whole` in per cent, rounded down; `whole` 0: nothing to have a share in.
[[nodiscard]] std::optional<int> percent(std::uint64_t part, std::uint64_t whole);

/// The last word on a rule over a whole search: violated if ever violated, held if judged at least once,
/// unknown if it was never exercised, not applicable if it was ruled out throughout.
[[nodiscard]] VerdictStatus status_of(const RuleCount& count);

/// What a finding is shown with in full: the run of its smallest plan, and the test to paste.
struct FindingDetail {
  std::size_t finding = 0;  ///< its position in Exploration::findings
  Run run = {};
  std::string gtest_case = {};
};
void PrintTo(const FindingDetail& value, std::ostream* out);

/// The whole report of a search for a terminal. Findings without a detail are shown without trace and test.
[[nodiscard]] std::string explore_report(const Experiment& experiment, const ExploreOptions& options,
                                         const Exploration& exploration,
                                         std::span<const FindingDetail> details, const Style& style);

/// Only the coverage matrix: a row per step and operation, a column per fault kind, a character per cell, and
/// the legend. The instants of a coordinator crash share a column, which counts them: `+ 6/8`, six held of
/// eight legal.
[[nodiscard]] std::string coverage_matrix(const SagaIndex& saga, const Exploration& exploration,
                                          const Style& style);

/// The same as a JSON document. 64-bit counts are strings, keys come in a fixed order, one array element per
/// line.
[[nodiscard]] std::string explore_json(const Experiment& experiment, const ExploreOptions& options,
                                       const Exploration& exploration);

/// One run of a plan, and where the plan came from.
struct Replay {
  const Run& run;
  std::optional<std::uint32_t> token_definition =
      std::nullopt;             ///< definition_tag() of what it was made from
  std::string gtest_case = {};  ///< the test to paste; empty: none is shown
};

enum class ReplayStatus : std::uint8_t {
  kReproduced,  ///< every planned fault struck, and a rule was violated
  kUpheld,      ///< every planned fault struck, and no rule was violated
  kStale,  ///< a planned fault never struck: the plan belongs to another saga, coordinator or participant
};
[[nodiscard]] std::string_view name_of(ReplayStatus value);
[[nodiscard]] ReplayStatus status_of(const Replay& replay);
[[nodiscard]] ExitCode exit_code_of(const Replay& replay);

[[nodiscard]] std::string replay_report(const Experiment& experiment, const Replay& replay,
                                        const Style& style);
[[nodiscard]] std::string replay_json(const Experiment& experiment, const Replay& replay);

/// What a saga relies on: a table with a row per step and a column per guarantee, then a paragraph per need
/// with the smallest plan that shows it and the command that repeats it.
[[nodiscard]] std::string require_report(const Experiment& reference, const ExploreOptions& options,
                                         const GuaranteeDependencies& dependencies, const Style& style);
[[nodiscard]] std::string require_json(const Experiment& reference, const ExploreOptions& options,
                                       const GuaranteeDependencies& dependencies);
/// Upheld if it could be determined for every guarantee, whatever came out; violated if the saga goes wrong
/// with all of them given.
[[nodiscard]] ExitCode exit_code_of(const GuaranteeDependencies& dependencies);

/// The score of a search on known bugs: a row per mutant, what was not killed and what was killed otherwise
/// than predicted, the ablation table, the sum.
[[nodiscard]] std::string score_report(const ScoreOptions& options, const Score& score, const Style& style);
[[nodiscard]] std::string score_json(const ScoreOptions& options, const Score& score);
/// Upheld if every mutant that is not equivalent was killed, by whatever rule. Violated if a reference is not
/// green; coverage missed if a mutant survived; inconclusive if one was not activated, or a search that found
/// nothing was cut short.
[[nodiscard]] ExitCode exit_code_of(const Score& score);

/// What a participant guarantees, in one line.
[[nodiscard]] std::string_view describe(Guarantee guarantee);

/// Rows under headings, columns aligned, two spaces between. Every row has as many cells as there are
/// headings.
struct Listing {
  std::vector<std::string> headings = {};
  std::vector<std::vector<std::string>> rows = {};
};
void PrintTo(const Listing& value, std::ostream* out);
[[nodiscard]] std::string to_string(const Listing& table, const Style& style);

/// Foreign text made fit for a terminal: control characters and bytes that are not UTF-8 become `\xNN`. Line
/// ends are control characters too.
[[nodiscard]] std::string printable(std::string_view text);

/// `digits` as 16 hexadecimal ones: how a definition hash is written everywhere.
[[nodiscard]] std::string hash_text(std::uint64_t hash);

}  // namespace saga_harness
