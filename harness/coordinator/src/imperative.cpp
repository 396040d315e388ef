#include <saga_harness/imperative.hpp>

#include <vector>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "step_journal.hpp"

namespace saga_harness {

std::string_view name_of(ImperativeState state) {
  switch (state) {
    case ImperativeState::kPending:
      return "pending";
    case ImperativeState::kExecuting:
      return "executing";
    case ImperativeState::kCommitted:
      return "committed";
    case ImperativeState::kRolledBack:
      return "rolled_back";
    case ImperativeState::kFailed:
      return "failed";
  }
  return "";
}

class ImperativeSaga::Impl {
 public:
  Impl(Runtime& of_run, std::string_view user)
      : runtime(of_run), journal(of_run), user_id(of_run.text({user})) {
    journal.recover();
    if (const LogRecord* end = journal.end()) {
      end_as(end->outcome);
      runtime.report(end->outcome, end->flagged);
    }
  }

  void begin() {
    if (state == ImperativeState::kPending) {
      journal.begin();
      state = ImperativeState::kExecuting;
    }
    if (state == ImperativeState::kRolledBack || state == ImperativeState::kFailed) throw aborted();
  }

  void end_as(Outcome outcome) {
    state = outcome == Outcome::kCompleted     ? ImperativeState::kCommitted
            : outcome == Outcome::kCompensated ? ImperativeState::kRolledBack
                                               : ImperativeState::kFailed;
  }

  void end(Outcome outcome) {
    const std::vector<std::string_view> flagged =
        outcome == Outcome::kFlagged ? journal.left() : std::vector<std::string_view>();
    journal.write({.kind = LogKind::kEnd, .outcome = outcome, .flagged = flagged});
    end_as(outcome);
    runtime.report(outcome, flagged);
  }

  [[nodiscard]] SagaAborted aborted() const {
    return SagaAborted(fmt::format("the saga {} has been rolled back ({}): {}", runtime.saga_id(),
                                   name_of(state), error.empty() ? "it was when it ended" : error));
  }

  [[noreturn]] void roll_back(ImperativeSaga& saga, std::string_view at, std::string_view why) {
    failed_at = runtime.text({at});
    error = runtime.text({why});
    if (!journal.is_compensating() && journal.is_past_pivot()) {
      end(Outcome::kFlagged);  // no way back
      throw aborted();
    }
    journal.go_back();
    for (std::size_t i = steps.size(); i-- > 0;) {
      StepCalls calls(saga, i);
      if (!steps[i].rollback) {
        calls.undo_all();
        continue;
      }
      try {
        steps[i].rollback(calls);
      } catch (const Error&) {
        throw;
      } catch (const std::exception&) {  // what it has not undone is left, and will be named
      }
    }
    end(journal.left().empty() ? Outcome::kCompensated : Outcome::kFlagged);
    throw aborted();
  }

  /// Of an optional step: only where the saga may not go on either does it roll back.
  Reply perform_optional(ImperativeSaga& saga, std::string_view step, std::string_view payload) {
    begin();
    steps.emplace_back();
    StepCalls calls(saga, steps.size() - 1);
    try {
      Reply reply = calls.perform(step, payload);
      ++completed;
      return reply;
    } catch (const StepFailed& failed) {
      if (!journal.may_go_on()) roll_back(saga, step, failed.what());
      return {.status = failed.maybe_done() ? ReplyStatus::kTimeout : ReplyStatus::kRejected,
              .correlation_id = runtime.correlation_id()};
    }
  }

  struct ImperativeStep {
    Rollback rollback = {};
    std::vector<StepId> asked = {};  // steps of the definition, in this order
  };

  Runtime& runtime;
  StepJournal journal;
  std::string_view user_id;
  std::vector<ImperativeStep> steps = {};
  ImperativeState state = ImperativeState::kPending;
  int completed = 0;
  std::string_view failed_at = {};
  std::string_view error = {};
};

ImperativeSaga::ImperativeSaga(Runtime& runtime, std::string_view user_id)
    : impl_(std::make_unique<Impl>(runtime, user_id)) {}
ImperativeSaga::~ImperativeSaga() = default;

Reply ImperativeSaga::execute_step(std::string_view name, const Action& action, Rollback rollback) {
  if (!action)
    throw Error(ErrorText{.message = fmt::format("execute_step(\"{}\"): the action is empty", name),
                          .fix = "give it something to do"});
  impl_->begin();
  // Due to be undone from before it is asked for: its reply may be lost.
  impl_->steps.push_back({.rollback = std::move(rollback)});
  StepCalls calls(*this, impl_->steps.size() - 1);
  std::string why;
  try {
    const Reply reply = action(calls);
    if (reply.ok()) {
      ++impl_->completed;
      return reply;
    }
    why = fmt::format("{}: {}", name, name_of(reply.status));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    why = exception.what();
  }
  impl_->roll_back(*this, name, why);
}

Reply ImperativeSaga::execute_step(std::string_view step, std::string_view payload) {
  const StepId id = impl_->journal.find(step);
  if (impl_->runtime.is_skipped(id, impl_->journal.results())) {
    impl_->begin();
    return {.correlation_id = impl_->runtime.correlation_id()};
  }
  if (impl_->runtime.index().step(id).optional) return impl_->perform_optional(*this, step, payload);
  return execute_step(step, [&](StepCalls& calls) { return calls.perform(step, payload); });
}

void ImperativeSaga::commit() {
  impl_->begin();
  if (impl_->state == ImperativeState::kCommitted) return;
  if (impl_->journal.must_go_back()) rollback("it is to be undone");
  impl_->end(Outcome::kCompleted);
}

void ImperativeSaga::rollback(std::string_view why) {
  impl_->begin();
  if (impl_->state == ImperativeState::kCommitted)
    throw Error(
        ErrorText{.message = "rollback(): the saga is committed", .fix = "roll back before commit()"});
  impl_->roll_back(*this, {}, why);
}

ImperativeStatus ImperativeSaga::get_status() const {
  return {.saga_id = impl_->runtime.saga_id(),
          .user_id = impl_->user_id,
          .state = impl_->state,
          .total_steps = static_cast<int>(impl_->steps.size()),
          .completed_steps = impl_->completed,
          .failed_at = impl_->failed_at,
          .error = impl_->error};
}

Runtime& ImperativeSaga::runtime() noexcept { return impl_->runtime; }

Reply StepCalls::perform(std::string_view step, std::string_view payload) {
  StepJournal& journal = saga_->impl_->journal;
  const StepId id = journal.find(step);
  saga_->impl_->steps[step_].asked.push_back(id);
  return journal.perform(id, payload);
}

bool StepCalls::undo(std::string_view step, std::string_view payload) {
  StepJournal& journal = saga_->impl_->journal;
  return journal.undo(journal.find(step), payload);
}

void StepCalls::undo_all() {
  const std::vector<StepId>& asked = saga_->impl_->steps[step_].asked;
  for (std::size_t i = asked.size(); i-- > 0;) saga_->impl_->journal.undo(asked[i], {});
}

Coordinator imperative(std::function<void(ImperativeSaga&)> body, std::string user_id) {
  if (!body)
    throw Error(ErrorText{.message = "imperative(): the saga has no code", .fix = "give it a function"});
  return [body = std::move(body), user_id = std::move(user_id)](Runtime& runtime) {
    try {
      ImperativeSaga saga(runtime, user_id);
      if (saga.impl_->state == ImperativeState::kPending) body(saga);
    } catch (const SagaAborted&) {
    } catch (const IncarnationStops&) {
    }
  };
}

Claims imperative_claims() { return Claims::all(); }

}  // namespace saga_harness
