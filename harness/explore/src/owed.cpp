#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/search_verdict.hpp>
#include <saga_harness_internal/choices.hpp>
#include <saga_harness_internal/skipped.hpp>

namespace saga_harness {
namespace {

/// What of a saga can be undone, and made to need it.
class Compensations {
 public:
  Compensations(const Experiment& experiment, const ExploreOptions& options)
      : saga_(*experiment.setup.saga),
        options_(options),
        kinds_(kinds_in_scope(experiment, options.kinds)),
        skipped_(internal::skipped_in(saga_, experiment)),
        choices_(saga_) {}

  [[nodiscard]] bool has_any() const {
    for (StepId step = 0; step < saga_.step_count(); ++step) {
      if (is_undoable(step)) return true;
    }
    return false;
  }
  /// A saga that has only looked when it fails ends compensated, though there is nothing to undo.
  [[nodiscard]] bool looks_at_any() const {
    for (StepId step = 0; step < saga_.step_count(); ++step) {
      if (!saga_.step(step).has_effect && !internal::is_skipped(skipped_, step)) return true;
    }
    return false;
  }
  [[nodiscard]] bool skips_all() const {
    for (StepId step = 0; step < saga_.step_count(); ++step) {
      if (!internal::is_skipped(skipped_, step)) return false;
    }
    return true;
  }

  /// What is missing if no effect is ever undone; nothing if the options cannot bring it about.
  [[nodiscard]] std::optional<std::string> owed() const {
    for (StepId failing = 0; failing < saga_.step_count(); ++failing) {
      if (!can_fail(failing)) continue;
      for (StepId step = 0; step < saga_.step_count(); ++step) {
        if (is_undoable(step) && saga_.precedes(step, failing)) return missing(step, failing);
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool is_after_pivot(StepId step) const {
    return saga_.pivot() != kNoStep && saga_.precedes(saga_.pivot(), step);
  }
  [[nodiscard]] bool is_undoable(StepId step) const {
    return !internal::is_skipped(skipped_, step) && choices_.decided_by(step) == kNoStep &&
           !saga_.step(step).compensation.empty() && step != saga_.pivot() && !is_after_pivot(step);
  }
  [[nodiscard]] bool can_fail(StepId step) const {
    const Step& failing = saga_.step(step);
    if (internal::is_skipped(skipped_, step) || is_after_pivot(step) || failing.optional) return false;
    if (choices_.decided_by(step) != kNoStep) return false;  // nobody knows whether it is done
    const int operations = failing.fallback.empty() ? 1 : 2;
    return std::ranges::any_of(kinds_, [&](FaultKind kind) {
      if (fate_of(kind).refuses_for_good()) return options_.max_faults >= operations;
      if (!fails_the_attempt(kind)) return false;
      return options_.max_faults >= (options_.windows ? 1 : failing.retry.attempts) * operations;
    });
  }
  [[nodiscard]] std::string missing(StepId step, StepId failing) const {
    const bool refuses = std::ranges::any_of(kinds_, &Fate::refuses_for_good, fate_of);
    return fmt::format(
        "no schedule undid an effect, though {} has a compensation and {} can fail after it; {}",
        saga_.step(step).name, saga_.step(failing).name,
        refuses ? fmt::format("-k {} may bring it about", options_.max_faults + 1)
                : "the kind rejected may bring it about");
  }

  const SagaIndex& saga_;
  const ExploreOptions& options_;
  std::vector<FaultKind> kinds_;
  std::vector<std::uint8_t> skipped_;
  internal::ResultChoices choices_;
};

bool is_off(const Experiment& experiment, Rule rule) {
  return std::ranges::any_of(experiment.switched_off, [rule](const SwitchedOff& off) {
    return off.invariant.empty() && off.rule == rule;
  });
}

}  // namespace

Owed owed_by(const Experiment& experiment, const ExploreOptions& options) {
  const Compensations compensations(experiment, options);
  const Outcome expected = experiment.setup.expects.value_or(Outcome::kCompleted);
  if (expected == Outcome::kUnresolved)
    throw Error(ErrorText{.message = "expects: no saga can be expected to end unresolved",
                          .fix = "say completed, compensated or flagged"});
  if (expected == Outcome::kCompensated && !compensations.has_any() && !compensations.looks_at_any()) {
    throw Error(
        {.message =
             "expects: no step of the saga can be compensated, so it cannot be expected to end compensated",
         .fix = "say completed or flagged"});
  }
  Owed owed;
  if (options.stop_at_first_violation) return owed;
  owed.request = !compensations.skips_all();
  owed.outcome_rule = is_off(experiment, Rule::kTruthfulOutcome) && is_off(experiment, Rule::kAtMostOnce) &&
                      is_off(experiment, Rule::kTerminates);
  if (options.swarm) return owed;
  owed.without_faults = expected;
  owed.flag_judged = !is_off(experiment, Rule::kTruthfulOutcome);
  if (options.max_faults > 0) owed.compensation = compensations.owed();
  return owed;
}

}  // namespace saga_harness
