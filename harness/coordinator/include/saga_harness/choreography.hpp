#pragma once

#include <span>
#include <string_view>

#include <saga_harness/engine.hpp>
#include <saga_harness/handler_context.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness {

/// Known bugs of choreographies that the reference can be switched to, each a small change of the real code.
enum class ChoreographyBug : std::uint8_t {
  kNone,
  kAckBeforeEffect,
  kCommitWithoutPublish,
  kPublishWithoutCommit,
  kDuplicateAppliedTwice,
  kFailureWithoutSubscriber,
  kHandlerErrorSwallowed,
  kTimeoutCompensatesCompleted,
  kCompensationOvertakes,
  kLateParallelSuccess,
  kSiblingRerun,
  kEventContextLost,
  kHandledBeforeTold,
  kDoneInMemory,
  kFactsWithoutSaga,
  kOneCorrelationForAll,
  kActsOnAnything,
  kGivesUpAtOnce,
  kRefusalLaidAside,
  kDeadlineUntold,
};
[[nodiscard]] std::string_view name_of(ChoreographyBug bug);
/// All but kNone.
[[nodiscard]] std::span<const ChoreographyBug> all_choreography_bugs();

/// The reference choreography: what each service does with an event. Its database remembers which messages it
/// has handled (inbox), and of each saga, which steps are done, and which are over: compensated, refused or
/// stopped by the timer (tombstones). Three transactions: the effect, with what follows from it and what is
/// to be told; the event (outbox); the inbox. A service that dies between two of them goes on there when the
/// message comes again. So a message that comes twice changes nothing, a compensation that overtakes its
/// action keeps it from being done, and what has been done is told. What cannot be done is asked for again,
/// and ends as a dead letter for a person; what it has not subscribed to, or cannot read, does so at once.
///
/// Correct unless given a bug. The events come from the definition, so one handler serves every service.
[[nodiscard]] EventHandlerFactory choreography(ChoreographyBug bug = ChoreographyBug::kNone);

/// What the reference promises beyond outcome and order: silence, the retry budgets, context, named steps,
/// and that its transactions are separate.
[[nodiscard]] Claims choreography_claims();

/// The reference for `setup.saga`: the orchestrator, or the choreography, if it is one.
void use_reference(Setup& setup, Claims& claims);

}  // namespace saga_harness
