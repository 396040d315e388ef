#include <saga_harness/guarantee_dependency.hpp>

#include <algorithm>

#include <saga_harness/fakes.hpp>
#include <saga_harness/replay.hpp>

namespace saga_harness {
namespace {

/// A participant that lacks what I16 demands of it breaks I16 by itself: what the saga makes of that says
/// more.
const Finding& most_telling(const std::vector<Finding>& findings) {
  const auto found = std::ranges::find_if(
      findings, [](const Finding& finding) { return finding.rule != Rule::kNullCompensationIsSafe; });
  return found == findings.end() ? findings.front() : *found;
}

GuaranteeDependency examine(const Experiment& reference, const GuaranteeRemoval& removal,
                            const ExploreOptions& options) {
  GuaranteeDependency row{.step = removal.step, .guarantee = removal.guarantee, .why = removal.impossible};
  if (!removal.impossible.empty()) {
    row.need = Need::kNotApplicable;
    return row;
  }
  row.participant = removal.experiment.participant_name;
  const Exploration exploration = explore(removal.experiment, options);
  row.schedules = exploration.schedules;
  row.exhausted = exploration.exhausted;
  if (!exploration.findings.empty()) {
    row.need = Need::kNeeded;
    row.finding = most_telling(exploration.findings);
    row.with = run_plan(reference, row.finding.plan).outcome;
    row.without = run_plan(removal.experiment, row.finding.plan).outcome;
    return row;
  }
  const bool is_missed =
      std::ranges::find(exploration.markers, marker_of(removal.guarantee)) != exploration.markers.end();
  if (exploration.exhausted) {
    row.need = is_missed ? Need::kNotNeeded : Need::kNotExercised;
  } else {
    row.need = Need::kUndecided;
  }
  return row;
}

}  // namespace

std::string_view name_of(Need need) {
  switch (need) {
    case Need::kNeeded:
      return "needed";
    case Need::kNotNeeded:
      return "not_needed";
    case Need::kNotExercised:
      return "not_exercised";
    case Need::kUndecided:
      return "undecided";
    case Need::kNotApplicable:
      break;
  }
  return "n/a";
}

std::uint64_t GuaranteeDependencies::count(Need need) const {
  return static_cast<std::uint64_t>(std::ranges::count(rows, need, &GuaranteeDependency::need));
}

GuaranteeDependencies relies_on(const Experiment& reference,
                                std::span<const GuaranteeRemoval> guarantee_removals,
                                const ExploreOptions& options,
                                const std::function<void(const GuaranteeDependencies&)>& on_progress) {
  ExploreOptions until_first = options;
  until_first.stop_at_first_violation = true;
  GuaranteeDependencies result{.max_faults = options.max_faults};
  if (on_progress) on_progress(result);
  const Exploration complete = explore(reference, until_first);
  result.schedules = complete.schedules;
  result.exhausted = complete.exhausted;
  result.upheld = complete.finds_no_violation();
  if (!result.upheld) return result;
  for (const GuaranteeRemoval& removal : guarantee_removals) {
    if (on_progress) on_progress(result);
    result.rows.push_back(examine(reference, removal, until_first));
  }
  return result;
}

}  // namespace saga_harness
