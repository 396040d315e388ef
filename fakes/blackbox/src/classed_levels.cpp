#include "classed_levels.hpp"

#include <algorithm>
#include <utility>

#include "observed.hpp"

namespace saga_harness::blackbox {
namespace {

constexpr std::uint64_t kAuditEvery = 20;  // plans that are left out for a fault

std::string text_of(const Result& result, const SagaIndex& saga) {
  if (!result.fired) return "not all struck";
  std::string text = behaviour_of(result.run, saga);
  for (const Violation& violation : result.violations) {
    text += '!';
    text += std::to_string(static_cast<unsigned>(violation.rule)) + '@' + std::to_string(violation.step);
  }
  return text;
}

std::uint64_t step_of(std::uint64_t fault) { return fault >> 48U; }

PlanKey without(PlanKey plan, std::uint64_t fault) {
  std::erase(plan, fault);
  return plan;
}

}  // namespace

void ClassedLevels::open(std::span<const Node> level) {
  plans_.clear();
  for (const Node& node : level) plans_.push_back(key_of(node.picks));
  parts_.assign(plans_.size(), Part::kWaits);
  behaviours_.clear();
  left_out_.clear();
  phase_ = Phase::kLearn;
  count_.of += plans_.size();
  choose_teachers();
}

std::vector<std::size_t> ClassedLevels::next() {
  const auto wanted = [this] {
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at < plans_.size(); ++at) {
      const bool is_wanted = parts_[at] != Part::kWaits && parts_[at] != Part::kIsLeftOut;
      if (is_wanted && !behaviours_.contains(plans_[at])) places.push_back(at);
    }
    return places;
  };
  std::vector<std::size_t> places = wanted();
  if (places.empty() && phase_ == Phase::kLearn) {
    learn();
    represent();
    phase_ = Phase::kRepresent;
    places = wanted();
  }
  if (places.empty() && phase_ == Phase::kRepresent) {
    compare_audits();
    run_parted();
    phase_ = Phase::kPart;
    places = wanted();
  }
  return places;
}

void ClassedLevels::note(std::size_t at, const Result& result) {
  behaviours_.emplace(plans_[at], text_of(result, saga_));
  ++count_.run;
  if (parts_[at] == Part::kIsAudited) ++count_.audited;
}

bool ClassedLevels::is_whole() const {
  return std::ranges::none_of(parts_, [](Part part) { return part == Part::kIsLeftOut; });
}

std::vector<ClassedLevels::Fault> ClassedLevels::unknown_in(const PlanKey& plan) const {
  std::vector<Fault> unknown;
  for (const Fault fault : plan) {
    if (!taught_.contains(point_of(fault))) unknown.push_back(fault);
  }
  return unknown;
}

ClassedLevels::Fault ClassedLevels::representative_of(Fault fault) const {
  const auto found = first_of_class_.find(fault);
  return found == first_of_class_.end() ? fault : found->second;
}

PlanKey ClassedLevels::representative_of(const PlanKey& plan) const {
  PlanKey representative;
  for (const Fault fault : plan) representative.push_back(representative_of(fault));
  std::ranges::sort(representative);
  return representative;
}

bool ClassedLevels::wants_audit(const PlanKey& plan) {
  bool wants = false;
  for (const Fault fault : plan) {
    if (representative_of(fault) != fault) wants = left_out_[fault]++ % kAuditEvery == 0 || wants;
  }
  return wants;
}

/// At each point that is new, all faults beside the first plan that leads there, but rather beside one that
/// leaves the step's own other attempts alone: where an effect never came about, faults of its compensation
/// look alike. Of two new points in one plan nothing is learnt.
void ClassedLevels::choose_teachers() {
  std::map<FaultPoint, PlanKey> beside;
  const auto is_by_itself = [](const PlanKey& others, Fault fault) {
    return std::ranges::none_of(others, [&](Fault other) { return step_of(other) == step_of(fault); });
  };
  for (std::size_t at = 0; at < plans_.size(); ++at) {
    const std::vector<Fault> unknown = unknown_in(plans_[at]);
    if (unknown.size() > 1) parts_[at] = Part::kIsRun;
    if (unknown.size() != 1) continue;
    const Fault fault = unknown.front();
    PlanKey others = without(plans_[at], fault);
    if (representative_of(others) != others) continue;
    const auto [chosen, is_first] = beside.try_emplace(point_of(fault), others);
    if (is_first || is_by_itself(chosen->second, fault) || !is_by_itself(others, fault)) continue;
    chosen->second = std::move(others);
  }
  for (std::size_t at = 0; at < plans_.size(); ++at) {
    const std::vector<Fault> unknown = unknown_in(plans_[at]);
    if (unknown.size() != 1) continue;
    const auto chosen = beside.find(point_of(unknown.front()));
    if (chosen != beside.end() && chosen->second == without(plans_[at], unknown.front()))
      parts_[at] = Part::kTeaches;
  }
}

void ClassedLevels::learn() {
  std::map<std::pair<FaultPoint, std::string>, Fault> first;
  std::set<FaultPoint> points;
  for (std::size_t at = 0; at < plans_.size(); ++at) {
    if (parts_[at] != Part::kTeaches) continue;
    const Fault fault = unknown_in(plans_[at]).front();
    points.insert(point_of(fault));
    const std::string& behaviour = behaviours_.at(plans_[at]);
    first_of_class_[fault] = first.try_emplace({point_of(fault), behaviour}, fault).first->second;
  }
  taught_.merge(points);
}

void ClassedLevels::represent() {
  for (std::size_t at = 0; at < plans_.size(); ++at) {
    if (parts_[at] != Part::kWaits) continue;
    if (representative_of(plans_[at]) == plans_[at])
      parts_[at] = Part::kIsRun;
    else
      parts_[at] = wants_audit(plans_[at]) ? Part::kIsAudited : Part::kIsLeftOut;
  }
}

void ClassedLevels::compare_audits() {
  std::vector<Fault> parted;
  for (std::size_t at = 0; at < plans_.size(); ++at) {
    if (parts_[at] != Part::kIsAudited) continue;
    const auto same = behaviours_.find(representative_of(plans_[at]));
    if (same != behaviours_.end() && same->second == behaviours_.at(plans_[at])) continue;
    ++count_.unlike;
    for (const Fault fault : plans_[at]) {
      if (representative_of(fault) != fault) parted.push_back(fault);
    }
  }
  for (const Fault fault : parted) first_of_class_[fault] = fault;
}

void ClassedLevels::run_parted() {
  for (std::size_t at = 0; at < plans_.size(); ++at) {
    if (parts_[at] == Part::kIsLeftOut && representative_of(plans_[at]) == plans_[at])
      parts_[at] = Part::kIsRun;
  }
}

}  // namespace saga_harness::blackbox
