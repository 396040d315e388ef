#include <algorithm>
#include <array>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/random_plans.hpp>
#include <saga_harness_internal/skipped.hpp>

#include "draw.hpp"
#include "reference_run.hpp"

namespace saga_harness {

using internal::Met;

namespace {

constexpr std::array kOperations{Operation::kAction, Operation::kFallback, Operation::kCompensation};
constexpr std::uint64_t kOnceInSoManyEmpty = 16;
constexpr int kAttemptsToReach = 8;

}  // namespace

PlanSource::PlanSource(Saga saga, FaultPlanOptions options)
    : saga_(std::make_unique<const SagaIndex>(std::move(saga))), options_(std::move(options)) {
  if (options_.max_faults < 0)
    throw Error(ErrorText{
        .source = "FaultPlanOptions", .message = "max_faults is negative", .fix = "give 0 or more"});
  add_places();
  if (alternatives_ == 0 && options_.max_faults > 0) {
    throw Error(
        ErrorText{.source = "FaultPlanOptions",
                  .message = "none of the given kinds can strike in saga \"" + saga_->saga().name + "\"",
                  .fix = "leave kinds empty for all"});
  }
  const bool dies_between =
      std::ranges::find(options_.kinds, FaultKind::kParticipantCrashBetween) != options_.kinds.end();
  run_ = std::make_unique<internal::ReferenceRun>(saga_->saga(), dies_between);
}

void PlanSource::add_places() {
  std::vector<OperationId> operations;
  const std::vector<std::uint8_t> skipped = internal::skipped_by_definition(saga_->saga());
  for (std::size_t step = 0; step < saga_->step_count(); ++step) {
    if (internal::is_skipped(skipped, static_cast<StepId>(step))) continue;
    for (const Operation operation : kOperations)
      operations.push_back({static_cast<StepId>(step), operation});
  }
  operations.push_back({kNoStep, Operation::kAction});
  for (const OperationId operation : operations) {
    for (std::size_t number = 0; number < kInstantCount; ++number) {
      const auto instant = static_cast<Instant>(number);
      if (instant == Instant::kBeforeNote || instant == Instant::kAfterNote)
        continue;  // what is noted, no definition says
      std::vector<Alternative> legal = legal_alternatives(instant, operation, *saga_);
      std::erase_if(legal, [this](const Alternative& alternative) {
        if (!options_.windows && alternative.window != FaultDuration::kOnce) return true;
        if (options_.kinds.empty()) return !is_in_scope(alternative.kind, options_.claims);
        return std::find(options_.kinds.begin(), options_.kinds.end(), alternative.kind) ==
               options_.kinds.end();
      });
      if (legal.empty()) continue;
      const bool repeats = instant == Instant::kCall || instant == Instant::kBeforeCall ||
                           instant == Instant::kDuringCall || instant == Instant::kAfterCall;
      alternatives_ += legal.size();
      places_.push_back({.operation = operation,
                         .instant = instant,
                         .attempts = 1 + (repeats ? saga_->budget(operation) : 1),  // a restart asks again
                         .legal = std::move(legal)});
    }
  }
}

PlanSource::~PlanSource() = default;
PlanSource::PlanSource(PlanSource&&) noexcept = default;
PlanSource& PlanSource::operator=(PlanSource&&) noexcept = default;

const PlanSource::Place* PlanSource::place_of(const Point& point) const {
  const auto place = std::ranges::find_if(places_, [&point](const Place& candidate) {
    return candidate.operation == OperationId{point.step, point.operation} &&
           candidate.instant == point.instant;
  });
  return place == places_.end() ? nullptr : &*place;
}

bool PlanSource::draws(const Point& point, Alternative alternative) const {
  const Place* place = place_of(point);
  return place != nullptr && std::ranges::find(place->legal, alternative) != place->legal.end();
}

/// Of all that the definition allows, whether it is ever reached or not.
Met PlanSource::draw_anywhere(const RandomBits& next) const {
  std::size_t chosen = internal::below(alternatives_, next);
  std::size_t at = 0;
  while (chosen >= places_[at].legal.size()) chosen -= places_[at++].legal.size();
  const Place& place = places_[at];
  const auto attempt = 1 + internal::below(static_cast<std::uint64_t>(place.attempts), next);
  return {{.step = place.operation.step,
           .operation = place.operation.operation,
           .instant = place.instant,
           .attempt = static_cast<std::uint16_t>(attempt)},
          place.legal[chosen]};
}

/// What can come after these have struck.
std::vector<Met> PlanSource::next_faults(const std::vector<Met>& faults) const {
  std::vector<Met> met = run_->run(faults).value_or(std::vector<Met>());
  std::erase_if(met, [&](const Met& one) {
    if (!draws(one.point, one.alternative)) return true;
    const Fault fault = fault_at(one.point, one.alternative, *saga_);
    return std::ranges::any_of(faults, [&](const Met& other) {
      return collide(fault, fault_at(other.point, other.alternative, *saga_));
    });
  });
  return met;
}

/// Up to so many faults of which the last is `aim`, and all strike; empty if none were found.
std::vector<Met> PlanSource::lead_up_to(const Met& aim, std::size_t faults, const RandomBits& next) const {
  std::vector<Met> plan{aim};
  if (run_->run(plan)) return plan;
  for (int attempt = 0; attempt < kAttemptsToReach && faults > 1; ++attempt) {
    plan.clear();
    for (std::size_t before = 1 + internal::below(faults - 1, next); before > 0; --before) {
      std::vector<Met> first = next_faults(plan);
      // What the same step suffered is the likeliest reason for it to get there.
      if (internal::one_in(2, next)) {
        const auto is_elsewhere = [&aim](const Met& one) { return one.point.step != aim.point.step; };
        if (!std::ranges::all_of(first, is_elsewhere)) std::erase_if(first, is_elsewhere);
      }
      if (first.empty()) break;
      plan.push_back(first[internal::below(first.size(), next)]);
    }
    const Fault last = fault_at(aim.point, aim.alternative, *saga_);
    const bool is_free = std::ranges::none_of(plan, [&](const Met& other) {
      return collide(last, fault_at(other.point, other.alternative, *saga_));
    });
    plan.push_back(aim);
    if (is_free && run_->run(plan)) return plan;
  }
  return {};
}

FaultPlan PlanSource::plan_of(const std::vector<Met>& faults) const {
  std::vector<std::pair<const Place*, Fault>> drawn;
  for (const Met& one : faults)
    drawn.emplace_back(place_of(one.point), fault_at(one.point, one.alternative, *saga_));
  std::ranges::sort(drawn, {}, [](const auto& each) { return std::pair(each.first, each.second.attempt); });
  FaultPlan plan;
  for (auto& [place, fault] : drawn) plan.faults.push_back(std::move(fault));
  return plan;
}

FaultPlan PlanSource::draw(const RandomBits& next) const {
  if (options_.max_faults == 0 || internal::one_in(kOnceInSoManyEmpty, next)) return {};
  const std::size_t wanted = 1 + internal::below(static_cast<std::uint64_t>(options_.max_faults), next);
  std::vector<Met> faults;
  if (internal::one_in(2, next)) faults = lead_up_to(draw_anywhere(next), wanted, next);
  while (faults.size() < wanted) {
    const std::vector<Met> following = next_faults(faults);
    if (following.empty()) break;
    faults.push_back(following[internal::below(following.size(), next)]);
  }
  return plan_of(faults);
}

std::vector<FaultPlan> PlanSource::simpler(const FaultPlan& plan) const {
  std::vector<FaultPlan> candidates = simpler_plans(plan, *saga_);
  std::erase_if(candidates, [&](const FaultPlan& candidate) {
    return std::any_of(candidate.faults.begin(), candidate.faults.end(), [&](const Fault& fault) {
      const bool is_given = std::find(plan.faults.begin(), plan.faults.end(), fault) != plan.faults.end();
      return !is_given && !draws(point_of(fault, *saga_), {fault.kind, fault.window});
    });
  });
  return candidates;
}

}  // namespace saga_harness
