#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include <saga_harness/runtime.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness {

/// Bugs of the systems that the scenarios come from, as far as the catalogue of mutants does not have them.
enum class PlainBug : std::uint8_t {
  kNone,
  kHalfSavedStays,         // several files are one step, which is undone only once all of them are saved
  kAnyAnswerIsSuccess,     // the status of an HTTP answer is not looked at
  kRetryPolicyUnused,      // kept in the definition, and that is all
  kDeadlinePerStep,        // each step has the time of the whole saga
  kEndNotWritten,          // the log goes on saying that the saga runs
  kCompensatesOnce,        // no compensation is retried, and the saga is compensated whatever they answer
  kErrorBodyCompensated,   // a compensation that answers `"success": false` counts as done
  kUndoesTheFinished,      // when it cannot tell of its end, a finished saga is undone
  kPersistenceInNameOnly,  // says that it survives crashes, and keeps nothing
};

constexpr std::string_view name_of(PlainBug bug) {
  constexpr std::string_view kNames[] = {"plain",
                                         "half_saved_stays",
                                         "any_answer_is_success",
                                         "retry_policy_unused",
                                         "deadline_per_step",
                                         "end_not_written",
                                         "compensates_once",
                                         "error_body_compensated",
                                         "undoes_the_finished",
                                         "persistence_in_name_only"};
  return kNames[static_cast<std::size_t>(bug)];
}

/// A coordinator as small as one can be and still be right, for as long as it lives: one step after the
/// other, with retries, back in reverse order over all that may have been done, a word in the log at the end.
class PlainCoordinator {
 public:
  PlainCoordinator(Runtime& runtime, PlainBug bug) : runtime_(runtime), index_(runtime.index()), bug_(bug) {}

  /// What it promises; `persistent` is what no plain coordinator keeps.
  static Claims claims(bool persistent = false) {
    Claims claims{.durable_word = true,
                  .idempotency_keys = true,
                  .silence = true,
                  .retries = true,
                  .honours_pivot = true,
                  .accepts_rejection = true,
                  .names_flagged_steps = true,
                  .carries_context = true,
                  .reads_bodies = true};
    claims.survives_crashes = persistent;
    return claims;
  }

  void run() {
    if (runtime_.cause() != StartCause::kFirst && has(PlainBug::kPersistenceInNameOnly)) return;
    deadline_ = end_of_time();
    for (const StepId id : index_.order()) {
      if (bug_ == PlainBug::kDeadlinePerStep) deadline_ = end_of_time();
      switch (act(id)) {
        case Left::kEffect:
          saved(id);
          continue;
        case Left::kPerhaps:
          if (!is_half_saved(id)) saved(id);
          return go_back(id);
        case Left::kNothing:
          is_half_saved(id);
          return go_back(id);
      }
    }
    if (end(Outcome::kCompleted)) return;
    if (has(PlainBug::kUndoesTheFinished)) return go_back(kNoStep);
    runtime_.report(Outcome::kCompleted);  // done is done, whoever hears of it
  }

 private:
  enum class Left : std::uint8_t { kNothing, kPerhaps, kEffect };

  /// Says in the trace that the bug makes a difference.
  bool has(PlainBug bug) {
    if (bug_ != bug) return false;
    runtime_.mark(name_of(bug));
    return true;
  }

  [[nodiscard]] Time end_of_time() const {
    const auto& deadline = index_.saga().deadline;
    return deadline ? runtime_.now() + *deadline : Time::max();
  }

  void saved(StepId id) {
    to_undo_.push_back(id);
    if (bug_ != PlainBug::kHalfSavedStays || is_last_file(id)) whole_ = to_undo_.size();
  }
  [[nodiscard]] bool is_last_file(StepId id) const {
    return id + 1U == index_.step_count() || index_.step(id).service != index_.step(id + 1U).service;
  }
  // True if what the step has saved so far is forgotten.
  bool is_half_saved(StepId id) {
    const bool forgets = bug_ == PlainBug::kHalfSavedStays &&
                         (whole_ < to_undo_.size() || !is_last_file(id)) && has(PlainBug::kHalfSavedStays);
    if (forgets) to_undo_.resize(whole_);
    return forgets;
  }

  Reply ask(StepId id, Operation operation, Duration timeout) {
    const Step& step = index_.step(id);
    return runtime_.call({.service = step.service,
                          .action = index_.action_of({id, operation}),
                          .step = step.name,
                          .idempotency_key = runtime_.text(
                              {runtime_.saga_id(), "/", step.name, "/", name_of_operation(operation)}),
                          .correlation_id = runtime_.correlation_id(),
                          .auth_token = runtime_.auth_token(),
                          .timeout = timeout});
  }
  static std::string_view name_of_operation(Operation operation) { return saga_harness::name_of(operation); }

  ReplyStatus meaning_of(const Reply& reply, Operation operation) {
    const bool came = reply.status != ReplyStatus::kTimeout && reply.status != ReplyStatus::kCorrupt;
    if (!reply.ok()) return came && has(PlainBug::kAnyAnswerIsSuccess) ? ReplyStatus::kOk : reply.status;
    if (reply.correlation_id != runtime_.correlation_id()) return ReplyStatus::kMismatched;
    if (!says_failure(reply.body)) return ReplyStatus::kOk;
    if (operation == Operation::kCompensation && has(PlainBug::kErrorBodyCompensated))
      return ReplyStatus::kOk;
    return ReplyStatus::kRejected;
  }

  Left act(StepId id) {
    const Step& step = index_.step(id);
    Left left = Left::kNothing;
    for (int attempt = 1;; ++attempt) {
      const Duration remaining = deadline_ == Time::max() ? Duration::max() : deadline_ - runtime_.now();
      if (remaining <= Duration::zero()) return left;
      const Reply reply = ask(id, Operation::kAction, std::min(step.timeout, remaining));
      const ReplyStatus status = meaning_of(reply, Operation::kAction);
      if (status == ReplyStatus::kOk) return Left::kEffect;
      if (is_definite_refusal(status)) return step.compensated_if_refused ? Left::kPerhaps : left;
      if (!is_sure_no(status)) left = Left::kPerhaps;
      if (left == Left::kPerhaps && !step.idempotent) return left;
      if (attempt == step.retry.attempts || has(PlainBug::kRetryPolicyUnused)) return left;
      const Duration wait = std::max(backoff(step.retry, attempt + 1), reply.retry_after);
      if (runtime_.now() + wait >= deadline_) return left;
      if (bug_ == PlainBug::kDeadlinePerStep) runtime_.mark(name_of(bug_));
      runtime_.sleep(wait);
    }
  }

  bool undo(StepId id) {
    const Step& step = index_.step(id);
    if (!step.has_effect) return true;
    if (step.compensation.empty()) return false;
    for (int attempt = 1;; ++attempt) {
      const Reply reply = ask(id, Operation::kCompensation, step.compensation_timeout);
      const ReplyStatus status = meaning_of(reply, Operation::kCompensation);
      if (status == ReplyStatus::kOk || has(PlainBug::kCompensatesOnce)) return true;
      if (is_definite_refusal(status) || attempt == step.compensation_retry.attempts) return false;
      runtime_.sleep(std::max(backoff(step.compensation_retry, attempt + 1), reply.retry_after));
    }
  }

  void go_back(StepId failed) {
    const StepId pivot = index_.pivot();
    const bool is_past_pivot =
        failed == pivot && failed != kNoStep && !to_undo_.empty() && to_undo_.back() == pivot;
    for (std::size_t i = to_undo_.size(); i-- > 0;) {
      const StepId id = to_undo_[i];
      const bool is_final = failed == kNoStep && index_.step(id).compensation.empty();
      if (!index_.step(id).has_effect) continue;
      if (!is_final && (is_past_pivot || !undo(id))) flagged_.push_back(index_.step(id).name);
    }
    end(flagged_.empty() ? Outcome::kCompensated : Outcome::kFlagged, true);
  }

  // False if it could not be told, and need not be.
  bool end(Outcome outcome, bool anyhow = false) {
    const LogRecord record{.kind = LogKind::kEnd, .outcome = outcome, .flagged = flagged_};
    const bool is_told = has(PlainBug::kEndNotWritten) || runtime_.append(record) == LogWrite::kDurable;
    if (is_told || anyhow) runtime_.report(outcome, flagged_);
    return is_told;
  }

  Runtime& runtime_;
  const SagaIndex& index_;
  PlainBug bug_;
  std::vector<StepId> to_undo_ = {};
  std::size_t whole_ = 0;  // so many of them belong to steps that were done as a whole
  std::vector<std::string_view> flagged_ = {};
  Time deadline_ = Time::max();
};

inline Coordinator plain_coordinator(PlainBug bug = PlainBug::kNone) {
  return [bug](Runtime& runtime) { PlainCoordinator(runtime, bug).run(); };
}

}  // namespace saga_harness
