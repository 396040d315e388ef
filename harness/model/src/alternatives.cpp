#include <array>

#include <saga_harness/fault.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/faults.hpp>

namespace saga_harness {
namespace {

// The fixed order in which exploration tries them.
constexpr std::array kAtCalls{FaultKind::kRejected,
                              FaultKind::kRejectedInBody,
                              FaultKind::kUnauthorized,
                              FaultKind::kConflict,
                              FaultKind::kUnavailable,
                              FaultKind::kRateLimited,
                              FaultKind::kErrorAfterEffect,
                              FaultKind::kParticipantCrashBefore,
                              FaultKind::kParticipantCrashAfter,
                              FaultKind::kParticipantForgets,
                              FaultKind::kRequestLost,
                              FaultKind::kRequestDuplicated,
                              FaultKind::kRequestDuplicatedLater,
                              FaultKind::kRequestReordered,
                              FaultKind::kRequestLate,
                              FaultKind::kRequestLateAfterCompensation,
                              FaultKind::kRequestLateAfterEnd,
                              FaultKind::kReplyLost,
                              FaultKind::kReplyLate,
                              FaultKind::kReplyDuplicated,
                              FaultKind::kReplyCorrupt,
                              FaultKind::kReplyCorruptWithoutEffect,
                              FaultKind::kReplyMismatched,
                              FaultKind::kDelayUnderTimeout,
                              FaultKind::kDelayAtTimeout,
                              FaultKind::kDelayOverTimeout,
                              FaultKind::kDelayPastDeadline};

// One for each way in which an attempt can fail and be tried again: what the caller is told (503, 429, 500,
// unreadable, nothing) with and without the effect. A window of any other kind would repeat one of these.
constexpr std::array kWithWindows{FaultKind::kUnavailable,         FaultKind::kRateLimited,
                                  FaultKind::kErrorAfterEffect,    FaultKind::kParticipantCrashBefore,
                                  FaultKind::kRequestLost,         FaultKind::kRequestLate,
                                  FaultKind::kRequestLateAfterEnd, FaultKind::kReplyLost,
                                  FaultKind::kReplyCorrupt,        FaultKind::kReplyCorruptWithoutEffect};

bool is_legal_at_call(FaultKind kind, OperationId operation, const SagaIndex& saga) {
  const bool undoable = operation.operation != Operation::kCompensation &&
                        !saga.action_of({operation.step, Operation::kCompensation}).empty();
  if (kind == FaultKind::kRequestLateAfterCompensation) return undoable;
  if (kind == FaultKind::kDelayPastDeadline) return saga.saga().deadline.has_value();
  return true;
}

std::vector<Alternative> at_call(OperationId operation, const SagaIndex& saga) {
  std::vector<Alternative> legal;
  for (const FaultKind kind : kAtCalls) {
    if (is_legal_at_call(kind, operation, saga)) legal.push_back({kind, Window::kOnce});
  }
  for (const FaultKind kind : kWithWindows) {
    if (saga.budget(operation) > 1) legal.push_back({kind, Window::kBudget});
    legal.push_back({kind, Window::kHeal});
    legal.push_back({kind, Window::kForever});
  }
  return legal;
}

std::vector<Alternative> during_call(OperationId operation) {
  std::vector<Alternative> legal;
  for (const FaultKind kind : {FaultKind::kTakeover, FaultKind::kCancel, FaultKind::kStartDuplicated,
                               FaultKind::kClockForward, FaultKind::kClockBack}) {
    // Going backward already, a saga cannot be cancelled any more.
    if (kind == FaultKind::kCancel && operation.operation == Operation::kCompensation) continue;
    legal.push_back({kind, Window::kOnce});
  }
  return legal;
}

std::vector<Alternative> at_log_write() {
  return {{FaultKind::kCoordinatorCrash, Window::kOnce},
          {FaultKind::kLogWriteError, Window::kOnce},
          {FaultKind::kLogWriteError, Window::kHeal},
          {FaultKind::kLogWriteTorn, Window::kOnce},
          {FaultKind::kLogWriteLost, Window::kOnce}};
}

// Over a bus: a request is an event on its way to a subscriber, a reply the acknowledgement, an attempt a
// delivery. A bus delivers again what is not acknowledged.
constexpr std::array kAtDeliveries{FaultKind::kRejected,
                                   FaultKind::kUnavailable,
                                   FaultKind::kErrorAfterEffect,
                                   FaultKind::kParticipantCrashBefore,
                                   FaultKind::kParticipantCrashAfter,
                                   FaultKind::kParticipantForgets,
                                   FaultKind::kRequestLost,
                                   FaultKind::kRequestDuplicated,
                                   FaultKind::kRequestDuplicatedLater,
                                   FaultKind::kRequestReordered,
                                   FaultKind::kRequestLate,
                                   FaultKind::kRequestLateAfterCompensation,
                                   FaultKind::kRequestLateAfterEnd,
                                   FaultKind::kReplyLost,
                                   FaultKind::kDelayPastDeadline,
                                   FaultKind::kSubscriberMissing};

// What a bus can be told, with the effect and without. Dead letters end them all before the faults stop.
constexpr std::array kLastingDeliveries{FaultKind::kUnavailable, FaultKind::kErrorAfterEffect,
                                        FaultKind::kRequestLost, FaultKind::kReplyLost};

std::vector<Alternative> at_delivery(OperationId operation, const SagaIndex& saga) {
  std::vector<Alternative> legal;
  for (const FaultKind kind : kAtDeliveries) {
    if (is_legal_at_call(kind, operation, saga)) legal.push_back({kind, Window::kOnce});
  }
  for (const FaultKind kind : kLastingDeliveries) {
    if (saga.budget(operation) > 1) legal.push_back({kind, Window::kBudget});
    legal.push_back({kind, Window::kForever});
  }
  return legal;
}

std::vector<Alternative> at_publish(OperationId operation, const SagaIndex& saga) {
  const bool is_silent =
      operation.operation == Operation::kCompensation && saga.step(operation.step).emits.compensated.empty();
  if (is_silent) return {};
  return {{FaultKind::kRequestLost, Window::kOnce},
          {FaultKind::kReplyLost, Window::kOnce},
          {FaultKind::kParticipantCrashBefore, Window::kOnce},
          {FaultKind::kParticipantCrashAfter, Window::kOnce},
          {FaultKind::kRequestLost, Window::kHeal}};
}

}  // namespace

namespace internal {

bool is_about_saga(Where where) {
  switch (where) {
    case Where::kCall:
    case Where::kBeforeCall:
    case Where::kDuringCall:
    case Where::kAfterCall:
    case Where::kBeforeIntent:
    case Where::kAfterIntent:
    case Where::kBeforeResult:
    case Where::kAfterResult:
    case Where::kPublish:
      return false;
    case Where::kBeforeStarted:
    case Where::kAfterStarted:
    case Where::kBeforeCompensating:
    case Where::kAfterCompensating:
    case Where::kBeforeEnd:
    case Where::kAfterEnd:
    case Where::kBeforeNote:
    case Where::kAfterNote:
    case Where::kOnResume:
      return true;
  }
  return false;
}

}  // namespace internal

std::vector<Alternative> legal_alternatives(Where where, OperationId operation, const SagaIndex& saga) {
  const bool about_saga = operation.step == kNoStep;
  if (about_saga != internal::is_about_saga(where)) return {};
  if (!about_saga && saga.action_of(operation).empty()) return {};
  if (saga.is_choreography()) {  // there is no coordinator, and no log of one
    if (where == Where::kCall) return at_delivery(operation, saga);
    return where == Where::kPublish ? at_publish(operation, saga) : std::vector<Alternative>();
  }
  switch (where) {
    case Where::kCall:
      return at_call(operation, saga);
    case Where::kDuringCall:
      return during_call(operation);
    case Where::kBeforeIntent:
    case Where::kBeforeResult:
    case Where::kBeforeStarted:
    case Where::kBeforeCompensating:
    case Where::kBeforeEnd:
    case Where::kBeforeNote:
      return at_log_write();
    case Where::kAfterEnd:
      return {{FaultKind::kCoordinatorCrash, Window::kOnce}, {FaultKind::kStartDuplicated, Window::kOnce}};
    case Where::kOnResume:
      return {{FaultKind::kLogReadStale, Window::kOnce}};
    case Where::kBeforeCall:
    case Where::kAfterCall:
    case Where::kAfterIntent:
    case Where::kAfterResult:
    case Where::kAfterStarted:
    case Where::kAfterCompensating:
    case Where::kAfterNote:
      return {{FaultKind::kCoordinatorCrash, Window::kOnce}};
    case Where::kPublish:
      return {};
  }
  return {};
}

}  // namespace saga_harness
