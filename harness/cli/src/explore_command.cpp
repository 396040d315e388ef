#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/fresh_replay.hpp>
#include <saga_harness/observability.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/legal_kinds.hpp>

#include "commands.hpp"
#include "judged_scenario.hpp"
#include "kinds.hpp"
#include "max_time.hpp"
#include "record_files.hpp"
#include "shard.hpp"
#include "stop_on_signal.hpp"
#include "target_file.hpp"
#include "terminal.hpp"
#include "today.hpp"

namespace saga_harness::cli {

namespace {

constexpr std::size_t kFindingsInFull = 3;

void add_test_cases(const Experiment& experiment, Exploration& exploration) {
  for (Finding& finding : exploration.findings)
    finding.test_case = gtest_case(finding, *experiment.setup.saga, experiment);
}

/// In full are shown the first finding of each rule, a few of them: the others tell the same story.
std::vector<FindingDetail> details_of(const Experiment& experiment, const Exploration& exploration) {
  std::vector<FindingDetail> details;
  std::vector<std::string_view> seen;
  for (std::size_t i = 0; i < exploration.findings.size() && seen.size() < kFindingsInFull; ++i) {
    const Finding& finding = exploration.findings[i];
    if (std::find(seen.begin(), seen.end(), name_of(finding)) != seen.end()) continue;
    if (finding.replayed == Replayed::kNeedsEarlierSagas) continue;  // its plan alone shows nothing
    seen.push_back(name_of(finding));
    details.push_back(
        {.finding = i, .run = run_plan(experiment, finding.plan), .gtest_case = finding.test_case});
  }
  return details;
}

ExploreOptions options_of(const ExploreArguments& arguments) {
  ExploreOptions options{.max_faults = arguments.max_faults,
                         .kinds = parse_kinds(arguments.kinds),
                         .windows = arguments.windows,
                         .max_schedules = arguments.max_schedules,
                         .stop_at_first_violation = arguments.stop_at_first,
                         .likely_first = !arguments.plain_order,
                         .workers = arguments.workers.value_or(1),
                         .recheck_every = arguments.recheck_every.value_or(1000),
                         .prune = arguments.prune,
                         .audit_every = arguments.audit_every.value_or(100),
                         .classes = arguments.classes,
                         .resume = arguments.resume,
                         .save_every = arguments.save_every,
                         .tally = arguments.tally};
  options.today = day_asked_for(arguments.judged_by.today);
  options.max_time = parse_max_time(arguments.max_time);
  if (!arguments.shard.empty()) options.shard = parse_shard(arguments.shard, environment_variable);
  if (arguments.swarm) {
    options.swarm = Swarm{.seed = *arguments.swarm};
    if (arguments.schedules) options.swarm->schedules = *arguments.schedules;
    options.sample_ok = arguments.sample_ok;
  }
  return options;
}

/// In full are shown the first finding of each rule, a few of them, by the runs that showed them.
std::vector<FindingDetail> details_of(const TargetExploration& found) {
  std::vector<FindingDetail> details;
  std::vector<std::string_view> seen;
  const auto& findings = found.exploration.findings;
  for (std::size_t i = 0; i < findings.size() && seen.size() < kFindingsInFull; ++i) {
    if (std::find(seen.begin(), seen.end(), name_of(findings[i])) != seen.end()) continue;
    seen.push_back(name_of(findings[i]));
    details.push_back({.finding = i, .run = found.examples[i], .gtest_case = {}});
  }
  return details;
}

/// A request costs little but waiting; a process costs a processor.
int usual_workers(const Target& target) {
  constexpr int kRequests = 16;
  constexpr int kProcesses = 4;
  if (target.isolation == Isolation::kAlone) return 1;
  return target.start_command || target.isolation == Isolation::kFresh ? kProcesses : kRequests;
}

/// What is kept of the schedules while a search goes on: records in a directory, metrics in a file.
class Keeper {
 public:
  Keeper(const Experiment& subject, const ExploreArguments& arguments, ExploreOptions& options,
         RecordOrigin origin = {})
      : subject_(subject), options_(options), metrics_file_(arguments.metrics) {
    if (!arguments.out.empty()) {
      records_.emplace(subject, options, std::move(origin));
      files_.emplace(arguments.out, records_->header());
    }
    if (has_metrics()) internal::expect_writable(metrics_file_);
    if (files_ || has_metrics()) options.on_schedule = [this](const Schedule& schedule) { keep(schedule); };
  }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /// What is lost, the verdict says.
  void finish(Exploration& exploration, std::span<const Run> examples = {}) {
    try {
      if (files_)
        files_->finish(records_->end(exploration, examples), explore_json(subject_, options_, exploration));
      if (has_metrics()) internal::replace_file(metrics_file_, metrics_.to_text());
    } catch (const internal::OutputLost& lost) {
      exploration.verdict.error = lost.what();
    }
  }

 private:
  [[nodiscard]] bool has_metrics() const { return !metrics_file_.empty(); }
  void keep(const Schedule& schedule) {
    if (files_) files_->append(records_->record(schedule));
    if (has_metrics()) metrics_.add(*subject_.setup.saga, schedule.observation);
  }

  const Experiment& subject_;
  const ExploreOptions& options_;
  std::optional<RecordFiles> files_;
  std::optional<RunRecords> records_;
  std::string metrics_file_;  // empty: none are wanted
  SagaMetrics metrics_;
};

ExitCode explore_target_of(const ExploreArguments& arguments) {
  const Scenario scenario = load_judged_scenario(arguments.scenario, arguments.judged_by);
  const Target target = load_target_with_notes(arguments.target);
  Experiment subject = experiment(scenario, target);
  subject.source = arguments.scenario;
  ExploreOptions options = options_of(arguments);
  options.workers = arguments.workers.value_or(usual_workers(target));
  constexpr std::uint64_t kRecheckEvery = 50;
  options.recheck_every = arguments.recheck_every.value_or(kRecheckEvery);
  Progress progress;
  options.on_progress = [&progress](const Exploration& exploration) { progress.show(exploration); };
  Keeper keeper(subject, arguments, options,
                RecordOrigin{.cells = declared_cells(scenario, target, options.kinds)});
  SearchStop stop;
  StopOnSignal on_signal(stop);
  TargetExploration found = explore_target(scenario, target, options, &stop);
  progress.clear();
  for (const std::string& note : found.notes) complain("note: " + note);
  Exploration& exploration = found.exploration;
  keeper.finish(exploration, found.examples);
  print(arguments.look.json
            ? explore_json(subject, options, exploration)
            : explore_report(subject, options, exploration, details_of(found), style_for(arguments.look)));
  on_signal.end_if_asked();
  return exit_code_of(exploration);
}

ExitCode show(const Experiment& subject, const ExploreOptions& options, const Exploration& exploration,
              const Look& look) {
  print(look.json ? explore_json(subject, options, exploration)
                  : explore_report(subject, options, exploration, details_of(subject, exploration),
                                   style_for(look)));
  return exit_code_of(exploration);
}

}  // namespace

ExitCode run_explore(const ExploreArguments& arguments) {
  if (!arguments.target.empty()) return explore_target_of(arguments);
  const Scenario scenario = load_judged_scenario(arguments.scenario, arguments.judged_by);
  Experiment subject = experiment(scenario, arguments.coordinator, arguments.participant);
  subject.source = arguments.scenario;
  ExploreOptions options = options_of(arguments);
  internal::expect_legal_somewhere(subject, options.kinds, "--kinds");
  Progress progress;
  options.on_progress = [&progress](const Exploration& exploration) { progress.show(exploration); };

  Keeper keeper(subject, arguments, options);
  ForkedReplay fresh(subject);
  Exploration exploration = explore(subject, options);
  progress.clear();
  replay_findings(
      subject, [&fresh](std::span<const FaultPlan> row) { return fresh.run(row); }, exploration);
  add_test_cases(subject, exploration);
  keeper.finish(exploration);
  return show(subject, options, exploration, arguments.look);
}

ExitCode run_merge(const MergeArguments& arguments) {
  const Scenario scenario = load_judged_scenario(arguments.scenario, arguments.judged_by);
  const SearchedFor searched = searched_for(arguments.files.front());
  Experiment subject = experiment(scenario, searched.coordinator, searched.participant);
  subject.source = arguments.scenario;
  ExploreOptions options = searched.options;
  if (arguments.sample_ok && !options.swarm)
    throw Error(ErrorText{.source = arguments.files.front(),
                          .message = "--sample-ok is for random search, and this was none",
                          .fix = "leave it out"});
  options.sample_ok = arguments.sample_ok;
  options.today = day_asked_for(arguments.judged_by.today);
  ForkedReplay fresh(subject);
  // The files name every kind that was searched for; nobody need have asked for them by name.
  if (options.kinds == kinds_in_scope(subject, {})) options.kinds.clear();
  Exploration exploration = merge_tallies(subject, options, arguments.files);
  replay_findings(
      subject, [&fresh](std::span<const FaultPlan> row) { return fresh.run(row); }, exploration);
  add_test_cases(subject, exploration);
  return show(subject, options, exploration, arguments.look);
}

}  // namespace saga_harness::cli
