#include <algorithm>
#include <array>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/random_plans.hpp>
#include <saga_harness_internal/skipped.hpp>

#include "draw.hpp"

namespace saga_harness {
namespace {

constexpr std::array kOperations{Operation::kAction, Operation::kFallback, Operation::kCompensation};

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
                         .attempts = repeats ? saga_->budget(operation) : 1,
                         .legal = std::move(legal)});
    }
  }
}

FaultPlan PlanSource::draw(const RandomBits& next) const {
  FaultPlan plan;
  const std::size_t wanted = internal::below(static_cast<std::uint64_t>(options_.max_faults) + 1, next);
  std::vector<std::pair<std::size_t, Fault>> drawn;
  for (std::size_t number = 0; number < wanted; ++number) {
    std::size_t chosen = internal::below(alternatives_, next);
    std::size_t at = 0;
    while (chosen >= places_[at].legal.size()) chosen -= places_[at++].legal.size();
    const Place& place = places_[at];
    const auto attempt = 1 + internal::below(static_cast<std::uint64_t>(place.attempts), next);
    Fault fault = fault_at({.step = place.operation.step,
                            .operation = place.operation.operation,
                            .instant = place.instant,
                            .attempt = static_cast<std::uint16_t>(attempt)},
                           place.legal[chosen], *saga_);
    const bool is_free = std::none_of(drawn.begin(), drawn.end(),
                                      [&](const auto& other) { return collide(fault, other.second); });
    if (is_free) drawn.emplace_back(at, std::move(fault));
  }
  std::sort(drawn.begin(), drawn.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second.attempt < b.second.attempt;
  });
  for (auto& [at, fault] : drawn) plan.faults.push_back(std::move(fault));
  return plan;
}

std::vector<FaultPlan> PlanSource::simpler(const FaultPlan& plan) const {
  std::vector<FaultPlan> candidates = simpler_plans(plan, *saga_);
  std::erase_if(candidates, [&](const FaultPlan& candidate) {
    return std::any_of(candidate.faults.begin(), candidate.faults.end(), [&](const Fault& fault) {
      const bool is_given = std::find(plan.faults.begin(), plan.faults.end(), fault) != plan.faults.end();
      return !is_given && !draws(fault);
    });
  });
  return candidates;
}

bool PlanSource::draws(const Fault& fault) const {
  const Point point = point_of(fault, *saga_);
  const auto place = std::find_if(places_.begin(), places_.end(), [&point](const Place& candidate) {
    return candidate.operation == OperationId{point.step, point.operation} &&
           candidate.instant == point.instant;
  });
  return place != places_.end() && std::find(place->legal.begin(), place->legal.end(),
                                             Alternative{fault.kind, fault.window}) != place->legal.end();
}

}  // namespace saga_harness
