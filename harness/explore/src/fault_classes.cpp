#include <algorithm>
#include <array>
#include <initializer_list>

#include <saga_harness/score.hpp>

namespace saga_harness {
namespace {

/// The name of a kind begins with where it strikes; what begins with nothing of these is the participant's
/// word.
struct ClassName {
  std::string_view name;
  std::array<std::string_view, 4> beginnings;
};
constexpr std::array<ClassName, 6> kClasses{
    {{"request", {"request_"}},
     {"participant", {}},
     {"reply", {"reply_"}},
     {"time", {"delay_", "clock_"}},
     {"coordinator", {"coordinator_", "takeover", "cancel", "start_"}},
     {"log", {"log_"}}}};

std::size_t class_of(std::string_view kind) {
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    for (const std::string_view beginning : kClasses[i].beginnings) {
      if (!beginning.empty() && kind.starts_with(beginning)) return i;
    }
  }
  constexpr std::size_t kParticipant = 1;
  return kParticipant;
}

}  // namespace

std::vector<FaultClass> fault_classes() {
  std::vector<FaultClass> classes;
  for (const ClassName& one : kClasses) classes.push_back({.name = std::string(one.name)});
  for (std::size_t i = 0; i < kFaultKindCount; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    classes[class_of(name_of(kind))].kinds.push_back(kind);
  }
  std::erase_if(classes, [](const FaultClass& one) { return one.kinds.empty(); });
  return classes;
}

}  // namespace saga_harness
