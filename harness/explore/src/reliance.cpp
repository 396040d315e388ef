#include <saga_harness/reliance.hpp>

#include <algorithm>

#include <saga_harness/fakes.hpp>

namespace saga_harness {
namespace {

/// A participant that lacks what I16 demands of it breaks I16 by itself: what the saga makes of that says
/// more.
const Finding& most_telling(const std::vector<Finding>& findings) {
  const auto found = std::ranges::find_if(
      findings, [](const Finding& finding) { return finding.rule != Rule::kNullCompensationIsSafe; });
  return found == findings.end() ? findings.front() : *found;
}

Reliance examine(const Experiment& reference, const Withdrawal& withdrawal, const ExploreOptions& options) {
  Reliance row{.step = withdrawal.step, .guarantee = withdrawal.guarantee, .why = withdrawal.impossible};
  if (!withdrawal.impossible.empty()) {
    row.need = Need::kNotApplicable;
    return row;
  }
  row.participant = withdrawal.experiment.participant_name;
  const Exploration exploration = explore(withdrawal.experiment, options);
  row.schedules = exploration.schedules;
  row.exhausted = exploration.exhausted;
  if (!exploration.findings.empty()) {
    row.need = Need::kNeeded;
    row.finding = most_telling(exploration.findings);
    row.with = run_plan(reference, row.finding.plan).outcome;
    row.without = run_plan(withdrawal.experiment, row.finding.plan).outcome;
    return row;
  }
  const bool is_missed =
      std::ranges::find(exploration.markers, marker_of(withdrawal.guarantee)) != exploration.markers.end();
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

std::uint64_t Reliances::count(Need need) const {
  return static_cast<std::uint64_t>(std::ranges::count(rows, need, &Reliance::need));
}

Reliances relies_on(const Experiment& reference, std::span<const Withdrawal> withdrawals,
                    const ExploreOptions& options, const std::function<void(const Reliances&)>& on_progress) {
  ExploreOptions until_first = options;
  until_first.stop_at_first_violation = true;
  Reliances result{.max_faults = options.max_faults};
  if (on_progress) on_progress(result);
  const Exploration complete = explore(reference, until_first);
  result.schedules = complete.schedules;
  result.exhausted = complete.exhausted;
  result.upheld = complete.finds_no_violation();
  if (!result.upheld) return result;
  for (const Withdrawal& withdrawal : withdrawals) {
    if (on_progress) on_progress(result);
    result.rows.push_back(examine(reference, withdrawal, until_first));
  }
  return result;
}

}  // namespace saga_harness
