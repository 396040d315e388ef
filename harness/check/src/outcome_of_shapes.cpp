// I1 of the shapes that a definition gives its steps: what is optional, only looks, or is compensated though
// refused.

#include "outcome_of_shapes.hpp"

#include <algorithm>
#include <array>

#include "explanation.hpp"
#include "operations.hpp"

namespace saga_harness {
namespace {

bool must_be_answered(const TraceSummary& summary, StepId step) {
  return summary.seen->outcome == Outcome::kCompleted && !summary.taken_up && !summary.is_skipped(step) &&
         summary.choice_of(step) != Choice::kInDoubt && !summary.saga->step(step).optional;
}

// To the incarnation that reported: it was told, or found it in the log.
bool is_known_refused(const TraceSummary& summary, StepId step) {
  return std::ranges::any_of(std::array{Operation::kAction, Operation::kFallback}, [&](Operation operation) {
    const OperationSummary& now = summary.of(step, operation);
    return now.refused != kNever && (now.refused_by == summary.reported_by || now.refusal_logged);
  });
}

}  // namespace

Position last_effect(const TraceSummary& summary, StepId step) {
  const auto& events = summary.seen->events;
  for (std::size_t i = events.size(); i-- > 0;) {
    const bool is_effect = events[i].type == EventType::kApplied || events[i].type == EventType::kUndone;
    if (is_effect && events[i].step == step) return static_cast<Position>(i);
  }
  return kNever;
}

std::string how_often(const StepSummary& step) {
  if (step.applied == 0 && step.undone == 0) return "it was never applied";
  if (step.applied == 0) return fmt::format("it was never applied and undone {}", times(step.undone));
  if (step.undone == 0) return fmt::format("it was applied {} and never undone", times(step.applied));
  return fmt::format("it was applied {} and undone {}", times(step.applied), times(step.undone));
}

// A completed saga may do without an optional step that it has tried in vain.
Ruling optional_truthful(const TraceSummary& summary, Explanation explanation) {
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    if (!summary.saga->step(step).optional || summary.is_skipped(step)) continue;
    if (summary.choice_of(step) == Choice::kInDoubt) continue;
    if (now.applied != now.undone || now.promise_broken) continue;
    if (is_known_done(summary, step)) {
      if (!summary.saga->step(step).has_effect) continue;
      say(explanation, {last_effect(summary, step), summary.last_report},
          "the saga was reported completed, so the effect of {}, which was answered with success, must be "
          "there exactly once, but {}",
          named(summary, step), how_often(now));
      return violated(step);
    }
    if (was_begun(summary, step) || summary.deadline_cut_in || summary.struck_beside_steps) continue;
    say(explanation, {summary.last_report},
        "the saga was reported completed, but {}, which is optional and was to be tried, was never asked for",
        named(summary, step));
    return violated(step);
  }
  return kHeldRuling;
}

// What only looks leaves nothing, and a completed saga has been told what it saw.
Ruling checks_truthful(const TraceSummary& summary, Explanation explanation) {
  for (StepId step = 0; step < summary.step_count(); ++step) {
    if (summary.saga->step(step).has_effect) continue;
    if (summary.steps[step].applied > 0) {
      say(explanation, {last_effect(summary, step), summary.last_report},
          "{} is declared to have no effect, but {}", named(summary, step), how_often(summary.steps[step]));
      return violated(step);
    }
    if (!must_be_answered(summary, step) || was_answered(summary, step)) continue;
    say(explanation, {summary.of(step, Operation::kAction).last_sent, summary.last_report},
        "the saga was reported completed, so {} must have been answered with success, but it was never {}",
        named(summary, step), was_begun(summary, step) ? "answered so" : "asked for");
    return violated(step);
  }
  return kHeldRuling;
}

// What is compensated though it was refused leaves nothing that anybody could see: it has to be asked for.
Ruling refused_compensated(const TraceSummary& summary, Explanation explanation) {
  for (StepId step = 0; step < summary.step_count(); ++step) {
    if (!summary.saga->step(step).compensated_if_refused || !is_known_refused(summary, step)) continue;
    const OperationSummary& compensation = summary.of(step, Operation::kCompensation);
    if (compensation.worked) continue;
    say(explanation,
        {summary.of(step, Operation::kAction).refused, compensation.last_sent, summary.last_report},
        "the saga was reported compensated, so {}, which was refused and is to be compensated all the same, "
        "must have been, but {} was never {}",
        named(summary, step), summary.saga->step(step).compensation,
        compensation.sent == 0 ? "asked for" : "answered with success");
    return violated(step);
  }
  return kHeldRuling;
}

}  // namespace saga_harness
