#include <algorithm>
#include <array>
#include <set>
#include <string>

#include <saga_harness/choreography.hpp>
#include <saga_harness/orchestrator.hpp>

namespace saga_harness {
namespace {

/// What a service remembers while it runs, where a bug makes it.
struct Memory {
  std::set<std::string, std::less<>> facts;
  std::string first_saga;  // that it has heard of
};

bool remembers(ChoreographyBug bug) {
  return bug == ChoreographyBug::kDoneInMemory || bug == ChoreographyBug::kOneCorrelationForAll;
}

/// One event at one service.
class Handling {
 public:
  Handling(const EventDelivery& event, HandlerContext& handler_context, ChoreographyBug bug,
           Memory* memory = nullptr)
      : event_(event),
        handler_context_(handler_context),
        bug_(bug),
        memory_(memory),
        step_(handler_context.index().step(event.operation.step)),
        owner_(has(ChoreographyBug::kFactsWithoutSaga) ? std::string_view() : event.correlation_id),
        inbox_(handler_context.text({"handled ", event.message_id, " by ", step_.name})),
        done_(handler_context.text({"done ", step_.name, " of ", owner_})),
        undone_(handler_context.text({"undone ", step_.name, " of ", owner_})),
        over_(handler_context.text({"over ", step_.name, " of ", owner_})) {}

  Handled run() {
    if (event_.is_deadline) return go_off();
    if (!is_awaited() && !has(ChoreographyBug::kActsOnAnything)) return Handled::kGivenUp;
    if (has(ChoreographyBug::kAckBeforeEffect)) handler_context_.acknowledge();
    const bool is_handled = handler_context_.knows(inbox_);
    if (is_handled && !has(ChoreographyBug::kDuplicateAppliedTwice)) return Handled::kDone;
    if (!is_handled) {
      for (const std::string_view event :
           {std::string_view(step_.emits.success), std::string_view(step_.emits.failure),
            std::string_view(step_.emits.compensated)}) {
        if (!event.empty() && handler_context_.knows(to_tell(event))) return tell(event);
      }
    }
    return event_.operation.operation == Operation::kCompensation ? compensate() : act();
  }

 private:
  /// What came to the subscription may be what it is not for.
  [[nodiscard]] bool is_awaited() const {
    const bool is_action = event_.operation.operation == Operation::kAction;
    const std::vector<std::string>& awaited = is_action ? step_.on_event : step_.compensate_on;
    return std::ranges::find(awaited, event_.event) != awaited.end();
  }

  Handled act() {
    if (handler_context_.knows(over_) && !has(ChoreographyBug::kCompensationOvertakes)) return finish();
    handler_context_.keep(come(is_awaited() ? event_.event : step_.on_event.front()));
    for (const std::string& event : step_.on_event) {
      if (!handler_context_.knows(come(event))) return finish();  // it will be done when the last has come
    }
    if (has(ChoreographyBug::kPublishWithoutCommit)) handler_context_.publish(answer(step_.emits.success));
    const Reply reply = handler_context_.perform();
    if (reply.ok()) {
      keep_done();
      return finish(step_.emits.success);
    }
    if (is_definite_refusal(reply.status)) {
      if (has(ChoreographyBug::kRefusalLaidAside)) return Handled::kGivenUp;
      handler_context_.keep(over_);
      return finish(step_.emits.failure);
    }
    return failed();
  }

  Handled compensate() {
    if (is_unheard_of()) return finish();
    if (handler_context_.knows(undone_)) return finish();
    if (is_done()) {
      const Reply reply = handler_context_.perform();
      if (is_definite_refusal(reply.status)) return Handled::kGivenUp;
      if (!reply.ok()) return failed();
    } else if (is_sibling_of_emitter() && has(ChoreographyBug::kLateParallelSuccess)) {
      return finish();
    }
    handler_context_.keep(undone_);
    handler_context_.keep(over_);
    return finish(step_.emits.compensated);
  }

  // The last step is done, or it never will be: both are decided here.
  Handled go_off() {
    if (is_done() && !has(ChoreographyBug::kTimeoutCompensatesCompleted)) return Handled::kDone;
    handler_context_.keep(over_);
    if (has(ChoreographyBug::kDeadlineUntold)) return Handled::kDone;
    handler_context_.emit(answer(event_.event));
    return Handled::kDone;
  }

  Handled finish(std::string_view event = {}) {
    if (event.empty()) {
      handler_context_.keep(inbox_);
      return Handled::kDone;
    }
    if (has(ChoreographyBug::kCommitWithoutPublish)) {
      handler_context_.keep(inbox_);
      handler_context_.publish(answer(event));
      return Handled::kDone;
    }
    if (has(ChoreographyBug::kHandledBeforeTold)) handler_context_.keep(inbox_);
    handler_context_.keep(to_tell(event));
    handler_context_.commit();
    return tell(event);
  }

  // The effect is there; whoever died before this comes back to it.
  Handled tell(std::string_view event) {
    handler_context_.emit(answer(event));
    handler_context_.commit();
    handler_context_.keep(inbox_);
    return Handled::kDone;
  }

  Handled failed() {
    if (has(ChoreographyBug::kHandlerErrorSwallowed)) return finish();
    if (has(ChoreographyBug::kGivesUpAtOnce)) return Handled::kGivenUp;
    if (!has(ChoreographyBug::kSiblingRerun)) return Handled::kAgain;
    OutgoingEvent again = answer(event_.event);
    again.message_id = handler_context_.text({event_.message_id, " again"});
    handler_context_.emit(again);
    return Handled::kDone;
  }

  [[nodiscard]] OutgoingEvent answer(std::string_view event) {
    if (has(ChoreographyBug::kEventContextLost)) return {.event = event};
    return {.event = event, .correlation_id = correlation_id(), .auth_token = event_.auth_token};
  }

  [[nodiscard]] std::string_view correlation_id() {
    if (bug_ != ChoreographyBug::kOneCorrelationForAll) return event_.correlation_id;
    std::string& first = memory_->first_saga;
    if (first.empty()) first = event_.correlation_id;
    if (first == event_.correlation_id || !has(ChoreographyBug::kOneCorrelationForAll))
      return event_.correlation_id;
    return first;
  }

  [[nodiscard]] std::string_view to_tell(std::string_view event) {
    return handler_context_.text({"to tell ", event, " after ", event_.message_id});
  }

  [[nodiscard]] std::string_view come(std::string_view event) {
    return handler_context_.text({event, " has come for ", step_.name, " of ", owner_});
  }

  // The failure of the last step that can fail.
  [[nodiscard]] bool is_unheard_of() {
    const auto& steps = handler_context_.index().saga().steps;
    const auto last = std::find_if(steps.rbegin(), steps.rend(),
                                   [](const Step& step) { return !step.emits.failure.empty(); });
    return last != steps.rend() && last->emits.failure == event_.event &&
           has(ChoreographyBug::kFailureWithoutSubscriber);
  }

  [[nodiscard]] bool is_sibling_of_emitter() const {
    const SagaIndex& index = handler_context_.index();
    const StepId own = event_.operation.step;
    for (StepId other = 0; other < index.step_count(); ++other) {
      if (index.step(other).emits.failure != event_.event || other == own) continue;
      if (!index.precedes(own, other) && !index.precedes(other, own)) return true;
    }
    return false;
  }

  void keep_done() {
    if (!has(ChoreographyBug::kDoneInMemory)) return handler_context_.keep(done_);
    memory_->facts.emplace(done_);
  }
  [[nodiscard]] bool is_done() {
    return has(ChoreographyBug::kDoneInMemory) ? memory_->facts.contains(done_)
                                               : handler_context_.knows(done_);
  }

  /// True if `bug` is switched on; says so in the trace, so ask only where it makes a difference.
  [[nodiscard]] bool has(ChoreographyBug bug) {
    if (bug_ != bug) return false;
    handler_context_.mark(name_of(bug));
    return true;
  }

  const EventDelivery& event_;
  HandlerContext& handler_context_;
  ChoreographyBug bug_;
  Memory* memory_;
  const Step& step_;
  std::string_view owner_;  // the saga that the event is of, as its services know it
  std::string_view inbox_;
  std::string_view done_;
  std::string_view undone_;
  std::string_view over_;
};

}  // namespace

EventHandlerFactory choreography(ChoreographyBug bug) {
  if (remembers(bug)) {
    return [bug](std::string_view) {
      return [bug, memory = Memory()](const EventDelivery& event, HandlerContext& handler_context) mutable {
        return Handling(event, handler_context, bug, &memory).run();
      };
    };
  }
  return [bug](std::string_view) {
    return [bug](const EventDelivery& event, HandlerContext& handler_context) {
      return Handling(event, handler_context, bug).run();
    };
  };
}

Claims choreography_claims() {
  return {.silence = true,
          .retries = true,
          .accepts_rejection = true,
          .names_flagged_steps = true,
          .carries_context = true,
          .separate_transactions = true};
}

void use_reference(Setup& setup, Claims& claims) {
  if (!setup.saga->is_choreography()) {
    setup.coordinator = orchestrator();
    return;
  }
  setup.handlers = choreography();
  claims = choreography_claims();
}

std::string_view name_of(ChoreographyBug bug) {
  switch (bug) {
    case ChoreographyBug::kNone:
      return "reference";
    case ChoreographyBug::kAckBeforeEffect:
      return "ack_before_effect";
    case ChoreographyBug::kCommitWithoutPublish:
      return "commit_without_publish";
    case ChoreographyBug::kPublishWithoutCommit:
      return "publish_without_commit";
    case ChoreographyBug::kDuplicateAppliedTwice:
      return "duplicate_applied_twice";
    case ChoreographyBug::kFailureWithoutSubscriber:
      return "failure_without_subscriber";
    case ChoreographyBug::kHandlerErrorSwallowed:
      return "handler_error_swallowed";
    case ChoreographyBug::kTimeoutCompensatesCompleted:
      return "timeout_compensates_completed";
    case ChoreographyBug::kCompensationOvertakes:
      return "compensation_overtakes";
    case ChoreographyBug::kLateParallelSuccess:
      return "late_parallel_success";
    case ChoreographyBug::kSiblingRerun:
      return "sibling_rerun";
    case ChoreographyBug::kEventContextLost:
      return "event_context_lost";
    case ChoreographyBug::kHandledBeforeTold:
      return "handled_before_told";
    case ChoreographyBug::kDoneInMemory:
      return "done_in_memory";
    case ChoreographyBug::kFactsWithoutSaga:
      return "facts_without_saga";
    case ChoreographyBug::kOneCorrelationForAll:
      return "one_correlation_for_all";
    case ChoreographyBug::kActsOnAnything:
      return "acts_on_anything";
    case ChoreographyBug::kGivesUpAtOnce:
      return "gives_up_at_once";
    case ChoreographyBug::kRefusalLaidAside:
      return "refusal_laid_aside";
    case ChoreographyBug::kDeadlineUntold:
      return "deadline_untold";
  }
  return "";
}

std::span<const ChoreographyBug> all_choreography_bugs() {
  static constexpr auto kFirst = static_cast<std::size_t>(ChoreographyBug::kAckBeforeEffect);
  static constexpr auto kLast = static_cast<std::size_t>(ChoreographyBug::kDeadlineUntold);
  static constexpr auto kAll = [] {
    std::array<ChoreographyBug, kLast - kFirst + 1> all = {};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<ChoreographyBug>(kFirst + i);
    return all;
  }();
  return kAll;
}

}  // namespace saga_harness
