// I19 and the findings without a number: what nothing forced anybody to do.

#include <algorithm>

#include <saga_harness/trace.hpp>

#include "explanation.hpp"
#include "operations.hpp"

namespace saga_harness {
namespace {

// Nobody can say of what was under way as its coordinator died that it is over. What was under way as the
// saga was cancelled may have been called off, and then the saga need not go on without it.
bool is_known_given_up(const TraceSummary& summary, StepId step) {
  for (const Operation operation : {Operation::kAction, Operation::kFallback}) {
    const OperationSummary& now = summary.of(step, operation);
    if (now.sent == 0 && now.first_logged == kNever) continue;
    const bool was_heard =
        now.failed != kNever && now.failed > now.last_sent && now.sent_by == summary.reported_by;
    if (now.settled == kNever && !was_heard) return false;
    if (summary.cancelled < (was_heard ? now.failed : now.settled)) return false;
  }
  return was_begun(summary, step);
}

bool all_known_done(const TraceSummary& summary) {
  if (std::min(summary.compensation_began, summary.compensating_logged) != kNever) return false;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const bool may_be_skipped = summary.is_skipped(step) || summary.choice_of(step) == Choice::kInDoubt;
    if (may_be_skipped || is_known_done(summary, step)) continue;
    const bool is_given_up = summary.saga->step(step).optional && is_known_given_up(summary, step) &&
                             summary.of(step, Operation::kCompensation).sent == 0;
    if (!is_given_up) return false;
  }
  return true;
}

bool may_be_left(const TraceSummary& summary, StepId step) {
  return summary.steps[step].applied > summary.steps[step].undone ||
         may_be_done(summary, summary.of(step, Operation::kAction)) ||
         may_be_done(summary, summary.of(step, Operation::kFallback));
}

// Cannot be undone, or was tried in vain.
bool needs_person(const TraceSummary& summary, StepId step) {
  const OperationSummary& compensation = summary.of(step, Operation::kCompensation);
  if (!summary.saga->step(step).has_effect) return false;
  if (summary.saga->step(step).compensation.empty()) return may_be_left(summary, step);
  if (compensation.refused != kNever) return true;
  if (lacks_own_result(summary, step)) return may_be_left(summary, step);
  const int budget = summary.saga->budget({step, Operation::kCompensation});
  // What another incarnation was told, before it died or after it was suspended, is known only from the log.
  const bool was_told =
      compensation.confirmed < summary.reported && compensation.confirmed_by == summary.reported_by;
  return !was_told && compensation.succeeded == kNever &&
         compensation.sent >= static_cast<std::uint32_t>(budget);
}

}  // namespace

Ruling flagged_only_when_needed(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.seen->outcome != Outcome::kFlagged || summary.log_struck || summary.taken_up)
    return kUnknownRuling;
  if (all_known_done(summary)) {
    say(explanation, {summary.last_report},
        "every step was known to be done, so the saga must end completed, but it "
        "was flagged");
    return violated(kNoStep);
  }
  if (pivot_may_be_done(summary)) return kHeldRuling;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    if (needs_person(summary, step)) return kHeldRuling;
  }
  say(explanation, {summary.last_report},
      "a person may be called only where nothing else helps, but no compensation was refused or tried to "
      "its budget, and each step that may be left has one");
  return violated(kNoStep);
}

Ruling refused_though_nothing_failed(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.refused != kNever) {
    const Event& event = summary.seen->events[summary.refused];
    say(explanation, {summary.refused},
        "no fault had struck, but the participant refused {} ({}); say \"expects\" if that is meant",
        named(summary, event.step, event.operation), name_of(static_cast<ReplyStatus>(event.detail)));
    return violated(event.step);
  }
  const bool any_suspected = summary.is_suspected(Rule::kRefusedThoughNothingFailed);
  for (StepId step = 0; any_suspected && step < summary.step_count(); ++step) {
    const Position refused = summary.steps[step].undoing_refused;
    if (refused == kNever) continue;
    say(explanation, {refused},
        "no fault had struck {}, and its effect was there, but the participant refused {} ({})",
        named(summary, step), summary.saga->step(step).compensation,
        name_of(static_cast<ReplyStatus>(summary.seen->events[refused].detail)));
    return violated(step);
  }
  return summary.faults == 0 ? kHeldRuling : kUnknownRuling;
}

Ruling compensated_though_nothing_failed(const TraceSummary& summary, const Claims&,
                                         Explanation explanation) {
  const bool has_cause = summary.faults > summary.spared_faults || summary.needed_failed ||
                         summary.deadline_cut_in || summary.clock_jumped || summary.taken_up;
  if (has_cause || summary.seen->outcome == Outcome::kUnresolved) return kUnknownRuling;
  if (summary.seen->outcome != Outcome::kCompensated) return kHeldRuling;
  if (summary.any_failure || summary.faults > 0) {
    say(explanation, {summary.compensation_began, summary.last_report},
        "only what is optional has failed, which must not fail the saga, but it ended compensated");
    return violated(kNoStep);
  }
  say(explanation, {summary.compensation_began, summary.last_report},
      "no fault struck and nothing failed, but the saga ended compensated; say \"expects\" if that is meant");
  return violated(kNoStep);
}

}  // namespace saga_harness
