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

constexpr std::array<Name, kWindowCount> kWindowNames{"once", "budget", "heal", "forever"};

}  // namespace

std::string_view name_of(Operation operation) { return internal::name_in(kOperationNames, operation); }
std::string_view name_of(Where where) { return internal::name_in(kWhereNames, where); }
std::string_view name_of(Window window) { return internal::name_in(kWindowNames, window); }

Operation parse_operation(std::string_view name) {
  return internal::value_in<Operation>(kOperationNames, name, "operation");
}
Where parse_where(std::string_view name) { return internal::value_in<Where>(kWhereNames, name, "place"); }
Window parse_window(std::string_view name) {
  return internal::value_in<Window>(kWindowNames, name, "window");
}

}  // namespace saga_harness
