#include <array>

#include <saga_harness/fault.hpp>
#include <saga_harness_internal/names.hpp>

namespace saga_harness {
namespace {

using Name = std::string_view;

constexpr std::array<Name, kOperationCount> kOperationNames{"action", "fallback", "compensation"};

constexpr std::array<Name, kInstantCount> kInstantNames{"call",
                                                        "before_call",
                                                        "during_call",
                                                        "after_call",
                                                        "before_intent",
                                                        "after_intent",
                                                        "before_result",
                                                        "after_result",
                                                        "before_started",
                                                        "after_started",
                                                        "before_compensating",
                                                        "after_compensating",
                                                        "before_end",
                                                        "after_end",
                                                        "before_note",
                                                        "after_note",
                                                        "on_resume",
                                                        "publish",
                                                        "tie",
                                                        "commit"};

constexpr std::array<Name, kFaultDurationCount> kFaultDurationNames{"once", "budget", "heal", "forever"};

}  // namespace

std::string_view name_of(Operation operation) { return internal::name_in(kOperationNames, operation); }
std::string_view name_of(Instant instant) { return internal::name_in(kInstantNames, instant); }
std::string_view name_of(FaultDuration window) { return internal::name_in(kFaultDurationNames, window); }

Operation parse_operation(std::string_view name) {
  return internal::value_in<Operation>(kOperationNames, name, "operation");
}
Instant parse_instant(std::string_view name) {
  return internal::value_in<Instant>(kInstantNames, name, "place");
}
FaultDuration parse_window(std::string_view name) {
  return internal::value_in<FaultDuration>(kFaultDurationNames, name, "window");
}

}  // namespace saga_harness
