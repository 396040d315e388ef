#pragma once

#include <string>
#include <string_view>

#include <saga_harness/experiment.hpp>
#include <saga_harness/exploration.hpp>
#include <saga_harness/run.hpp>

namespace saga_harness {

/// Runs one plan and judges it. Faults whose point is never reached are in Run::unfired. A plan that violates
/// a rule is run again a few times: what comes of chance is no finding.
/// @throws Error if the plan names what does not exist (with the nearest name) or is not legal; with
/// ErrorKind::kInternal if it came out differently when it was run again.
[[nodiscard]] Run run_plan(const Experiment& experiment, const FaultPlan& plan);

/// How to run the plan of a token again, for this kind of subject: a command where the command can make the
/// subject from its files (`saga-harness replay order.json sh2-…`, with `--target` for a process of its own),
/// else the call in its test: `harness.replay("sh2-…")`.
[[nodiscard]] std::string how_to_repeat(const Experiment& experiment, std::string_view token);

/// A gtest case to paste that fails as `finding` did: compiles against saga_harness/testing.hpp.
[[nodiscard]] std::string gtest_case(const Finding& finding, const SagaIndex& saga,
                                     const Experiment& experiment);

}  // namespace saga_harness
