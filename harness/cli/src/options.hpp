#pragma once

#include <CLI/CLI.hpp>

#include "arguments.hpp"

namespace saga_harness::cli {

/// What every command takes.
void add_look(CLI::App& command, Look& look);

/// How `replay` writes what happened.
void add_replay_format(CLI::App& command, ReplayFormat& format);

/// The command `report`, with all its options.
CLI::App* add_report(CLI::App& app, ReportArguments& arguments);

/// The command `interleave`, with all its options.
CLI::App* add_interleave(CLI::App& app, InterleaveArguments& arguments);

/// @throws Error if options of `interleave` do not go together.
void check_combination(const InterleaveArguments& arguments);

/// @throws Error if options of `report` do not go together.
void check_combination(const ReportArguments& arguments);

}  // namespace saga_harness::cli
