#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <saga_harness_internal/output_file.hpp>

namespace saga_harness::cli {

enum class ColourChoice : std::uint8_t { kAuto, kAlways, kNever };

/// How output for a person is to look; every command takes these.
struct Look {
  ColourChoice colour = ColourChoice::kAuto;
  bool ascii = false;
  bool json = false;
};

/// Where a search leaves its records.
struct Records {
  std::string directory = {};  ///< empty: nowhere
  std::uint64_t limit = internal::kUsualOutputLimit;

  [[nodiscard]] bool empty() const { return directory.empty(); }
};

/// How what is found is to be judged.
struct JudgedBy {
  std::string rules_as_of = {};  ///< empty: all rules there are
  std::string today = {};        ///< empty: what the clock says
  std::string run_limit = {};    ///< empty: as the environment says
};

struct ExploreArguments {
  std::string scenario = {};
  std::string target = {};  ///< empty: the coordinator is one of ours
  int max_faults = 2;
  std::string coordinator = "reference";
  std::string participant = "reference";
  std::vector<std::string> kinds = {};
  bool windows = true;
  std::uint64_t max_schedules = 0;
  bool stop_at_first = false;
  bool plain_order = false;
  std::string max_time = {};                        ///< empty: no bound
  std::string shard = {};                           ///< empty: all of it
  std::optional<int> workers = std::nullopt;        ///< nothing: one, or what suits the target
  std::optional<std::string> swarm = std::nullopt;  ///< the seed
  std::optional<std::uint64_t> schedules = std::nullopt;
  bool sample_ok = false;
  std::optional<std::uint64_t> recheck_every = std::nullopt;
  bool prune = false;
  bool classes = false;
  std::optional<std::uint64_t> audit_every = std::nullopt;
  std::string resume = {};
  std::uint64_t save_every = 50'000;
  std::string tally = {};
  Records out = {};
  std::string metrics = {};  ///< empty: none are wanted
  JudgedBy judged_by = {};
  Look look = {};
};

struct MergeArguments {
  std::string scenario = {};
  std::vector<std::string> files = {};
  bool sample_ok = false;
  JudgedBy judged_by = {};
  Look look = {};
};

enum class ReplayFormat : std::uint8_t { kTerminal, kJson, kLog, kOtlp, kPrometheus };

struct ReplayArguments {
  std::string scenario = {};
  std::string target = {};
  std::string token = {};
  std::optional<std::string> plan = std::nullopt;
  std::optional<std::string> coordinator = std::nullopt;  ///< nothing: as the token says
  std::optional<std::string> participant = std::nullopt;
  ReplayFormat format = ReplayFormat::kTerminal;
  JudgedBy judged_by = {};
  Look look = {};
};

struct RequireArguments {
  std::string scenario = {};
  int max_faults = 2;
  std::string coordinator = "reference";
  std::vector<std::string> kinds = {};
  bool windows = true;
  std::uint64_t max_schedules = 0;  ///< of each search
  std::string max_time = {};        ///< of each search; empty: no bound
  std::string today = {};           ///< empty: what the clock says
  Records out = {};
  Look look = {};
};

struct InterleaveArguments {
  std::string scenario = {};
  int max_faults = 1;
  std::string coordinator = "reference";
  std::string participant = "reference";
  std::vector<std::string> kinds = {};
  bool windows = true;
  std::uint64_t max_schedules = 0;
  std::string max_time = {};                        ///< empty: no bound
  std::vector<std::string> without = {};            ///< countermeasures that are switched off
  std::optional<std::string> swarm = std::nullopt;  ///< the seed
  std::uint64_t schedules = 10'000;                 ///< … of the swarm
  bool sample_ok = false;                           ///< … which is an answer
  std::optional<std::string> plan = std::nullopt;   ///< to be run alone
  std::string today = {};                           ///< empty: what the clock says
  Records out = {};
  Look look = {};
};

struct MutantsArguments {
  std::string scenario = {};                     ///< empty: each mutant on the one that shows it
  std::string scenarios = "scenarios";           ///< the folder of those
  std::optional<int> max_faults = std::nullopt;  ///< nothing: 2, or as many as are predicted
  std::vector<std::string> kinds = {};
  bool windows = true;
  std::vector<std::string> only = {};
  bool ablation = true;
  std::uint64_t max_schedules = 0;  ///< of each search
  std::string max_time = {};        ///< of each search; empty: no bound
  std::string today = {};           ///< empty: what the clock says
  Records out = {};
  Look look = {};
};

struct CheckArguments {
  std::vector<std::string> scenarios = {};
  Look look = {};
};

struct ListArguments {
  std::string scenario = {};  ///< empty: what the harness knows
  Look look = {};
};

struct ServeArguments {
  std::string scenario = {};
  int port = 0;
  std::string bind = "127.0.0.1";
  std::vector<std::string> service_ports = {};  ///< `NAME=PORT`, or `PORT` for all
  std::string advertise = {};
  std::string token = {};
  std::string token_file = {};
  std::uint64_t max_journal = 100'000;
};

enum class ReportFormat : std::uint8_t {
  kTerminal,
  kJson,
  kMarkdown,
  kHtml,
  kJUnit,
  kGitHub,
  kTimeline,
  kDiagram,
  kDiagramSvg,
  kBadge,
  kPrometheus,
};
/// What each is called after `--format`, and what it is where the name does not say so.
struct ReportFormatRow {
  std::string_view name;
  ReportFormat format;
  std::string_view what = {};
};
inline constexpr std::array kReportFormats{
    ReportFormatRow{"terminal", ReportFormat::kTerminal},
    ReportFormatRow{"json", ReportFormat::kJson},
    ReportFormatRow{"markdown", ReportFormat::kMarkdown},
    ReportFormatRow{"html", ReportFormat::kHtml, "one page that needs no network"},
    ReportFormatRow{"junit", ReportFormat::kJUnit, "XML, as CI servers read it"},
    ReportFormatRow{"github", ReportFormat::kGitHub, "lines for the log of a workflow"},
    ReportFormatRow{"timeline", ReportFormat::kTimeline, "Chrome trace events, for Perfetto"},
    ReportFormatRow{"diagram", ReportFormat::kDiagram, "Mermaid"},
    ReportFormatRow{"diagram-svg", ReportFormat::kDiagramSvg},
    ReportFormatRow{"badge", ReportFormat::kBadge, "SVG"},
    ReportFormatRow{"prometheus", ReportFormat::kPrometheus, "how the sagas ended, as metrics"},
};

/// What --gate asks for; see GateOptions.
struct GateArguments {
  bool enabled = false;
  std::uint64_t max_violations = 0;
  std::uint64_t max_stale = 0;
  std::optional<std::uint64_t> min_rules = std::nullopt;
  std::optional<double> min_fired = std::nullopt;
  std::optional<double> min_held = std::nullopt;
  std::optional<std::uint64_t> max_excluded = std::nullopt;
  bool exhausted = false;
};

struct ReportArguments {
  std::vector<std::string> records = {};
  ReportFormat format = ReportFormat::kTerminal;
  std::string dialect = "github";  ///< of JUnit XML
  std::uint64_t budget = 0;        ///< bytes of Markdown or HTML; 0: as many as is usual
  GateArguments gate = {};
  std::string output = {};    ///< empty: standard output
  std::string baseline = {};  ///< empty: none
  std::string today = {};     ///< empty: what the clock says
  Look look = {};
};

/// Nothing to run, only text to print: help or version.
struct PrintText {
  std::string text = {};
};

using Invocation = std::variant<PrintText, ExploreArguments, MergeArguments, ReplayArguments,
                                RequireArguments, InterleaveArguments, MutantsArguments, CheckArguments,
                                ListArguments, ServeArguments, ReportArguments>;

/// What the command line asks for.
/// @throws Error that says what is wrong with it and how to get help.
[[nodiscard]] Invocation parse_arguments(int argc, const char* const* argv);

}  // namespace saga_harness::cli
