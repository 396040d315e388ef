#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/interleaving.hpp>

namespace saga_harness {
namespace {

bool passes(const ConcurrentRun& run, std::string_view marker) {
  return std::ranges::any_of(run.sagas, [marker](const Run& saga) {
    return std::ranges::any_of(saga.trace.events, [&](const Event& event) {
      return event.type == EventType::kMarked && saga.trace.texts[event.text] == marker;
    });
  });
}

Finding as_finding(const ConcurrentFinding& found) {
  Finding finding{
      .rule = kOwnRule,
      .explanation = fmt::format("saga {}: {}", found.violation.saga + 1, found.violation.explanation),
      .schedules = found.schedules,
      .invariant = found.violation.rule};
  for (const RuleRow& row : kRuleCatalogue) {
    if (label_of(row.rule) != found.violation.rule) continue;
    finding.rule = row.rule;
    finding.invariant.clear();
  }
  for (const FaultPlan& plan : found.plan.faults)
    finding.plan.faults.insert(finding.plan.faults.end(), plan.faults.begin(), plan.faults.end());
  return finding;
}

/// A rule that is switched off says nothing, nor do those that look at several sagas if one rule is looked
/// for.
bool is_heard(const Finding& finding, const Experiment& subject) {
  return finding.rule != kOwnRule || subject.switched_off.empty();
}

Interleavings search(const ConcurrentExperiment& experiment, const ExploreOptions& options) {
  InterleavingOptions bounds{.max_faults = options.max_faults,
                             .kinds = options.kinds,
                             .windows = options.windows,
                             .max_schedules = options.max_schedules,
                             .max_time = options.max_time,
                             .stop_at_first_violation = options.stop_at_first_violation};
  if (options.swarm)
    return sample_interleavings(experiment, bounds, options.swarm->seed, options.swarm->schedules);
  // Fewest faults first, as explore() does.
  if (bounds.stop_at_first_violation) bounds.max_faults = 0;
  for (;; ++bounds.max_faults) {
    Interleavings found = explore_interleavings(experiment, bounds);
    if (bounds.max_faults == options.max_faults || !found.finds_no_violation()) return found;
  }
}

MutantSearch search_together(const Scenario& scenario, std::string_view marker, const Experiment& subject,
                             const ExploreOptions& options) {
  ConcurrentExperiment experiment = concurrent_experiment(scenario, subject.coordinator_name);
  for (Experiment& saga : experiment.sagas) saga.switched_off = subject.switched_off;
  const Interleavings found = search(experiment, options);
  MutantSearch result{.schedules = found.schedules, .exhausted = found.exhausted};
  result.activated = std::ranges::find(found.markers, marker) != found.markers.end();
  for (const ConcurrentFinding& each : found.findings) {
    Finding finding = as_finding(each);
    if (!is_heard(finding, subject)) continue;
    const bool reached_bug = passes(run_concurrently(experiment, each.plan), marker);
    result.findings.push_back({std::move(finding), to_string(each.plan), reached_bug});
  }
  if (found.findings.empty()) result.verdict = found.verdict;
  return result;
}

}  // namespace

MutantCase concurrent_mutant_case(const Mutant& mutant, const Scenario& scenario) {
  MutantCase result = mutant_case(mutant, scenario);  // which says that one saga is too few
  result.impossible.clear();
  if (scenario.together.size() < 2) {
    result.impossible = "the bug takes several sagas at the same time, and the scenario has no \"together\"";
    return result;
  }
  const ConcurrentExperiment together = concurrent_experiment(scenario, mutant.name);
  result.mutated = together.sagas.front();
  result.reference = experiment(scenario);
  result.sagas = static_cast<int>(scenario.together.size());
  result.search_name = "of all orders of several sagas";
  result.search = [scenario, marker = result.name](const Experiment& subject, const ExploreOptions& options) {
    return search_together(scenario, marker, subject, options);
  };
  return result;
}

}  // namespace saga_harness
