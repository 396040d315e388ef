#pragma once

#include <span>
#include <vector>

#include <saga_harness/choices.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness_internal/picks.hpp>
#include <saga_harness_internal/sample.hpp>

namespace saga_harness {

/// A fault of a plan in numbers.
struct Strike {
  Point point = {};
  Alternative alternative = {};

  friend bool operator==(const Strike&, const Strike&) = default;
};

[[nodiscard]] std::vector<Strike> strikes_of(const FaultPlan& plan, const SagaIndex& saga);

/// Strikes where a plan says, and nowhere else.
class Strikes final : public Choices {
 public:
  void plan(std::span<const Strike> strikes);
  std::size_t pick(const Point& point, std::span<const Alternative> legal) override;
  [[nodiscard]] bool wants_synonyms() const override { return true; }
  [[nodiscard]] bool fired(std::size_t strike) const { return planned_[strike].fired; }

 private:
  struct Planned {
    Strike strike;
    bool fired = false;
  };
  std::vector<Planned> planned_;
};

/// Runs and judges one plan after the other with one engine.
class PlanRunner {
 public:
  explicit PlanRunner(const Experiment& experiment);

  /// What is violated, in the order of the rules.
  const std::vector<Violation>& run(std::span<const Strike> strikes);

  [[nodiscard]] bool fired(std::size_t strike) const { return strikes_.fired(strike); }
  /// Of the last run, see digest_of().
  [[nodiscard]] std::uint64_t digest() {
    return digest_of(engine_.observation(), judge_.judge(engine_.observation()));
  }
  [[nodiscard]] std::vector<Verdict> explain() { return judge_.explain(engine_.observation()); }
  [[nodiscard]] const Engine& engine() const { return engine_; }

 private:
  Engine engine_;
  Judge judge_;
  Strikes strikes_;
  std::vector<Violation> violations_;
};

/// What `judgement` says is violated, appended in the order of the rules.
void collect_violations(const Judgement& judgement, const Judge& judge, std::vector<Violation>& into);

}  // namespace saga_harness
