#include "trace_summary.hpp"

#include <algorithm>

#include <saga_harness/fault_catalogue.hpp>

#include "chains.hpp"

namespace saga_harness {
namespace {

constexpr auto kFirstStart = static_cast<std::uint8_t>(StartCause::kFirst);
constexpr auto kRecoveryStart = static_cast<std::uint8_t>(StartCause::kRecovery);

}  // namespace

FactReader::FactReader(const SagaIndex& saga)
    : blank_operations_(saga.step_count() * kOperationCount),
      blank_steps_(saga.step_count()),
      words_((saga.step_count() + 63) / 64),
      has_optional_(saga.has_optional()),
      has_shapes_(saga.has_optional() || saga.has_choices() || saga.has_checks() ||
                  saga.compensates_refused()) {
  summary_.saga = &saga;
  summary_.steps = blank_steps_;
  summary_.operations = blank_operations_;
  compensated_.resize(words_);
  if (saga.is_choreography()) {
    undone_after_ = chains_of(saga);
    guarded_ = saga.find_step(saga.saga().choreography->unless);
  }
  if (saga.has_bindings()) data_.emplace(saga);
  if (saga.has_choices()) choices_.emplace(saga);
  predecessor_sets_.resize(words_ * saga.step_count());
  related_sets_.resize(words_ * saga.step_count());
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (StepId other = 0; other < saga.step_count(); ++other) {
      const std::size_t word = step * words_ + other / 64;
      const std::uint64_t bit = std::uint64_t{1} << other % 64;
      if (saga.precedes(other, step)) predecessor_sets_[word] |= bit;
      if (saga.precedes(other, step) || saga.precedes(step, other)) related_sets_[word] |= bit;
    }
  }
}

void FactReader::reset(const Observation& observation) {
  const SagaIndex* saga = summary_.saga;
  std::vector<OperationSummary> operations = std::move(summary_.operations);
  std::vector<StepSummary> steps = std::move(summary_.steps);
  std::ranges::copy(blank_operations_, operations.begin());
  std::ranges::copy(blank_steps_, steps.begin());
  summary_ = TraceSummary{};
  summary_.saga = saga;
  summary_.seen = &observation;
  summary_.operations = std::move(operations);
  summary_.steps = std::move(steps);
  std::ranges::fill(compensated_, std::uint64_t{0});
  if (!calls_.empty()) std::fill_n(calls_.begin(), last_call_ + std::size_t{1}, CallSummary{});
  last_call_ = 0;
  started_logged_ = false;
  is_unconfirmed_ = false;
  unconfirmed_ = kNever;
  unsettled_.clear();
  undone_at_once_.clear();
  rollback_began_ = false;
  failure_told_ = kNever;
  if (++run_ == 0) {  // wrapped: what looks current may be ancient
    key_owners_.clear();
    run_ = 1;
  }
}

const TraceSummary& FactReader::read(const Observation& observation) {
  reset(observation);
  if (choices_) forget_choices();
  summary_.may_skip = choices_ || !observation.skipped.empty();
  pass_over_skipped();
  if (summary_.saga->is_choreography()) {
    read_choreography(observation);
    return finished(observation);
  }
  has_shapes_ ? read_events<true>(observation) : read_events<false>(observation);
  return finished(observation);
}

template <bool HasShapes>
void FactReader::read_events(const Observation& observation) {
  Position at = 0;
  for (const Event& event : observation.events) {
    if constexpr (HasShapes) note_of_shapes(event);
    switch (event.type) {
      case EventType::kSent:
        sent(event, at);
        break;
      case EventType::kDelivered:
        delivered(event, at);
        break;
      case EventType::kApplied:
      case EventType::kUndone:
        effect(event, at);
        break;
      case EventType::kAnswered:
        answered(event, at);
        break;
      case EventType::kReceived:
        received(event, at);
        break;
      case EventType::kFault:
        struck(event, at);
        break;
      case EventType::kLogged:
        logged(event, at);
        break;
      case EventType::kLoggedStep:
        summary_.steps[event.step].flagged_in_log = true;
        break;
      case EventType::kReported:
        reported(event, at);
        break;
      case EventType::kReportedStep:
        reported_step(event, at);
        break;
      case EventType::kGaveUp:
        summary_.gave_up = at;
        break;
      case EventType::kThrew:
        summary_.threw = at;
        break;
      case EventType::kTimedOut:
        note_time_out(event, at);
        failed(event, at);
        break;
      case EventType::kStarted:
        summary_.taken_up = summary_.taken_up || (at == 0 && event.detail != kFirstStart);
        summary_.recoveries += event.detail == kRecoveryStart ? 1 : 0;
        break;
      case EventType::kDropped:
      case EventType::kNotLogged:
      case EventType::kWokeUp:
      case EventType::kCrashed:
      case EventType::kReturned:
      case EventType::kHealed:
      case EventType::kMarked:
      case EventType::kPublished:
      case EventType::kDeadLettered:
        break;
    }
    ++at;
  }
}

void FactReader::note_of_shapes(const Event& event) {
  if (event.type == EventType::kLogged) note_record(event);
  if (event.type == EventType::kAnswered) note_worked(event);
  if (event.type == EventType::kDropped) dropped(event);
}

const TraceSummary& FactReader::finished(const Observation& observation) {
  take_recorder(observation);
  if (choices_) finish_choices();
  if (data_) summary_.data = &data_->read(observation, choices_ ? skipped_ : observation.skipped);
  summary_.deadline_cut_in =
      summary_.deadline_cut_in && own_time_.explains_deadline(observation, *summary_.saga);
  return summary_;
}

void FactReader::sent(const Event& event, Position at) {
  OperationSummary& summary = summary_of(event);
  summary_.any_sent = true;
  if (summary.sent++ == 0) {
    summary.first_sent = at;
    summary.key = event.text;
    if (event.text != 0) note_key(event);
  }
  summary.last_sent = at;
  if (summary_.may_skip) note_skipped(event, at);
  if (event.detail != 0) summary_.context_missing = std::min(summary_.context_missing, at);
  note_attempt(event, at);
  summary.sent_by_several =
      summary.sent > 1 && (summary.sent_by_several || summary.sent_by != event.incarnation);
  summary.sent_by = event.incarnation;
  if (event.text == 0) {
    note(Rule::kStableIdempotencyKey, summary.key_missing, at);
  } else if (event.text != summary.key) {
    note(Rule::kStableIdempotencyKey, summary.key_changed, at);
    summary_.any_key_change = true;
  }
  // Told to an incarnation that died before writing it down, a rejection is not known to the next.
  const bool knows_of_refusal = summary.refused_by == event.incarnation || summary.refusal_logged;
  if (summary.refused != kNever && knows_of_refusal && summary.resent_after_refusal == kNever) {
    note(Rule::kRejectionIsFinal, summary.resent_after_refusal, at);
    summary.ignored_refusal = summary.refused;
  }
  if (summary.settled != kNever && summary.resent_after_settled == kNever) {
    note(Rule::kSilenceAfterEnd, summary.resent_after_settled, at);
    summary.ignored_result = summary.settled;
  }
  if (summary_.end_logged != kNever || summary_.reported != kNever) {
    summary_.spoke_after_end = std::min(summary_.spoke_after_end, at);
  }
  if (event.operation == Operation::kCompensation) {
    sent_compensation(event, at);
  } else {
    sent_forward(event, at);
  }
}

void FactReader::note_skipped(const Event& event, Position at) {
  if (choices_) refresh_choices(&event);
  if (!summary_.is_skipped(event.step)) return;
  Position& first = summary_.steps[event.step].not_skipped;
  first = std::min(first, at);
}

void FactReader::note_key(const Event& event) {
  if (key_owners_.size() <= event.text) key_owners_.resize(event.text + 1);
  KeyOwner& owner = key_owners_[event.text];
  if (owner.run == run_) {
    summary_of(event).key_shared_with = owner.operation;
    mark_suspected(Rule::kStableIdempotencyKey);
  } else {
    owner = {run_, {event.step, event.operation}};
  }
}

// What its participant did before counts no more.
void FactReader::note_restored(const Event& event) {
  const CallSummary& call = call_of(event);
  if (!call.struck || event.detail != 0 || fate_of(call.fault).participant != ParticipantFate::kRestored)
    return;
  const std::string& service = summary_.saga->step(event.step).service;
  for (StepId step = 0; step < summary_.step_count(); ++step) {
    if (summary_.saga->step(step).service == service)
      summary_.steps[step].applied = summary_.steps[step].undone = 0;
  }
}

void FactReader::delivered(const Event& event, Position at) {
  note_restored(event);
  if (event.operation != Operation::kCompensation) return;
  StepSummary& step = summary_.steps[event.step];
  if (step.applied > 0) return;
  CallSummary& call = call_of(event);
  const bool reaches_participant = event.detail != 0 || !call.struck || !keeps_from_participant(call.fault);
  if (!reaches_participant) return;
  call.null_compensated_before = step.null_compensated;
  step.null_compensated = std::min(step.null_compensated, at);
  call.null_compensation = true;
}

void FactReader::note_limit(const Event& event, CallSummary& call) {
  if (event.detail != static_cast<std::uint8_t>(ReplyStatus::kRateLimited)) return;
  std::int64_t& limited_until = summary_of(event).limited_until;
  if (call.struck) limited_until = event.at + fate_of(call.fault).instead.retry_after.count();
  call.limited = !call.struck && event.at < limited_until;
}

void FactReader::answered(const Event& event, Position at) {
  CallSummary& call = call_of(event);
  note_limit(event, call);
  const auto answer = static_cast<ReplyStatus>(event.detail);
  if (is_definite_refusal(answer)) refused(event, at);
  const bool is_promised = call.struck && fate_of(call.fault).promises() && event.text != 0;
  if (is_promised && answer != ReplyStatus::kOk) {
    StepSummary& promised = summary_.steps[event.step];
    if (promised.null_compensated == kNever && promised.applied == 0) promised.promise_broken = true;
  }
  if (!call.null_compensation) return;
  call.null_compensation = false;
  const bool is_own_word = event.text != 0 || !call.struck || !replaces_answer(call.fault);
  const auto status = static_cast<ReplyStatus>(event.detail);
  StepSummary& step = summary_.steps[event.step];
  if (is_own_word && status == ReplyStatus::kOk) {
    step.null_accepted = true;
    return;
  }
  if (is_own_word && is_definite_refusal(status)) {
    step.null_refused = std::min(step.null_refused, at);
    return;
  }
  step.null_compensated = call.null_compensated_before;  // turned away, or nobody knows what it said
  if (!is_own_word || is_sure_no(status)) return;
  ++step.null_errors;
  step.null_errored = std::min(step.null_errored, at);
}

void FactReader::received(const Event& event, Position at) {
  OperationSummary& summary = summary_of(event);
  const auto status = static_cast<ReplyStatus>(event.detail);
  if (event.operation == Operation::kCompensation) {
    answer_heard(event, at);
  } else {
    ends_waiting(event);
  }
  if (summary_.cancelled != kNever) heard_cancel(event, at);
  if (status == ReplyStatus::kOk) {
    summary.failed = kNever;
    summary.confirmed = at;
    summary.confirmed_by = event.incarnation;
    if (choices_ && event.operation != Operation::kCompensation) note_choice(event, at);
    return;
  }
  failed(event, at);
  if (is_sure_no(status)) ++summary.sure_noes;
  if (!is_definite_refusal(status)) return;
  ++summary.refusals;
  summary.refused = at;
  summary.refused_by = event.incarnation;
  summary_.any_refused = summary_.any_refused || summary.sent > 0;
}

void FactReader::failed(const Event& event, Position at) {
  const bool is_of_optional = is_spared(event);
  summary_.any_failure = true;
  summary_.needed_failed = summary_.needed_failed || !is_of_optional;
  summary_of(event).failed = at;
  if (event.type == EventType::kTimedOut) {
    ends_waiting(event);
    if (summary_.cancelled != kNever) heard_cancel(event, at);
  }
  const CallSummary& call = call_of(event);
  // A refusal that no fault put in the answer's place is the participant's own, whatever struck the request.
  const bool is_own_refusal = event.type == EventType::kReceived && !replaces_answer(call.fault) &&
                              is_definite_refusal(static_cast<ReplyStatus>(event.detail));
  const bool is_forced = call.struck && fails_the_attempt(call.fault) && !is_own_refusal;
  if (!call.limited && !is_forced)
    (is_of_optional ? summary_.steps[event.step].may_fail : summary_.unforced_failure) = true;
  const auto deadline = summary_.saga->saga().deadline;
  if (!deadline || event.operation == Operation::kCompensation) return;
  Duration wait = backoff(summary_.saga->step(event.step).retry, event.attempt + 1);
  if (event.type == EventType::kReceived) wait = std::max(wait, Duration(event.text));  // Retry-After
  if (event.at + wait.count() >= deadline->count()) summary_.deadline_cut_in = true;
}

void FactReader::struck(const Event& event, Position at) {
  const auto kind = static_cast<FaultKind>(event.detail);
  if (fate_of(kind).order == OrderFate::kSwapped) return;  // an order like any other: it excuses nothing
  ++summary_.faults;
  const bool cancels_forward =
      fate_of(kind).coordinator == CoordinatorFate::kCancelled && row_of(kind).needs != FaultNeed::kBackward;
  if (cancels_forward && summary_.cancelled == kNever) summary_.cancelled = at;
  if (row_of(kind).area == FaultArea::kLog) summary_.log_struck = true;
  const bool is_of_attempt = event.call != 0 && event.step < summary_.step_count();
  if (!is_of_attempt || instant_of(event) != Instant::kCall) {
    summary_.struck_beside_steps = true;
  } else {
    summary_.steps[event.step].struck = true;
  }
  const Fate& fate = fate_of(kind);
  is_unconfirmed_ = fate.log == LogFate::kWriteUnconfirmed;
  summary_.clock_jumped = summary_.clock_jumped || fate.moves_the_clock();
  const bool is_of_optional = has_optional_ && struck_only_optional(event);
  if (is_of_optional) ++summary_.spared_faults;
  if (!is_transient(kind)) {
    if (is_of_optional) {
      summary_.steps[event.step].may_fail = true;
    } else {
      summary_.only_transient_faults = false;
    }
  }
  if (event.call == 0) return;
  CallSummary& call = call_of(event);
  call.struck = true;
  call.fault = kind;
  if (!fails_the_attempt(kind)) return;
  const auto budget = static_cast<std::uint32_t>(summary_.saga->budget({event.step, event.operation}));
  if (++summary_of(event).failing_faults >= budget) {
    if (is_of_optional) summary_.steps[event.step].may_fail = true;
    summary_.any_budget_spent_by_faults = true;
  }
  const bool may_be_done = !fate.answers_surely_no();  // for all that the caller knows
  if (may_be_done && !summary_.saga->step(event.step).idempotent)
    (is_of_optional ? summary_.steps[event.step].may_fail : summary_.ambiguous_where_not_idempotent) = true;
}

void FactReader::effect(const Event& event, Position at) {
  ++summary_.effects;
  StepSummary& step = summary_.steps[event.step];
  if (event.type == EventType::kApplied) {
    if (++step.applied > 1) step.applied_twice = std::min(step.applied_twice, at);
    step.first_applied = std::min(step.first_applied, at);
    if (step.null_compensated != kNever) step.applied_after_null = std::min(step.applied_after_null, at);
    return;
  }
  if (++step.undone > step.applied) {
    step.undone_below_zero = std::min(step.undone_below_zero, at);
    if (step.null_compensated != kNever) step.null_changed = std::min(step.null_changed, at);
  }
}

// What participants did is what their ledger say, however much of it was seen to happen.
void FactReader::take_recorder(const Observation& observation) {
  for (std::size_t i = 0; i < std::min(summary_.steps.size(), observation.effects.size()); ++i) {
    const Effect& effect = observation.effects[i];
    summary_.steps[i].applied = effect.applied;
    summary_.steps[i].undone = effect.undone;
    summary_.effects = std::max(summary_.effects, effect.applied + effect.undone);
  }
}

}  // namespace saga_harness
