#include <array>

#include <saga_harness/fault.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/faults.hpp>

namespace saga_harness {
namespace {

// The fixed order in which exploration tries them.
constexpr std::array kAtCalls{FaultKind::kRejected,
                              FaultKind::kUnavailable,
                              FaultKind::kErrorAfterEffect,
                              FaultKind::kRequestLost,
                              FaultKind::kRequestDuplicated,
                              FaultKind::kRequestDuplicatedLater,
                              FaultKind::kRequestLate,
                              FaultKind::kRequestLateAfterCompensation,
                              FaultKind::kRequestLateAfterEnd,
                              FaultKind::kReplyLost,
                              FaultKind::kReplyLate,
                              FaultKind::kDelayUnderTimeout,
                              FaultKind::kDelayAtTimeout,
                              FaultKind::kDelayOverTimeout};

constexpr std::array kWithWindows{FaultKind::kUnavailable,         FaultKind::kErrorAfterEffect,
                                  FaultKind::kRequestLost,         FaultKind::kRequestLate,
                                  FaultKind::kRequestLateAfterEnd, FaultKind::kReplyLost};

std::vector<Alternative> at_call(OperationId operation, const SagaIndex& saga) {
  std::vector<Alternative> legal;
  const bool undoable = operation.operation != Operation::kCompensation &&
                        !saga.action_of({operation.step, Operation::kCompensation}).empty();
  for (const FaultKind kind : kAtCalls) {
    if (kind == FaultKind::kRequestLateAfterCompensation && !undoable) continue;
    legal.push_back({kind, Window::kOnce});
  }
  for (const FaultKind kind : kWithWindows) {
    if (saga.budget(operation) > 1) legal.push_back({kind, Window::kBudget});
    legal.push_back({kind, Window::kHeal});
    legal.push_back({kind, Window::kForever});
  }
  return legal;
}

}  // namespace

namespace internal {

bool is_about_saga(Where where) {
  switch (where) {
    case Where::kCall:
    case Where::kBeforeCall:
    case Where::kAfterCall:
    case Where::kBeforeIntent:
    case Where::kAfterIntent:
    case Where::kBeforeResult:
    case Where::kAfterResult:
      return false;
    case Where::kBeforeStarted:
    case Where::kAfterStarted:
    case Where::kBeforeCompensating:
    case Where::kAfterCompensating:
    case Where::kBeforeEnd:
    case Where::kAfterEnd:
    case Where::kBeforeNote:
    case Where::kAfterNote:
      return true;
  }
  return false;
}

}  // namespace internal

std::vector<Alternative> legal_alternatives(Where where, OperationId operation, const SagaIndex& saga) {
  const bool about_saga = operation.step == kNoStep;
  if (about_saga != internal::is_about_saga(where)) return {};
  if (!about_saga && saga.action_of(operation).empty()) return {};
  if (where == Where::kCall) return at_call(operation, saga);
  return {{FaultKind::kCoordinatorCrash, Window::kOnce}};
}

bool is_transient(FaultKind kind) {
  return kind != FaultKind::kRejected && kind != FaultKind::kCoordinatorCrash;
}

bool fails_the_attempt(FaultKind kind) {
  switch (kind) {
    case FaultKind::kRejected:
    case FaultKind::kUnavailable:
    case FaultKind::kErrorAfterEffect:
    case FaultKind::kRequestLost:
    case FaultKind::kRequestLate:
    case FaultKind::kRequestLateAfterCompensation:
    case FaultKind::kRequestLateAfterEnd:
    case FaultKind::kReplyLost:
    case FaultKind::kReplyLate:
    case FaultKind::kDelayAtTimeout:
    case FaultKind::kDelayOverTimeout:
      return true;
    case FaultKind::kRequestDuplicated:
    case FaultKind::kRequestDuplicatedLater:
    case FaultKind::kDelayUnderTimeout:
    case FaultKind::kCoordinatorCrash:
      return false;
  }
  return false;
}

}  // namespace saga_harness
