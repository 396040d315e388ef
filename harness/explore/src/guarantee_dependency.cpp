#include <saga_harness/guarantee_dependency.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/fakes.hpp>
#include <saga_harness/replay.hpp>

#include "whole_verdict.hpp"

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

SearchVerdict verdict_of(const GuaranteeDependencies& dependencies) {
  SearchVerdict verdict;
  if (dependencies.max_faults == 0) verdict.scope = "no faults tried";
  if (!dependencies.upheld) {
    verdict.word = VerdictWord::kViolated;
    return verdict;
  }
  verdict.lacks = dependencies.reference.lacks;
  verdict.error = dependencies.reference.error;
  verdict.notes = dependencies.reference.notes;
  const bool says_so =
      std::ranges::find(verdict.lacks, Lack::kNotExhausted, &LackFound::lack) != verdict.lacks.end();
  if (!dependencies.exhausted && !says_so)
    verdict.lacks.push_back({Lack::kNotExhausted, "the search with every guarantee given was not exhausted"});
  const std::uint64_t undecided = dependencies.count(Need::kUndecided);
  if (undecided > 0) {
    verdict.lacks.push_back(
        {Lack::kNotExhausted,
         fmt::format("the search was not exhausted without {} of the guarantees", undecided)});
  }
  const std::uint64_t idle = dependencies.count(Need::kNotExercised);
  if (idle > 0 && idle + dependencies.count(Need::kNotApplicable) == dependencies.rows.size())
    verdict.lacks.push_back({Lack::kNothingExercised, "no guarantee was ever missed"});
  verdict.word = verdict.lacks.empty() ? VerdictWord::kUpheld : VerdictWord::kInconclusive;
  return verdict;
}

GuaranteeDependencies relies_on(const Experiment& reference,
                                std::span<const GuaranteeRemoval> guarantee_removals,
                                const ExploreOptions& options,
                                const std::function<void(const GuaranteeDependencies&)>& on_progress) {
  ExploreOptions until_first = options;
  until_first.stop_at_first_violation = true;
  GuaranteeDependencies result{.max_faults = options.max_faults};
  const auto examine_all = [&] {
    for (const GuaranteeRemoval& removal : guarantee_removals) {
      if (on_progress) on_progress(result);
      result.rows.push_back(examine(reference, removal, until_first));
    }
  };
  if (on_progress) on_progress(result);
  const Exploration complete = explore(reference, until_first);
  result.schedules = complete.schedules;
  result.exhausted = complete.exhausted;
  result.upheld = complete.finds_no_violation();
  result.findings = complete.findings;
  if (result.upheld) {  // so it has not stopped, and has run the whole search
    result.reference = verdict_of_whole(reference, options, complete);
    examine_all();
  }
  result.verdict = verdict_of(result);
  return result;
}

}  // namespace saga_harness
