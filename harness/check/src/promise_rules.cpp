// I7 to I16: promises. They are judged of subjects that make them.

#include <algorithm>

#include <saga_harness/trace.hpp>

#include "explanation.hpp"
#include "operations.hpp"

namespace saga_harness {
namespace {

bool flag_lists_differ(const TraceSummary& summary, Explanation explanation) {
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    if (now.reports_naming != 0 && now.reports_naming != summary.reports) {
      say(explanation, {summary.reported, summary.last_report},
          "one saga has one outcome, but {} is named by one report and not by another", named(summary, step));
      return true;
    }
    if (now.flagged_in_log == summary.flagged_in_report(step)) continue;
    say(explanation, {summary.end_logged, summary.last_report},
        "log and report must name the same steps, but {} is named only by the {}", named(summary, step),
        now.flagged_in_log ? "log" : "report");
    return true;
  }
  return false;
}

}  // namespace

bool may_be_done(const TraceSummary& summary, const OperationSummary& now) {
  if (now.surely_failed) return false;
  if (now.first_logged != kNever && now.intended_by != summary.reported_by) return true;
  const bool knows_every_answer = !now.sent_by_several && now.sent_by == summary.reported_by;
  return now.sent > 0 && (!knows_every_answer || now.refusals < now.sent);
}

bool pivot_may_be_done(const TraceSummary& summary) {
  const StepId pivot = summary.saga->pivot();
  return pivot != kNoStep && (may_be_done(summary, summary.of(pivot, Operation::kAction)) ||
                              may_be_done(summary, summary.of(pivot, Operation::kFallback)));
}

bool is_known_done(const TraceSummary& summary, StepId step) {
  for (const Operation operation : {Operation::kAction, Operation::kFallback}) {
    const OperationSummary& now = summary.of(step, operation);
    if (now.succeeded != kNever) return true;
    if (now.confirmed != kNever && now.confirmed_by == summary.reported_by) return true;
  }
  return false;
}

bool was_answered(const TraceSummary& summary, StepId step) {
  const auto is_told = [](const OperationSummary& now) { return now.confirmed != kNever || now.told_late; };
  return is_told(summary.of(step, Operation::kAction)) || is_told(summary.of(step, Operation::kFallback));
}

bool was_begun(const TraceSummary& summary, StepId step) {
  for (const Operation operation : {Operation::kAction, Operation::kFallback}) {
    const OperationSummary& now = summary.of(step, operation);
    if (now.sent > 0 || now.first_logged != kNever) return true;
  }
  return false;
}

bool lacks_own_result(const TraceSummary& summary, StepId step) {
  if (!internal::needs_own_result(summary.saga->step(step))) return false;
  for (const Operation operation : {Operation::kAction, Operation::kFallback}) {
    const OperationSummary& now = summary.of(step, operation);
    const bool was_told = now.confirmed != kNever && now.confirmed_by == summary.reported_by;
    if (was_told || (now.succeeded != kNever && !summary.log_struck)) return false;
  }
  return true;
}

Ruling report_matches_log(const TraceSummary& summary, const Claims& claims, Explanation explanation) {
  if (summary.reported == kNever) return kUnknownRuling;
  const Outcome outcome = summary.seen->outcome;
  if (summary.contradicted != kNever) {
    say(explanation, {summary.reported, summary.end_logged, summary.contradicted},
        "one saga has one outcome, but a later report or log record contradicts an earlier one");
    return violated(kNoStep);
  }
  if (summary.end_logged == kNever) {
    say(explanation, {summary.last_report},
        "what is reported must be in the log, but the saga was reported {} and no end was logged",
        name_of(outcome));
    return violated(kNoStep);
  }
  if (summary.end_outcome != outcome) {
    say(explanation, {summary.end_logged, summary.last_report},
        "what is reported must be what the log says, but the log says {} and the report {}",
        name_of(summary.end_outcome), name_of(outcome));
    return violated(kNoStep);
  }
  return claims.names_flagged_steps && flag_lists_differ(summary, explanation) ? violated(kNoStep)
                                                                               : kHeldRuling;
}

Ruling stable_idempotency_key(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (!summary.is_suspected(Rule::kStableIdempotencyKey))
    return summary.any_sent ? kHeldRuling : kUnknownRuling;
  bool any = false;
  const Ruling ruling =
      for_each_operation(summary, [&](StepId step, Operation operation, const OperationSummary& now) {
        any = true;
        if (now.key_missing != kNever) {
          say(explanation, {now.key_missing},
              "every request must carry an idempotency key, but {} was sent without one",
              named(summary, step, operation));
          return true;
        }
        if (now.key_changed != kNever) {
          const Event& event = summary.seen->events[now.key_changed];
          say(explanation, {now.first_sent, now.key_changed},
              "{} must keep its idempotency key over retries and restarts, but it was \"{}\" first and then "
              "\"{}\"",
              named(summary, step, operation), summary.seen->texts[now.key], summary.seen->texts[event.text]);
          return true;
        }
        const OperationId first = now.key_shared_with;
        if (first.step != kNoStep) {
          say(explanation, {summary.of(first.step, first.operation).first_sent, now.first_sent},
              "every operation needs a key of its own, but {} and {} share \"{}\"",
              named(summary, first.step, first.operation), named(summary, step, operation),
              summary.seen->texts[now.key]);
          return true;
        }
        return false;
      });
  return any ? ruling : kUnknownRuling;
}

Ruling silence_after_end(const TraceSummary& summary, const Claims& claims, Explanation explanation) {
  if (claims.silence && summary.spoke_after_end != kNever) {
    const Event& event = summary.seen->events[summary.spoke_after_end];
    if (event.type == EventType::kSent) {
      say(explanation, {std::min(summary.end_logged, summary.reported), summary.spoke_after_end},
          "nothing may be sent once the saga has ended, but {} was",
          named(summary, event.step, event.operation));
    } else if (event.type != EventType::kLogged) {
      say(explanation, {summary.reported, summary.spoke_after_end},
          "nothing may change once the saga has ended, but {} was {}",
          named(summary, event.step, event.operation), event.type == EventType::kApplied ? "done" : "undone");
    } else {
      say(explanation, {summary.end_logged, summary.spoke_after_end},
          "nothing may be logged once the saga has ended, but a further record was: {}",
          name_of(static_cast<LogKind>(event.detail)));
    }
    return violated(event.step);
  }
  bool any = summary.end_logged != kNever || summary.reported != kNever;
  if (any && !summary.is_suspected(Rule::kSilenceAfterEnd)) return kHeldRuling;
  const Ruling ruling =
      for_each_operation(summary, [&](StepId step, Operation operation, const OperationSummary& now) {
        any = any || now.settled != kNever;
        if (claims.resumes_where_it_stopped && now.resent_after_restart != kNever) {
          say(explanation, {now.passed_on, now.resent_after_restart},
              "what was answered with success before the step after it was asked for must not be asked for "
              "again after a restart, but {} was",
              named(summary, step, operation));
          return true;
        }
        if (!claims.silence || now.resent_after_settled == kNever) return false;
        say(explanation, {now.ignored_result, now.resent_after_settled},
            "what is logged as settled must not be asked for again, but {} was sent after that",
            named(summary, step, operation));
        return true;
      });
  return any ? ruling : kUnknownRuling;
}

Ruling compensation_retried_to_budget(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.seen->outcome != Outcome::kFlagged) return kUnknownRuling;
  bool any = false;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    const OperationSummary& compensation = summary.of(step, Operation::kCompensation);
    const bool is_concerned = now.applied != now.undone || summary.flagged_in_report(step);
    if (summary.saga->step(step).compensation.empty() || !is_concerned) continue;
    if (compensation.refused != kNever || compensation.confirmed != kNever) continue;
    const auto budget = static_cast<std::uint32_t>(summary.saga->budget({step, Operation::kCompensation}));
    // Where a choreography has stopped for good, nobody has asked for it.
    if (compensation.sent == 0 && summary.saga->is_choreography()) continue;
    if (compensation.sent == 0 && lacks_own_result(summary, step)) continue;
    // Past the pivot nothing may be asked for any more, though who came before may have undone an optional
    // step at once.
    const bool was_asked_by_others = compensation.sent == 0 || compensation.sent_by != summary.reported_by;
    if (was_asked_by_others && pivot_may_be_done(summary)) continue;
    any = true;
    if (compensation.sent >= budget) continue;
    say(explanation, {compensation.last_sent, summary.last_report},
        "{} must be tried {} before the saga is flagged, but was {}",
        named(summary, step, Operation::kCompensation), times(budget),
        compensation.sent == 0 ? "never sent" : "sent " + times(compensation.sent));
    return violated(step);
  }
  return any ? kHeldRuling : kUnknownRuling;
}

Ruling context_travels(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.context_missing != kNever) {
    const Event& event = summary.seen->events[summary.context_missing];
    const bool lacks_id = (event.detail & kWithoutCorrelation) != 0;
    const bool lacks_token = (event.detail & kWithoutToken) != 0;
    say(explanation, {summary.context_missing},
        "correlation id and auth token must travel with every request, but {} was sent without {}",
        named(summary, event.step, event.operation),
        lacks_id && lacks_token ? "either" : (lacks_id ? "its correlation id" : "its auth token"));
    return violated(event.step);
  }
  return summary.any_sent ? kHeldRuling : kUnknownRuling;
}

Ruling write_ahead_log(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (!summary.is_suspected(Rule::kWriteAheadLog)) return summary.any_sent ? kHeldRuling : kUnknownRuling;
  bool any = false;
  const Ruling ruling =
      for_each_operation(summary, [&](StepId step, Operation operation, const OperationSummary& now) {
        any = true;
        const bool is_compensation = operation == Operation::kCompensation;
        if (now.sent_without_intent != kNever) {
          say(explanation, {now.sent_without_intent},
              "the intent must be durable before the call, but {} was sent before {} was logged",
              named(summary, step, operation), is_compensation ? "compensating" : "its intent");
          return true;
        }
        if (now.sent_without_results == kNever) return false;
        say(explanation, {now.sent_without_results},
            "a result must be durable before the next call, but {} was sent before the {} of {} was logged",
            named(summary, step, operation), is_compensation ? "undoing" : "result",
            named(summary, now.missing_result));
        return true;
      });
  return any ? ruling : kUnknownRuling;
}

Ruling pivot_respected(const TraceSummary& summary, const Claims&, Explanation explanation) {
  const StepId pivot = summary.saga->pivot();
  const Position done =
      std::min(summary.steps[pivot].first_applied, summary.of(pivot, Operation::kAction).confirmed);
  if (done == kNever) return kUnknownRuling;
  if (summary.compensation_began == kNever) return kHeldRuling;
  const Event& event = summary.seen->events[summary.compensation_began];
  say(explanation, {done, summary.compensation_began},
      "past the pivot {} a saga must go forward or be flagged, but {} was sent", named(summary, pivot),
      named(summary, event.step, event.operation));
  return violated(event.step);
}

Ruling rejection_is_final(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (!summary.is_suspected(Rule::kRejectionIsFinal) && !summary.saga->is_choreography())
    return summary.any_refused ? kHeldRuling : kUnknownRuling;
  bool any = false;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    if (now.refusal_laid_aside == kNever || now.told_failure) continue;
    say(explanation, {now.refusal_laid_aside},
        "a definite rejection must be told to the other services, but {} was refused and laid aside as a "
        "dead "
        "letter, and {} never told",
        named(summary, step), summary.saga->step(step).emits.failure);
    return violated(step);
  }
  const Ruling ruling =
      for_each_operation(summary, [&](StepId step, Operation operation, const OperationSummary& now) {
        any = any || now.refused != kNever;
        if (now.resent_after_refusal == kNever) return false;
        say(explanation, {now.ignored_refusal, now.resent_after_refusal},
            "a definite rejection must be accepted, but {} was sent again after one",
            named(summary, step, operation));
        return true;
      });
  return any || ruling.status == VerdictStatus::kViolated ? ruling : kUnknownRuling;
}

namespace {

// What retries would have helped may not be given up, though the saga can do without it.
Ruling optional_masked(const TraceSummary& summary, Explanation explanation) {
  if (!summary.saga->has_optional() || summary.struck_beside_steps) return kHeldRuling;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    const bool is_judged = summary.saga->step(step).optional && !summary.is_skipped(step) &&
                           summary.choice_of(step) != Choice::kInDoubt && !now.may_fail &&
                           !now.promise_broken;
    if (!is_judged || now.applied > now.undone || is_known_done(summary, step)) continue;
    say(explanation, {summary.of(step, Operation::kAction).last_sent, summary.last_report},
        "every fault at {} was transient and within the retry budget, so it must be done, but it was given "
        "up",
        named(summary, step));
    return violated(step);
  }
  return kHeldRuling;
}

}  // namespace

Ruling transient_faults_masked(const TraceSummary& summary, const Claims&, Explanation explanation) {
  if (summary.faults == 0 || !summary.only_transient_faults || summary.unforced_failure)
    return kUnknownRuling;
  if (summary.ambiguous_where_not_idempotent || summary.deadline_cut_in) return kUnknownRuling;
  for (StepId step = 0; summary.any_budget_spent_by_faults && step < summary.step_count(); ++step) {
    for (const Operation operation : kAllOperations) {
      const OperationSummary& now = summary.of(step, operation);
      const bool is_spent =
          now.sent > 0 &&
          now.failing_faults >= static_cast<std::uint32_t>(summary.saga->budget({step, operation}));
      if (is_spent && (operation == Operation::kCompensation || !summary.saga->step(step).optional)) {
        return kUnknownRuling;
      }
    }
  }
  if (summary.seen->outcome == Outcome::kCompleted) return optional_masked(summary, explanation);
  say(explanation, {summary.last_report},
      "every fault was transient and within the retry budget, so the saga must end completed, but it ended "
      "{}",
      name_of(summary.seen->outcome));
  return violated(kNoStep);
}

Ruling null_compensation_is_safe(const TraceSummary& summary, const Claims&, Explanation explanation) {
  bool any = false;
  for (StepId step = 0; step < summary.step_count(); ++step) {
    const StepSummary& now = summary.steps[step];
    const auto budget = static_cast<std::uint32_t>(summary.saga->budget({step, Operation::kCompensation}));
    if (now.null_errors > 0 && now.null_errors >= budget && !now.null_accepted) {
      say(explanation, {now.null_errored},
          "compensating what never happened must be accepted, but {} of {} was answered with nothing but "
          "errors",
          summary.saga->step(step).compensation, named(summary, step));
      return violated(step);
    }
    if (now.null_compensated == kNever) continue;
    any = true;
    if (now.null_refused != kNever) {
      say(explanation, {now.null_compensated, now.null_refused},
          "compensating what never happened must be accepted, but {} of {} was refused",
          summary.saga->step(step).compensation, named(summary, step));
      return violated(step);
    }
    if (now.null_changed != kNever) {
      say(explanation, {now.null_compensated, now.null_changed},
          "compensating what never happened must change nothing, but {} undid an effect that was not there",
          summary.saga->step(step).compensation);
      return violated(step);
    }
    if (now.applied_after_null != kNever) {
      say(explanation, {now.null_compensated, now.applied_after_null},
          "an action that arrives after its compensation must be refused, but {} was applied",
          named(summary, step));
      return violated(step);
    }
  }
  return any ? kHeldRuling : kUnknownRuling;
}

}  // namespace saga_harness
