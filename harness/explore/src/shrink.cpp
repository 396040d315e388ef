#include <saga_harness/shrink.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/cause.hpp>
#include <saga_harness_internal/rule_places.hpp>

#include "plan_runner.hpp"

namespace saga_harness {
namespace {

bool collides(const Fault& fault, const FaultPlan& plan, std::size_t itself) {
  for (std::size_t at = 0; at < plan.size(); ++at) {
    if (at != itself && collide(fault, plan.faults[at])) return true;
  }
  return false;
}

void add_simpler(const FaultPlan& plan, std::size_t at, const SagaIndex& saga, std::vector<FaultPlan>& into) {
  const Fault& fault = plan.faults[at];
  const Point point = point_of(fault, saga);
  const std::vector<Alternative> legal =
      legal_alternatives(point.instant, {point.step, point.operation}, saga);
  const auto try_instead = [&](const Fault& simpler) {
    if (std::ranges::find(legal, Alternative{simpler.kind, simpler.window}) == legal.end()) return;
    if (collides(simpler, plan, at)) return;
    FaultPlan candidate = plan;
    candidate.faults[at] = simpler;
    into.push_back(std::move(candidate));
  };
  Fault simpler = fault;
  for (std::size_t window = 0; window < static_cast<std::size_t>(fault.window); ++window) {
    simpler.window = static_cast<FaultDuration>(window);
    try_instead(simpler);
  }
  simpler = fault;
  for (std::size_t kind = 0; kind < static_cast<std::size_t>(fault.kind); ++kind) {
    simpler.kind = static_cast<FaultKind>(kind);
    try_instead(simpler);
  }
  simpler = fault;
  for (simpler.attempt = 1; simpler.attempt < fault.attempt; ++simpler.attempt) try_instead(simpler);
}

/// Finds out whether plans show one violation, and what of them it takes.
class Shrinker {
 public:
  /// `kinds`: those that a simpler plan may have; empty: all in scope.
  Shrinker(const Experiment& experiment, Rule rule, const std::vector<FaultKind>& kinds = {})
      : saga_(*experiment.setup.saga),
        runner_(experiment),
        rule_(rule),
        kinds_(kinds_in_scope(experiment, kinds)) {}

  /// The culprit of the first plan is the one that counts from then on.
  [[nodiscard]] bool start(const FaultPlan& plan) {
    const std::vector<Strike> strikes = strikes_of(plan, saga_);
    const auto& violations = run(strikes);
    const auto found = std::ranges::find(violations, rule_, &Violation::rule);
    if (found == violations.end()) return false;
    wanted_ = *found;
    return shows(plan);
  }

  /// Smaller and smaller, until nothing can be left out or made simpler.
  void shrink() {
    while (std::ranges::any_of(simpler_plans(plan_, saga_), [this](const FaultPlan& simpler) {
      return allows(simpler) && shows(simpler);
    })) {
    }
  }

  [[nodiscard]] ShrunkPlan result() {
    const std::vector<Strike> strikes = strikes_of(plan_, saga_);
    run(strikes);
    const Cause cause = cause_of(runner_.engine().observation(), wanted_.step);
    return {.plan = plan_,
            .step = wanted_.step == kNoStep ? std::string() : saga_.step(wanted_.step).name,
            .outcome = cause.outcome,
            .cause = to_string(cause),
            .explanation = runner_.explain()[static_cast<std::size_t>(rule_)].explanation,
            .runs = runs_};
  }

 private:
  const std::vector<Violation>& run(std::span<const Strike> strikes) {
    ++runs_;
    return runner_.run(strikes);
  }

  [[nodiscard]] bool allows(const FaultPlan& plan) const {
    return std::ranges::all_of(plan.faults, [this](const Fault& fault) {
      return std::ranges::find(kinds_, fault.kind) != kinds_.end() || is_breach(fault.kind);
    });
  }

  /// If it does, what of it strikes is the plan from now on.
  bool shows(const FaultPlan& plan) {
    const std::vector<Strike> strikes = strikes_of(plan, saga_);
    const auto& violations = run(strikes);
    if (std::ranges::find(violations, wanted_) == violations.end()) return false;
    plan_.faults.clear();
    for (std::size_t i = 0; i < plan.size(); ++i) {
      if (runner_.fired(i)) plan_.faults.push_back(plan.faults[i]);
    }
    return true;
  }

  const SagaIndex& saga_;
  PlanRunner runner_;
  Rule rule_;
  std::vector<FaultKind> kinds_;
  Violation wanted_ = {};
  FaultPlan plan_;
  std::uint64_t runs_ = 0;
};

/// The same subject with another definition.
Experiment with_saga(const Experiment& experiment, const Saga& saga) {
  Experiment changed = experiment;
  changed.setup.saga = std::make_shared<const SagaIndex>(saga);
  std::erase_if(changed.setup.participants, [&](const auto& entry) {
    const auto services = changed.setup.saga->services();
    return std::ranges::find(services, std::string_view(entry.first)) == services.end();
  });
  return changed;
}

Experiment with_context(const Experiment& experiment, const Context& context) {
  Saga saga = experiment.setup.saga->saga();
  saga.context = context;
  Experiment changed = with_saga(experiment, saga);
  changed.setup.context = context;
  return changed;
}

bool is_legal(const Fault& fault, const SagaIndex& saga) {
  try {
    static_cast<void>(point_of(fault, saga));
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// The faults of the plan that make sense for `saga`, for once where they cannot last as long as they did.
FaultPlan what_is_left(const FaultPlan& plan, const SagaIndex& saga) {
  FaultPlan left;
  for (Fault fault : plan.faults) {
    if (!is_legal(fault, saga)) fault.window = FaultDuration::kOnce;
    if (is_legal(fault, saga)) left.faults.push_back(std::move(fault));
  }
  return left;
}

/// Takes the place of `current` if it shows the same at the same step.
bool replaces(ShrunkSaga& current, Experiment candidate, Rule rule) {
  try {
    const FaultPlan plan = what_is_left(current.plan.plan, *candidate.setup.saga);
    Shrinker shrinker(candidate, rule);
    if (!shrinker.start(plan)) return false;
    shrinker.shrink();
    ShrunkPlan shrunk = shrinker.result();
    if (shrunk.step != current.plan.step) return false;
    shrunk.runs += current.plan.runs;
    current = {std::move(candidate), std::move(shrunk)};
    return true;
  } catch (const Error&) {
    return false;  // the coordinator asks for what is no more
  }
}

}  // namespace

bool collide(const Fault& a, const Fault& b) {
  if (a.step != b.step || a.operation != b.operation || a.instant != b.instant) return false;
  if (a.attempt == b.attempt) return true;
  const Fault& earlier = a.attempt < b.attempt ? a : b;
  return earlier.window != FaultDuration::kOnce;
}

std::vector<FaultPlan> simpler_plans(const FaultPlan& plan, const SagaIndex& saga) {
  std::vector<FaultPlan> candidates;
  for (std::size_t at = 0; at < plan.size(); ++at) {
    FaultPlan fewer = plan;
    fewer.faults.erase(fewer.faults.begin() + static_cast<std::ptrdiff_t>(at));
    candidates.push_back(std::move(fewer));
  }
  for (std::size_t at = 0; at < plan.size(); ++at) add_simpler(plan, at, saga, candidates);
  return candidates;
}

ShrunkPlan shrink(const Experiment& experiment, const FaultPlan& plan, Rule rule,
                  const std::vector<FaultKind>& kinds) {
  Shrinker shrinker(experiment, rule, kinds);
  const FaultPlan canonical = resolve(plan, *experiment.setup.saga);
  if (!shrinker.start(canonical)) {
    throw Error(
        ErrorText{.message = fmt::format("plan \"{}\" does not violate {}: there is nothing to shrink",
                                         to_string(canonical), text_of(rule, experiment))});
  }
  shrinker.shrink();
  return shrinker.result();
}

ShrunkSaga shrink_saga(const Experiment& experiment, const FaultPlan& plan, Rule rule) {
  ShrunkSaga current{experiment, shrink(experiment, plan, rule)};
  const auto smaller_saga = [&] {
    return std::ranges::any_of(simpler_sagas(current.experiment.setup.saga->saga()), [&](const Saga& saga) {
      return replaces(current, with_saga(current.experiment, saga), rule);
    });
  };
  const auto smaller_context = [&] {
    return std::ranges::any_of(simpler_contexts(current.experiment.setup.context),
                               [&](const Context& context) {
                                 return replaces(current, with_context(current.experiment, context), rule);
                               });
  };
  while (smaller_saga() || smaller_context()) {
  }
  current.experiment.source.clear();  // no file holds this definition
  return current;
}

}  // namespace saga_harness
