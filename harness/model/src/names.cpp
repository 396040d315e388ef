#include <array>

#include <saga_harness/ledger.hpp>
#include <saga_harness/trace.hpp>
#include <saga_harness/verdict.hpp>
#include <saga_harness_internal/names.hpp>

namespace saga_harness {
namespace {

using Name = std::string_view;

constexpr std::array<Name, 4> kOutcomeNames{"unresolved", "completed", "compensated", "flagged"};

constexpr std::array<Name, kReplyStatusCount> kReplyStatusNames{
    "ok",           "rejected", "unauthorized", "conflict",   "unavailable",
    "rate_limited", "error",    "corrupt",      "mismatched", "timeout"};

constexpr std::array<Name, kLogKindCount> kLogKindNames{"started", "intent", "done", "failed", "compensating",
                                                        "undone",  "stuck",  "end",  "note",   "torn"};

constexpr std::array<Name, kStartCauseCount> kStartCauseNames{"first", "after_crash", "recovery", "takeover",
                                                              "duplicate"};

constexpr std::array<Name, 24> kEventTypeNames{
    "sent",      "delivered", "applied", "undone",   "answered",      "received",
    "timed_out", "dropped",   "fault",   "logged",   "not_logged",    "logged_step",
    "crashed",   "started",   "woke_up", "reported", "reported_step", "returned",
    "threw",     "gave_up",   "healed",  "marked",   "published",     "dead_lettered"};

constexpr std::array<Name, kEventRoleCount> kEventRoleNames{"start", "success", "failure", "compensated",
                                                            "deadline"};

constexpr std::array<Name, 4> kVerdictStatusNames{"held", "violated", "unknown", "n/a"};

constexpr std::array<Name, 2> kQuantityRuleNames{"conserved", "restored"};

}  // namespace

std::string_view name_of(Outcome outcome) { return internal::name_in(kOutcomeNames, outcome); }
std::string_view name_of(ReplyStatus status) { return internal::name_in(kReplyStatusNames, status); }
std::string_view name_of(LogKind kind) { return internal::name_in(kLogKindNames, kind); }
std::string_view name_of(StartCause cause) { return internal::name_in(kStartCauseNames, cause); }
std::string_view name_of(EventType type) { return internal::name_in(kEventTypeNames, type); }
std::string_view name_of(EventRole role) { return internal::name_in(kEventRoleNames, role); }
std::string_view name_of(VerdictStatus status) { return internal::name_in(kVerdictStatusNames, status); }
std::string_view name_of(QuantityRule rule) { return internal::name_in(kQuantityRuleNames, rule); }
std::string_view name_of(const Verdict& verdict) {
  return verdict.rule == kOwnRule ? std::string_view(verdict.invariant) : name_of(verdict.rule);
}

}  // namespace saga_harness
