#include "concurrent_judge.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace saga_harness {

ConcurrentJudge::ConcurrentJudge(const ConcurrentExperiment& experiment) {
  for (const Experiment& saga : experiment.sagas) {
    std::vector<SwitchedOff> off;
    std::ranges::copy_if(saga.switched_off, std::back_inserter(off),
                         [](const SwitchedOff& each) { return each.rule != kOwnRule; });
    for (const RuleRow& row : kRuleCatalogue) {
      if (!judges(row.rule)) off.push_back({.rule = row.rule, .reason = "other sagas run beside it"});
    }
    judges_.emplace_back(saga.setup.saga, saga.claims, std::move(off));
    std::vector<Invariant>& own = own_.emplace_back();
    std::ranges::copy_if(saga.invariants, std::back_inserter(own), [&saga](const Invariant& invariant) {
      return std::ranges::none_of(saga.switched_off, [&invariant](const SwitchedOff& each) {
        return each.rule == kOwnRule && each.invariant == invariant.name;
      });
    });
  }
}

std::vector<ConcurrentViolation> ConcurrentJudge::judge(const InterleavingScheduler& scheduler,
                                                        bool explains) {
  std::vector<ConcurrentViolation> violations;
  std::vector<Outcome> outcomes;
  outcome_statuses_.clear();
  for (std::size_t saga = 0; saga < judges_.size(); ++saga) {
    const Observation observation = seen(scheduler, saga);
    outcomes.push_back(observation.outcome);
    const Judgement& judgement = judges_[saga].judge(observation);
    outcome_statuses_.push_back(judgement[static_cast<std::size_t>(Rule::kTruthfulOutcome)]);
    const bool is_clean = std::ranges::find(judgement, VerdictStatus::kViolated) == judgement.end();
    if (!is_clean) {
      const std::vector<Verdict> verdicts =
          explains ? judges_[saga].explain(observation) : std::vector<Verdict>();
      for (std::size_t rule = 0; rule < judgement.size(); ++rule) {
        if (judgement[rule] != VerdictStatus::kViolated) continue;
        const auto which = static_cast<Rule>(rule);
        const StepId step = judges_[saga].culprit(which);
        violations.push_back(
            {label_of(which), saga, explains ? verdicts[rule].explanation : std::string(),
             step == kNoStep ? std::string() : scheduler.engine(saga).saga().step(step).name});
      }
    }
    judge_own(scheduler, saga, violations);
  }
  std::ranges::move(find_anomalies(scheduler.accesses(), outcomes), std::back_inserter(violations));
  judge_quantities(scheduler, violations);
  return violations;
}

// A rule of one's own sees the shared quantities with each saga that knows it, and is told of once.
void ConcurrentJudge::judge_own(const InterleavingScheduler& scheduler, std::size_t saga,
                                std::vector<ConcurrentViolation>& into) const {
  if (own_[saga].empty()) return;
  Observation observation = seen(scheduler, saga);
  std::vector<Quantity> quantities(observation.quantities.begin(), observation.quantities.end());
  std::ranges::copy(scheduler.quantities(), std::back_inserter(quantities));
  observation.quantities = quantities;
  for (const Invariant& invariant : own_[saga]) {
    const Verdict verdict = invariant.check(observation, scheduler.engine(saga).saga());
    if (verdict.status != VerdictStatus::kViolated) continue;
    const bool is_known = std::ranges::any_of(
        into, [&invariant](const ConcurrentViolation& each) { return each.rule == invariant.name; });
    if (!is_known) into.push_back({.rule = invariant.name, .saga = saga, .explanation = verdict.explanation});
  }
}

void ConcurrentJudge::judge_quantities(const InterleavingScheduler& scheduler,
                                       std::vector<ConcurrentViolation>& into) const {
  bool all_compensated = true;
  for (std::size_t saga = 0; saga < judges_.size(); ++saga)
    all_compensated = all_compensated && seen(scheduler, saga).outcome == Outcome::kCompensated;
  for (const Quantity& quantity : scheduler.quantities()) {
    const bool is_owed = quantity.rule == QuantityRule::kConserved || all_compensated;
    if (!is_owed || quantity.at_start == quantity.at_end) continue;
    into.push_back({quantity.name, 0,
                    fmt::format("{} was {} before the sagas and is {} after them, {}", quantity.name,
                                quantity.at_start, quantity.at_end,
                                all_compensated ? "although all of them are undone"
                                                : "although it is to stay the same whatever happens")});
  }
}

}  // namespace saga_harness
