#include <algorithm>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness_internal/input_file.hpp>

#include "records/record_merger.hpp"

namespace saga_harness {

namespace {

namespace fs = std::filesystem;
using reports::RecordMerger;

constexpr std::size_t kLongestLine = std::size_t{64} << 20U;

/// Cuts what is fed into lines.
class Lines {
 public:
  explicit Lines(RecordMerger& merger) : merger_(merger) {}

  void feed(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) {
        rest_ += text;
        if (rest_.size() > kLongestLine) merger_.add_line(rest_, true);  // refused as too long
        return;
      }
      if (rest_.empty()) {
        merger_.add_line(text.substr(0, end), true);
      } else {
        rest_ += text.substr(0, end);
        merger_.add_line(rest_, true);
        rest_.clear();
      }
      text.remove_prefix(end + 1);
    }
  }
  void finish() {
    if (!rest_.empty()) merger_.add_line(rest_, false);
    merger_.end();
  }

 private:
  RecordMerger& merger_;
  std::string rest_;
};

/// Reads everything into the merger, which may be asked for twice.
using ReadAll = std::function<void(RecordMerger&)>;

Report merge(const ReadAll& read_all, const MergeOptions& options) {
  RecordMerger merger(options, nullptr);
  read_all(merger);
  const RecordMerger::Ids contradicted = merger.contradicted();
  if (contradicted.empty()) return merger.conclude();
  RecordMerger without(options, &contradicted);
  read_all(without);
  without.keep_contradictions_of(merger);
  return without.conclude();
}

void read_records(const std::string& path, RecordMerger& merger) {
  bool has_begun = false;
  Lines lines(merger);
  const auto begin = [&] {
    if (!std::exchange(has_begun, true)) merger.begin(path);
  };
  internal::read_in_parts(path, "name files that --out wrote", [&](std::string_view part) {
    begin();
    lines.feed(part);
    return true;
  });
  begin();
  lines.finish();
}

std::vector<std::string> files_at(const std::string& path) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return {path};
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (name == "runs.jsonl" || name.ends_with(".runs.jsonl")) files.push_back(entry.path().string());
  }
  if (files.empty()) {
    throw Error(ErrorText{.source = std::string(path),
                          .message = "there are no records in this directory (runs.jsonl, *.runs.jsonl)",
                          .fix = "name one that --out wrote"});
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

Report merge_records(std::span<const RecordText> texts, const MergeOptions& options) {
  return merge(
      [&](RecordMerger& merger) {
        for (const RecordText& each : texts) {
          merger.begin(each.name);
          Lines lines(merger);
          lines.feed(each.text);
          lines.finish();
        }
      },
      options);
}

Report merge_record_files(std::span<const std::string> paths, const MergeOptions& options) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    for (std::string& file : files_at(path)) files.push_back(std::move(file));
  }
  if (files.empty())
    throw Error(
        ErrorText{.message = "there is nothing to report on", .fix = "name records that --out wrote"});
  return merge(
      [&](RecordMerger& merger) {
        for (const std::string& file : files) read_records(file, merger);
      },
      options);
}

std::string_view ReportEvent::detail(std::string_view key) const {
  const auto at = std::ranges::find(details, key, &std::pair<std::string, std::string>::first);
  return at == details.end() ? std::string_view() : std::string_view(at->second);
}

std::string_view verdict_word(ExitCode code) {
  switch (code) {
    case ExitCode::kUpheld:
      return "upheld";
    case ExitCode::kViolated:
      return "violated";
    case ExitCode::kCoverageMissed:
      return "coverage_missed";
    case ExitCode::kInternal:
      return "error";
    case ExitCode::kInconclusive:
    case ExitCode::kUsage:
      break;
  }
  return "inconclusive";
}

namespace {

/// Of what is not counted: findings and stale runs are, and a gate may bound their numbers instead.
ExitCode rest_of(const SagaReport& saga) {
  const bool is_settled = std::ranges::all_of(saga.searches, [](const ReportSearch& search) {
    const bool is_sample_taken = search.swarm && search.sample_ok;
    const bool is_answer = search.exhausted || (search.complete && (is_sample_taken || search.classes));
    return is_answer && search.lacks.empty();
  });
  if (!is_settled || saga.runs == 0 || !saga.undeclared.empty()) return ExitCode::kInconclusive;
  const bool strikes_excluded = std::ranges::any_of(
      saga.exclusions, [](const ReportExclusion& exclusion) { return !exclusion.fired.empty(); });
  return strikes_excluded ? ExitCode::kCoverageMissed : ExitCode::kUpheld;
}

ExitCode rest_of(const Study& study) {
  Study rest{.complete = study.complete, .verdict = study.verdict, .missed = study.missed};
  if (rest.verdict.word == VerdictWord::kViolated) rest.verdict.word = VerdictWord::kUpheld;
  return exit_code_of(rest);
}

template <class CodeOf>
ExitCode worst_of(const Report& report, CodeOf code_of) {
  if (!report.contradictions.empty() || !report.errors.empty()) return ExitCode::kInternal;
  std::vector<ExitCode> codes;
  for (const SagaReport& saga : report.sagas) codes.push_back(code_of(saga));
  for (const Study& study : report.studies) codes.push_back(code_of(study));
  if (!report.incomplete.empty() || codes.empty()) codes.push_back(ExitCode::kInconclusive);
  for (const ExitCode code :
       {ExitCode::kInternal, ExitCode::kViolated, ExitCode::kInconclusive, ExitCode::kCoverageMissed}) {
    if (std::ranges::find(codes, code) != codes.end()) return code;
  }
  return ExitCode::kUpheld;
}

}  // namespace

ExitCode exit_code_of(const SagaReport& saga) {
  if (!saga.findings.empty()) return ExitCode::kViolated;
  const ExitCode rest = rest_of(saga);
  return saga.stale_runs > 0 ? ExitCode::kInconclusive : rest;
}

std::vector<std::string> doubts_of(const Report& report) {
  std::vector<std::string> doubts;
  for (const SagaReport& saga : report.sagas) {
    if (saga.stale_runs == 0) continue;
    doubts.push_back(
        fmt::format("{}: {} planned a fault that never struck (stale), {} for one", saga.definition.name,
                    saga.stale_runs == 1 ? std::string("1 run") : fmt::format("{} runs", saga.stale_runs),
                    saga.stale_plan));
  }
  return doubts;
}

ExitCode exit_code_of(const Report& report) {
  return worst_of(report, [](const auto& part) { return exit_code_of(part); });
}

ExitCode exit_code_besides_counted(const Report& report) {
  return worst_of(report, [](const auto& part) { return rest_of(part); });
}

}  // namespace saga_harness
