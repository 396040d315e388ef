// I17, I18, I20 and I22 to I24: the turn, the number and the time of requests.

#include <algorithm>

#include <saga_harness/duration.hpp>
#include <saga_harness/trace.hpp>

#include "operations.hpp"
#include "words.hpp"

namespace saga_harness {
namespace {

std::string time_between(const Facts& facts, Position from, Position to) {
  return format_duration(Duration(facts.seen->events[to].at - facts.seen->events[from].at));
}

Duration wait_before(const Facts& facts, OperationId operation, Position failure, int attempt) {
  const Step& step = facts.saga->step(operation.step);
  const RetryPolicy& policy =
      operation.operation == Operation::kCompensation ? step.compensation_retry : step.retry;
  const Event& event = facts.seen->events[failure];
  return std::max(backoff(policy, attempt), Duration(event.type == EventType::kReceived ? event.text : 0));
}

bool is_begun(const Facts& facts, StepId step) {
  if (facts.saga->is_choreography()) return facts.steps[step].applied > 0;
  return facts.of(step, Operation::kAction).sent > 0;
}

}  // namespace

Ruling order_respected(const Facts& facts, const Claims&, Words words) {
  if (facts.taken_up) return kUnknownRuling;
  bool any = false;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    any = any || (is_begun(facts, step) && !facts.saga->predecessors(step).empty());
    for (const Operation operation : {Operation::kAction, Operation::kFallback}) {
      const OperationFacts& now = facts.of(step, operation);
      if (now.out_of_turn == kNever) continue;
      if (now.out_of_turn_before == step) {
        say(words, {facts.of(step, Operation::kAction).last_sent, now.out_of_turn},
            "a fallback must wait until its action is settled, but {} was sent before {} was",
            named(facts, step, operation), facts.saga->action_of({step, Operation::kAction}));
        return violated(step);
      }
      say(words, {now.out_of_turn}, "{} comes after {}, but was {} before that was done",
          named(facts, step, operation), named(facts, now.out_of_turn_before),
          facts.saga->is_choreography() ? "done" : "sent");
      return violated(step);
    }
  }
  return any ? kHeldRuling : kUnknownRuling;
}

Ruling budget_respected(const Facts& facts, const Claims&, Words words) {
  const Ruling ruling =
      for_each_operation(facts, [&](StepId step, Operation operation, const OperationFacts& now) {
        if (now.over_budget == kNever) return false;
        const int budget = facts.saga->budget({step, operation});
        say(words, {now.first_sent, now.over_budget},
            "{} may be tried {}, but one incarnation sent it {} (what a client library sends again by itself "
            "counts)",
            named(facts, step, operation), times(static_cast<std::uint32_t>(budget)),
            budget == 1 ? "again" : "once more");
        return true;
      });
  return facts.any_failure || ruling.status == VerdictStatus::kViolated ? ruling : kUnknownRuling;
}

Ruling not_idempotent_not_repeated(const Facts& facts, const Claims&, Words words) {
  bool any = false;
  const Ruling ruling =
      for_each_operation(facts, [&](StepId step, Operation operation, const OperationFacts& now) {
        any = any || (operation != Operation::kCompensation && !facts.saga->step(step).idempotent);
        if (now.repeated == kNever) return false;
        say(words, {now.first_sent, now.repeated},
            "{} is declared not idempotent, so it must not be asked for again once it may have worked, but "
            "was",
            named(facts, step, operation));
        return true;
      });
  return any ? ruling : kUnknownRuling;
}

Ruling cancel_heeded(const Facts& facts, const Claims&, Words words) {
  if (facts.cancel_heard == kNever) return kUnknownRuling;
  if (facts.begun_after_cancel == kNever) return kHeldRuling;
  const Event& event = facts.seen->events[facts.begun_after_cancel];
  say(words, {facts.cancelled, facts.cancel_heard, facts.begun_after_cancel},
      "a cancelled saga must begin nothing more, but {} was sent after the next answer",
      named(facts, event.step, event.operation));
  return violated(event.step);
}

Ruling timing_kept(const Facts& facts, const Claims& claims, Words words) {
  bool any = claims.keeps_timeouts && facts.any_time_out;
  const Ruling ruling =
      for_each_operation(facts, [&](StepId step, Operation operation, const OperationFacts& now) {
        any = any || (claims.retries && now.sent > 1);
        if (claims.retries && now.sent_too_early != kNever) {
          const Event& event = facts.seen->events[now.sent_too_early];
          const Duration wait = wait_before(facts, {step, operation}, now.hurried_after, event.attempt);
          say(words, {now.hurried_after, now.sent_too_early},
              "{} must wait {} before it is tried again, but was sent after {} (attempt {})",
              named(facts, step, operation), format_duration(wait),
              time_between(facts, now.hurried_after, now.sent_too_early), event.attempt);
          return true;
        }
        if (!claims.keeps_timeouts || now.timed_out_wrongly == kNever) return false;
        say(words, {now.wrongly_awaited, now.timed_out_wrongly},
            "an answer to {} must be waited for {}, but was given up after {}", named(facts, step, operation),
            format_duration(facts.saga->timeout({step, operation})),
            time_between(facts, now.wrongly_awaited, now.timed_out_wrongly));
        return true;
      });
  return any || ruling.status == VerdictStatus::kViolated ? ruling : kUnknownRuling;
}

Ruling not_undone_in_flight(const Facts& facts, const Claims&, Words words) {
  if (facts.compensation_began == kNever) return kUnknownRuling;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    const StepFacts& now = facts.steps[step];
    if (now.undone_in_flight == kNever) continue;
    say(words, {now.in_flight, now.undone_in_flight},
        "a step must be settled before it is undone, but {} was sent while {} was still under way",
        facts.saga->step(step).compensation, named(facts, step));
    return violated(step);
  }
  return kHeldRuling;
}

}  // namespace saga_harness
