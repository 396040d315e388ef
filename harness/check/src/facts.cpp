#include "facts.hpp"

#include <algorithm>

#include <saga_harness/fault_catalogue.hpp>

#include "chains.hpp"

namespace saga_harness {
namespace {

constexpr auto kFirstStart = static_cast<std::uint8_t>(StartCause::kFirst);
constexpr auto kRecoveryStart = static_cast<std::uint8_t>(StartCause::kRecovery);

}  // namespace

FactReader::FactReader(const SagaIndex& saga) : words_((saga.step_count() + 63) / 64) {
  facts_.saga = &saga;
  facts_.steps.resize(saga.step_count());
  facts_.operations.resize(saga.step_count() * kOperationCount);
  compensated_.resize(words_);
  if (saga.is_choreography()) undone_after_ = chains_of(saga);
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
  const SagaIndex* saga = facts_.saga;
  std::vector<OperationFacts> operations = std::move(facts_.operations);
  std::vector<StepFacts> steps = std::move(facts_.steps);
  std::ranges::fill(operations, OperationFacts{});
  std::ranges::fill(steps, StepFacts{});
  facts_ = Facts{};
  facts_.saga = saga;
  facts_.seen = &observation;
  facts_.operations = std::move(operations);
  facts_.steps = std::move(steps);
  std::ranges::fill(compensated_, std::uint64_t{0});
  calls_.clear();
  started_logged_ = false;
  unsettled_.clear();
  failure_told_ = kNever;
  if (++run_ == 0) {  // wrapped: what looks current may be ancient
    key_owners_.clear();
    run_ = 1;
  }
}

const Facts& FactReader::read(const Observation& observation) {
  reset(observation);
  pass_over_skipped();
  if (facts_.saga->is_choreography()) {
    read_choreography(observation);
    take_books(observation);
    return facts_;
  }
  Position at = 0;
  for (const Event& event : observation.events) {
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
        facts_.steps[event.step].flagged_in_log = true;
        break;
      case EventType::kReported:
        reported(event, at);
        break;
      case EventType::kReportedStep:
        reported_step(event, at);
        break;
      case EventType::kGaveUp:
        facts_.gave_up = at;
        break;
      case EventType::kThrew:
        facts_.threw = at;
        break;
      case EventType::kTimedOut:
        note_time_out(event, at);
        failed(event, at);
        break;
      case EventType::kStarted:
        facts_.taken_up = facts_.taken_up || (at == 0 && event.detail != kFirstStart);
        facts_.recoveries += event.detail == kRecoveryStart ? 1 : 0;
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
  take_books(observation);
  return facts_;
}

void FactReader::sent(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  if (facts.sent++ == 0) {
    facts.first_sent = at;
    facts.key = event.text;
    if (event.text != 0) note_key(event);
  }
  facts.last_sent = at;
  if (facts_.seen->is_skipped(event.step)) {
    Position& first = facts_.steps[event.step].not_skipped;
    first = std::min(first, at);
  }
  if (event.detail != 0) facts_.context_missing = std::min(facts_.context_missing, at);
  note_attempt(event, at);
  facts.sent_by_several = facts.sent > 1 && (facts.sent_by_several || facts.sent_by != event.incarnation);
  facts.sent_by = event.incarnation;
  if (event.text == 0) {
    facts.key_missing = std::min(facts.key_missing, at);
  } else if (event.text != facts.key) {
    facts.key_changed = std::min(facts.key_changed, at);
  }
  // Told to an incarnation that died before writing it down, a rejection is not known to the next.
  const bool knows_of_refusal = facts.refused_by == event.incarnation || facts.refusal_logged;
  if (facts.refused != kNever && knows_of_refusal && facts.resent_after_refusal == kNever) {
    facts.resent_after_refusal = at;
    facts.ignored_refusal = facts.refused;
  }
  if (facts.settled != kNever && facts.resent_after_settled == kNever) {
    facts.resent_after_settled = at;
    facts.ignored_result = facts.settled;
  }
  if (facts_.end_logged != kNever || facts_.reported != kNever) {
    facts_.spoke_after_end = std::min(facts_.spoke_after_end, at);
  }
  if (event.operation == Operation::kCompensation) {
    sent_compensation(event, at);
  } else {
    sent_forward(event, at);
  }
}

void FactReader::note_key(const Event& event) {
  if (key_owners_.size() <= event.text) key_owners_.resize(event.text + 1);
  KeyOwner& owner = key_owners_[event.text];
  if (owner.run == run_) {
    facts_of(event).key_shared_with = owner.operation;
  } else {
    owner = {run_, {event.step, event.operation}};
  }
}

void FactReader::delivered(const Event& event, Position at) {
  if (event.operation != Operation::kCompensation) return;
  StepFacts& step = facts_.steps[event.step];
  if (step.applied > 0) return;
  CallFacts& call = call_of(event);
  const bool reaches_participant = event.detail != 0 || !call.struck || !keeps_from_participant(call.fault);
  if (!reaches_participant) return;
  call.null_compensated_before = step.null_compensated;
  step.null_compensated = std::min(step.null_compensated, at);
  call.null_compensation = true;
}

void FactReader::answered(const Event& event, Position at) {
  if (is_definite_refusal(static_cast<ReplyStatus>(event.detail))) refused(event, at);
  CallFacts& call = call_of(event);
  if (!call.null_compensation) return;
  call.null_compensation = false;
  const bool is_own_word = event.text != 0 || !call.struck || !replaces_answer(call.fault);
  const auto status = static_cast<ReplyStatus>(event.detail);
  StepFacts& step = facts_.steps[event.step];
  if (status == ReplyStatus::kRateLimited)
    step.null_compensated = call.null_compensated_before;  // turned away
  if (!is_own_word || status == ReplyStatus::kOk || status == ReplyStatus::kRateLimited) return;
  step.null_refused = std::min(step.null_refused, at);
}

void FactReader::received(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  const auto status = static_cast<ReplyStatus>(event.detail);
  if (event.operation == Operation::kCompensation) {
    answer_heard(event, at);
  } else {
    ends_waiting(event);
  }
  if (facts_.cancelled != kNever) heard_cancel(event, at);
  if (status == ReplyStatus::kOk) {
    facts.failed = kNever;
    facts.confirmed = at;
    facts.confirmed_by = event.incarnation;
    return;
  }
  CallFacts& call = call_of(event);
  call.limited = status == ReplyStatus::kRateLimited && !call.struck;
  failed(event, at);
  if (is_sure_no(status)) ++facts.sure_noes;
  if (!is_definite_refusal(status)) return;
  facts.refused = at;
  facts.refused_by = event.incarnation;
}

void FactReader::failed(const Event& event, Position at) {
  facts_.any_failure = true;
  facts_of(event).failed = at;
  if (event.type == EventType::kTimedOut) {
    ends_waiting(event);
    if (facts_.cancelled != kNever) heard_cancel(event, at);
  }
  const CallFacts& call = call_of(event);
  if (!call.limited && (!call.struck || !fails_the_attempt(call.fault))) facts_.unforced_failure = true;
  const auto deadline = facts_.saga->saga().deadline;
  if (!deadline || event.operation == Operation::kCompensation) return;
  Duration wait = backoff(facts_.saga->step(event.step).retry, event.attempt + 1);
  if (event.type == EventType::kReceived) wait = std::max(wait, Duration(event.text));  // Retry-After
  if (event.at + wait.count() >= deadline->count()) facts_.deadline_cut_in = true;
}

void FactReader::logged(const Event& event, Position at) {
  const auto kind = static_cast<LogKind>(event.detail);
  // What the incarnation that ended the saga notes for itself is its own business.
  const bool is_own_note = kind == LogKind::kNote && event.incarnation == facts_.ended_by;
  if (facts_.end_logged != kNever && !is_own_note) {
    facts_.spoke_after_end = std::min(facts_.spoke_after_end, at);
  }
  switch (kind) {
    case LogKind::kIntent: {
      OperationFacts& facts = facts_of(event);
      if (facts.first_logged == kNever) {
        facts.first_logged = at;
        facts.intended_by = event.incarnation;
      }
      return;
    }
    case LogKind::kUndone:
      std::erase(unsettled_, event.step);
      facts_of(event).succeeded = facts_of(event).settled = at;
      return;
    case LogKind::kStuck:
      std::erase(unsettled_, event.step);
      gave_up_on(event, at);
      return;
    case LogKind::kDone:
      facts_of(event).succeeded = facts_of(event).settled = at;
      return;
    case LogKind::kFailed:
      gave_up_on(event, at);
      facts_of(event).surely_failed = event.text == 0;
      return;
    case LogKind::kCompensating:
      facts_.compensating_logged = std::min(facts_.compensating_logged, at);
      return;
    case LogKind::kEnd:
      if (facts_.end_logged != kNever && facts_.end_outcome != static_cast<Outcome>(event.text)) {
        facts_.contradicted = at;
      }
      if (facts_.end_logged == kNever) {
        facts_.end_logged = at;
        facts_.ended_by = event.incarnation;
      }
      facts_.end_outcome = static_cast<Outcome>(event.text);
      return;
    case LogKind::kStarted:
      if (!started_logged_) facts_.started_at = event.at;
      started_logged_ = true;
      return;
    case LogKind::kNote:
    case LogKind::kTorn:
      return;
  }
}

void FactReader::gave_up_on(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  facts.settled = at;
  facts.refusal_logged = facts.refused != kNever;
}

void FactReader::reported(const Event& event, Position at) {
  if (facts_.reported == kNever) {
    facts_.reported = at;
    facts_.reported_by = event.incarnation;
    const auto deadline = facts_.saga->saga().deadline;
    if (deadline && event.at >= deadline->count()) facts_.deadline_cut_in = true;
  } else if (facts_.seen->events[facts_.last_report].detail != event.detail) {
    facts_.contradicted = at;
  }
  ++facts_.reports;
  facts_.last_report = at;
}

void FactReader::reported_step(const Event& event, Position at) {
  StepFacts& step = facts_.steps[event.step];
  if (step.named_by == facts_.last_report) return;
  ++step.reports_naming;
  step.named_by = facts_.last_report;
  const OperationFacts& compensation = facts_.of(event.step, Operation::kCompensation);
  if (compensation.confirmed == kNever || step.named_though_undone != kNever) return;
  // Told to an incarnation that died before writing it down, it is not known to the one that speaks.
  const bool is_logged = compensation.succeeded != kNever && compensation.succeeded > compensation.confirmed;
  if (is_logged || compensation.confirmed_by == event.incarnation) step.named_though_undone = at;
}

void FactReader::struck(const Event& event, Position at) {
  ++facts_.faults;
  const auto kind = static_cast<FaultKind>(event.detail);
  if (kind == FaultKind::kCancel && facts_.cancelled == kNever) facts_.cancelled = at;
  if (row_of(kind).area == FaultArea::kLog) facts_.log_struck = true;
  const bool is_of_attempt = event.call != 0 && event.step < facts_.step_count();
  if (!is_of_attempt || where_of(event) != Where::kCall) {
    facts_.struck_beside_steps = true;
  } else {
    facts_.steps[event.step].struck = true;
  }
  const Fate& fate = fate_of(kind);
  facts_.clock_jumped = facts_.clock_jumped || fate.moves_the_clock();
  if (!is_transient(kind)) facts_.only_transient_faults = false;
  if (event.call == 0) return;
  CallFacts& call = call_of(event);
  call.struck = true;
  call.fault = kind;
  if (!fails_the_attempt(kind)) return;
  ++facts_of(event).failing_faults;
  const bool may_be_done = !fate.answers_surely_no();  // for all that the caller knows
  if (may_be_done && !facts_.saga->step(event.step).idempotent) facts_.ambiguous_where_not_idempotent = true;
}

void FactReader::effect(const Event& event, Position at) {
  ++facts_.effects;
  StepFacts& step = facts_.steps[event.step];
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

// What participants did is what their books say, however much of it was seen to happen.
void FactReader::take_books(const Observation& observation) {
  for (std::size_t i = 0; i < std::min(facts_.steps.size(), observation.effects.size()); ++i) {
    const Effect& effect = observation.effects[i];
    facts_.steps[i].applied = effect.applied;
    facts_.steps[i].undone = effect.undone;
    facts_.effects = std::max(facts_.effects, effect.applied + effect.undone);
  }
}

}  // namespace saga_harness
