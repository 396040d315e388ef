#include <array>

#include <saga_harness/fault.hpp>
#include <saga_harness_internal/names.hpp>

namespace saga_harness {
namespace {

using Name = std::string_view;

constexpr std::array<Name, kOperationCount> kOperationNames{"action", "fallback", "compensation"};

constexpr std::array<Name, kWhereCount> kWhereNames{
    "call",           "before_call",   "during_call",         "after_call",
    "before_intent",  "after_intent",  "before_result",       "after_result",
    "before_started", "after_started", "before_compensating", "after_compensating",
    "before_end",     "after_end",     "before_note",         "after_note",
    "on_resume",      "publish"};

constexpr std::array<Name, kFaultKindCount> kFaultKindNames{"rejected",
                                                            "rejected_in_body",
                                                            "unauthorized",
                                                            "conflict",
                                                            "unavailable",
                                                            "rate_limited",
                                                            "error_after_effect",
                                                            "participant_crash_before",
                                                            "participant_crash_after",
                                                            "participant_forgets",
                                                            "request_lost",
                                                            "request_duplicated",
                                                            "request_duplicated_later",
                                                            "request_reordered",
                                                            "request_late",
                                                            "request_late_after_compensation",
                                                            "request_late_after_end",
                                                            "reply_lost",
                                                            "reply_late",
                                                            "reply_duplicated",
                                                            "reply_corrupt",
                                                            "reply_corrupt_without_effect",
                                                            "reply_mismatched",
                                                            "delay_under_timeout",
                                                            "delay_at_timeout",
                                                            "delay_over_timeout",
                                                            "delay_past_deadline",
                                                            "coordinator_crash",
                                                            "takeover",
                                                            "cancel",
                                                            "start_duplicated",
                                                            "clock_forward",
                                                            "clock_back",
                                                            "log_write_error",
                                                            "log_write_torn",
                                                            "log_write_lost",
                                                            "log_read_stale",
                                                            "subscriber_missing"};

constexpr std::array<Name, kWindowCount> kWindowNames{"once", "budget", "heal", "forever"};

}  // namespace

std::string_view name_of(Operation operation) { return internal::name_in(kOperationNames, operation); }
std::string_view name_of(Where where) { return internal::name_in(kWhereNames, where); }
std::string_view name_of(FaultKind kind) { return internal::name_in(kFaultKindNames, kind); }
std::string_view name_of(Window window) { return internal::name_in(kWindowNames, window); }

FaultKind parse_fault_kind(std::string_view name) {
  return internal::value_in<FaultKind>(kFaultKindNames, name, "fault kind");
}
Operation parse_operation(std::string_view name) {
  return internal::value_in<Operation>(kOperationNames, name, "operation");
}
Where parse_where(std::string_view name) { return internal::value_in<Where>(kWhereNames, name, "place"); }
Window parse_window(std::string_view name) {
  return internal::value_in<Window>(kWindowNames, name, "window");
}

}  // namespace saga_harness
