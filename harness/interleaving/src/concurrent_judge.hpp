#pragma once

#include <string>
#include <vector>

#include <saga_harness/interleaving.hpp>

#include "conductor.hpp"

namespace saga_harness {

/// Judges what a conductor has run: each saga by the rules of the house, all of them together by what they
/// have in common.
class ConcurrentJudge {
 public:
  explicit ConcurrentJudge(const ConcurrentExperiment& experiment);

  /// What is violated; explanations of the rules of the house only if asked for.
  [[nodiscard]] std::vector<ConcurrentViolation> judge(const Conductor& conductor, bool explains);
  [[nodiscard]] std::vector<Verdict> explain(const Conductor& conductor, std::size_t saga) {
    return judges_[saga].explain(seen(conductor, saga));
  }

 private:
  [[nodiscard]] static Observation seen(const Conductor& conductor, std::size_t saga) {
    return conductor.engine(saga).observation();
  }
  void judge_own(const Conductor& conductor, std::size_t saga, std::vector<ConcurrentViolation>& into) const;
  void judge_quantities(const Conductor& conductor, std::vector<ConcurrentViolation>& into) const;

  std::vector<Judge> judges_;
  std::vector<std::vector<Invariant>> own_;  // by saga
};

}  // namespace saga_harness
