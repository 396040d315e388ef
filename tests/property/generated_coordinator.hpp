#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

#include <saga_harness/claims.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/runtime.hpp>

namespace saga_harness::property_test {

/// What it leaves in the trace where it does what not every coordinator does.
namespace marks {
inline constexpr std::string_view kResumed = "resumed";
inline constexpr std::string_view kDoneByStatus = "done, by a status query";
inline constexpr std::string_view kPivotInDoubt = "pivot in doubt";
inline constexpr std::string_view kFallback = "fallback";
inline constexpr std::string_view kSideBySide = "side by side";
inline constexpr std::string_view kUndoneInDoubt = "undone, in doubt";
inline constexpr std::string_view kCompensationFailed = "compensation failed";
inline constexpr std::string_view kCancelled = "cancelled";
inline constexpr std::string_view kGoesWithout = "goes on without an optional step";
inline constexpr std::string_view kUndoesAtOnce = "undoes an optional step at once";
inline constexpr std::string_view kPassesOver = "passes over a step that only looks";
inline constexpr std::string_view kUndoneThoughRefused = "undoes a step that was refused";
inline constexpr std::string_view kAll[] = {
    kResumed,     kDoneByStatus,  kPivotInDoubt,       kFallback,
    kSideBySide,  kUndoneInDoubt, kCompensationFailed, kCancelled,
    kGoesWithout, kUndoesAtOnce,  kPassesOver,         kUndoneThoughRefused};
}  // namespace marks

/// What correct coordinators may do one way or another.
struct Habits {
  bool keeps_log = true;                 ///< resumes; else it lives as long as its process
  bool sends_keys = true;                ///< without them it asks for nothing again that may have been done
  bool asks_status = false;              ///< after an answer that leaves doubt, and after a restart
  bool uses_fallbacks = true;            ///< else it gives up
  bool uses_whole_budget = true;         ///< else one attempt
  int at_a_time = 1;                     ///< steps under way
  bool undoes_last_begun_first = false;  ///< else in the reverse of the definition's order
  bool heeds_cancel = true;
  bool looks_elsewhere = false;  ///< where what only looks is in doubt; else it gives up
  bool undoes_at_once = false;   ///< what may have been left by an optional step, else with all the others
};
std::ostream& operator<<(std::ostream& out, const Habits& habits);
[[nodiscard]] Claims claims_of(const Habits& habits);

/// What each step has in effect at its participant, now: what a status query would say.
class StatusBoard {
 public:
  void reset() { in_effect_.clear(); }
  void note(StepId step, bool is_in_effect) {
    if (step >= in_effect_.size()) in_effect_.resize(step + 1);
    in_effect_[step] = is_in_effect;
  }
  [[nodiscard]] bool has(StepId step) const { return step < in_effect_.size() && in_effect_[step]; }

 private:
  std::vector<bool> in_effect_;
};

/// `behind`, which answers status queries.
[[nodiscard]] ParticipantFactory with_status(ParticipantFactory behind, std::shared_ptr<StatusBoard> board);

/// Written for these tests, with nothing of the reference's.
[[nodiscard]] Coordinator generated_coordinator(const Habits& habits,
                                                std::shared_ptr<const StatusBoard> board);

}  // namespace saga_harness::property_test
