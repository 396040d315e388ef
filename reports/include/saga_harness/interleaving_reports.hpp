#pragma once

#include <string>

#include <saga_harness/exit_code.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness/search_reports.hpp>

/// Reports on several sagas at the same time. As all reports: pure functions.
namespace saga_harness {

/// What was searched and how to do it again.
struct InterleavingSubject {
  const ConcurrentExperiment& experiment;
  std::string command = {};  ///< `saga-harness interleave order.json`: what a plan is to be added to
};

/// What a search found: for each finding a sentence, the turns in their order, where sagas and values ended,
/// and the command that runs it again.
[[nodiscard]] std::string interleavings_report(const InterleavingSubject& subject, const Interleavings& found,
                                               const Style& style);
[[nodiscard]] std::string interleavings_json(const InterleavingSubject& subject, const Interleavings& found);
/// Violated if anything was; inconclusive if the search was cut short.
[[nodiscard]] ExitCode exit_code_of(const Interleavings& found);

/// One run of a plan.
[[nodiscard]] std::string concurrent_run_report(const InterleavingSubject& subject, const ConcurrentRun& run,
                                                const Style& style);
[[nodiscard]] std::string concurrent_run_json(const InterleavingSubject& subject, const ConcurrentRun& run);
/// Violated, upheld, or, if a planned fault never struck, inconclusive.
[[nodiscard]] ExitCode exit_code_of(const ConcurrentRun& run);

}  // namespace saga_harness
