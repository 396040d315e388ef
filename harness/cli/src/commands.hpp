#pragma once

#include <saga_harness/exit_code.hpp>

#include "arguments.hpp"

namespace saga_harness::cli {

/// Each runs one command and says what to exit with. @throws Error for bad input.
[[nodiscard]] ExitCode run_explore(const ExploreArguments& arguments);
[[nodiscard]] ExitCode run_merge(const MergeArguments& arguments);
[[nodiscard]] ExitCode run_replay(const ReplayArguments& arguments);
[[nodiscard]] ExitCode run_require(const RequireArguments& arguments);
[[nodiscard]] ExitCode run_interleave(const InterleaveArguments& arguments);
[[nodiscard]] ExitCode run_mutants(const MutantsArguments& arguments);
[[nodiscard]] ExitCode run_check(const CheckArguments& arguments);
[[nodiscard]] ExitCode run_list(const ListArguments& arguments);
[[nodiscard]] ExitCode run_serve(const ServeArguments& arguments);
[[nodiscard]] ExitCode run_report(const ReportArguments& arguments);

}  // namespace saga_harness::cli
