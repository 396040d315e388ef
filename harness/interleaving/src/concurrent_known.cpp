#include "concurrent_known.hpp"

#include <algorithm>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/cause.hpp>
#include <saga_harness_internal/known_findings.hpp>
#include <saga_harness_internal/rule_places.hpp>
#include <saga_harness_internal/skipped.hpp>

#include "concurrent_judge.hpp"

namespace saga_harness {
namespace {

std::size_t faults_of(const ConcurrentPlan& plan) {
  std::size_t count = 0;
  for (const FaultPlan& saga : plan.faults) count += saga.size();
  return count;
}

/// Every plan with one fault less.
std::vector<ConcurrentPlan> smaller_plans(const ConcurrentPlan& plan) {
  std::vector<ConcurrentPlan> smaller;
  for (std::size_t saga = 0; saga < plan.faults.size(); ++saga) {
    for (std::size_t fault = 0; fault < plan.faults[saga].size(); ++fault) {
      std::vector<Fault>& faults = smaller.emplace_back(plan).faults[saga].faults;
      faults.erase(faults.begin() + static_cast<std::ptrdiff_t>(fault));
    }
  }
  return smaller;
}

std::string rule_text(const KnownFinding& known) {
  const RuleRow* row = find_rule(known.rule);
  return row == nullptr ? known.rule : label_of(row->rule);
}

bool has(const Experiment& saga, const KnownFinding& known) {
  return std::ranges::find(saga.known, known) != saga.known.end();
}

bool is_skipped_step(const Experiment& saga, const KnownFinding& known) {
  if (known.step.empty()) return false;
  const SagaIndex& index = *saga.setup.saga;
  return internal::is_skipped(internal::skipped_in(index, saga), index.find_step(known.step));
}

}  // namespace

ConcurrentKnownFindings::ConcurrentKnownFindings(const ConcurrentExperiment& experiment)
    : experiment_(experiment) {
  for (const Experiment& saga : experiment.sagas) {
    for (const KnownFinding& known : saga.known) {
      if (std::ranges::find(seen_, known, &ConcurrentKnown::known) != seen_.end()) continue;
      seen_.push_back({.known = known});
      rules_.push_back(rule_text(known));
    }
  }
}

bool ConcurrentKnownFindings::is_of(const ConcurrentKnown& each, const ConcurrentViolation& violation) const {
  const auto number = static_cast<std::size_t>(&each - seen_.data());
  return rules_[number] == violation.rule && each.known.step == violation.step &&
         has(experiment_.sagas[violation.saga], each.known);
}

bool ConcurrentKnownFindings::contains(const ConcurrentViolation& violation, Outcome outcome) const {
  return std::ranges::any_of(seen_, [&](const ConcurrentKnown& each) {
    return each.known.outcome == outcome && is_of(each, violation);
  });
}

bool ConcurrentKnownFindings::shows_with_less(const ConcurrentKnown& each,
                                              const ConcurrentViolation& violation,
                                              const ConcurrentPlan& plan) const {
  return std::ranges::any_of(smaller_plans(plan), [&](const ConcurrentPlan& smaller) {
    const ConcurrentRun run = run_concurrently(experiment_, smaller);
    if (!run.unfired.empty()) return false;
    const bool shows =
        run.sagas[violation.saga].outcome == each.known.outcome &&
        std::ranges::any_of(run.violations, [&violation](const ConcurrentViolation& other) {
          return other.rule == violation.rule && other.step == violation.step && other.saga == violation.saga;
        });
    return shows || shows_with_less(each, violation, smaller);
  });
}

void ConcurrentKnownFindings::set_aside(std::vector<ConcurrentViolation>& violations,
                                        std::span<const Outcome> outcomes, const ConcurrentPlan& plan) {
  std::vector<bool> counted(seen_.size());
  std::erase_if(violations, [&](const ConcurrentViolation& violation) {
    const Outcome outcome = outcomes[violation.saga];
    for (std::size_t number = 0; number < seen_.size(); ++number) {
      ConcurrentKnown& each = seen_[number];
      if (!is_of(each, violation)) continue;
      const bool is_it = each.known.outcome == outcome;
      if (!is_it && !(explains(Cause{.outcome = each.known.outcome}, outcome) &&
                      shows_with_less(each, violation, plan)))
        continue;
      if (is_it && (!each.plan || faults_of(plan) < faults_of(*each.plan))) each.plan = plan;
      if (!counted[number]) ++each.schedules;
      counted[number] = true;
      return true;
    }
    return false;
  });
}

bool ConcurrentKnownFindings::is_in_reach(const KnownFinding& known, const InterleavingOptions& options,
                                          std::span<const std::vector<FaultKind>> kinds,
                                          bool is_sample) const {
  const RuleRow* row = find_rule(known.rule);
  if (is_sample || (row != nullptr && !ConcurrentJudge::judges(row->rule))) return false;
  for (std::size_t saga = 0; saga < experiment_.sagas.size(); ++saga) {
    const Experiment& each = experiment_.sagas[saga];
    if (!has(each, known) || is_skipped_step(each, known)) continue;
    if (saga < experiment_.has_other_context.size() && experiment_.has_other_context[saga]) continue;
    const ExploreOptions same{
        .max_faults = options.max_faults, .kinds = kinds[saga], .windows = options.windows};
    if (saga_harness::is_in_reach(known, each, same)) return true;
  }
  return false;
}

void ConcurrentKnownFindings::conclude(const InterleavingOptions& options,
                                       std::span<const std::vector<FaultKind>> kinds, bool is_sample,
                                       Interleavings& found) const {
  found.known = seen_;
  SearchVerdict& verdict = found.verdict;
  const bool is_whole = found.exhausted && verdict.error.empty();
  std::string errors;
  for (ConcurrentKnown& each : found.known) {
    const bool shows = each.schedules > 0;
    each.in_reach = is_in_reach(each.known, options, kinds, is_sample);
    each.state = state_of(each.known, shows, each.in_reach, is_whole, options.today);
    tell(each.known, each.state, shows, verdict, errors);
  }
  if (verdict.error.empty()) verdict.error = std::move(errors);
}

}  // namespace saga_harness
