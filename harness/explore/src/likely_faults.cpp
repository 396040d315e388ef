// Written by tests/bench/likely_faults.sh.

#include <saga_harness_internal/likely_faults.hpp>

#include <array>

namespace saga_harness {
namespace {

using enum SagaPart;

constexpr auto kLikelyFaults = std::to_array<LikelyFault>({
    {FaultKind::kRequestLateAfterCompensation, Operation::kAction, kMiddle},
    {FaultKind::kUnavailable, Operation::kAction, kLast},
    {FaultKind::kRejected, Operation::kAction, kLast},
    {FaultKind::kTakeover, Operation::kAction, kFirst},
    {FaultKind::kCancel, Operation::kAction, kMiddle},
    {FaultKind::kRequestLate, Operation::kAction, kLast},
    {FaultKind::kRequestLate, Operation::kAction, kLast},
    {FaultKind::kUnavailable, Operation::kAction, kMiddle},
    {FaultKind::kOkBeforeEffect, Operation::kAction, kFirst},
    {FaultKind::kRejectedInBody, Operation::kAction, kLast},
    {FaultKind::kReplyCorrupt, Operation::kAction, kMiddle},
    {FaultKind::kReplyCorruptWithoutEffect, Operation::kAction, kMiddle},
    {FaultKind::kReplyMismatched, Operation::kAction, kMiddle},
    {FaultKind::kRateLimited, Operation::kAction, kLast},
    {FaultKind::kTakeover, Operation::kAction, kLast},
    {FaultKind::kParticipantCrashBetween, Operation::kAction, kFirst},
    {FaultKind::kStartDuplicated, Operation::kAction, kFirst},
    {FaultKind::kLogWriteError, Operation::kAction, kFirst},
    {FaultKind::kUnreadableEvent, Operation::kAction, kFirst},
    {FaultKind::kParticipantCrashAfter, Operation::kAction, kMiddle},
    {FaultKind::kParticipantCrashAfter, Operation::kAction, kMiddle},
    {FaultKind::kParticipantCrashBefore, Operation::kAction, kFirst},
    {FaultKind::kParticipantCrashBefore, Operation::kAction, kFirst},
    {FaultKind::kParticipantCrashBetween, Operation::kAction, kMiddle},
    {FaultKind::kParticipantCrashBetween, Operation::kAction, kMiddle},
    {FaultKind::kRequestLost, Operation::kAction, kMiddle},
    {FaultKind::kRequestLost, Operation::kAction, kMiddle},
    {FaultKind::kRequestLost, Operation::kAction, kMiddle},
    {FaultKind::kRequestLost, Operation::kAction, kMiddle},
    {FaultKind::kRequestLost, Operation::kAction, kMiddle},
    {FaultKind::kRequestLost, Operation::kAction, kMiddle},
});

}  // namespace

std::span<const LikelyFault> likely_faults() { return kLikelyFaults; }

}  // namespace saga_harness
