// I19 and the findings without a number: what nothing forced anybody to do.

#include <algorithm>

#include <saga_harness/trace.hpp>

#include "operations.hpp"
#include "words.hpp"

namespace saga_harness {
namespace {

// To the incarnation that reported: it was told, or found it in the log.
bool is_known_done(const Facts& facts, StepId step) {
  for (const Operation operation : {Operation::kAction, Operation::kFallback}) {
    const OperationFacts& now = facts.of(step, operation);
    if (now.succeeded != kNever) return true;
    if (now.confirmed != kNever && now.confirmed_by == facts.reported_by) return true;
  }
  return false;
}

bool all_known_done(const Facts& facts) {
  if (std::min(facts.compensation_began, facts.compensating_logged) != kNever) return false;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    if (!facts.seen->is_skipped(step) && !is_known_done(facts, step)) return false;
  }
  return true;
}

bool may_be_left(const Facts& facts, StepId step) {
  return facts.steps[step].applied > facts.steps[step].undone ||
         may_be_done(facts, facts.of(step, Operation::kAction)) ||
         may_be_done(facts, facts.of(step, Operation::kFallback));
}

// Cannot be undone, or was tried in vain.
bool needs_person(const Facts& facts, StepId step) {
  const OperationFacts& compensation = facts.of(step, Operation::kCompensation);
  if (facts.saga->step(step).compensation.empty()) return may_be_left(facts, step);
  if (compensation.refused != kNever) return true;
  const int budget = facts.saga->budget({step, Operation::kCompensation});
  // What another incarnation was told, before it died or after it was suspended, is known only from the log.
  const bool was_told =
      compensation.confirmed < facts.reported && compensation.confirmed_by == facts.reported_by;
  return !was_told && compensation.succeeded == kNever &&
         compensation.sent >= static_cast<std::uint32_t>(budget);
}

}  // namespace

Ruling flagged_only_when_needed(const Facts& facts, const Claims&, Words words) {
  if (facts.seen->outcome != Outcome::kFlagged || facts.log_struck || facts.taken_up) return kUnknownRuling;
  if (all_known_done(facts)) {
    say(words, {facts.last_report},
        "every step was known to be done, so the saga must end completed, but it "
        "was flagged");
    return violated(kNoStep);
  }
  if (pivot_may_be_done(facts)) return kHeldRuling;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    if (needs_person(facts, step)) return kHeldRuling;
  }
  say(words, {facts.last_report},
      "a person may be called only where nothing else helps, but no compensation was refused or tried to "
      "its budget, and each step that may be left has one");
  return violated(kNoStep);
}

Ruling refused_though_nothing_failed(const Facts& facts, const Claims&, Words words) {
  if (facts.refused != kNever) {
    const Event& event = facts.seen->events[facts.refused];
    say(words, {facts.refused},
        "no fault had struck, but the participant refused {} ({}); say \"expects\" if that is meant",
        named(facts, event.step, event.operation), name_of(static_cast<ReplyStatus>(event.detail)));
    return violated(event.step);
  }
  for (StepId step = 0; step < facts.step_count(); ++step) {
    const Position refused = facts.steps[step].undoing_refused;
    if (refused == kNever) continue;
    say(words, {refused},
        "no fault had struck {}, and its effect was there, but the participant refused {} ({})",
        named(facts, step), facts.saga->step(step).compensation,
        name_of(static_cast<ReplyStatus>(facts.seen->events[refused].detail)));
    return violated(step);
  }
  return facts.faults == 0 ? kHeldRuling : kUnknownRuling;
}

Ruling compensated_though_nothing_failed(const Facts& facts, const Claims&, Words words) {
  const bool has_cause =
      facts.faults > 0 || facts.any_failure || facts.deadline_cut_in || facts.clock_jumped || facts.taken_up;
  if (has_cause || facts.seen->outcome == Outcome::kUnresolved) return kUnknownRuling;
  if (facts.seen->outcome != Outcome::kCompensated) return kHeldRuling;
  say(words, {facts.compensation_began, facts.last_report},
      "no fault struck and nothing failed, but the saga ended compensated; say \"expects\" if that is meant");
  return violated(kNoStep);
}

}  // namespace saga_harness
