#pragma once

#include <string>
#include <vector>

#include <saga_harness/interleaving.hpp>

#include "interleaving_scheduler.hpp"

namespace saga_harness {

/// Judges what a scheduler has run: each saga by the built-in rules, all of them together by what they
/// have in common.
class ConcurrentJudge {
 public:
  explicit ConcurrentJudge(const ConcurrentExperiment& experiment);

  /// What is violated; explanations of the built-in rules only if asked for.
  [[nodiscard]] std::vector<ConcurrentViolation> judge(const InterleavingScheduler& scheduler, bool explains);
  /// Is the rule judged where several sagas run? What one holds, another may be refused, with nothing having
  /// failed.
  [[nodiscard]] static constexpr bool judges(Rule rule) {
    return rule != Rule::kRefusedThoughNothingFailed && rule != Rule::kCompensatedThoughNothingFailed;
  }
  /// Of I1, as it was judged last.
  [[nodiscard]] VerdictStatus outcome_status(std::size_t saga) const { return outcome_statuses_[saga]; }
  [[nodiscard]] std::vector<Verdict> explain(const InterleavingScheduler& scheduler, std::size_t saga) {
    return judges_[saga].explain(seen(scheduler, saga));
  }

 private:
  [[nodiscard]] static Observation seen(const InterleavingScheduler& scheduler, std::size_t saga) {
    return scheduler.engine(saga).observation();
  }
  void judge_own(const InterleavingScheduler& scheduler, std::size_t saga,
                 std::vector<ConcurrentViolation>& into) const;
  void judge_quantities(const InterleavingScheduler& scheduler, std::vector<ConcurrentViolation>& into) const;

  std::vector<Judge> judges_;
  std::vector<std::vector<Invariant>> own_;  // by saga
  std::vector<VerdictStatus> outcome_statuses_;
};

}  // namespace saga_harness
