#include <algorithm>
#include <cstddef>
#include <optional>

#include <saga_harness/explore.hpp>
#include <saga_harness/reports.hpp>
#include <saga_harness/scenario.hpp>

#include "commands.hpp"
#include "kinds.hpp"
#include "record_files.hpp"
#include "terminal.hpp"

namespace saga_harness::cli {

namespace {

constexpr std::size_t kFindingsInFull = 3;

/// In full are shown the first finding of each rule, a few of them: the others tell the same story.
std::vector<FindingDetail> details_of(const Experiment& experiment, const Exploration& exploration) {
  std::vector<FindingDetail> details;
  std::vector<std::string_view> seen;
  for (std::size_t i = 0; i < exploration.findings.size() && seen.size() < kFindingsInFull; ++i) {
    const Finding& finding = exploration.findings[i];
    if (std::find(seen.begin(), seen.end(), name_of(finding)) != seen.end()) continue;
    seen.push_back(name_of(finding));
    details.push_back(
        {.finding = i, .run = run_plan(experiment, finding.plan), .gtest_case = finding.test_case});
  }
  return details;
}

}  // namespace

ExitCode run_explore(const ExploreArguments& arguments) {
  const Scenario scenario = load_scenario(arguments.scenario);
  Experiment subject = experiment(scenario, arguments.coordinator, arguments.participant);
  subject.source = arguments.scenario;
  Progress progress;
  ExploreOptions options{.max_faults = arguments.max_faults,
                         .kinds = parse_kinds(arguments.kinds),
                         .windows = arguments.windows,
                         .max_schedules = arguments.max_schedules,
                         .stop_at_first_violation = arguments.stop_at_first};
  options.on_progress = [&progress](const Exploration& exploration) { progress.show(exploration); };

  std::optional<RecordFiles> records;
  if (!arguments.out.empty()) {
    records.emplace(arguments.out);
    records->append(run_record_header(subject, options));
    options.on_schedule = [&records](const Schedule& schedule) { records->append(run_record(schedule)); };
  }

  Exploration exploration = explore(subject, options);
  progress.clear();
  for (Finding& finding : exploration.findings)
    finding.test_case = gtest_case(finding, *subject.setup.saga, subject);
  if (records) records->finish(run_record_end(exploration), explore_json(subject, options, exploration));
  print(arguments.look.json ? explore_json(subject, options, exploration)
                            : explore_report(subject, options, exploration, details_of(subject, exploration),
                                             style_for(arguments.look)));
  return exit_code_of(exploration);
}

}  // namespace saga_harness::cli
