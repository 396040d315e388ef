// I7 to I16: promises. They are judged of subjects that make them.

#include <algorithm>

#include <saga_harness/trace.hpp>

#include "operations.hpp"
#include "words.hpp"

namespace saga_harness {
namespace {

bool flag_lists_differ(const Facts& facts, Words words) {
  for (StepId step = 0; step < facts.step_count(); ++step) {
    const StepFacts& now = facts.steps[step];
    if (now.reports_naming != 0 && now.reports_naming != facts.reports) {
      say(words, {facts.reported, facts.last_report},
          "one saga has one outcome, but {} is named by one report and not by another", named(facts, step));
      return true;
    }
    if (now.flagged_in_log == facts.flagged_in_report(step)) continue;
    say(words, {facts.end_logged, facts.last_report},
        "log and report must name the same steps, but {} is named only by the {}", named(facts, step),
        now.flagged_in_log ? "log" : "report");
    return true;
  }
  return false;
}

}  // namespace

bool may_be_done(const Facts& facts, const OperationFacts& now) {
  if (now.surely_failed) return false;
  if (now.first_logged != kNever && now.intended_by != facts.reported_by) return true;
  const bool knows_every_answer = !now.sent_by_several && now.sent_by == facts.reported_by;
  return now.sent > 0 && (!knows_every_answer || now.sure_noes < now.sent);
}

bool pivot_may_be_done(const Facts& facts) {
  const StepId pivot = facts.saga->pivot();
  return pivot != kNoStep && (may_be_done(facts, facts.of(pivot, Operation::kAction)) ||
                              may_be_done(facts, facts.of(pivot, Operation::kFallback)));
}

Ruling report_matches_log(const Facts& facts, const Claims& claims, Words words) {
  if (facts.reported == kNever) return kUnknownRuling;
  const Outcome outcome = facts.seen->outcome;
  if (facts.contradicted != kNever) {
    say(words, {facts.reported, facts.end_logged, facts.contradicted},
        "one saga has one outcome, but a later report or log record contradicts an earlier one");
    return violated(kNoStep);
  }
  if (facts.end_logged == kNever) {
    say(words, {facts.last_report},
        "what is reported must be in the log, but the saga was reported {} and no end was logged",
        name_of(outcome));
    return violated(kNoStep);
  }
  if (facts.end_outcome != outcome) {
    say(words, {facts.end_logged, facts.last_report},
        "what is reported must be what the log says, but the log says {} and the report {}",
        name_of(facts.end_outcome), name_of(outcome));
    return violated(kNoStep);
  }
  return claims.names_flagged_steps && flag_lists_differ(facts, words) ? violated(kNoStep) : kHeldRuling;
}

Ruling stable_idempotency_key(const Facts& facts, const Claims&, Words words) {
  bool any = false;
  const Ruling ruling =
      for_each_operation(facts, [&](StepId step, Operation operation, const OperationFacts& now) {
        any = true;
        if (now.key_missing != kNever) {
          say(words, {now.key_missing},
              "every request must carry an idempotency key, but {} was sent without one",
              named(facts, step, operation));
          return true;
        }
        if (now.key_changed != kNever) {
          const Event& event = facts.seen->events[now.key_changed];
          say(words, {now.first_sent, now.key_changed},
              "{} must keep its idempotency key over retries and restarts, but it was \"{}\" first and then "
              "\"{}\"",
              named(facts, step, operation), facts.seen->texts[now.key], facts.seen->texts[event.text]);
          return true;
        }
        const OperationId first = now.key_shared_with;
        if (first.step != kNoStep) {
          say(words, {facts.of(first.step, first.operation).first_sent, now.first_sent},
              "every operation needs a key of its own, but {} and {} share \"{}\"",
              named(facts, first.step, first.operation), named(facts, step, operation),
              facts.seen->texts[now.key]);
          return true;
        }
        return false;
      });
  return any ? ruling : kUnknownRuling;
}

Ruling silence_after_end(const Facts& facts, const Claims& claims, Words words) {
  if (claims.silence && facts.spoke_after_end != kNever) {
    const Event& event = facts.seen->events[facts.spoke_after_end];
    if (event.type == EventType::kSent) {
      say(words, {std::min(facts.end_logged, facts.reported), facts.spoke_after_end},
          "nothing may be sent once the saga has ended, but {} was",
          named(facts, event.step, event.operation));
    } else if (event.type != EventType::kLogged) {
      say(words, {facts.reported, facts.spoke_after_end},
          "nothing may change once the saga has ended, but {} was {}",
          named(facts, event.step, event.operation), event.type == EventType::kApplied ? "done" : "undone");
    } else {
      say(words, {facts.end_logged, facts.spoke_after_end},
          "nothing may be logged once the saga has ended, but a further record was: {}",
          name_of(static_cast<LogKind>(event.detail)));
    }
    return violated(event.step);
  }
  bool any = facts.end_logged != kNever || facts.reported != kNever;
  const Ruling ruling =
      for_each_operation(facts, [&](StepId step, Operation operation, const OperationFacts& now) {
        any = any || now.settled != kNever;
        if (claims.resumes_where_it_stopped && now.resent_after_restart != kNever) {
          say(words, {now.passed_on, now.resent_after_restart},
              "what was answered with success before the step after it was asked for must not be asked for "
              "again after a restart, but {} was",
              named(facts, step, operation));
          return true;
        }
        if (!claims.silence || now.resent_after_settled == kNever) return false;
        say(words, {now.ignored_result, now.resent_after_settled},
            "what is logged as settled must not be asked for again, but {} was sent after that",
            named(facts, step, operation));
        return true;
      });
  return any ? ruling : kUnknownRuling;
}

Ruling compensation_retried_to_budget(const Facts& facts, const Claims&, Words words) {
  if (facts.seen->outcome != Outcome::kFlagged) return kUnknownRuling;
  bool any = false;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    const StepFacts& now = facts.steps[step];
    const OperationFacts& compensation = facts.of(step, Operation::kCompensation);
    const bool is_concerned = now.applied != now.undone || facts.flagged_in_report(step);
    if (facts.saga->step(step).compensation.empty() || !is_concerned) continue;
    if (compensation.refused != kNever || compensation.confirmed != kNever) continue;
    const auto budget = static_cast<std::uint32_t>(facts.saga->budget({step, Operation::kCompensation}));
    // Where a choreography has stopped for good, nobody has asked for it.
    if (compensation.sent == 0 && facts.saga->is_choreography()) continue;
    if (compensation.sent == 0 && pivot_may_be_done(facts)) continue;
    any = true;
    if (compensation.sent >= budget) continue;
    say(words, {compensation.last_sent, facts.last_report},
        "{} must be tried {} before the saga is flagged, but was {}",
        named(facts, step, Operation::kCompensation), times(budget),
        compensation.sent == 0 ? "never sent" : "sent " + times(compensation.sent));
    return violated(step);
  }
  return any ? kHeldRuling : kUnknownRuling;
}

Ruling context_travels(const Facts& facts, const Claims&, Words words) {
  if (facts.context_missing != kNever) {
    const Event& event = facts.seen->events[facts.context_missing];
    const bool lacks_id = (event.detail & kWithoutCorrelation) != 0;
    const bool lacks_token = (event.detail & kWithoutToken) != 0;
    say(words, {facts.context_missing},
        "correlation id and auth token must travel with every request, but {} was sent without {}",
        named(facts, event.step, event.operation),
        lacks_id && lacks_token ? "either" : (lacks_id ? "its correlation id" : "its auth token"));
    return violated(event.step);
  }
  const bool any =
      std::ranges::any_of(facts.operations, [](const OperationFacts& now) { return now.sent > 0; });
  return any ? kHeldRuling : kUnknownRuling;
}

Ruling write_ahead_log(const Facts& facts, const Claims&, Words words) {
  bool any = false;
  const Ruling ruling =
      for_each_operation(facts, [&](StepId step, Operation operation, const OperationFacts& now) {
        any = true;
        const bool is_compensation = operation == Operation::kCompensation;
        if (now.sent_without_intent != kNever) {
          say(words, {now.sent_without_intent},
              "the intent must be durable before the call, but {} was sent before {} was logged",
              named(facts, step, operation), is_compensation ? "compensating" : "its intent");
          return true;
        }
        if (now.sent_without_results == kNever) return false;
        say(words, {now.sent_without_results},
            "a result must be durable before the next call, but {} was sent before the {} of {} was logged",
            named(facts, step, operation), is_compensation ? "undoing" : "result",
            named(facts, now.missing_result));
        return true;
      });
  return any ? ruling : kUnknownRuling;
}

Ruling pivot_respected(const Facts& facts, const Claims&, Words words) {
  const StepId pivot = facts.saga->pivot();
  const Position done =
      std::min(facts.steps[pivot].first_applied, facts.of(pivot, Operation::kAction).confirmed);
  if (done == kNever) return kUnknownRuling;
  if (facts.compensation_began == kNever) return kHeldRuling;
  const Event& event = facts.seen->events[facts.compensation_began];
  say(words, {done, facts.compensation_began},
      "past the pivot {} a saga must go forward or be flagged, but {} was sent", named(facts, pivot),
      named(facts, event.step, event.operation));
  return violated(event.step);
}

Ruling rejection_is_final(const Facts& facts, const Claims&, Words words) {
  bool any = false;
  const Ruling ruling =
      for_each_operation(facts, [&](StepId step, Operation operation, const OperationFacts& now) {
        any = any || now.refused != kNever;
        if (now.resent_after_refusal == kNever) return false;
        say(words, {now.ignored_refusal, now.resent_after_refusal},
            "a definite rejection must be accepted, but {} was sent again after one",
            named(facts, step, operation));
        return true;
      });
  return any || ruling.status == VerdictStatus::kViolated ? ruling : kUnknownRuling;
}

Ruling transient_faults_masked(const Facts& facts, const Claims&, Words words) {
  if (facts.faults == 0 || !facts.only_transient_faults || facts.unforced_failure) return kUnknownRuling;
  if (facts.ambiguous_where_not_idempotent || facts.deadline_cut_in) return kUnknownRuling;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    for (const Operation operation : kAllOperations) {
      const OperationFacts& now = facts.of(step, operation);
      if (now.failing_faults >= static_cast<std::uint32_t>(facts.saga->budget({step, operation})) &&
          now.sent > 0) {
        return kUnknownRuling;
      }
    }
  }
  if (facts.seen->outcome == Outcome::kCompleted) return kHeldRuling;
  say(words, {facts.last_report},
      "every fault was transient and within the retry budget, so the saga must end completed, but it ended "
      "{}",
      name_of(facts.seen->outcome));
  return violated(kNoStep);
}

Ruling null_compensation_is_safe(const Facts& facts, const Claims&, Words words) {
  bool any = false;
  for (StepId step = 0; step < facts.step_count(); ++step) {
    const StepFacts& now = facts.steps[step];
    if (now.null_compensated == kNever) continue;
    any = true;
    if (now.null_refused != kNever) {
      say(words, {now.null_compensated, now.null_refused},
          "compensating what never happened must be accepted, but {} of {} was refused",
          facts.saga->step(step).compensation, named(facts, step));
      return violated(step);
    }
    if (now.null_changed != kNever) {
      say(words, {now.null_compensated, now.null_changed},
          "compensating what never happened must change nothing, but {} undid an effect that was not there",
          facts.saga->step(step).compensation);
      return violated(step);
    }
    if (now.applied_after_null != kNever) {
      say(words, {now.null_compensated, now.applied_after_null},
          "an action that arrives after its compensation must be refused, but {} was applied",
          named(facts, step));
      return violated(step);
    }
  }
  return any ? kHeldRuling : kUnknownRuling;
}

}  // namespace saga_harness
