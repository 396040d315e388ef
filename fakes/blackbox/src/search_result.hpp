#pragma once

#include <string>
#include <vector>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/judge.hpp>
#include <saga_harness_internal/cause.hpp>

namespace saga_harness::blackbox {

/// What came of a plan that was run once or several times.
struct Result {
  ObservedRun run;
  Judgement judgement;
  std::vector<Violation> violations;      // those that every run showed
  std::vector<Cause> causes;              // … of the violations, as the run tells
  std::vector<CausedViolation> caused;    // … as the smallest part of the plan tells
  std::vector<Violation> unexplained;     // those that no smaller plan shows
  std::vector<std::string> explanations;  // of the violations
  std::string difference;
  bool fired = true;
  bool key_changed = false;  // of some operation
  std::string error = {};    // not empty: there is nothing else
};

/// In what two runs of one plan differ; empty if in nothing that counts.
[[nodiscard]] std::string unlike(const Result& first, const Result& second, const Experiment& experiment);

/// What is violated only sometimes is not known to be violated.
void keep_common(Result& result, const Result& again);

}  // namespace saga_harness::blackbox
