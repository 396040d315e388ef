#include "next_level.hpp"

#include <algorithm>
#include <utility>

namespace saga_harness::blackbox {
namespace {

bool are_unordered(StepId a, StepId b, const SagaIndex& saga) {
  return a != b && a < saga.step_count() && b < saga.step_count() && !saga.precedes(a, b) &&
         !saga.precedes(b, a);
}

bool covers(const Pick& pick, const Point& point) {
  if (pick.point.step != point.step || pick.point.operation != point.operation ||
      pick.point.instant != point.instant)
    return false;
  return pick.point.attempt == point.attempt ||
         (pick.alternative.window != FaultDuration::kOnce && pick.point.attempt < point.attempt);
}

}  // namespace

std::vector<OpenQuestion> open_questions(std::span<const Pick> picks, const ObservedRun& run,
                                         const SagaIndex& saga) {
  std::size_t after = 0;
  StepId last = kNoStep;
  for (std::size_t i = 0; i < run.questions.size(); ++i) {
    const auto is_here = [&](const Pick& pick) { return pick.point == run.questions[i].point; };
    if (std::ranges::none_of(picks, is_here)) continue;
    after = i + 1;
    last = run.questions[i].point.step;
  }
  std::vector<OpenQuestion> open;
  for (std::size_t i = 0; i < run.questions.size(); ++i) {
    const ObservedQuestion& question = run.questions[i];
    const bool follows = i >= after;
    if (!follows && !are_unordered(question.point.step, last, saga)) continue;
    if (std::ranges::any_of(picks, [&](const Pick& pick) { return covers(pick, question.point); })) continue;
    open.push_back({place_in_order(question.point, saga), question, follows});
  }
  return open;
}

NextLevel::NextLevel(const ExploreOptions& options, std::vector<bool> tried)
    : options_(options), tried_(std::move(tried)) {}

void NextLevel::add(std::size_t at, const Node& node, std::vector<OpenQuestion> questions) {
  Ran ran{node, std::move(questions)};
  if (at != expanded_) {
    waiting_.emplace(at, std::move(ran));
    return;
  }
  branch_out(ran);
  ++expanded_;
  for (auto next = waiting_.find(expanded_); next != waiting_.end(); next = waiting_.find(expanded_)) {
    branch_out(next->second);
    waiting_.erase(next);
    ++expanded_;
  }
}

std::vector<Node> NextLevel::take() {
  for (const auto& [at, ran] : std::exchange(waiting_, {})) branch_out(ran);
  expanded_ = 0;
  return std::exchange(nodes_, {});
}

void NextLevel::branch_out(const Ran& ran) {
  for (const OpenQuestion& open : ran.questions) branch_out(ran.node.picks, open);
}

void NextLevel::branch_out(const std::vector<Pick>& picks, const OpenQuestion& open) {
  for (std::size_t answer = 1; answer <= open.question.legal.size(); ++answer) {
    const Alternative& alternative = open.question.legal[answer - 1];
    if (!tried_[static_cast<std::size_t>(alternative.kind)]) continue;
    if (!options_.windows && alternative.window != FaultDuration::kOnce) continue;
    Node node{picks, open.certain};
    node.picks.push_back(
        {open.position, open.question.point, alternative, static_cast<std::uint16_t>(answer)});
    std::ranges::sort(node.picks, {}, &Pick::position);
    if (planned_.insert(key_of(node.picks)).second) nodes_.push_back(std::move(node));
  }
}

}  // namespace saga_harness::blackbox
