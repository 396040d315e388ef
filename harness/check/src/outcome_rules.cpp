// I1 to I6: outcome and order. They hold for every subject.

#include <algorithm>

#include <saga_harness/trace.hpp>

#include "words.hpp"

namespace saga_harness {
namespace {

// A ledger whose books do not balance, whatever the steps say.
bool quantities_disagree(const Facts& facts, Outcome outcome, Words words) {
  for (const Quantity& quantity : facts.seen->quantities) {
    if (quantity.at_start == quantity.at_end) continue;
    if (quantity.rule == QuantityRule::kConserved) {
      say(words, {facts.last_report}, "{} must be conserved whatever happens, but went from {} to {}",
          quantity.name, quantity.at_start, quantity.at_end);
      return true;
    }
    if (outcome == Outcome::kCompensated) {
      say(words, {facts.last_report},
          "the saga was reported compensated, so {} must be back at {}, but it is {}", quantity.name,
          quantity.at_start, quantity.at_end);
      return true;
    }
  }
  return false;
}

Position last_effect(const Facts& facts, StepId step) {
  const auto& events = facts.seen->events;
  for (std::size_t i = events.size(); i-- > 0;) {
    const bool is_effect = events[i].type == EventType::kApplied || events[i].type == EventType::kUndone;
    if (is_effect && events[i].step == step) return static_cast<Position>(i);
  }
  return kNever;
}

std::string how_often(const StepFacts& step) {
  if (step.applied == 0 && step.undone == 0) return "it was never applied";
  if (step.applied == 0) return fmt::format("it was never applied and undone {}", times(step.undone));
  if (step.undone == 0) return fmt::format("it was applied {} and never undone", times(step.applied));
  return fmt::format("it was applied {} and undone {}", times(step.applied), times(step.undone));
}

std::string condition_of(const Facts& facts, StepId step) {
  const std::optional<Condition>& condition = facts.saga->step(step).only_if;
  return condition ? to_string(*condition) : std::string("none");
}

// Did something strike that is no attempt's own: a crash, the log, a cancel? Then a flag may be all that is
// left.
bool struck_beside_attempts(const Facts& facts) {
  return std::ranges::any_of(facts.seen->events, [&facts](const Event& event) {
    if (event.type != EventType::kFault) return false;
    const Where where = where_of(event);
    return event.step >= facts.step_count() || (where != Where::kCall && where != Where::kDuringCall);
  });
}

/// Was the compensation of a step that comes later, or beside it, asked for and not known to have worked?
bool waits_for_compensation(const Facts& facts, StepId step) {
  for (StepId other = 0; other < facts.step_count(); ++other) {
    const OperationFacts& compensation = facts.of(other, Operation::kCompensation);
    if (other == step || facts.saga->precedes(other, step)) continue;
    if (compensation.sent > 0 && compensation.confirmed == kNever) return true;
  }
  return false;
}

// A flag without names is judged by what is left: nobody tried to undo it, or something kept them from it.
Ruling flagged_with_a_reason(const Facts& facts, Words words) {
  if (facts.saga->is_choreography()) return kHeldRuling;
  const StepId pivot = facts.saga->pivot();
  const bool is_past_pivot = pivot != kNoStep && facts.of(pivot, Operation::kAction).sent > 0;
  const bool may_be_excused = struck_beside_attempts(facts);
  bool is_explained = true;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    if (facts.steps[step].applied == facts.steps[step].undone) continue;
    const OperationFacts& compensation = facts.of(step, Operation::kCompensation);
    const OperationFacts& action = facts.of(step, Operation::kAction);
    const bool is_in_doubt = action.failing_faults > 0 || action.confirmed == kNever;
    const bool was_kept = compensation.failing_faults > 0 || compensation.refused != kNever;
    if (is_past_pivot || is_in_doubt || was_kept || waits_for_compensation(facts, step)) continue;
    is_explained = false;
    const bool is_given_up = compensation.sent == 0 && !facts.saga->step(step).compensation.empty();
    if (!is_given_up || may_be_excused) continue;
    say(words, {last_effect(facts, step), facts.last_report},
        "the saga was flagged with the effect of {} left, though nothing kept {} from being asked for: {}",
        named(facts, step), facts.saga->step(step).compensation, how_often(facts.steps[step]));
    return violated(step);
  }
  return is_explained ? kHeldRuling : kUnknownRuling;
}

Ruling flagged_truthfully(const Facts& facts, const Claims& claims, Words words) {
  if (!claims.names_flagged_steps) return flagged_with_a_reason(facts, words);
  for (StepId step = 0; step < facts.step_count(); ++step) {
    const StepFacts& now = facts.steps[step];
    if (now.applied != now.undone && !facts.flagged_in_report(step)) {
      say(words, {last_effect(facts, step), facts.last_report},
          "the saga was flagged, so every step with an effect left must be named, but {} is not: {}",
          named(facts, step), how_often(now));
      return violated(step);
    }
    if (facts.flagged_in_report(step) && now.named_though_undone != kNever) {
      say(words, {facts.of(step, Operation::kCompensation).confirmed, now.named_though_undone},
          "the saga was flagged naming {}, but the undoing of that step had been confirmed to the "
          "coordinator",
          named(facts, step));
      return violated(step);
    }
  }
  return kHeldRuling;
}

}  // namespace

Ruling truthful_outcome(const Facts& facts, const Claims& claims, Words words) {
  const Outcome outcome = facts.seen->outcome;
  const bool is_resolved = outcome == Outcome::kCompleted || outcome == Outcome::kCompensated;
  for (StepId step = 0; is_resolved && step < facts.step_count(); ++step) {
    const StepFacts& now = facts.steps[step];
    const bool is_skipped = facts.seen->is_skipped(step);
    const std::uint32_t wanted = outcome == Outcome::kCompleted && !is_skipped ? 1 : 0;
    if (now.applied - now.undone == wanted) continue;
    if (is_skipped) {
      say(words, {last_effect(facts, step), facts.last_report},
          "the saga was reported {}, so {}, whose condition ({}) does not hold, must have no effect, but {}",
          name_of(outcome), named(facts, step), condition_of(facts, step), how_often(now));
      return violated(step);
    }
    say(words, {last_effect(facts, step), facts.last_report},
        "the saga was reported {}, so the effect of {} must be there {}, but {}", name_of(outcome),
        named(facts, step), wanted == 1 ? "exactly once" : "no more", how_often(now));
    return violated(step);
  }
  if (quantities_disagree(facts, outcome, words)) return violated(kNoStep);
  if (outcome == Outcome::kFlagged) return flagged_truthfully(facts, claims, words);
  return outcome == Outcome::kUnresolved ? kUnknownRuling : kHeldRuling;
}

Ruling reverse_order(const Facts& facts, const Claims&, Words words) {
  if (!facts.ordered_compensations) return kUnknownRuling;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    const StepFacts& now = facts.steps[step];
    if (now.joined_answered != kNever) {
      say(words, {now.joined_sent, now.joined_at, now.joined_answered},
          "{} comes after {}, so it must be compensated first, but {} was sent while {} was still under way",
          named(facts, step), named(facts, now.joined_by), facts.saga->step(now.joined_by).compensation,
          facts.saga->step(step).compensation);
      return violated(step);
    }
    if (now.out_of_order == kNever) continue;
    if (facts.saga->is_choreography()) {
      say(words, {now.out_of_order}, "{} waits for {} to be compensated, but was undone before it",
          named(facts, now.overtaken_by), named(facts, step));
      return violated(step);
    }
    say(words, {facts.of(now.overtaken_by, Operation::kCompensation).first_sent, now.out_of_order},
        "{} comes after {}, so it must be compensated first, but {} was sent before {}", named(facts, step),
        named(facts, now.overtaken_by), facts.saga->step(now.overtaken_by).compensation,
        facts.saga->step(step).compensation);
    return violated(step);
  }
  return kHeldRuling;
}

Ruling no_unintended_compensation(const Facts& facts, const Claims&, Words words) {
  if (facts.compensated_steps == 0 && facts.seen->skipped.empty()) return kUnknownRuling;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    if (facts.steps[step].not_skipped != kNever) {
      const Event& event = facts.seen->events[facts.steps[step].not_skipped];
      say(words, {facts.steps[step].not_skipped},
          "what the context rules out may not be asked for, but {} was sent though the condition of its step "
          "({}) does not hold",
          named(facts, step, event.operation), condition_of(facts, step));
      return violated(step);
    }
    if (facts.steps[step].unintended == kNever) continue;
    if (facts.saga->is_choreography()) {
      say(words, {facts.steps[step].unintended},
          "only a failure may undo anything, but {} was undone though none had been told of",
          named(facts, step));
      return violated(step);
    }
    say(words, {facts.steps[step].unintended},
        "only what was intended may be compensated, but {} was sent though {} was never attempted nor its "
        "intent logged",
        facts.saga->step(step).compensation, named(facts, step));
    return violated(step);
  }
  return kHeldRuling;
}

Ruling no_action_after_compensation_began(const Facts& facts, const Claims&, Words words) {
  const Position began = std::min(facts.compensation_began, facts.compensating_logged);
  if (began == kNever) return kUnknownRuling;
  if (facts.went_on == kNever) return kHeldRuling;
  const Event& event = facts.seen->events[facts.went_on];
  if (facts.saga->is_choreography()) {
    say(words, {facts.steps[event.step].compensation_handled, facts.went_on},
        "once a step has handled its compensation it may not be done any more, but {} was (attempt {})",
        named(facts, event.step, event.operation), event.attempt);
    return violated(event.step);
  }
  say(words, {began, facts.went_on},
      "once compensation has begun no action may be sent, but {} was sent (attempt {})",
      named(facts, event.step, event.operation), event.attempt);
  return violated(event.step);
}

Ruling at_most_once(const Facts& facts, const Claims&, Words words) {
  if (facts.effects == 0) return kUnknownRuling;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    const StepFacts& now = facts.steps[step];
    if (now.applied > 1) {
      say(words, {now.first_applied, now.applied_twice},
          "the effect of {} must be applied at most once, but was applied {}", named(facts, step),
          times(now.applied));
      return violated(step);
    }
    if (now.undone > now.applied) {
      say(words, {now.undone_below_zero},
          "the effect of {} must be undone at most as often as it was applied, but {}", named(facts, step),
          how_often(now));
      return violated(step);
    }
    if (now.undone_below_zero != kNever) {
      say(words, {now.undone_below_zero},
          "the effect of {} was undone before it was there: it must be undone at most as often as it was "
          "applied",
          named(facts, step));
      return violated(step);
    }
  }
  return kHeldRuling;
}

Ruling terminates(const Facts& facts, const Claims&, Words words) {
  if (facts.gave_up != kNever) {
    const Event& event = facts.seen->events[facts.gave_up];
    say(words, {facts.gave_up}, "every run must end, but this one was still busy when it reached {}",
        facts.seen->texts[event.text]);
    return violated(kNoStep);
  }
  // A clock that jumped may have hidden the deadline from the coordinator.
  if (facts.sent_past_deadline != kNever && !facts.clock_jumped) {
    const Event& event = facts.seen->events[facts.sent_past_deadline];
    say(words, {facts.sent_past_deadline},
        "forward work must end with the saga's deadline, but {} was sent after it (attempt {})",
        named(facts, event.step, event.operation), event.attempt);
    return violated(event.step);
  }
  if (facts.seen->outcome != Outcome::kUnresolved) return kHeldRuling;
  if (facts.threw != kNever) {
    const Event& event = facts.seen->events[facts.threw];
    say(words, {facts.threw},
        "every run must end with an outcome, but the coordinator only let an exception out: {}",
        facts.seen->texts[event.text]);
    return violated(kNoStep);
  }
  const std::size_t events = facts.seen->events.size();
  if (facts.saga->is_choreography()) {
    say(words, {events == 0 ? kNever : static_cast<Position>(events - 1)},
        "every run must end completed, compensated or flagged, but when all faults had stopped neither the "
        "success "
        "of every last step nor a failure was on the bus, nor a dead letter laid aside");
    return violated(kNoStep);
  }
  say(words, {events == 0 ? kNever : static_cast<Position>(events - 1)},
      "every run must end completed, compensated or flagged, but {} nothing was reported",
      facts.recoveries == 0 ? "when all faults had stopped"
                            : "after all faults had stopped and recovery had run " + times(facts.recoveries));
  return violated(kNoStep);
}

}  // namespace saga_harness
