// What the log and the reports of a coordinator say.

#include <algorithm>

#include "trace_summary.hpp"

namespace saga_harness {

// Who was told that a write failed writes it again, though it is there.
bool FactReader::is_written_again(const Event& event, Position at) {
  if (unconfirmed_ != kNever) {
    Event first = summary_.seen->events[unconfirmed_];
    first.at = event.at;
    first.attempt = event.attempt;
    if (first == event) return true;
  }
  if (is_unconfirmed_) unconfirmed_ = at;
  return false;
}

void FactReader::logged(const Event& event, Position at) {
  const bool is_known = is_written_again(event, at);
  is_unconfirmed_ = false;
  if (is_known) return;
  const auto kind = static_cast<LogKind>(event.detail);
  // What the incarnation that ended the saga notes for itself is its own business.
  const bool is_own_note = kind == LogKind::kNote && event.incarnation == summary_.ended_by;
  if (summary_.end_logged != kNever && !is_own_note) {
    summary_.spoke_after_end = std::min(summary_.spoke_after_end, at);
  }
  switch (kind) {
    case LogKind::kIntent: {
      OperationSummary& summary = summary_of(event);
      if (summary.first_logged == kNever) {
        summary.first_logged = at;
        summary.intended_by = event.incarnation;
      }
      return;
    }
    case LogKind::kUndone:
      std::erase(unsettled_, event.step);
      summary_of(event).succeeded = summary_of(event).settled = at;
      return;
    case LogKind::kStuck:
      std::erase(unsettled_, event.step);
      gave_up_on(event, at);
      return;
    case LogKind::kDone:
      summary_of(event).succeeded = summary_of(event).settled = at;
      return;
    case LogKind::kFailed:
      gave_up_on(event, at);
      summary_of(event).surely_failed = event.text == 0;
      return;
    case LogKind::kCompensating:
      summary_.compensating_logged = std::min(summary_.compensating_logged, at);
      return;
    case LogKind::kEnd:
      if (summary_.end_logged != kNever && summary_.end_outcome != static_cast<Outcome>(event.text)) {
        summary_.contradicted = at;
      }
      if (summary_.end_logged == kNever) {
        summary_.end_logged = at;
        summary_.ended_by = event.incarnation;
      }
      summary_.end_outcome = static_cast<Outcome>(event.text);
      return;
    case LogKind::kStarted:
      if (!started_logged_) summary_.started_at = event.at;
      started_logged_ = true;
      return;
    case LogKind::kNote:
    case LogKind::kTorn:
      return;
  }
}

void FactReader::gave_up_on(const Event& event, Position at) {
  OperationSummary& summary = summary_of(event);
  summary.settled = at;
  summary.refusal_logged = summary.refused != kNever;
}

void FactReader::reported(const Event& event, Position at) {
  if (summary_.reported == kNever) {
    summary_.reported = at;
    summary_.reported_by = event.incarnation;
    const auto deadline = summary_.saga->saga().deadline;
    if (deadline && event.at >= deadline->count()) summary_.deadline_cut_in = true;
  } else if (summary_.seen->events[summary_.last_report].detail != event.detail) {
    summary_.contradicted = at;
    if (summary_.reported_otherwise == kNever) {
      summary_.reported_otherwise = at;
      summary_.reported_before = summary_.last_report;
    }
  }
  ++summary_.reports;
  summary_.last_report = at;
}

void FactReader::reported_step(const Event& event, Position at) {
  StepSummary& step = summary_.steps[event.step];
  if (step.named_by == summary_.last_report) return;
  ++step.reports_naming;
  step.named_by = summary_.last_report;
  const OperationSummary& compensation = summary_.of(event.step, Operation::kCompensation);
  if (compensation.confirmed == kNever || step.named_though_undone != kNever) return;
  // Told to an incarnation that died before writing it down, it is not known to the one that speaks.
  const bool is_logged = compensation.succeeded != kNever && compensation.succeeded > compensation.confirmed;
  if (is_logged || compensation.confirmed_by == event.incarnation) step.named_though_undone = at;
}

}  // namespace saga_harness
