// I1 to I6: outcome and order. They hold for every subject.

#include <algorithm>

#include <saga_harness/trace.hpp>

#include "explanation.hpp"
#include "operations.hpp"
#include "outcome_of_shapes.hpp"

namespace saga_harness {
namespace {

// A ledger that does not balance, whatever the steps say.
bool quantities_disagree(const TraceSummary& summary, Outcome outcome, Explanation explanation) {
  for (const Quantity& quantity : summary.seen->quantities) {
    if (quantity.at_start == quantity.at_end) continue;
    if (quantity.rule == QuantityRule::kConserved) {
      say(explanation, {summary.last_report}, "{} must be conserved whatever happens, but went from {} to {}",
          quantity.name, quantity.at_start, quantity.at_end);
      return true;
    }
    if (outcome == Outcome::kCompensated) {
      say(explanation, {summary.last_report},
          "the saga was reported compensated, so {} must be back at {}, but it is {}", quantity.name,
          quantity.at_start, quantity.at_end);
      return true;
    }
  }
  return false;
}

std::string condition_of(const TraceSummary& summary, StepId step) {
  const std::optional<Condition>& condition = summary.saga->step(step).only_if;
  return condition ? to_string(*condition) : std::string("none");
}

// Did something strike that is no attempt's own: a crash, the log, a cancel? Then a flag may be all that is
// left.
bool struck_beside_attempts(const TraceSummary& summary) {
  return std::ranges::any_of(summary.seen->events, [&summary](const Event& event) {
    if (event.type != EventType::kFault) return false;
    const Instant instant = instant_of(event);
    return event.step >= summary.step_count() ||
           (instant != Instant::kCall && instant != Instant::kDuringCall && instant != Instant::kTie);
  });
}

/// Was the compensation of a step that comes later, or beside it, asked for and not known to have worked?
bool waits_for_compensation(const TraceSummary& summary, StepId step) {
  for (StepId other = 0; other < summary.step_count(); ++other) {
    const OperationSummary& compensation = summary.of(other, Operation::kCompensation);
    if (other == step || summary.saga->precedes(other, step)) continue;
    if (compensation.sent > 0 && compensation.confirmed == kNever) return true;
  }
  return false;
}

// A flag without names is judged by what is left: nobody tried to undo it, or something kept them from it.
Ruling flagged_with_a_reason(const TraceSummary& summary, Explanation explanation) {
  if (summary.saga->is_choreography()) return kHeldRuling;
  const StepId pivot = summary.saga->pivot();
  const bool is_past_pivot = pivot != kNoStep && summary.of(pivot, Operation::kAction).sent > 0;
  const bool may_be_excused = struck_beside_attempts(summary);
  bool is_explained = true;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    if (summary.steps[step].applied == summary.steps[step].undone) continue;
    const OperationSummary& compensation = summary.of(step, Operation::kCompensation);
    const OperationSummary& action = summary.of(step, Operation::kAction);
    const bool is_in_doubt = action.failing_faults > 0 || action.confirmed == kNever;
    const bool was_kept = compensation.failing_faults > 0 || compensation.refused != kNever;
    if (is_past_pivot || is_in_doubt || was_kept || waits_for_compensation(summary, step)) continue;
    is_explained = false;
    const bool is_given_up = compensation.sent == 0 && !summary.saga->step(step).compensation.empty();
    if (!is_given_up || may_be_excused) continue;
    say(explanation, {last_effect(summary, step), summary.last_report},
        "the saga was flagged with the effect of {} left, though nothing kept {} from being asked for: {}",
        named(summary, step), summary.saga->step(step).compensation, how_often(summary.steps[step]));
    return violated(step);
  }
  return is_explained ? kHeldRuling : kUnknownRuling;
}

Ruling flagged_truthfully(const TraceSummary& summary, const Claims& claims, Explanation explanation) {
  if (!claims.names_flagged_steps) return flagged_with_a_reason(summary, explanation);
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    if (now.applied != now.undone && !summary.flagged_in_report(step)) {
      say(explanation, {last_effect(summary, step), summary.last_report},
          "the saga was flagged, so every step with an effect left must be named, but {} is not: {}",
          named(summary, step), how_often(now));
      return violated(step);
    }
    if (summary.flagged_in_report(step) && now.named_though_undone != kNever) {
      say(explanation, {summary.of(step, Operation::kCompensation).confirmed, now.named_though_undone},
          "the saga was flagged naming {}, but the undoing of that step had been confirmed to the "
          "coordinator",
          named(summary, step));
      return violated(step);
    }
  }
  return kHeldRuling;
}

// Whoever was told first has acted on it: the last report does not make the first one true.
bool reports_contradict(const TraceSummary& summary, Explanation explanation) {
  if (summary.reported_otherwise == kNever) return false;
  const auto said_at = [&](Position at) {
    return name_of(static_cast<Outcome>(summary.seen->events[at].detail));
  };
  say(explanation, {summary.reported_before, summary.reported_otherwise},
      "one saga has one outcome, but it was reported {} first and then {}", said_at(summary.reported_before),
      said_at(summary.reported_otherwise));
  return true;
}

// The effect of a step is there as often as the outcome wants it, or that is excused; unknown: no saga can
// know.
[[gnu::noinline]] Ruling effect_agrees(const TraceSummary& summary, StepId step, Explanation explanation) {
  const StepSummary& now = summary.steps[step];
  const bool may_be_there = !summary.is_skipped(step) && summary.saga->step(step).has_effect;
  const std::uint32_t wanted = summary.seen->outcome == Outcome::kCompleted && may_be_there ? 1 : 0;
  if (now.applied - now.undone == wanted) return kHeldRuling;
  const bool is_missing = wanted == 1 && now.applied == now.undone;
  if (is_missing && summary.choice_of(step) == Choice::kInDoubt) return kHeldRuling;
  // Whether it may be missing has been looked at.
  if (is_missing && summary.saga->step(step).optional) return kHeldRuling;
  if (now.promise_broken) return kUnknownRuling;
  if (summary.is_skipped(step)) {
    say(explanation, {last_effect(summary, step), summary.last_report},
        "the saga was reported {}, so {}, whose condition ({}) does not hold, must have no effect, but {}",
        name_of(summary.seen->outcome), named(summary, step), condition_of(summary, step), how_often(now));
    return violated(step);
  }
  say(explanation, {last_effect(summary, step), summary.last_report},
      "the saga was reported {}, so the effect of {} must be there {}, but {}",
      name_of(summary.seen->outcome), named(summary, step), wanted == 1 ? "exactly once" : "no more",
      how_often(now));
  return violated(step);
}

}  // namespace

Ruling truthful_outcome(const TraceSummary& summary, const Claims& claims, Explanation explanation) {
  const Outcome outcome = summary.seen->outcome;
  const bool is_resolved = outcome == Outcome::kCompleted || outcome == Outcome::kCompensated;
  bool is_judged = outcome != Outcome::kUnresolved;
  if (outcome == Outcome::kCompleted && summary.saga->has_optional()) {
    if (const Ruling wrong = optional_truthful(summary, explanation);
        wrong.status == VerdictStatus::kViolated)
      return wrong;
  }
  if (is_judged && summary.saga->has_checks()) {
    if (const Ruling wrong = checks_truthful(summary, explanation); wrong.status == VerdictStatus::kViolated)
      return wrong;
  }
  if (outcome == Outcome::kCompensated && summary.saga->compensates_refused()) {
    if (const Ruling wrong = refused_compensated(summary, explanation);
        wrong.status == VerdictStatus::kViolated)
      return wrong;
  }
  const std::uint32_t usual = outcome == Outcome::kCompleted ? 1 : 0;
  for (StepId step = 0; is_resolved && step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    if (!summary.may_skip && now.applied - now.undone == usual) continue;
    const Ruling ruling = effect_agrees(summary, step, explanation);
    if (ruling.status == VerdictStatus::kViolated) return ruling;
    is_judged = is_judged && ruling.status != VerdictStatus::kUnknown;
  }
  if (quantities_disagree(summary, outcome, explanation)) return violated(kNoStep);
  if (reports_contradict(summary, explanation)) return violated(kNoStep);
  if (outcome == Outcome::kFlagged) return flagged_truthfully(summary, claims, explanation);
  return is_judged ? kHeldRuling : kUnknownRuling;
}

Ruling reverse_order(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (!summary.ordered_compensations) return kUnknownRuling;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    if (now.joined_answered != kNever) {
      say(explanation, {now.joined_sent, now.joined_at, now.joined_answered},
          "{} comes after {}, so it must be compensated first, but {} was sent while {} was still under way",
          named(summary, step), named(summary, now.joined_by), summary.saga->step(now.joined_by).compensation,
          summary.saga->step(step).compensation);
      return violated(step);
    }
    if (now.out_of_order == kNever) continue;
    if (summary.saga->is_choreography()) {
      say(explanation, {now.out_of_order}, "{} waits for {} to be compensated, but was undone before it",
          named(summary, now.overtaken_by), named(summary, step));
      return violated(step);
    }
    say(explanation, {summary.of(now.overtaken_by, Operation::kCompensation).first_sent, now.out_of_order},
        "{} comes after {}, so it must be compensated first, but {} was sent before {}", named(summary, step),
        named(summary, now.overtaken_by), summary.saga->step(now.overtaken_by).compensation,
        summary.saga->step(step).compensation);
    return violated(step);
  }
  return kHeldRuling;
}

Ruling no_unintended_compensation(const TraceSummary& summary, const Claims&, Explanation explanation) {
  const bool may_skip = !summary.seen->skipped.empty() || summary.choices != nullptr;
  if (summary.compensated_steps == 0 && !may_skip) return kUnknownRuling;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    if (summary.steps[step].not_skipped != kNever) {
      const Event& event = summary.seen->events[summary.steps[step].not_skipped];
      say(explanation, {summary.steps[step].not_skipped},
          "what the {} rules out may not be asked for, but {} was sent though the condition of its step "
          "({}) does not hold",
          summary.seen->is_skipped(step) ? "context" : "answer of another step",
          named(summary, step, event.operation), condition_of(summary, step));
      return violated(step);
    }
    if (summary.steps[step].unintended == kNever) continue;
    if (summary.saga->is_choreography()) {
      say(explanation, {summary.steps[step].unintended},
          "only a failure may undo anything, but {} was undone though none had been told of",
          named(summary, step));
      return violated(step);
    }
    say(explanation, {summary.steps[step].unintended},
        "only what was intended may be compensated, but {} was sent though {} was never attempted nor its "
        "intent logged",
        summary.saga->step(step).compensation, named(summary, step));
    return violated(step);
  }
  return kHeldRuling;
}

Ruling no_action_after_compensation_began(const TraceSummary& summary, const Claims&,
                                          Explanation explanation) {
  const Position began = std::min(summary.compensation_began, summary.compensating_logged);
  if (began == kNever) return kUnknownRuling;
  if (summary.went_on == kNever) return kHeldRuling;
  const Event& event = summary.seen->events[summary.went_on];
  if (summary.saga->is_choreography()) {
    say(explanation, {summary.steps[event.step].compensation_handled, summary.went_on},
        "once a step has handled its compensation it may not be done any more, but {} was (attempt {})",
        named(summary, event.step, event.operation), event.attempt);
    return violated(event.step);
  }
  say(explanation, {began, summary.went_on},
      "once compensation has begun no action may be sent, but {} was sent (attempt {})",
      named(summary, event.step, event.operation), event.attempt);
  return violated(event.step);
}

Ruling at_most_once(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.effects == 0) return kUnknownRuling;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    if (now.applied > 1) {
      say(explanation, {now.first_applied, now.applied_twice},
          "the effect of {} must be applied at most once, but was applied {}", named(summary, step),
          times(now.applied));
      return violated(step);
    }
    if (now.undone > now.applied) {
      say(explanation, {now.undone_below_zero},
          "the effect of {} must be undone at most as often as it was applied, but {}", named(summary, step),
          how_often(now));
      return violated(step);
    }
    if (now.undone_below_zero != kNever) {
      say(explanation, {now.undone_below_zero},
          "the effect of {} was undone before it was there: it must be undone at most as often as it was "
          "applied",
          named(summary, step));
      return violated(step);
    }
  }
  return kHeldRuling;
}

Ruling terminates(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.gave_up != kNever) {
    const Event& event = summary.seen->events[summary.gave_up];
    say(explanation, {summary.gave_up}, "every run must end, but this one was still busy when it reached {}",
        summary.seen->texts[event.text]);
    return violated(kNoStep);
  }
  // A clock that jumped may have hidden the deadline from the coordinator.
  if (summary.sent_past_deadline != kNever && !summary.clock_jumped) {
    const Event& event = summary.seen->events[summary.sent_past_deadline];
    say(explanation, {summary.sent_past_deadline},
        "forward work must end with the saga's deadline, but {} was {} after it (attempt {})",
        named(summary, event.step, event.operation), event.type == EventType::kSent ? "sent" : "done",
        event.attempt);
    return violated(event.step);
  }
  if (summary.ignored_deadline) {
    const Choreography& choreography = *summary.saga->saga().choreography;
    say(explanation, {static_cast<Position>(summary.seen->events.size() - 1)},
        "the saga's deadline passed with {} not done and no failure told, so {} must be told, but never was",
        choreography.unless, choreography.at_deadline);
    return violated(summary.saga->find_step(choreography.unless));
  }
  if (summary.seen->outcome != Outcome::kUnresolved) return kHeldRuling;
  if (summary.threw != kNever) {
    const Event& event = summary.seen->events[summary.threw];
    say(explanation, {summary.threw},
        "every run must end with an outcome, but the coordinator only let an exception out: {}",
        summary.seen->texts[event.text]);
    return violated(kNoStep);
  }
  const std::size_t events = summary.seen->events.size();
  if (summary.saga->is_choreography()) {
    say(explanation, {events == 0 ? kNever : static_cast<Position>(events - 1)},
        "every run must end completed, compensated or flagged, but when all faults had stopped neither the "
        "success "
        "of every last step nor a failure was on the bus, nor a dead letter laid aside");
    return violated(kNoStep);
  }
  say(explanation, {events == 0 ? kNever : static_cast<Position>(events - 1)},
      "every run must end completed, compensated or flagged, but {} nothing was reported",
      summary.recoveries == 0
          ? "when all faults had stopped"
          : "after all faults had stopped and recovery had run " + times(summary.recoveries));
  return violated(kNoStep);
}

}  // namespace saga_harness
