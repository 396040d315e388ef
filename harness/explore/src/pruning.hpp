#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/cause.hpp>
#include <saga_harness_internal/picks.hpp>

namespace saga_harness {

/// What was seen of a schedule, without its trace.
struct Seen {
  Outcome outcome = Outcome::kUnresolved;
  Judgement judgement = {};
  std::vector<CausedViolation> violations = {};
  std::vector<std::uint32_t> instants = {};  ///< that came: see Coverage
};

/// Finds schedules that need not be run. A fault that lasts is a fault that strikes once, as long as no later
/// attempt comes that it could strike as well: so the run of the shorter window says how that of the longer
/// one goes, whatever coordinator and participants keep to themselves. Only the last fault of a schedule is
/// looked at, beside those that differ from it in nothing but the last fault's window; no state is compared
/// and nothing is assumed about the subject but that it is deterministic.
class Pruning {
 public:
  explicit Pruning(const SagaIndex& saga) : saga_(saga), runs_(kFaultKindCount) {}

  /// Keeps what was seen in the run of these picks, if one of a longer window may be like it. To be called of
  /// all runs in the order of the search: a window of a fault comes after every shorter one.
  void remember(std::span<const Pick> picks, const Observation& observation, const Judgement& judgement,
                std::span<const CausedViolation> violations, std::vector<std::uint32_t> instants);
  /// Does the last of these faults last, so that a run of a shorter window may be like it?
  [[nodiscard]] bool concerns(std::span<const Pick> picks) const {
    return is_about_attempts(picks) && picks.back().alternative.window != FaultDuration::kOnce;
  }
  /// The run that is like that of these picks, which was not run; nullptr if none of those remembered is.
  [[nodiscard]] const Seen* run_like(std::span<const Pick> picks) const;
  /// Its last pick.
  [[nodiscard]] const Pick& last_pick_like(const Pick& last) const { return of(last).last; }
  /// Was a shorter window of this fault run?
  [[nodiscard]] bool knows(const Pick& last) const { return last.position == position_ && of(last).is_known; }

 private:
  static constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

  /// A run, and how the attempts of the operation went on that its last fault struck.
  struct Run {
    bool is_known = false;
    Pick last = {};
    int last_attempt_before_heal = 0;
    bool is_asked_after_heal = false;
    Seen seen = {};
  };
  [[nodiscard]] bool is_about_attempts(std::span<const Pick> picks) const;
  [[nodiscard]] const Run& of(const Pick& last) const {
    return runs_[static_cast<std::size_t>(last.alternative.kind)];
  }
  [[nodiscard]] bool strikes_more(const Run& run, FaultDuration longer) const;

  const SagaIndex& saga_;
  std::uint32_t position_ = kNowhere;  // of the last fault of all runs that are known
  std::vector<Run> runs_;              // by kind
};

}  // namespace saga_harness
