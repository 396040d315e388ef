#pragma once

#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "arguments.hpp"

namespace saga_harness::cli {

/// What every command takes.
void add_look(CLI::App& command, Look& look);

/// By which rules what is found is to be judged.
void add_judged_by(CLI::App& command, JudgedBy& judged_by);
/// How much processor time a run may take.
void add_run_limit(CLI::App& command, std::string& limit);
/// By which day known findings expire.
void add_today(CLI::App& command, std::string& today);

/// How `replay` writes what happened.
void add_replay_format(CLI::App& command, ReplayFormat& format);

inline constexpr int kMaxFaults = 6;

/// Which faults a search may use.
template <class Arguments>
void add_selection(CLI::App& command, Arguments& arguments) {
  command.add_option("--kinds,--faults", arguments.kinds, "Only these kinds of fault, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)  // or it would take the scenario for a kind
      ->type_name("KIND");
  command.add_flag_callback(
      "--no-windows", [&arguments] { arguments.windows = false; }, "Only faults that last for one attempt");
}

template <class Arguments>
void add_bounds(CLI::App& command, Arguments& arguments) {
  command
      .add_option("-k,--max-faults", arguments.max_faults,
                  fmt::format("Faults per run, 0 to {} ({})", kMaxFaults, arguments.max_faults))
      ->type_name("K");
  add_selection(command, arguments);
}

/// How long a search may take, as a text for parse_max_time().
void add_max_time(CLI::App& command, std::string& max_time, const std::string& what);

/// Where records go, and how many bytes of them.
void add_out(CLI::App& command, Records& out);

/// The file that says how to reach a subject of its own.
void add_target(CLI::App& command, std::string& target);

/// The command `explore`, with all its options.
CLI::App* add_explore(CLI::App& app, ExploreArguments& arguments);

/// The command `report`, with all its options.
CLI::App* add_report(CLI::App& app, ReportArguments& arguments);

/// The command `interleave`, with all its options.
CLI::App* add_interleave(CLI::App& app, InterleaveArguments& arguments);

/// @throws Error if options of `explore` do not go together.
void check_combination(const ExploreArguments& arguments);

/// @throws Error if options of `interleave` do not go together.
void check_combination(const InterleaveArguments& arguments);

/// @throws Error if options of `report` do not go together.
void check_combination(const ReportArguments& arguments);

}  // namespace saga_harness::cli
