// Records of runs and baselines: as they are given, with the hash that a definition ought to have, and behind
// a header of ours. Whatever is read makes a report that every writer takes.

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <saga_harness/report.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/scenario.hpp>

#include "fuzz.hpp"
#include "json_lines_mutator.hpp"

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  return saga_harness::fuzz::mutate_json_lines(data, size, most, seed);
}

namespace saga_harness::fuzz {
namespace {

const MergeOptions kToday{.today = "2026-11-21"};

/// The header of a search that knows few faults, and its runs.
const std::string& header_of_ours() {
  static const std::string kHeader = [] {
    const Experiment subject = experiment(Scenario{
        .saga = {.name = "short",
                 .steps = {{.name = "a", .service = "x", .compensation = "b"},
                           {.name = "c", .service = "y", .retry = {.attempts = 2}, .pivot = true}}}});
    return RunRecords(subject, {.max_faults = 1, .kinds = {FaultKind::kRejected, FaultKind::kReplyLost}})
        .header();
  }();
  return kHeader;
}

void write_everything(const Report& report) {
  const Gate gate =
      judge_gate(report, {.min_fired = 95, .min_held = 95, .max_excluded = 1, .exhausted = true});
  require(!terminal_report(report, &gate, {}).empty(), "a terminal is told something");
  const MarkdownOptions options{.budget = 20'000, .diagram_budget = 2'000};
  require(markdown_report(report, &gate, options).size() <= options.budget,
          "Markdown keeps within its budget");
  for (const JUnitDialect dialect : {JUnitDialect::kJenkins, JUnitDialect::kGitLab, JUnitDialect::kGitHub})
    require(!junit_report(report, dialect).empty(), "JUnit is a document");
  static_cast<void>(github_report(report, &gate));
  require(nlohmann::json::accept(timeline_report(report)), "a timeline is JSON");
  static_cast<void>(diagram_mermaid(report));
  static_cast<void>(diagram_svg(report));
  static_cast<void>(badge_svg(report));
}

void check(std::string_view text) {
  const RecordText once[] = {{"fuzz.jsonl", text}};
  const auto report = accepted([&] { return merge_records(once, kToday); });
  if (!report) return;
  const RecordText twice[] = {{"fuzz.jsonl", text}, {"fuzz.jsonl", text}};
  require(merge_records(twice, kToday) == *report, "what is merged with itself stays as it is");
  const std::string json = report_json(*report);
  static_cast<void>(read_baseline(json, "fuzz.json"));
  write_everything(*report);
}

/// The same, with the hash of the definition in every header as it ought to be.
std::string sealed(std::string_view text) {
  std::string whole;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("saga") && json.contains("definition_hash")) {
      const auto hash = accepted([&] { return SagaIndex(parse_saga(json["saga"].dump(), "fuzz")).hash(); });
      if (hash) {
        json["definition_hash"] = fmt::format("{:016x}", *hash);
        whole += json.dump() + "\n";
        continue;
      }
    }
    whole += line;
  }
  return whole;
}

}  // namespace

void try_input(std::string_view input) {
  static_cast<void>(accepted([&] { return read_baseline(input, "fuzz.json"); }));
  check(input);
  check(sealed(input));
  check(header_of_ours() + std::string(input));
}

}  // namespace saga_harness::fuzz
