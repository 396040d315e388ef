#include <saga_harness_internal/tally.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

#include <saga_harness_internal/rule_places.hpp>

#include "subject.hpp"

namespace saga_harness {

Tally::Tally(const Experiment& experiment, Coverage coverage)
    : experiment_(&experiment),
      saga_(experiment.setup.saga.get()),
      set_aside_(experiment),
      coverage_(std::move(coverage)) {
  for (const Invariant& own : experiment.invariants) counts_.rules.push_back({.invariant = own.name});
}

Tally::Tally(const Experiment& experiment, const std::vector<FaultKind>& asked)
    : Tally(experiment, Coverage(*experiment.setup.saga, experiment, asked)) {}

Tally::Tally(const Experiment& experiment, std::vector<Cell> declared)
    : Tally(experiment, Coverage(*experiment.setup.saga, std::move(declared))) {}

void Tally::open_level(int faults) {
  for (int level = static_cast<int>(counts_.levels.size()); level <= faults; ++level) {
    counts_.levels.push_back({.faults = level});
  }
}

void Tally::count(std::span<const Pick> picks, const Observation& observation, const Judgement& judgement,
                  std::span<const CausedViolation> violations, bool is_blamed) {
  ++counts_.schedules;
  if (picks.size() >= counts_.levels.size()) open_level(static_cast<int>(picks.size()));
  ++counts_.levels[picks.size()].schedules;
  ++counts_.outcomes[static_cast<std::size_t>(observation.outcome)];
  bool is_judged = false;
  const auto is_known = [&](std::size_t place) {
    const auto shown = std::ranges::find(violations, static_cast<Rule>(place),
                                         [](const CausedViolation& each) { return each.violation.rule; });
    return shown != violations.end() && set_aside_.contains(*shown);
  };
  for (std::size_t i = 0; i < judgement.size(); ++i) {
    const bool is_set_aside = !set_aside_.empty() && judgement[i] == VerdictStatus::kViolated && is_known(i);
    switch (is_set_aside ? VerdictStatus::kUnknown : judgement[i]) {
      case VerdictStatus::kHeld:
        ++counts_.rules[i].held;
        is_judged = true;
        break;
      case VerdictStatus::kViolated:
        ++counts_.rules[i].violated;
        is_judged = true;
        break;
      case VerdictStatus::kUnknown:
        ++counts_.rules[i].unknown;
        break;
      case VerdictStatus::kNotApplicable:
        ++counts_.rules[i].not_applicable;
        break;
    }
  }
  collect_earned(picks, observation, judgement);
  if (!std::exchange(has_met_, false)) {
    const auto marked = [&](const Event& event) { note_marker(event, observation); };
    const std::size_t healed = coverage_.count_met(observation.events, marked);
    for (const Event& event : observation.events.subspan(healed)) note_marker(event, observation);
  }
  coverage_.count_fired(picks, observation.outcome, is_judged, is_blamed);
  if (violations.empty()) return;
  counts_.violated_schedules += set_aside_.contains_all(violations) ? 0 : 1;
  for (const CausedViolation& violation : violations) ++counts_.findings[find_or_add(violation)].schedules;
}

void Tally::collect_earned(std::span<const Pick> picks, const Observation& observation,
                           const Judgement& judgement) {
  Earned& earned = counts_.earned;
  if (picks.empty()) earned.without_faults = observation.outcome;
  if (observation.outcome == Outcome::kFlagged) {
    const VerdictStatus outcome = judgement[static_cast<std::size_t>(Rule::kTruthfulOutcome)];
    earned.flagged = true;
    earned.flag_judged =
        earned.flag_judged || outcome == VerdictStatus::kHeld || outcome == VerdictStatus::kViolated;
  }
  if (earned.asked && earned.compensated) return;
  for (const Event& event : observation.events) {
    earned.asked = earned.asked || event.type == EventType::kSent || event.type == EventType::kDelivered;
    earned.compensated = earned.compensated || event.type == EventType::kUndone;
  }
}

void Tally::note_marker(const Event& event, const Observation& observation) {
  if (event.type != EventType::kMarked || event.text == last_marker_) return;
  last_marker_ = event.text;
  add_marker(observation.texts[event.text]);
}

void Tally::add_marker(std::string_view marker) {
  if (markers_.contains(marker)) return;
  markers_.emplace(marker);
  counts_.markers.emplace_back(marker);
}

std::size_t Tally::find(const CausedViolation& violation) const {
  return static_cast<std::size_t>(std::ranges::find(known_, violation, &Known::violation) - known_.begin());
}

std::size_t Tally::find_or_add(const CausedViolation& violation) {
  const std::size_t at = find(violation);
  if (at < known_.size()) return at;
  known_.push_back({violation, {}});
  Finding& finding = counts_.findings.emplace_back();
  const auto [rule, step] = violation.violation;
  name_rule(finding, rule, *experiment_);
  if (step != kNoStep) finding.step = saga_->step(step).name;
  finding.outcome = violation.cause.outcome;
  finding.cause = to_string(violation.cause);
  return at;
}

bool Tally::wants_example(const CausedViolation& violation, std::span<const Pick> picks) const {
  const std::size_t at = find(violation);
  return at == known_.size() || counts_.findings[at].explanation.empty() ||
         order_of(picks) < known_[at].order;
}

void Tally::set_example(const CausedViolation& violation, std::span<const Pick> picks,
                        std::string explanation) {
  const std::size_t at = find_or_add(violation);
  known_[at].order = order_of(picks);
  counts_.findings[at].plan = plan_of(picks, *saga_);
  counts_.findings[at].explanation = std::move(explanation);
}

void Tally::draw(std::span<const Pick> picks, const Observation& observation, const Judgement& judgement) {
  const std::uint64_t rank = Sample::rank_of(picks);
  const std::uint64_t schedules = counts_.schedules + 1;
  if (!sample_.wants(rank, schedules)) return;
  sample_.add({rank, digest_of(observation, judgement), to_string(plan_of(picks, *saga_))}, schedules);
}

void Tally::merge(const Tally& other) {
  open_level(static_cast<int>(other.counts_.levels.size()) - 1);
  const Exploration& more = other.counts_;
  for (std::size_t i = 0; i < more.levels.size(); ++i)
    counts_.levels[i].schedules += more.levels[i].schedules;
  counts_.schedules += more.schedules;
  counts_.violated_schedules += more.violated_schedules;
  counts_.pruned += more.pruned;
  for (std::size_t i = 0; i < counts_.outcomes.size(); ++i) counts_.outcomes[i] += more.outcomes[i];
  for (std::size_t i = 0; i < counts_.rules.size(); ++i) {
    counts_.rules[i].held += more.rules[i].held;
    counts_.rules[i].violated += more.rules[i].violated;
    counts_.rules[i].unknown += more.rules[i].unknown;
    counts_.rules[i].not_applicable += more.rules[i].not_applicable;
  }
  counts_.earned.add(more.earned);
  sample_.merge(other.sample_, counts_.schedules);
  coverage_.merge(other.coverage_);
  for (const std::string& marker : more.markers) add_marker(marker);
  for (std::size_t i = 0; i < other.known_.size(); ++i) {
    const bool is_new = find(other.known_[i].violation) == known_.size();
    const std::size_t at = find_or_add(other.known_[i].violation);
    counts_.findings[at].schedules += more.findings[i].schedules;
    if (!is_new && known_[at].order <= other.known_[i].order) continue;
    known_[at].order = other.known_[i].order;
    counts_.findings[at].plan = more.findings[i].plan;
    counts_.findings[at].explanation = more.findings[i].explanation;
  }
}

// A plan of more faults that leaves the step in the same state, only by way of other answers or a restart,
// most likely shows the same defect.
bool Tally::explains_longer(const Known& shorter, const Known& longer) {
  const Cause& one = shorter.violation.cause;
  const Cause& other = longer.violation.cause;
  return shorter.violation.violation == longer.violation.violation && one.outcome == other.outcome &&
         one.undoing == other.undoing && one.applied_again == other.applied_again &&
         shorter.order.answers.size() < longer.order.answers.size();
}

Exploration Tally::conclude(int levels_done, bool is_random) const {
  Exploration result = counts_;
  for (LevelCount& level : result.levels) level.exhausted = level.faults < levels_done;
  std::vector<std::size_t> in_order(known_.size());
  std::iota(in_order.begin(), in_order.end(), std::size_t{0});
  std::ranges::sort(in_order, [this](std::size_t a, std::size_t b) {
    if (const auto order = known_[a].order <=> known_[b].order; order != 0) return order < 0;
    return known_[a].violation < known_[b].violation;
  });
  result.findings.clear();
  std::vector<std::size_t> kept;
  for (const std::size_t at : in_order) {
    const auto shorter = std::ranges::find_if(
        kept, [&](std::size_t other) { return !is_random && explains_longer(known_[other], known_[at]); });
    if (shorter != kept.end()) {
      result.findings[static_cast<std::size_t>(shorter - kept.begin())].schedules +=
          counts_.findings[at].schedules;
      continue;
    }
    kept.push_back(at);
    Finding& finding = result.findings.emplace_back(counts_.findings[at]);
    finding.token = token_of(*experiment_, finding.plan);
  }
  coverage_.conclude(result.cells, result.undeclared);
  std::ranges::sort(result.markers);
  return result;
}

}  // namespace saga_harness
