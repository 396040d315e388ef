#include "facts.hpp"

#include <algorithm>

namespace saga_harness {

FactReader::FactReader(const SagaIndex& saga) : words_((saga.step_count() + 63) / 64) {
  facts_.saga = &saga;
  facts_.steps.resize(saga.step_count());
  facts_.operations.resize(saga.step_count() * kOperationCount);
  compensated_.resize(words_);
  predecessor_sets_.resize(words_ * saga.step_count());
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (StepId before = 0; before < saga.step_count(); ++before) {
      if (saga.precedes(before, step)) predecessor_sets_[step * words_ + before / 64] |= std::uint64_t{1} << before % 64;
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
  unsettled_.clear();
  if (++run_ == 0) {  // wrapped: what looks current may be ancient
    key_owners_.clear();
    run_ = 1;
  }
}

const Facts& FactReader::read(const Observation& observation) {
  reset(observation);
  Position at = 0;
  for (const Event& event : observation.events) {
    switch (event.type) {
      case EventType::kSent: sent(event, at); break;
      case EventType::kDelivered: delivered(event, at); break;
      case EventType::kApplied:
      case EventType::kUndone: effect(event, at); break;
      case EventType::kAnswered: answered(event, at); break;
      case EventType::kReceived: received(event, at); break;
      case EventType::kFault: struck(event); break;
      case EventType::kLogged: logged(event, at); break;
      case EventType::kLoggedStep: facts_.steps[event.step].flagged_in_log = true; break;
      case EventType::kReported: reported(event, at); break;
      case EventType::kReportedStep: facts_.steps[event.step].flagged_in_report = true; break;
      case EventType::kGaveUp: facts_.gave_up = at; break;
      case EventType::kThrew: facts_.threw = at; break;
      case EventType::kTimedOut:
      case EventType::kDropped:
      case EventType::kCrashed:
      case EventType::kStarted:
      case EventType::kReturned:
      case EventType::kHealed:
      case EventType::kMarked: break;
    }
    ++at;
  }
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
  if (calls_.size() <= event.call) calls_.resize(event.call + 1);
  if (event.text == 0) {
    facts.key_missing = std::min(facts.key_missing, at);
  } else if (event.text != facts.key) {
    facts.key_changed = std::min(facts.key_changed, at);
  }
  const bool same_incarnation_was_refused = facts.refused != kNever && facts.refused_by == event.incarnation;
  if (same_incarnation_was_refused || (facts.refused != kNever && facts.settled != kNever)) {
    facts.resent_after_refusal = std::min(facts.resent_after_refusal, at);
  }
  if (facts.settled != kNever) facts.resent_after_settled = std::min(facts.resent_after_settled, at);
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

void FactReader::sent_compensation(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  if (facts_.compensating_logged == kNever) facts.sent_without_intent = std::min(facts.sent_without_intent, at);
  facts_.compensation_began = std::min(facts_.compensation_began, at);
  if (facts.sent > 1) return;

  ++facts_.compensated_steps;
  StepFacts& step = facts_.steps[event.step];
  const OperationFacts& action = facts_.of(event.step, Operation::kAction);
  const OperationFacts& fallback = facts_.of(event.step, Operation::kFallback);
  if (action.sent + fallback.sent == 0 && action.first_logged == kNever && fallback.first_logged == kNever) {
    step.unintended = at;
  }
  const SagaIndex& saga = *facts_.saga;
  for (std::size_t word = 0; word < words_; ++word) {
    const std::uint64_t early = predecessor_sets_[event.step * words_ + word] & compensated_[word];
    if (early == 0) continue;
    step.out_of_order = at;
    step.overtaken_by = static_cast<StepId>(word * 64 + static_cast<std::size_t>(__builtin_ctzll(early)));
    break;
  }
  for (const StepId after : unsettled_) {
    if (!saga.precedes(event.step, after)) continue;
    facts.sent_without_results = at;
    facts.missing_result = after;
    break;
  }
  unsettled_.push_back(event.step);
  compensated_[event.step / 64] |= std::uint64_t{1} << event.step % 64;
}

void FactReader::sent_forward(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  if (facts_.compensation_began != kNever || facts_.compensating_logged != kNever) {
    facts_.went_on = std::min(facts_.went_on, at);
  }
  if (facts.first_logged == kNever) facts.sent_without_intent = std::min(facts.sent_without_intent, at);
  if (facts.sent > 1) return;
  for (const StepId before : facts_.saga->predecessors(event.step)) {
    if (facts_.of(before, Operation::kAction).settled != kNever) continue;
    if (facts_.of(before, Operation::kFallback).settled != kNever) continue;
    facts.sent_without_results = at;
    facts.missing_result = before;
    return;
  }
}

void FactReader::delivered(const Event& event, Position at) {
  if (event.operation != Operation::kCompensation) return;
  StepFacts& step = facts_.steps[event.step];
  if (step.applied > 0) return;
  const CallFacts& call = calls_[event.call];
  const bool reaches_participant = event.detail != 0 || !call.struck ||
                                   (call.fault != FaultKind::kRejected && call.fault != FaultKind::kUnavailable);
  if (!reaches_participant) return;
  step.null_compensated = std::min(step.null_compensated, at);
  calls_[event.call].null_compensation = true;
}

void FactReader::answered(const Event& event, Position at) {
  CallFacts& call = calls_[event.call];
  const auto status = static_cast<ReplyStatus>(event.detail);
  const bool is_own_word = event.text != 0 || !call.struck ||
                           (call.fault != FaultKind::kRejected && call.fault != FaultKind::kUnavailable &&
                            call.fault != FaultKind::kErrorAfterEffect);
  if (is_own_word && status == ReplyStatus::kRejected) facts_.natural_rejection = true;
  if (!call.null_compensation) return;
  call.null_compensation = false;
  if (is_own_word && status != ReplyStatus::kOk) facts_.steps[event.step].null_refused = at;
}

void FactReader::received(const Event& event, Position at) {
  OperationFacts& facts = facts_of(event);
  const auto status = static_cast<ReplyStatus>(event.detail);
  if (status == ReplyStatus::kOk) {
    facts.confirmed = at;
    facts.confirmed_by = event.incarnation;
  } else if (status == ReplyStatus::kRejected) {
    facts.refused = at;
    facts.refused_by = event.incarnation;
  }
}

void FactReader::logged(const Event& event, Position at) {
  if (facts_.end_logged != kNever) facts_.spoke_after_end = std::min(facts_.spoke_after_end, at);
  switch (static_cast<LogKind>(event.detail)) {
    case LogKind::kIntent: {
      OperationFacts& facts = facts_of(event);
      facts.first_logged = std::min(facts.first_logged, at);
      return;
    }
    case LogKind::kUndone:
      std::erase(unsettled_, event.step);
      facts_of(event).succeeded = facts_of(event).settled = at;
      return;
    case LogKind::kStuck:
      std::erase(unsettled_, event.step);
      facts_of(event).settled = at;
      return;
    case LogKind::kDone:
      facts_of(event).succeeded = facts_of(event).settled = at;
      return;
    case LogKind::kFailed:
      facts_of(event).settled = at;
      return;
    case LogKind::kCompensating:
      facts_.compensating_logged = std::min(facts_.compensating_logged, at);
      return;
    case LogKind::kEnd:
      if (facts_.end_logged != kNever && facts_.end_outcome != static_cast<Outcome>(event.text)) {
        facts_.contradicted = at;
      }
      facts_.end_logged = std::min(facts_.end_logged, at);
      facts_.end_outcome = static_cast<Outcome>(event.text);
      return;
    case LogKind::kStarted:
    case LogKind::kNote:
      return;
  }
}

void FactReader::reported(const Event& event, Position at) {
  if (facts_.reported == kNever) {
    facts_.reported = at;
  } else if (facts_.seen->events[facts_.last_report].detail != event.detail) {
    facts_.contradicted = at;
  }
  facts_.last_report = at;
  facts_.last_incarnation_reporting = event.incarnation;
  for (StepFacts& step : facts_.steps) step.flagged_in_report = false;  // the list that follows replaces the last one
  const auto deadline = facts_.saga->saga().deadline;
  if (deadline && event.at >= deadline->count()) facts_.deadline_passed = true;
}

void FactReader::struck(const Event& event) {
  ++facts_.faults;
  const auto kind = static_cast<FaultKind>(event.detail);
  if (!is_transient(kind)) facts_.only_transient_faults = false;
  if (event.call == 0) return;
  if (calls_.size() <= event.call) calls_.resize(event.call + 1);
  calls_[event.call].struck = true;
  calls_[event.call].fault = kind;
  if (!fails_the_attempt(kind)) return;
  ++facts_of(event).failing_faults;
  const bool may_be_done = kind != FaultKind::kRejected && kind != FaultKind::kUnavailable;
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

}  // namespace saga_harness
