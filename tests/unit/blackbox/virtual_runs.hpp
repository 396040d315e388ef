#pragma once

// Runs of the virtual-time engine in place of real ones: so a search over real runs can be compared with the
// one in virtual time, and needs no clock.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/scenario.hpp>

namespace saga_harness::blackbox_test {

inline const std::vector<FaultKind> kKinds{FaultKind::kRejected, FaultKind::kUnavailable,
                                           FaultKind::kReplyLost};

/// Strikes as a plan says and notes what it is asked.
class Recorder final : public Choices {
 public:
  Recorder(const FaultPlan& plan, const SagaIndex& saga) {
    for (const Fault& fault : plan.faults) {
      planned_.push_back({fault, point_of(fault, saga), {fault.kind, fault.window}});
    }
  }
  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    ObservedQuestion question{point, {legal.begin(), legal.end()}};
    std::erase_if(question.legal,
                  [](Alternative each) { return std::ranges::find(kKinds, each.kind) == kKinds.end(); });
    if (!question.legal.empty()) questions.push_back(std::move(question));
    for (Planned& planned : planned_) {
      const auto found = std::ranges::find(legal, planned.alternative);
      if (planned.fired || planned.point != point || found == legal.end()) continue;
      planned.fired = true;
      return static_cast<std::size_t>(found - legal.begin()) + 1;
    }
    return 0;
  }
  void note(ObservedRun& run) const {
    for (const Planned& planned : planned_)
      (planned.fired ? run.fired : run.unfired).faults.push_back(planned.fault);
  }
  std::vector<ObservedQuestion> questions = {};

 private:
  struct Planned {
    Fault fault;
    Point point;
    Alternative alternative;
    bool fired = false;
  };
  std::vector<Planned> planned_;
};

inline ObservedRun run_in_virtual_time(const Experiment& experiment, const FaultPlan& plan) {
  Setup setup = experiment.setup;
  setup.durable = false;
  Engine engine(setup);
  Recorder recorder(plan, *setup.saga);
  ObservedRun run;
  const Observation& seen = engine.run(recorder);
  run.outcome = seen.outcome;
  run.skipped.assign(seen.skipped.begin(), seen.skipped.end());
  run.trace = engine.trace();
  run.ledger = engine.ledger();
  run.questions = std::move(recorder.questions);
  recorder.note(run);
  return run;
}

inline Experiment subject(std::string_view coordinator) {
  Experiment made = experiment(
      load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/order_processing.json"), coordinator);
  made.setup.durable = false;
  made.claims = {.retries = true};
  return made;
}

inline ExploreOptions bounds(int faults, int workers = 1) {
  return {.max_faults = faults, .kinds = kKinds, .workers = workers, .recheck_every = 0};
}

inline TargetExploration search(const Experiment& experiment, const ExploreOptions& options,
                                const RunPlan& run, const SearchStop* stop = nullptr) {
  return explore_runs(experiment, declared_cells(*experiment.setup.saga, experiment, kKinds), run, options,
                      stop);
}

inline TargetExploration search(const Experiment& experiment, const ExploreOptions& options) {
  return search(experiment, options,
                [&](const FaultPlan& plan) { return run_in_virtual_time(experiment, plan); });
}

}  // namespace saga_harness::blackbox_test
