#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/exit_code.hpp>
#include <saga_harness/report_known.hpp>
#include <saga_harness/search_verdict.hpp>

namespace saga_harness {

struct InterleavingSubject;
struct InterleavingOptions;
struct Interleavings;
struct GuaranteeDependencies;
struct Score;
struct ScoreOptions;
struct Swarm;

/// A search that is not over the runs of one subject: of several sagas at the same time, of a saga without
/// its participants' guarantees, of known bugs. It has one verdict, as every search has.
enum class StudyKind : std::uint8_t { kInterleavings, kGuarantees, kMutants };
inline constexpr std::size_t kStudyKindCount = 3;
[[nodiscard]] std::string_view name_of(StudyKind kind);  ///< `interleavings`, `guarantees`, `mutants`

/// What a study found wrong, with the smallest plan known.
struct StudyFinding {
  std::string rule = {};     ///< `I1 truthful outcome`, `lost update`, a name of the user's own
  std::string subject = {};  ///< what it is about: `saga 2`, a step, a subject without a bug
  std::string explanation = {};
  std::string plan = {};
  std::uint64_t schedules = 0;          ///< how many show it
  std::string command = {};             ///< that repeats it
  std::vector<std::string> story = {};  ///< what happened, a line each

  friend bool operator==(const StudyFinding&, const StudyFinding&) = default;
};
void PrintTo(const StudyFinding& value, std::ostream* out);

/// A study in a report, and in records: see study_records.hpp.
struct Study {
  StudyKind kind = StudyKind::kInterleavings;
  std::string id = {};  ///< of what was searched and how, 16 hexadecimal digits
  std::string name = {};
  std::string version = {};                ///< of the harness that made it
  std::string source = {};                 ///< the scenario's file, if it is one
  std::string command = {};                ///< that does it again
  std::vector<std::string> subjects = {};  ///< what was searched, a line each
  std::vector<std::string> bounds = {};    ///< how far, likewise
  // What came of it. Of one that was cut off nothing is known.
  bool complete = false;
  std::uint64_t schedules = 0;
  std::uint64_t violated_schedules = 0;
  SearchVerdict verdict = {};
  std::vector<std::string> missed = {};  ///< mutants that survived: missed coverage, whatever the verdict
  std::vector<std::pair<std::string, std::string>> facts = {};
  std::vector<StudyFinding> findings = {};
  std::vector<ReportKnown> known = {};  ///< not among the findings; a report judges them by its own day

  friend bool operator==(const Study&, const Study&) = default;
};
void PrintTo(const Study& value, std::ostream* out);

/// That of its verdict; coverage missed if it is upheld and something was missed; inconclusive if it was cut
/// off.
[[nodiscard]] ExitCode exit_code_of(const Study& study);

/// What is searched: all that is known before. `swarm`: nullptr if every order is tried.
[[nodiscard]] Study study_of(const InterleavingSubject& subject, const InterleavingOptions& options,
                             const Swarm* swarm);
[[nodiscard]] Study study_of(const Experiment& reference, const ExploreOptions& options,
                             std::string_view command);
/// `cases`: the names of the mutants.
[[nodiscard]] Study study_of(const ScoreOptions& options, const std::vector<std::string>& cases,
                             std::string_view command);

/// The same with what came of it.
[[nodiscard]] Study concluded(Study study, const InterleavingSubject& subject, const Interleavings& found);
[[nodiscard]] Study concluded(Study study, const Experiment& reference,
                              const GuaranteeDependencies& dependencies);
[[nodiscard]] Study concluded(Study study, const Score& score);

/// Records of a study, lines of JSON each ended by `\n`: the header before it begins, so that one that is cut
/// off is told from none, and the rest when it is over (see reports/README.md).
[[nodiscard]] std::string study_header(const Study& study);
[[nodiscard]] std::string study_end(const Study& study);

}  // namespace saga_harness
