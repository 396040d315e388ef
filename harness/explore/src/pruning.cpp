#include "pruning.hpp"

#include <utility>

namespace saga_harness {

// What lasts at a log write strikes other writes than that of its point; and on a bus, where several
// subscribers may wait for one event, a delivery is no attempt of a caller's.
bool Pruning::is_about_attempts(std::span<const Pick> picks) const {
  return !picks.empty() && picks.back().point.instant == Instant::kCall && !saga_.is_choreography();
}

void Pruning::remember(std::span<const Pick> picks, const Observation& observation,
                       const Judgement& judgement, std::span<const CausedViolation> violations,
                       std::vector<std::uint32_t> instants) {
  if (!is_about_attempts(picks)) return;
  const Pick& last = picks.back();
  if (last.position != position_) {
    position_ = last.position;
    for (Run& run : runs_) run.is_known = false;
  }
  Run& run = runs_[static_cast<std::size_t>(last.alternative.kind)];
  run.is_known = true;
  run.last = last;
  run.last_attempt_before_heal = 0;
  run.is_asked_after_heal = false;
  bool is_healed = false;
  for (const Event& event : observation.events) {
    if (event.type == EventType::kHealed) is_healed = true;
    if (event.type != EventType::kSent || event.step != last.point.step ||
        event.operation != last.point.operation)
      continue;
    if (is_healed) {
      run.is_asked_after_heal = true;
    } else {
      run.last_attempt_before_heal = event.attempt;  // they are counted without gaps
    }
  }
  run.seen.outcome = observation.outcome;
  run.seen.judgement.assign(judgement.begin(), judgement.end());
  run.seen.violations.assign(violations.begin(), violations.end());
  run.seen.instants = std::move(instants);
}

// Is there an attempt that the longer window strikes, and that of the run did not?
bool Pruning::strikes_more(const Run& run, FaultDuration longer) const {
  const OperationId operation{run.last.point.step, run.last.point.operation};
  int last_struck = run.last.point.attempt;
  switch (run.last.alternative.window) {
    case FaultDuration::kOnce:
      break;
    case FaultDuration::kBudget:
      last_struck += saga_.budget(operation) - 1;
      break;
    case FaultDuration::kHeal:
    case FaultDuration::kForever:
      last_struck = run.last_attempt_before_heal;
      break;
  }
  if (run.last_attempt_before_heal > last_struck) return true;
  return longer == FaultDuration::kForever && run.is_asked_after_heal;
}

const Seen* Pruning::run_like(std::span<const Pick> picks) const {
  if (!concerns(picks) || !knows(picks.back())) return nullptr;
  const Pick& last = picks.back();
  const Run& run = of(last);
  return strikes_more(run, last.alternative.window) ? nullptr : &run.seen;
}

}  // namespace saga_harness
