#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <saga_harness/choices.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness_internal/picks.hpp>

#include "units.hpp"

namespace saga_harness {

/// The Error that says so, with ExitCode::kInternal.
[[nodiscard]] Error not_deterministic(std::string_view what_differs);

/// Every schedule of exactly `level` faults, by re-execution: a run that has made its first d picks shows
/// which questions follow them; each of those, answered each legal way, is the next schedule. Depth first, so
/// memory is bounded by the length of a run times the number of faults. Points that exist only after a
/// failure are found by themselves.
class Exhaustive final : public Choices {
 public:
  /// `units` decides which of them are searched: see Units. They are numbered through all levels.
  Exhaustive(const SagaIndex& saga, const std::vector<FaultKind>& kinds, bool windows, Units& units);

  /// Levels must be started in ascending order, from 0.
  void start_level(int level);
  /// Prepares the next run; false when the level is exhausted. A run that is not a leaf only shows where to
  /// go on.
  bool next();
  [[nodiscard]] bool is_leaf() const { return picks_.size() == level_; }
  std::size_t pick(const Point& point, std::span<const Alternative> legal) override;
  [[nodiscard]] std::uint32_t indifferent() override;
  /// To be called after every run. @throws Error with ExitCode::kInternal if the run did not meet its own
  /// picks again.
  void finish();
  /// After the run that opens a unit: leaves out the first `leaves` of the schedules that follow it.
  void skip_leaves(std::uint64_t leaves);

  /// The unit that the prepared run belongs to, if it is a leaf or opens a unit.
  [[nodiscard]] Unit unit() const { return next_unit_ - 1; }
  /// Of the prepared run: do nothing but leaves follow it?
  [[nodiscard]] bool opens_unit() const { return picks_.size() + 1 == level_; }

  [[nodiscard]] std::span<const Pick> picks() const { return picks_; }
  /// What the question of the last pick could have been answered.
  [[nodiscard]] std::span<const Alternative> last_legal() const {
    const Frame& frame = frames_[depth_ - 1];
    return frame.branches[frame.branch].legal;
  }
  /// After the run of an inner node: the questions that follow its last pick.
  [[nodiscard]] std::span<const Branch> branches() const { return branches_; }
  [[nodiscard]] bool allows(Alternative alternative) const {
    return allowed_[static_cast<std::size_t>(alternative.kind)] &&
           (windows_ || alternative.window == FaultDuration::kOnce);
  }

 private:
  struct Frame {
    std::vector<Branch> branches;
    std::size_t branch = 0;
    std::size_t alternative = 0;  // the next to try
  };
  bool advance(Frame& frame);
  bool step();
  [[noreturn]] void differs(const Pick& pick) const;

  const SagaIndex& saga_;
  Units& units_;
  Unit next_unit_ = 0;
  std::vector<bool> allowed_;
  bool windows_;
  std::size_t level_ = 0;
  bool at_root_ = false;
  std::vector<Frame> frames_;  // a pool: the first depth_ are in use
  std::size_t depth_ = 0;
  std::vector<Pick> picks_;
  std::vector<Branch> branches_;
  std::uint32_t position_ = 0;  // of the next question
  std::uint32_t unasked_ = 0;   // questions before that one which it said it would not mind
  std::uint32_t next_position_ = 0;
  std::size_t next_pick_ = 0;
};

}  // namespace saga_harness
