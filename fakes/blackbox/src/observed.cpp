#include "observed.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/replay.hpp>
#include <saga_harness/token.hpp>
#include <saga_harness_internal/flagged.hpp>

namespace saga_harness {
namespace blackbox {
namespace {

using Place = std::tuple<StepId, Operation, Instant, std::uint16_t>;

std::set<Place> places_of(const ObservedRun& run) {
  std::set<Place> places;
  for (const ObservedQuestion& question : run.questions) {
    const Point& point = question.point;
    places.emplace(point.step, point.operation, point.instant, point.attempt);
  }
  return places;
}

std::string name_of_place(const Place& place, const SagaIndex& saga) {
  const auto& [step, operation, instant, attempt] = place;
  const std::string name = step < saga.step_count() ? saga.step(step).name : std::string("saga");
  return fmt::format("{}.{}#{}", name, name_of(operation), attempt);
}

std::string listed(const std::vector<std::string>& names) {
  return names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "));
}

std::string effect_difference(const ObservedRun& first, const ObservedRun& second, const SagaIndex& saga) {
  const auto& before = first.ledger.effects;
  const auto& after = second.ledger.effects;
  for (std::size_t i = 0; i < std::min({before.size(), after.size(), saga.step_count()}); ++i) {
    if (before[i] == after[i]) continue;
    return fmt::format("{} was applied {} and undone {} times, then {} and {}",
                       saga.step(static_cast<StepId>(i)).name, before[i].applied, before[i].undone,
                       after[i].applied, after[i].undone);
  }
  return {};
}

std::string place_difference(const ObservedRun& first, const ObservedRun& second, const SagaIndex& saga) {
  const std::set<Place> before = places_of(first);
  const std::set<Place> after = places_of(second);
  for (const Place& place : before) {
    if (!after.contains(place))
      return fmt::format("{} was sent only the first time", name_of_place(place, saga));
  }
  for (const Place& place : after) {
    if (!before.contains(place))
      return fmt::format("{} was sent only the second time", name_of_place(place, saga));
  }
  return {};
}

}  // namespace

bool gave_up(const ObservedRun& run) {
  return std::ranges::any_of(run.trace.events,
                             [](const Event& event) { return event.type == EventType::kGaveUp; });
}

std::string difference(const ObservedRun& first, const ObservedRun& second, const SagaIndex& saga) {
  if (first.outcome != second.outcome)
    return fmt::format("it ended {}, then {}", name_of(first.outcome), name_of(second.outcome));
  if (gave_up(first) != gave_up(second))
    return gave_up(first) ? "it did not end, then it did" : "it ended, then it did not";
  if (gave_up(first)) return {};  // how far it came in the time is chance
  const auto before = internal::flagged_steps(first.trace, saga);
  const auto after = internal::flagged_steps(second.trace, saga);
  if (before != after) return fmt::format("it flagged {}, then {}", listed(before), listed(after));
  std::string effects = effect_difference(first, second, saga);
  return effects.empty() ? place_difference(first, second, saga) : effects;
}

std::string behaviour_of(const ObservedRun& run, const SagaIndex& saga) {
  if (gave_up(run)) return "it did not end";
  std::string text = fmt::format("{}; flagged {}", name_of(run.outcome),
                                 fmt::join(internal::flagged_steps(run.trace, saga), ","));
  for (const Effect& effect : run.ledger.effects)
    text += fmt::format("; {}-{}", effect.applied, effect.undone);
  for (const Place& place : places_of(run)) {
    const auto& [step, operation, instant, attempt] = place;
    text += fmt::format("; {}.{}@{}#{}", step, name_of(operation), name_of(instant), attempt);
  }
  std::set<std::tuple<StepId, EventType, std::uint16_t>> effects;
  for (const Event& event : run.trace.events) {
    const bool is_effect = event.type == EventType::kApplied || event.type == EventType::kUndone;
    if (is_effect) effects.emplace(event.step, event.type, event.attempt);
  }
  for (const auto& [step, type, attempt] : effects)
    text += fmt::format("; {} {} by #{}", step, name_of(type), attempt);
  return text;
}

std::string with_time(std::string explanation, const ObservedRun& run) {
  if (run.rests_on_time) explanation += "; this rests on a timeout of real time";
  return explanation;
}

std::string token_of(const FaultPlan& plan, const SagaIndex& saga) {
  return to_string(Token::of(saga, kReference, kReference, plan));
}

}  // namespace blackbox

Run judged_run(const Experiment& experiment, const FaultPlan& plan, const ObservedRun& seen) {
  const SagaIndex& saga = *experiment.setup.saga;
  Judge judge(experiment.setup.saga, experiment.claims, experiment.switched_off, experiment.invariants,
              experiment.setup.expects);
  const blackbox::View view(seen);
  Run run;
  run.outcome = seen.outcome;
  run.flagged_steps = internal::flagged_steps(seen.trace, saga);
  run.plan = plan;
  run.fired = seen.fired;
  run.unfired = seen.unfired;
  run.trace = seen.trace;
  run.ledger = seen.ledger;
  run.verdicts = judge.explain(view.observation());
  run.token = blackbox::token_of(plan, saga);
  run.saga = saga.saga();
  run.repeat = how_to_repeat(experiment, run.token);
  for (Verdict& verdict : run.verdicts) {
    if (verdict.status == VerdictStatus::kViolated)
      verdict.explanation = blackbox::with_time(std::move(verdict.explanation), seen);
  }
  return run;
}

}  // namespace saga_harness
