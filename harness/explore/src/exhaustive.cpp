#include "exhaustive.hpp"

#include <limits>

#include <fmt/format.h>

namespace saga_harness {
namespace {

constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

}  // namespace

Exhaustive::Exhaustive(const SagaIndex& saga, const std::vector<FaultKind>& kinds, bool windows, Units& units)
    : saga_(saga), units_(units), allowed_(kFaultKindCount, kinds.empty()), windows_(windows) {
  for (const FaultKind kind : kinds) allowed_[static_cast<std::size_t>(kind)] = true;
}

void Exhaustive::start_level(int level) {
  level_ = static_cast<std::size_t>(level);
  if (frames_.size() < level_) frames_.resize(level_);
  depth_ = 0;
  picks_.clear();
  at_root_ = true;
}

// To the next node of the tree, whoever's it is.
bool Exhaustive::step() {
  if (at_root_) {
    at_root_ = false;
    return true;
  }
  if (depth_ == 0) return false;
  while (!advance(frames_[depth_ - 1])) {
    if (--depth_ == 0) return false;
  }
  return true;
}

bool Exhaustive::next() {
  while (true) {
    if (!step()) return false;
    const bool is_unit = opens_unit() || level_ == 0;
    if (!is_unit || units_.take(next_unit_++)) break;
  }
  branches_.clear();
  position_ = 0;
  unasked_ = 0;
  next_pick_ = 0;
  next_position_ = picks_.empty() ? kNowhere : picks_.front().position;
  return true;
}

bool Exhaustive::advance(Frame& frame) {
  picks_.resize(depth_ - 1);
  for (; frame.branch < frame.branches.size(); ++frame.branch, frame.alternative = 0) {
    const Branch& branch = frame.branches[frame.branch];
    while (frame.alternative < branch.legal.size() && !allows(branch.legal[frame.alternative]))
      ++frame.alternative;
    if (frame.alternative == branch.legal.size()) continue;
    const auto answer = static_cast<std::uint16_t>(++frame.alternative);
    picks_.push_back({branch.position, branch.point, branch.legal[answer - 1U], answer});
    return true;
  }
  return false;
}

std::uint32_t Exhaustive::indifferent() {
  const bool is_curious = next_pick_ == picks_.size() && !is_leaf();
  unasked_ = is_curious ? 0 : next_position_ - position_;
  return unasked_;
}

std::size_t Exhaustive::pick(const Point& point, std::span<const Alternative> legal) {
  const std::uint32_t position = position_ + unasked_;
  position_ = position + 1;
  unasked_ = 0;
  if (position == next_position_) {
    const Pick& pick = picks_[next_pick_];
    if (pick.point != point || pick.answer > legal.size()) differs(pick);
    ++next_pick_;
    next_position_ = next_pick_ < picks_.size() ? picks_[next_pick_].position : kNowhere;
    return pick.answer;
  }
  if (next_pick_ == picks_.size() && picks_.size() < level_) branches_.push_back({position, point, legal});
  return 0;
}

void Exhaustive::finish() {
  if (next_pick_ != picks_.size()) differs(picks_[next_pick_]);
  if (is_leaf()) return;
  Frame& frame = frames_[depth_++];
  frame.branches.assign(branches_.begin(), branches_.end());
  frame.branch = 0;
  frame.alternative = 0;
}

void Exhaustive::skip_leaves(std::uint64_t leaves) {
  for (; leaves > 0; --leaves) {
    if (depth_ == 0 || !advance(frames_[depth_ - 1])) {
      throw not_deterministic("there are fewer schedules than when the search was stopped");
    }
  }
}

void Exhaustive::differs(const Pick& pick) const {
  throw not_deterministic("the same choices led elsewhere, past " +
                          to_string(fault_at(pick.point, pick.alternative, saga_)));
}

Error not_deterministic(std::string_view what_differs) {
  return Error(
      ErrorText{
          .message = fmt::format(
              "not deterministic: {}. A coordinator or participant depends on something outside the run",
              what_differs),
          .fix = "look for a clock, a random number, a global, an address, an earlier run"},
      ErrorKind::kInternal);
}

}  // namespace saga_harness
