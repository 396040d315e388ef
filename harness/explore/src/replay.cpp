#include <algorithm>

#include <saga_harness/explore.hpp>

#include "subject.hpp"

namespace saga_harness {
namespace {

/// Strikes where the plan says, and nowhere else.
class Replay final : public Choices {
 public:
  Replay(const FaultPlan& plan, const SagaIndex& saga) {
    for (const Fault& fault : plan.faults)
      planned_.push_back({point_of(fault, saga), {fault.kind, fault.window}});
  }

  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    for (Planned& planned : planned_) {
      if (planned.fired || planned.point != point) continue;
      const auto found = std::ranges::find(legal, planned.alternative);
      if (found == legal.end()) continue;
      planned.fired = true;
      return static_cast<std::size_t>(found - legal.begin()) + 1;
    }
    return 0;
  }

  [[nodiscard]] bool wants_synonyms() const override { return true; }
  [[nodiscard]] bool fired(std::size_t fault) const { return planned_[fault].fired; }

 private:
  struct Planned {
    Point point;
    Alternative alternative;
    bool fired = false;
  };
  std::vector<Planned> planned_;
};

std::vector<std::string> last_flagged(const Trace& trace, const SagaIndex& saga) {
  std::vector<std::string> flagged;
  for (const Event& event : trace.events) {
    if (event.type == EventType::kReported) flagged.clear();
    if (event.type == EventType::kReportedStep) flagged.push_back(saga.step(event.step).name);
  }
  return flagged;
}

}  // namespace

Run run_plan(const Experiment& experiment, const FaultPlan& plan) {
  Engine engine(setup_of(experiment));
  const SagaIndex& saga = engine.saga();
  Run run;
  run.plan = resolve(plan, saga);
  Replay replay(run.plan, saga);
  const Observation& observation = engine.run(replay);
  for (std::size_t i = 0; i < run.plan.size(); ++i) {
    (replay.fired(i) ? run.fired : run.unfired).faults.push_back(run.plan.faults[i]);
  }
  run.outcome = observation.outcome;
  run.verdicts =
      Judge(experiment.setup.saga, experiment.claims, experiment.switched_off, experiment.invariants)
          .explain(observation);
  run.trace = engine.trace();
  run.ledger = engine.ledger();
  run.flagged_steps = last_flagged(run.trace, saga);
  run.saga = saga.saga();
  run.token =
      to_string(Token{saga.hash(), experiment.coordinator_name, experiment.participant_name, run.plan});
  return run;
}

}  // namespace saga_harness
