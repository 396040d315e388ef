#include <saga_harness/score.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/error.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness_internal/identity.hpp>
#include <saga_harness_internal/text.hpp>

#include "whole_verdict.hpp"

namespace saga_harness {
namespace {

void check_names(std::span<const MutantCase> cases) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].name.empty())
      throw Error(ErrorText{.message = "a mutant has no name", .fix = "give it one"});
    for (const MutantCase& before : cases.first(i)) {
      if (before.name == cases[i].name)
        throw Error(ErrorText{.message = "there are two mutants " + internal::in_quotes(before.name),
                              .fix = "rename one of them"});
    }
  }
}

const std::string& marker_of(const MutantCase& mutant_case) {
  return mutant_case.marker.empty() ? mutant_case.name : mutant_case.marker;
}

bool passes_marker(const MutantCase& mutant_case, const FaultPlan& plan) {
  const std::string& marker = marker_of(mutant_case);
  const Run run = run_plan(mutant_case.mutated, plan);
  return std::ranges::any_of(run.trace.events, [&](const Event& event) {
    return event.type == EventType::kMarked && run.trace.texts[event.text] == marker;
  });
}

MutantSearch searched(const MutantCase& mutant_case, const Experiment& subject,
                      const ExploreOptions& options) {
  if (mutant_case.search) return mutant_case.search(subject, options);
  const Exploration exploration = explore(subject, options);
  MutantSearch result{.schedules = exploration.schedules, .exhausted = exploration.exhausted};
  result.activated =
      std::ranges::find(exploration.markers, marker_of(mutant_case)) != exploration.markers.end();
  for (const Finding& finding : exploration.findings)
    result.findings.push_back({finding, to_string(finding.plan), passes_marker(mutant_case, finding.plan)});
  if (result.findings.empty()) result.verdict = verdict_of_whole(subject, options, exploration);
  return result;
}

/// The same subject, judged by one rule alone.
Experiment judged_by(const Experiment& experiment, Rule rule) {
  Experiment result = experiment;
  for (std::size_t i = 0; i < kRuleCount; ++i) {
    const auto other = static_cast<Rule>(i);
    if (other != rule) result.switched_off.push_back({.rule = other, .reason = "another rule is looked for"});
  }
  for (const Invariant& own : experiment.invariants) {
    result.switched_off.push_back(
        {.rule = kOwnRule, .reason = "another rule is looked for", .invariant = own.name});
  }
  return result;
}

std::string of_reference(const ReferenceScore& reference, std::string_view what) {
  return fmt::format("{} [{}, {}]: {}", reference.saga, reference.coordinator, reference.participant, what);
}

/// What its reference is and how it is searched; nothing if no other case can have the same.
std::optional<std::string> search_of(const MutantCase& mutant_case) {
  if (!is_known_by_fingerprint(mutant_case.reference)) return std::nullopt;
  if (mutant_case.search && mutant_case.search_name.empty()) return std::nullopt;
  return fmt::format("{:016x} {}", fingerprint_of(mutant_case.reference), mutant_case.search_name);
}

class Scorer {
 public:
  Scorer(std::span<const MutantCase> cases, const ScoreOptions& options)
      : cases_(cases), options_(options), bounds_(options.explore) {
    bounds_.stop_at_first_violation = true;
    bounds_.likely_first = false;  // what is counted is how long the exhaustive sequence takes
    bounds_.on_schedule = {};
    bounds_.on_progress = {};
    result_.max_faults = options.explore.max_faults;
    result_.has_swarm = options.swarm_seeds > 0;
    result_.has_ablation = options.ablation;
    if (!options.ablation) return;
    classes_ = fault_classes();
    for (FaultClass& one : classes_)
      std::erase_if(one.kinds, [this](FaultKind kind) { return !asked(kind); });
    std::erase_if(classes_, [](const FaultClass& one) { return one.kinds.empty(); });
    for (const FaultClass& one : classes_) result_.ablation.push_back({.name = one.name, .only = 0});
    if (bounds_.windows) result_.ablation.push_back({.name = "windows"});
  }

  Score score(const std::function<void(const Score&)>& on_progress) {
    for (const MutantCase& mutant_case : cases_) {
      if (on_progress) on_progress(result_);
      MutantScore mutant{.name = mutant_case.name,
                         .group = mutant_case.group,
                         .bug = mutant_case.bug,
                         .predicted = mutant_case.predicted,
                         .explanation = mutant_case.explanation};
      examine(mutant_case, mutant);
      result_.mutants.push_back(std::move(mutant));
    }
    result_.verdict = verdict_of(result_);
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool asked(FaultKind kind) const {
    return bounds_.kinds.empty() || std::ranges::find(bounds_.kinds, kind) != bounds_.kinds.end();
  }

  [[nodiscard]] ExploreOptions bounds_of(const MutantCase& mutant_case) const {
    ExploreOptions bounds = bounds_;
    if (options_.as_far_as_predicted) bounds.max_faults = std::max(bounds.max_faults, mutant_case.faults);
    return bounds;
  }

  void examine(const MutantCase& mutant_case, MutantScore& mutant) {
    if (!mutant_case.impossible.empty()) {
      mutant.explanation = mutant_case.impossible;
      mutant.exhausted = true;
      return;
    }
    const ExploreOptions bounds = bounds_of(mutant_case);
    mutant.reference = reference_of(mutant_case, bounds);
    search(mutant_case, bounds, mutant);
    if (!result_.references[mutant.reference].upheld) mutant.status = MutantStatus::kReferenceViolated;
    if (mutant.status != MutantStatus::kKilled && mutant.status != MutantStatus::kKilledByAnotherRule) return;
    if (result_.has_swarm) {
      const std::vector<std::uint64_t> needed = swarm_schedules(mutant_case, bounds);
      mutant.swarm_found = static_cast<int>(needed.size());
      const auto middle = static_cast<std::size_t>(options_.swarm_seeds / 2);
      if (middle < needed.size()) mutant.swarm_median = needed[middle];
    }
    if (options_.ablation) ablate(mutant_case, bounds, mutant);
  }

  std::size_t reference_of(const MutantCase& mutant_case, const ExploreOptions& bounds) {
    const Experiment& experiment = mutant_case.reference;
    const std::optional<std::string> wanted_search = search_of(mutant_case);
    ReferenceScore wanted{.saga = experiment.setup.saga->saga().name,
                          .coordinator = experiment.coordinator_name,
                          .participant = experiment.participant_name,
                          .source = experiment.source,
                          .sagas = mutant_case.sagas,
                          .max_faults = bounds.max_faults};
    for (std::size_t i = 0; i < result_.references.size(); ++i) {
      const bool is_shared = wanted_search && searches_[i] == wanted_search;
      const ReferenceScore& known = result_.references[i];
      if (is_shared && known.sagas == wanted.sagas && known.max_faults == wanted.max_faults) return i;
    }
    const MutantSearch found = searched(mutant_case, experiment, bounds);
    wanted.schedules = found.schedules;
    wanted.exhausted = found.exhausted;
    wanted.upheld = found.findings.empty();
    wanted.verdict = found.verdict;
    if (!wanted.upheld) wanted.finding = found.findings.front().finding;
    searches_.push_back(wanted_search);
    result_.references.push_back(std::move(wanted));
    return result_.references.size() - 1;
  }

  static void search(const MutantCase& mutant_case, const ExploreOptions& bounds, MutantScore& mutant) {
    const MutantSearch first = searched(mutant_case, mutant_case.mutated, bounds);
    mutant.activated = first.activated;
    mutant.schedules = first.schedules;
    mutant.exhausted = first.exhausted;
    if (first.findings.empty()) {
      mutant.status = mutant.activated ? MutantStatus::kSurvived : MutantStatus::kNotActivated;
      if (mutant.activated && !mutant_case.equivalent.empty()) {
        mutant.status = MutantStatus::kEquivalent;
        mutant.explanation = mutant_case.equivalent;
      }
      return;
    }
    mutant.status = MutantStatus::kKilledByAnotherRule;
    MutantSearch::Found killer = first.findings.front();
    const auto predicted = std::ranges::find_if(first.findings, [&](const MutantSearch::Found& found) {
      return !mutant_case.predicted || found.finding.rule == *mutant_case.predicted;
    });
    if (predicted != first.findings.end()) {
      mutant.status = MutantStatus::kKilled;
      killer = *predicted;
    } else {
      search_for_predicted(mutant_case, bounds, mutant, killer);
    }
    mutant.finding = std::move(killer.finding);
    mutant.plan = std::move(killer.plan);
    if (!killer.reached_bug) mutant.status = MutantStatus::kNotActivated;
  }

  // The rule that was predicted may need another schedule than the one that was violated first.
  static void search_for_predicted(const MutantCase& mutant_case, const ExploreOptions& bounds,
                                   MutantScore& mutant, MutantSearch::Found& killer) {
    const MutantSearch found =
        searched(mutant_case, judged_by(mutant_case.mutated, *mutant_case.predicted), bounds);
    if (found.findings.empty()) return;
    mutant.status = MutantStatus::kKilled;
    mutant.seen_first_by =
        killer.finding.rule == kOwnRule ? killer.finding.invariant : std::string(id_of(killer.finding.rule));
    mutant.seen_first_after = mutant.schedules;
    killer = found.findings.front();
    mutant.schedules = found.schedules;
  }

  [[nodiscard]] static bool dies(const MutantCase& mutant_case, const Experiment& mutated,
                                 const ExploreOptions& bounds) {
    const MutantSearch found = searched(mutant_case, mutated, bounds);
    return !found.findings.empty() && found.findings.front().reached_bug;
  }

  void ablate(const MutantCase& mutant_case, const ExploreOptions& bounds, const MutantScore& mutant) {
    const std::vector<Fault>& faults = mutant.finding.plan.faults;
    const std::vector<FaultKind> scope = kinds_in_scope(mutant_case.mutated, bounds.kinds);
    for (std::size_t i = 0; i < classes_.size(); ++i) {
      const auto is_in_class = [&](const Fault& fault) {
        return std::ranges::find(classes_[i].kinds, fault.kind) != classes_[i].kinds.end();
      };
      ExploreOptions only = bounds;
      ExploreOptions without = bounds;
      only.kinds.clear();
      without.kinds.clear();
      for (const FaultKind kind : scope) {
        const bool is_of_class = std::ranges::find(classes_[i].kinds, kind) != classes_[i].kinds.end();
        (is_of_class ? only : without).kinds.push_back(kind);
      }
      // No kinds at all would mean every kind.
      if (only.kinds.empty()) only.max_faults = 0;
      if (without.kinds.empty()) without.max_faults = 0;
      if (std::ranges::all_of(faults, is_in_class) || dies(mutant_case, mutant_case.mutated, only))
        ++*result_.ablation[i].only;
      tell(result_.ablation[i], mutant_case,
           std::ranges::none_of(faults, is_in_class) || dies(mutant_case, mutant_case.mutated, without));
    }
    if (bounds.windows) {
      ExploreOptions without = bounds;
      without.windows = false;
      const auto is_once = [](const Fault& fault) { return fault.window == FaultDuration::kOnce; };
      tell(result_.ablation.back(), mutant_case,
           std::ranges::all_of(faults, is_once) || dies(mutant_case, mutant_case.mutated, without));
    }
    const bool is_seen_at_the_end =
        mutant.finding.rule == Rule::kTruthfulOutcome ||
        dies(mutant_case, judged_by(mutant_case.mutated, Rule::kTruthfulOutcome), bounds);
    if (!is_seen_at_the_end) result_.missed_at_the_end.push_back(mutant_case.name);
  }

  /// How many schedules random searches with different seeds took to their first violation; one entry per
  /// seed that found one, sorted.
  [[nodiscard]] std::vector<std::uint64_t> swarm_schedules(const MutantCase& mutant_case,
                                                           ExploreOptions bounds) const {
    std::vector<std::uint64_t> needed;
    for (int seed = 1; seed <= options_.swarm_seeds; ++seed) {
      bounds.swarm = Swarm{.seed = "score-" + std::to_string(seed), .schedules = options_.swarm_schedules};
      const MutantSearch found = searched(mutant_case, mutant_case.mutated, bounds);
      if (!found.findings.empty()) needed.push_back(found.schedules);
    }
    std::ranges::sort(needed);
    return needed;
  }

  static void tell(AblationRow& row, const MutantCase& mutant_case, bool is_killed) {
    if (is_killed) {
      ++row.without;
    } else {
      row.lost.push_back(mutant_case.name);
    }
  }

  std::span<const MutantCase> cases_;
  const ScoreOptions& options_;
  ExploreOptions bounds_;
  std::vector<FaultClass> classes_;
  std::vector<std::optional<std::string>> searches_;  // of the references; those of one text are one
  Score result_;
};

}  // namespace

std::string_view name_of(MutantStatus status) {
  switch (status) {
    case MutantStatus::kKilled:
      return "killed";
    case MutantStatus::kKilledByAnotherRule:
      return "killed_by_another_rule";
    case MutantStatus::kSurvived:
      return "survived";
    case MutantStatus::kNotActivated:
      return "not_activated";
    case MutantStatus::kEquivalent:
      return "equivalent";
    case MutantStatus::kReferenceViolated:
      break;
  }
  return "reference_violated";
}

std::uint64_t Score::count(MutantStatus status) const {
  return static_cast<std::uint64_t>(std::ranges::count(mutants, status, &MutantScore::status));
}

std::uint64_t Score::killed() const {
  return count(MutantStatus::kKilled) + count(MutantStatus::kKilledByAnotherRule);
}

std::uint64_t Score::listed() const { return mutants.size() - count(MutantStatus::kEquivalent); }

SearchVerdict verdict_of(const Score& score) {
  SearchVerdict verdict;
  if (score.count(MutantStatus::kReferenceViolated) > 0) {
    verdict.word = VerdictWord::kViolated;
    return verdict;
  }
  for (const ReferenceScore& reference : score.references) {
    const SearchVerdict& own = reference.verdict;
    if (!own.error.empty())
      verdict.error += (verdict.error.empty() ? "" : "; ") + of_reference(reference, own.error);
    for (const std::string& note : own.notes) verdict.notes.push_back(of_reference(reference, note));
    std::vector<LackFound> lacks = reference.verdict.lacks;
    const bool says_so = std::ranges::find(lacks, Lack::kNotExhausted, &LackFound::lack) != lacks.end();
    if (!reference.exhausted && !says_so)
      lacks.push_back({Lack::kNotExhausted, "the search was not exhausted"});
    for (const LackFound& lack : lacks) {
      const LackFound named{lack.lack, of_reference(reference, lack.reason)};
      if (std::ranges::find(verdict.lacks, named) == verdict.lacks.end()) verdict.lacks.push_back(named);
    }
  }
  std::vector<std::string_view> idle;
  for (const MutantScore& mutant : score.mutants) {
    if (mutant.status == MutantStatus::kNotActivated) idle.push_back(mutant.name);
  }
  if (!idle.empty()) {
    verdict.lacks.push_back(
        {Lack::kNothingExercised,
         fmt::format("no run that violates a rule reached the bug of {}", fmt::join(idle, ", "))});
  }
  verdict.word = verdict.lacks.empty() ? VerdictWord::kUpheld : VerdictWord::kInconclusive;
  return verdict;
}

Score score(std::span<const MutantCase> cases, const ScoreOptions& options,
            const std::function<void(const Score&)>& on_progress) {
  check_names(cases);
  return Scorer(cases, options).score(on_progress);
}

}  // namespace saga_harness
