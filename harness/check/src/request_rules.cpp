// I17, I18, I20 and I22 to I24: the turn, the number and the time of requests.

#include <algorithm>

#include <saga_harness/duration.hpp>
#include <saga_harness/trace.hpp>

#include "explanation.hpp"
#include "operations.hpp"

namespace saga_harness {
namespace {

std::string time_between(const TraceSummary& summary, Position from, Position to) {
  return format_duration(Duration(summary.seen->events[to].at - summary.seen->events[from].at));
}

Duration wait_before(const TraceSummary& summary, OperationId operation, Position failure, int attempt) {
  const Step& step = summary.saga->step(operation.step);
  const RetryPolicy& policy =
      operation.operation == Operation::kCompensation ? step.compensation_retry : step.retry;
  const Event& event = summary.seen->events[failure];
  return std::max(backoff(policy, attempt), Duration(event.type == EventType::kReceived ? event.text : 0));
}

bool is_begun(const TraceSummary& summary, StepId step) {
  if (summary.saga->is_choreography()) return summary.steps[step].applied > 0;
  return summary.of(step, Operation::kAction).sent > 0;
}

}  // namespace

Ruling order_respected(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.taken_up) return kUnknownRuling;
  if (!summary.is_suspected(Rule::kOrderRespected) && !summary.saga->is_choreography())
    return summary.any_successor_sent ? kHeldRuling : kUnknownRuling;
  bool any = false;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    any = any || (is_begun(summary, step) && !summary.saga->predecessors(step).empty());
    for (const Operation operation : {Operation::kAction, Operation::kFallback}) {
      const OperationSummary& now = summary.of(step, operation);
      if (now.out_of_turn == kNever) continue;
      if (now.out_of_turn_before == step) {
        say(explanation, {summary.of(step, Operation::kAction).last_sent, now.out_of_turn},
            "a fallback must wait until its action is settled, but {} was sent before {} was",
            named(summary, step, operation), summary.saga->action_of({step, Operation::kAction}));
        return violated(step);
      }
      say(explanation, {now.out_of_turn}, "{} comes after {}, but was {} before that was done",
          named(summary, step, operation), named(summary, now.out_of_turn_before),
          summary.saga->is_choreography() ? "done" : "sent");
      return violated(step);
    }
  }
  return any ? kHeldRuling : kUnknownRuling;
}

Ruling budget_respected(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (!summary.is_suspected(Rule::kBudgetRespected))
    return summary.any_failure ? kHeldRuling : kUnknownRuling;
  const Ruling ruling =
      for_each_operation(summary, [&](StepId step, Operation operation, const OperationSummary& now) {
        if (now.over_budget == kNever) return false;
        const int budget = summary.saga->budget({step, operation});
        say(explanation, {now.first_sent, now.over_budget},
            "{} may be tried {}, but one incarnation sent it {} (what a client library sends again by itself "
            "counts)",
            named(summary, step, operation), times(static_cast<std::uint32_t>(budget)),
            budget == 1 ? "again" : "once more");
        return true;
      });
  return summary.any_failure || ruling.status == VerdictStatus::kViolated ? ruling : kUnknownRuling;
}

Ruling not_idempotent_not_repeated(const TraceSummary& summary, const Claims&, Explanation explanation) {
  bool any = false;
  const Ruling ruling =
      for_each_operation(summary, [&](StepId step, Operation operation, const OperationSummary& now) {
        any = any || (operation != Operation::kCompensation && !summary.saga->step(step).idempotent);
        if (now.repeated == kNever) return false;
        say(explanation, {now.first_sent, now.repeated},
            "{} is declared not idempotent, so it must not be asked for again once it may have worked, but "
            "was",
            named(summary, step, operation));
        return true;
      });
  return any ? ruling : kUnknownRuling;
}

Ruling cancel_heeded(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.cancel_heard == kNever) return kUnknownRuling;
  if (summary.begun_after_cancel == kNever) return kHeldRuling;
  const Event& event = summary.seen->events[summary.begun_after_cancel];
  say(explanation, {summary.cancelled, summary.cancel_heard, summary.begun_after_cancel},
      "a cancelled saga must begin nothing more, but {} was sent after the next answer",
      named(summary, event.step, event.operation));
  return violated(event.step);
}

Ruling timing_kept(const TraceSummary& summary, const Claims& claims, Explanation explanation) {
  const bool any =
      (claims.keeps_timeouts && summary.any_time_out) || (claims.retries && summary.any_sent_again);
  if (!summary.is_suspected(Rule::kTimingKept)) return any ? kHeldRuling : kUnknownRuling;
  const Ruling ruling =
      for_each_operation(summary, [&](StepId step, Operation operation, const OperationSummary& now) {
        if (claims.retries && now.sent_too_early != kNever) {
          const Event& event = summary.seen->events[now.sent_too_early];
          const Duration wait = wait_before(summary, {step, operation}, now.hurried_after, event.attempt);
          say(explanation, {now.hurried_after, now.sent_too_early},
              "{} must wait {} before it is tried again, but was sent after {} (attempt {})",
              named(summary, step, operation), format_duration(wait),
              time_between(summary, now.hurried_after, now.sent_too_early), event.attempt);
          return true;
        }
        if (!claims.keeps_timeouts || now.timed_out_wrongly == kNever) return false;
        say(explanation, {now.wrongly_awaited, now.timed_out_wrongly},
            "an answer to {} must be waited for {}, but was given up after {}",
            named(summary, step, operation), format_duration(summary.saga->timeout({step, operation})),
            time_between(summary, now.wrongly_awaited, now.timed_out_wrongly));
        return true;
      });
  return any || ruling.status == VerdictStatus::kViolated ? ruling : kUnknownRuling;
}

Ruling not_undone_in_flight(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.compensation_began == kNever) return kUnknownRuling;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    if (now.undone_in_flight == kNever) continue;
    say(explanation, {now.in_flight, now.undone_in_flight},
        "a step must be settled before it is undone, but {} was sent while {} was still under way",
        summary.saga->step(step).compensation, named(summary, step));
    return violated(step);
  }
  return kHeldRuling;
}

}  // namespace saga_harness
