#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <saga_harness/observation.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness {

/// A rule that is not to be judged, and why.
struct SwitchedOff {
  Rule rule = Rule::kTruthfulOutcome;
  std::string reason = {};
};

/// One status per Rule, in their order: what a search needs of a run.
using Judgement = std::array<VerdictStatus, kRuleCount>;

/// The oracle: pure rules over trace and ledgers. Keeps scratch memory between runs, and nothing else.
class Judge {
 public:
  Judge(std::shared_ptr<const SagaIndex> saga, Claims claims, std::vector<SwitchedOff> switched_off = {});
  ~Judge();
  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) noexcept;

  [[nodiscard]] const Judgement& judge(const Observation& observation);

  /// The same with a sentence and the evidence for each rule.
  [[nodiscard]] std::vector<Verdict> explain(const Observation& observation);

  /// The step that a violated rule of the last judge() is about; kNoStep if it is about the saga as a whole.
  [[nodiscard]] StepId culprit(Rule rule) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace saga_harness
