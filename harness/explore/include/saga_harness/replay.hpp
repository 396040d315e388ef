#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include <saga_harness/experiment.hpp>
#include <saga_harness/exploration.hpp>
#include <saga_harness/run.hpp>

namespace saga_harness {

/// Which plans run_plan() runs again, to see whether they come out alike. None, where
/// Experiment::can_run_again says so.
enum class RunAgain : std::uint8_t {
  kIfViolated,  ///< those that violate a rule
  kAlways,      ///< all: for plans that were drawn, in properties
};

[[nodiscard]] std::string_view name_of(RunAgain value);
void PrintTo(RunAgain value, std::ostream* out);

/// Runs one plan and judges it. Faults whose point is never reached are in Run::unfired. A plan that violates
/// a rule is run again a few times: what comes of chance is no finding.
/// @throws Error if the plan names what does not exist (with the nearest name) or is not legal; with
/// ErrorKind::kInternal if it came out differently when it was run again.
[[nodiscard]] Run run_plan(const Experiment& experiment, const FaultPlan& plan,
                           RunAgain again = RunAgain::kIfViolated);

/// How to run the plan of a token again, for this kind of subject: a command where the command can make the
/// subject from its files (`saga-harness replay order.json sh2-…`, with `--target` for a process of its own),
/// else the call in its test: `harness.replay("sh2-…")`.
[[nodiscard]] std::string how_to_repeat(const Experiment& experiment, std::string_view token);

/// A gtest case to paste that fails as `finding` did: compiles against saga_harness/testing.hpp.
[[nodiscard]] std::string gtest_case(const Finding& finding, const SagaIndex& saga,
                                     const Experiment& experiment);

}  // namespace saga_harness
