#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/exit_code.hpp>
#include <saga_harness/report.hpp>

/// Writers of a Report, and the gate that decides whether it is good enough. Pure functions.
namespace saga_harness {

/// What a report must be like besides upheld: a gate adds, it never takes away. What of a verdict that is not
/// upheld is tolerated all the same is bounded by number. Nothing: not asked for.
struct GateOptions {
  std::uint64_t max_violations = 0;                          ///< findings
  std::uint64_t max_stale = 0;                               ///< runs in which a planned fault never struck
  std::optional<std::uint64_t> min_rules = std::nullopt;     ///< judged at least once, of every saga
  std::optional<double> min_fired = std::nullopt;            ///< per cent of the cells, of every saga
  std::optional<double> min_held = std::nullopt;             ///< per cent of the cells, of every saga
  std::optional<std::uint64_t> max_excluded = std::nullopt;  ///< cells, of all sagas
  bool exhausted = false;  ///< there are searches, and every one is to have run everything
  std::optional<Baseline> baseline = std::nullopt;  ///< what is held there is to be held still
};
void PrintTo(const GateOptions& value, std::ostream* out);

struct GateRule {
  std::string name = {};
  std::string required = {};
  std::string actual = {};
  bool passed = false;
  std::vector<std::string> cells = {};             ///< that break it, where it is about cells
  ExitCode exit_code = ExitCode::kCoverageMissed;  ///< if it is broken

  friend bool operator==(const GateRule&, const GateRule&) = default;
};
void PrintTo(const GateRule& value, std::ostream* out);

struct Gate {
  std::vector<GateRule> rules = {};

  [[nodiscard]] bool passed() const;
  /// Contradictory records first, then violations, then what is missing, then coverage.
  [[nodiscard]] ExitCode exit_code() const;
  friend bool operator==(const Gate&, const Gate&) = default;
};
void PrintTo(const Gate& value, std::ostream* out);
/// What a report with its gate is called: the report's own word, where it is not upheld; else the gate's.
[[nodiscard]] ExitCode shown_code(const Report& report, const Gate* gate);
[[nodiscard]] Gate judge_gate(const Report& report, const GateOptions& options);
/// Of every rule that is broken a line, for a person: `held, order: required at least 95 %, is 54 %`.
[[nodiscard]] std::vector<std::string> gate_complaints(const Gate& gate);

/// For a terminal: a line per saga, the worst cells, the findings with the command that repeats each, the
/// gate. Fits `style.width`, but for commands, which are to be copied.
[[nodiscard]] std::string terminal_report(const Report& report, const Gate* gate, const Style& style);

struct MarkdownOptions {
  std::size_t budget = std::size_t{900} << 10U;  ///< bytes altogether; what does not fit is counted
  std::size_t diagram_budget = 40'000;           ///< characters of a sequence diagram
};
/// For the summary of a CI job: matrix, findings with sequence diagrams.
[[nodiscard]] std::string markdown_report(const Report& report, const Gate* gate,
                                          const MarkdownOptions& options = {});

/// Whose reading of JUnit XML: Jenkins knows no file of a test case, the others show it.
enum class JUnitDialect : std::uint8_t { kJenkins, kGitLab, kGitHub };
[[nodiscard]] std::string_view name_of(JUnitDialect value);
/// A test case per cell and per rule, with names that stay the same from run to run.
[[nodiscard]] std::string junit_report(const Report& report, JUnitDialect dialect);

/// `::error file=…::…`, a line per finding, for the log of a GitHub workflow.
[[nodiscard]] std::string github_report(const Report& report, const Gate* gate);

/// Chrome trace events of the runs that show findings, a process each: to be opened in Perfetto.
[[nodiscard]] std::string timeline_report(const Report& report);

/// Every saga with how far the failures of each action and compensation are covered.
[[nodiscard]] std::string diagram_mermaid(const Report& report);
[[nodiscard]] std::string diagram_svg(const Report& report);

/// A badge: the share of cells that held, or what is wrong.
[[nodiscard]] std::string badge_svg(const Report& report);

/// The run of a finding as a Mermaid sequence diagram of so many characters at most; `left_out`: events that
/// did not fit.
[[nodiscard]] std::string sequence_mermaid(const SagaReport& saga, const ReportFinding& finding,
                                           std::size_t budget, std::size_t* left_out = nullptr);
/// The same as an SVG of so many events at most. It needs no style sheet, but takes one: its parts have
/// classes.
[[nodiscard]] std::string sequence_svg(const SagaReport& saga, const ReportFinding& finding, std::size_t most,
                                       std::size_t* left_out = nullptr);

struct HtmlOptions {
  std::size_t budget = std::size_t{16} << 20U;  ///< bytes altogether; what does not fit is counted
  std::size_t most_events = 400;                ///< of a sequence diagram
  const Baseline* baseline = nullptr;           ///< what to show the trend against
};
/// One page that needs no network: it stands without scripts and style sheets, and is handier with them.
[[nodiscard]] std::string html_report(const Report& report, const Gate* gate,
                                      const HtmlOptions& options = {});

}  // namespace saga_harness
