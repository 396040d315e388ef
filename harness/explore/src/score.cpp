#include <saga_harness/score.hpp>

#include <algorithm>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "swarm_median.hpp"

namespace saga_harness {
namespace {

void check_names(std::span<const Suspect> suspects) {
  for (std::size_t i = 0; i < suspects.size(); ++i) {
    if (suspects[i].name.empty())
      throw Error(ErrorText{.message = "a mutant has no name", .fix = "give it one"});
    for (const Suspect& before : suspects.first(i)) {
      if (before.name == suspects[i].name)
        throw Error("there are two mutants " + internal::in_quotes(before.name) + "; rename one of them");
    }
  }
}

bool passes_marker(const Suspect& suspect, const FaultPlan& plan) {
  const std::string& marker = suspect.marker.empty() ? suspect.name : suspect.marker;
  const Run run = run_plan(suspect.mutated, plan);
  return std::ranges::any_of(run.trace.events, [&](const Event& event) {
    return event.type == EventType::kMarked && run.trace.texts[event.text] == marker;
  });
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

class Scorer {
 public:
  Scorer(std::span<const Suspect> suspects, const ScoreOptions& options)
      : suspects_(suspects), options_(options), bounds_(options.explore) {
    bounds_.stop_at_first_violation = true;
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
    for (const Suspect& suspect : suspects_) {
      if (on_progress) on_progress(result_);
      MutantScore mutant{.name = suspect.name,
                         .group = suspect.group,
                         .bug = suspect.bug,
                         .predicted = suspect.predicted,
                         .explanation = suspect.explanation};
      examine(suspect, mutant);
      result_.mutants.push_back(std::move(mutant));
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool asked(FaultKind kind) const {
    return bounds_.kinds.empty() || std::ranges::find(bounds_.kinds, kind) != bounds_.kinds.end();
  }

  [[nodiscard]] ExploreOptions bounds_of(const Suspect& suspect) const {
    ExploreOptions bounds = bounds_;
    if (options_.as_far_as_foretold) bounds.max_faults = std::max(bounds.max_faults, suspect.faults);
    return bounds;
  }

  void examine(const Suspect& suspect, MutantScore& mutant) {
    if (!suspect.impossible.empty()) {
      mutant.explanation = suspect.impossible;
      mutant.exhausted = true;
      return;
    }
    const ExploreOptions bounds = bounds_of(suspect);
    mutant.reference = reference_of(suspect, bounds);
    search(suspect, bounds, mutant);
    if (!result_.references[mutant.reference].upheld) mutant.status = MutantStatus::kReferenceViolated;
    if (mutant.status != MutantStatus::kKilled && mutant.status != MutantStatus::kKilledByAnotherRule) return;
    if (result_.has_swarm) {
      const std::vector<std::uint64_t> needed = swarm_schedules(suspect.mutated, bounds, options_);
      mutant.swarm_found = static_cast<int>(needed.size());
      const auto middle = static_cast<std::size_t>(options_.swarm_seeds / 2);
      if (middle < needed.size()) mutant.swarm_median = needed[middle];
    }
    if (options_.ablation) ablate(suspect, bounds, mutant);
  }

  std::size_t reference_of(const Suspect& suspect, const ExploreOptions& bounds) {
    const Experiment& experiment = suspect.reference;
    ReferenceScore wanted{.saga = experiment.setup.saga->saga().name,
                          .coordinator = experiment.coordinator_name,
                          .participant = experiment.participant_name,
                          .source = experiment.source,
                          .max_faults = bounds.max_faults};
    const std::uint64_t hash = experiment.setup.saga->hash();
    for (std::size_t i = 0; i < result_.references.size(); ++i) {
      const ReferenceScore& known = result_.references[i];
      if (hashes_[i] == hash && known.coordinator == wanted.coordinator &&
          known.participant == wanted.participant && known.source == wanted.source &&
          known.max_faults == wanted.max_faults)
        return i;
    }
    const Exploration exploration = explore(experiment, bounds);
    wanted.schedules = exploration.schedules;
    wanted.exhausted = exploration.exhausted;
    wanted.upheld = exploration.finds_no_violation();
    hashes_.push_back(hash);
    result_.references.push_back(std::move(wanted));
    return result_.references.size() - 1;
  }

  static void search(const Suspect& suspect, const ExploreOptions& bounds, MutantScore& mutant) {
    const Exploration first = explore(suspect.mutated, bounds);
    const std::string& marker = suspect.marker.empty() ? suspect.name : suspect.marker;
    mutant.activated = std::ranges::find(first.markers, marker) != first.markers.end();
    mutant.schedules = first.schedules;
    mutant.exhausted = first.exhausted;
    if (first.findings.empty()) {
      mutant.status = mutant.activated ? MutantStatus::kSurvived : MutantStatus::kNotActivated;
      if (mutant.activated && !suspect.equivalent.empty()) {
        mutant.status = MutantStatus::kEquivalent;
        mutant.explanation = suspect.equivalent;
      }
      return;
    }
    mutant.status = MutantStatus::kKilledByAnotherRule;
    mutant.finding = first.findings.front();
    const auto foretold = std::ranges::find_if(first.findings, [&](const Finding& finding) {
      return !suspect.predicted || finding.rule == *suspect.predicted;
    });
    if (foretold != first.findings.end()) {
      mutant.status = MutantStatus::kKilled;
      mutant.finding = *foretold;
    } else {
      search_for_foretold(suspect, bounds, mutant);
    }
    if (!passes_marker(suspect, mutant.finding.plan)) mutant.status = MutantStatus::kNotActivated;
  }

  // The rule that was foretold may need another schedule than the one that was violated first.
  static void search_for_foretold(const Suspect& suspect, const ExploreOptions& bounds, MutantScore& mutant) {
    const Exploration found = explore(judged_by(suspect.mutated, *suspect.predicted), bounds);
    if (found.findings.empty()) return;
    mutant.status = MutantStatus::kKilled;
    mutant.seen_first_by =
        mutant.finding.rule == kOwnRule ? mutant.finding.invariant : std::string(id_of(mutant.finding.rule));
    mutant.seen_first_after = mutant.schedules;
    mutant.finding = found.findings.front();
    mutant.schedules = found.schedules;
  }

  [[nodiscard]] static bool dies(const Suspect& suspect, const Experiment& mutated,
                                 const ExploreOptions& bounds) {
    const Exploration exploration = explore(mutated, bounds);
    return !exploration.findings.empty() && passes_marker(suspect, exploration.findings.front().plan);
  }

  void ablate(const Suspect& suspect, const ExploreOptions& bounds, const MutantScore& mutant) {
    const std::vector<Fault>& faults = mutant.finding.plan.faults;
    const std::vector<FaultKind> scope = kinds_in_scope(suspect.mutated, bounds.kinds);
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
      if (std::ranges::all_of(faults, is_in_class) || dies(suspect, suspect.mutated, only))
        ++*result_.ablation[i].only;
      tell(result_.ablation[i], suspect,
           std::ranges::none_of(faults, is_in_class) || dies(suspect, suspect.mutated, without));
    }
    if (bounds.windows) {
      ExploreOptions without = bounds;
      without.windows = false;
      const auto is_once = [](const Fault& fault) { return fault.window == Window::kOnce; };
      tell(result_.ablation.back(), suspect,
           std::ranges::all_of(faults, is_once) || dies(suspect, suspect.mutated, without));
    }
    const bool is_seen_at_the_end = mutant.finding.rule == Rule::kTruthfulOutcome ||
                                    dies(suspect, judged_by(suspect.mutated, Rule::kTruthfulOutcome), bounds);
    if (!is_seen_at_the_end) result_.missed_at_the_end.push_back(suspect.name);
  }

  static void tell(AblationRow& row, const Suspect& suspect, bool is_killed) {
    if (is_killed) {
      ++row.without;
    } else {
      row.lost.push_back(suspect.name);
    }
  }

  std::span<const Suspect> suspects_;
  const ScoreOptions& options_;
  ExploreOptions bounds_;
  std::vector<FaultClass> classes_;
  std::vector<std::uint64_t> hashes_;  // of the definitions of the references
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

Score score(std::span<const Suspect> suspects, const ScoreOptions& options,
            const std::function<void(const Score&)>& on_progress) {
  check_names(suspects);
  return Scorer(suspects, options).score(on_progress);
}

}  // namespace saga_harness
