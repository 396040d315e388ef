#include "likely_first.hpp"

#include <algorithm>

#include <saga_harness/score.hpp>

#include "exhaustive.hpp"

namespace saga_harness {
namespace {

constexpr std::uint64_t kMostDraws = 4000;
constexpr int kMostDrawsOfAPair = 200;  // to draw a pair that was not drawn before

SagaPart part_of(StepId step, const SagaIndex& saga) {
  if (step == kNoStep) return SagaPart::kWhole;
  if (step == saga.order().front()) return SagaPart::kFirst;
  return step == saga.order().back() ? SagaPart::kLast : SagaPart::kMiddle;
}

std::uint64_t place_of(const Pick& pick) { return std::uint64_t{pick.position} << 16U | pick.answer; }

}  // namespace

LikelyFault likely_fault_of(const Point& point, Alternative alternative, const SagaIndex& saga) {
  return {alternative.kind, point.operation, part_of(point.step, saga)};
}

LikelyFirst::LikelyFirst(const SagaIndex& saga, const ExploreOptions& options,
                         std::span<const LikelyFault> likely, std::uint64_t seed)
    : saga_(saga),
      likely_(likely),
      allowed_(kFaultKindCount, options.kinds.empty()),
      windows_(options.windows),
      max_faults_(options.max_faults),
      random_(seed) {
  for (const FaultKind kind : options.kinds) allowed_[static_cast<std::size_t>(kind)] = true;
  class_of_.resize(kFaultKindCount);
  const std::vector<FaultClass> classes = fault_classes();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    for (const FaultKind kind : classes[i].kinds) class_of_[static_cast<std::size_t>(kind)] = i;
  }
}

bool LikelyFirst::next() {
  if (at_beginning_) {
    picks_.clear();
  } else if (max_faults_ == 0) {
    return false;
  } else if (next_single_ < singles_.size()) {
    picks_ = {singles_[next_single_++]};
  } else if (!draw()) {
    return false;
  }
  branches_.clear();
  asked_ = 0;
  next_pick_ = 0;
  return true;
}

std::size_t LikelyFirst::pick(const Point& point, std::span<const Alternative> legal) {
  const auto position = static_cast<std::uint32_t>(branches_.size());
  branches_.push_back({position, point, legal});
  if (next_pick_ == picks_.size() || picks_[next_pick_].position != position) return 0;
  const Pick& pick = picks_[next_pick_];
  if (pick.point != point || pick.answer > legal.size()) return 0;  // finish() will tell
  ++next_pick_;
  asked_ = branches_.size();
  return pick.answer;
}

void LikelyFirst::finish() {
  if (next_pick_ != picks_.size()) {
    const Pick& pick = picks_[next_pick_];
    throw not_deterministic("the same choices led elsewhere, past " +
                            to_string(fault_at(pick.point, pick.alternative, saga_)));
  }
  if (std::exchange(at_beginning_, false)) {
    for (const Branch& branch : branches_) points_.push_back(branch.point);
    choose_singles();
  } else if (picks_.size() == 1 && max_faults_ > 1) {
    keep(picks_.front());
  }
}

LikelyFirst::Picks LikelyFirst::faults_after(std::size_t asked) const {
  Picks faults;
  for (const Branch& branch : std::span(branches_).subspan(asked)) {
    for (std::size_t i = 0; i < branch.legal.size(); ++i) {
      const Alternative each = branch.legal[i];
      const bool is_allowed =
          allowed_[static_cast<std::size_t>(each.kind)] && (windows_ || each.window == FaultDuration::kOnce);
      if (is_allowed)
        faults.push_back({branch.position, branch.point, each, static_cast<std::uint16_t>(i + 1)});
    }
  }
  return faults;
}

void LikelyFirst::choose_singles() {
  for (const Pick& each : faults_after(0))
    rest_[likely_fault_of(each.point, each.alternative, saga_)].push_back(each);
  std::map<LikelyFault, std::size_t> taken;
  for (const LikelyFault& likely : likely_) {
    const auto places = rest_.find(likely);
    if (places == rest_.end() || taken[likely] == places->second.size()) continue;
    singles_.push_back(places->second[taken[likely]++]);
  }
  for (const auto& [likely, count] : taken) {
    Picks& places = rest_[likely];
    places.erase(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

void LikelyFirst::keep(const Pick& first) {
  Tried tried{.all = faults_after(asked_), .where_only_it_leads = {}};
  for (const Pick& each : tried.all) {
    if (std::ranges::find(points_, each.point) == points_.end()) tried.where_only_it_leads.push_back(each);
  }
  firsts_.push_back(first);
  tried_.push_back(std::move(tried));
}

bool LikelyFirst::draw() {
  constexpr std::uint64_t kWays = 4;
  for (std::uint64_t failed = 0; failed < kWays && draws_ < kMostDraws; ++failed) {
    const auto is_drawn = [this, way = draws_++ % kWays] {
      if (way == 0) return draw_single();
      if (way == 1) return draw_pair(Evenly::kClasses, &Tried::where_only_it_leads);
      return draw_pair(way == 2 ? Evenly::kClasses : Evenly::kKinds, &Tried::all);
    };
    if (is_drawn()) return true;
  }
  return false;
}

// Of those about which nothing is known yet first.
bool LikelyFirst::draw_single() {
  std::set<LikelyFault> known;
  for (const Pick& each : firsts_) known.insert(likely_fault_of(each.point, each.alternative, saga_));
  std::vector<Picks*> unknown;
  std::vector<Picks*> left;
  for (auto& [likely, places] : rest_) {
    if (places.empty()) continue;
    left.push_back(&places);
    if (!known.contains(likely)) unknown.push_back(&places);
  }
  if (left.empty()) return false;
  const std::vector<Picks*>& some = unknown.empty() ? left : unknown;
  Picks& places = *some[below(some.size())];
  const auto drawn = places.begin() + static_cast<std::ptrdiff_t>(below(places.size()));
  picks_ = {*drawn};
  places.erase(drawn);
  return true;
}

bool LikelyFirst::draw_pair(Evenly evenly, Picks Tried::*seconds) {
  if (firsts_.empty()) return false;
  for (int attempt = 0; attempt < kMostDrawsOfAPair; ++attempt) {
    const std::size_t first = draw_from(firsts_, evenly);
    const Picks& all = tried_[first].*seconds;
    if (all.empty()) continue;
    const Pick& second = all[draw_from(all, evenly)];
    if (!pairs_.emplace(first, place_of(second)).second) continue;
    picks_ = {firsts_[first], second};
    return true;
  }
  return false;
}

// A class of kinds, if these are to be equally likely, then a kind of that class, then one of its places.
std::size_t LikelyFirst::draw_from(const Picks& faults, Evenly evenly) {
  std::map<std::size_t, std::map<FaultKind, std::vector<std::size_t>>> classes;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const FaultKind kind = faults[i].alternative.kind;
    const std::size_t its_class = evenly == Evenly::kClasses ? class_of_[static_cast<std::size_t>(kind)] : 0;
    classes[its_class][kind].push_back(i);
  }
  const auto& kinds = std::next(classes.begin(), static_cast<std::ptrdiff_t>(below(classes.size())))->second;
  const auto& places = std::next(kinds.begin(), static_cast<std::ptrdiff_t>(below(kinds.size())))->second;
  return places[below(places.size())];
}

std::uint64_t runs_until(Engine& engine, LikelyFirst& schedules, std::uint64_t most,
                         const std::function<bool(const Observation&, std::span<const Pick>)>& is_wanted) {
  for (std::uint64_t run = 1; run <= most && schedules.next(); ++run) {
    const Observation& observation = engine.run(schedules);
    schedules.finish();
    if (is_wanted(observation, schedules.picks())) return run;
  }
  return 0;
}

}  // namespace saga_harness
