#include "arguments.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <saga_harness/error.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/version.hpp>

#include "options.hpp"

namespace saga_harness::cli {

namespace {

constexpr std::string_view kExitCodes = R"(Exit codes:
   0  upheld: no rule was violated
   1  violated
   3  inconclusive: the search was not exhausted, a shard is missing, or a
     replayed fault did not strike
  64  usage, or bad input
  70  internal error, a coordinator that is not deterministic included
)";

constexpr std::string_view kCommandExamples = R"(Examples:
  saga-harness explore order.json
  saga-harness explore order.json --max-faults 1 --kinds reply_lost,coordinator_crash
  saga-harness explore order.json --coordinator ambiguous_not_compensated --json
  saga-harness replay order.json --plan "process_payment.action#1:reply_lost"
  saga-harness require order.json
  saga-harness check order.json
  saga-harness list
  saga-harness serve order.json
)";

constexpr std::string_view kMergeExamples = R"(Examples:
  saga-harness merge order.json 1.tally 2.tally 3.tally
)";

constexpr std::string_view kRequireExamples = R"(Examples:
  saga-harness require order.json
  saga-harness require order.json --max-faults 1 --json
  saga-harness explore order.json --participant reference-without:tombstones@reserve_inventory
)";

constexpr std::string_view kMutantsExamples = R"(Examples:
  saga-harness mutants
  saga-harness mutants order.json --max-faults 1 --no-ablation
  saga-harness mutants --only skips_last,no_dedup --json

Exit codes:
   0  every mutant that can be told from the reference is killed
   1  a reference is not green under the same search
   3  a mutant was not activated, or the search of a reference lacks something
   2  a mutant survived
)";

constexpr std::string_view kReplayExamples = R"(Examples:
  saga-harness replay order.json sh2-...
  saga-harness replay order.json --plan "process_payment#1:reply_lost, release_inventory#*:unavailable"
  saga-harness replay order.json --plan "process_payment#1:rejected" --format log
  saga-harness replay order.json sh2-... --format otlp > trace.json
)";

constexpr std::string_view kServeExamples = R"(Examples:
  saga-harness serve order.json
  saga-harness serve order.json --port 8080 --token-file token.txt
  saga-harness serve order.json --bind 0.0.0.0 --port 8080 --service-port 8081 --advertise fakes --token-file token.txt

Once it listens it prints one line, {"admin": URL, "services": {NAME: URL, ...}}, and goes on until it is
interrupted or terminated; then it exits with 0.
)";

CLI::App* add_mutants(CLI::App& app, MutantsArguments& arguments) {
  CLI::App* command = app.add_subcommand(
      "mutants", "Score the search on known bugs: which are found, by which rule, how soon");
  command
      ->add_option("scenario", arguments.scenario,
                   "A scenario to try every mutant on, instead of the one that shows it")
      ->type_name("SCENARIO");
  command
      ->add_option("-k,--max-faults", arguments.max_faults, "Faults per run (2, or as many as are predicted)")
      ->type_name("K");
  add_selection(*command, arguments);
  command->add_option("--only", arguments.only, "Only these mutants, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME");
  command->add_flag_callback(
      "--no-ablation", [&arguments] { arguments.ablation = false; },
      "Leave out what each class of faults contributes");
  command->add_option("--max-schedules", arguments.max_schedules, "Stop each search after so many schedules")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  add_max_time(*command, arguments.max_time, "Stop each search after about so long, e.g. 90s or 10min");
  command->add_option("--scenarios", arguments.scenarios, "The folder of the scenarios that show the mutants")
      ->type_name("DIR")
      ->capture_default_str();
  add_out(*command, arguments.out);
  add_today(*command, arguments.today);
  add_look(*command, arguments.look);
  command->footer(std::string(kMutantsExamples));
  return command;
}

CLI::App* add_require(CLI::App& app, RequireArguments& arguments) {
  CLI::App* command = app.add_subcommand(
      "require", "Find out which guarantees of its participants a saga relies on, step by step");
  command->add_option("scenario", arguments.scenario, "A scenario or saga definition, JSON")
      ->required()
      ->type_name("SCENARIO");
  add_bounds(*command, arguments);
  command->add_option("--coordinator", arguments.coordinator, "The coordinator (reference)")
      ->type_name("NAME");
  command->add_option("--max-schedules", arguments.max_schedules, "Stop each search after so many schedules")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  add_max_time(*command, arguments.max_time, "Stop each search after about so long, e.g. 90s or 10min");
  add_out(*command, arguments.out);
  add_today(*command, arguments.today);
  add_look(*command, arguments.look);
  command->footer(std::string(kRequireExamples));
  return command;
}

CLI::App* add_merge(CLI::App& app, MergeArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("merge", "Make one result of the tallies that the shards of a search left");
  command->add_option("scenario", arguments.scenario, "The scenario that was explored, JSON")
      ->required()
      ->type_name("SCENARIO");
  command->add_option("files", arguments.files, "What --tally or --resume wrote, of every shard")
      ->required()
      ->type_name("FILE");
  command->add_flag("--sample-ok", arguments.sample_ok, "Take random schedules without violation for upheld");
  add_judged_by(*command, arguments.judged_by);
  add_today(*command, arguments.judged_by.today);
  add_look(*command, arguments.look);
  command->footer(std::string(kMergeExamples));
  return command;
}

CLI::App* add_replay(CLI::App& app, ReplayArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("replay", "Run one plan of faults and show everything that happened");
  command->add_option("scenario", arguments.scenario, "A scenario or saga definition, JSON")
      ->required()
      ->type_name("SCENARIO");
  CLI::Option* token =
      command->add_option("token", arguments.token, "The token of a finding")->type_name("TOKEN");
  command->add_option("--plan", arguments.plan, "A plan in its one-line form, instead of a token")
      ->type_name("PLAN")
      ->excludes(token);
  add_target(*command, arguments.target);
  command->add_option("--coordinator", arguments.coordinator, "Instead of the token's")->type_name("NAME");
  command->add_option("--participant", arguments.participant, "Instead of the token's")->type_name("NAME");
  add_replay_format(*command, arguments.format);
  add_judged_by(*command, arguments.judged_by);
  add_run_limit(*command, arguments.judged_by.run_limit);
  add_look(*command, arguments.look);
  command->footer(std::string(kReplayExamples));
  return command;
}

CLI::App* add_check(CLI::App& app, CheckArguments& arguments) {
  CLI::App* command = app.add_subcommand("check", "Say what is wrong with scenarios, without running them");
  command->add_option("scenarios", arguments.scenarios, "Scenarios or saga definitions, JSON")
      ->required()
      ->type_name("SCENARIO");
  add_look(*command, arguments.look);
  return command;
}

CLI::App* add_list(CLI::App& app, ListArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("list", "List kinds of fault, rules and mutants, or what a scenario holds");
  command->add_option("scenario", arguments.scenario, "A scenario or saga definition, JSON")
      ->type_name("SCENARIO");
  add_look(*command, arguments.look);
  return command;
}

CLI::App* add_serve(CLI::App& app, ServeArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("serve", "Serve the participants of a scenario over HTTP, and an admin API beside");
  command->add_option("scenario", arguments.scenario, "A scenario or saga definition, JSON")
      ->required()
      ->type_name("SCENARIO");
  command->add_option("--port", arguments.port, "Of the admin API; 0 for a free one (0)")
      ->type_name("N")
      ->check(CLI::Range(0, 65535));
  command
      ->add_option("--service-port", arguments.service_ports,
                   "The port of a service, or of all together; of the others: free ones")
      ->type_name("[NAME=]PORT");
  command->add_option("--bind", arguments.bind, "The address to listen on (127.0.0.1); others need a token")
      ->type_name("ADDRESS");
  command->add_option("--advertise", arguments.advertise, "The host in the URLs that are told (as --bind)")
      ->type_name("HOST");
  CLI::Option* token =
      command->add_option("--token", arguments.token, "What the admin API is to ask for, as a bearer token")
          ->type_name("TOKEN");
  command
      ->add_option(
          "--token-file", arguments.token_file,
          "The same, from a file, so that no list of processes shows it; else from SAGA_HARNESS_TOKEN")
      ->type_name("FILE")
      ->excludes(token);
  command->add_option("--max-journal", arguments.max_journal, "Requests that the journal keeps (100000)")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{10'000'000}));
  command->footer(std::string(kServeExamples));
  return command;
}

/// An empty value is a variable of a script that was never set.
void check_no_empty_values(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& value : option->results()) {
      if (value.empty())
        throw Error(ErrorText{.message = option->get_name() + " has an empty value",
                              .fix = "give one, or leave the option out"});
    }
  }
}

void check_range(int max_faults) {
  if (max_faults < 0 || max_faults > kMaxFaults) {
    throw Error(ErrorText{
        .message =
            fmt::format("--max-faults is {}, and each fault more multiplies the schedules by about a hundred",
                        max_faults),
        .fix = fmt::format("it must be from 0 to {}", kMaxFaults)});
  }
}

/// CLI11 reads -1 as the greatest number there is: as a bound it would be none.
void check_no_negative_numbers(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_type_name() != "N") continue;
    for (const std::string& value : option->results()) {
      if (!value.starts_with('-')) continue;
      throw Error(ErrorText{.message = fmt::format("{} is {}", option->get_name(), value),
                            .fix = "it must be 0 or more"});
    }
  }
}

/// CLI11 would only say that a subcommand is missing.
void check_command_name(const CLI::App& app, std::string_view name) {
  std::vector<std::string_view> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  for (const std::string_view known : names) {
    if (name == known) return;
  }
  const std::string_view nearest = nearest_name(name, names);
  throw Error(ErrorText{.message = fmt::format(
                            "there is no command \"{}\"{}", name,
                            nearest.empty() ? std::string() : fmt::format(", did you mean \"{}\"?", nearest)),
                        .fix = "run saga-harness --help"});
}

}  // namespace

Invocation parse_arguments(int argc, const char* const* argv) {
  CLI::App app(
      "Proves or refutes that, whatever fails, a saga ends completed, compensated, or flagged for a person.",
      "saga-harness");
  ExploreArguments explore_arguments;
  MergeArguments merge_arguments;
  ReplayArguments replay_arguments;
  RequireArguments require_arguments;
  InterleaveArguments interleave_arguments;
  MutantsArguments mutants_arguments;
  CheckArguments check_arguments;
  ListArguments list_arguments;
  ServeArguments serve_arguments;
  ReportArguments report_arguments;
  app.set_version_flag("--version", fmt::format("saga-harness {}", kVersion));
  app.require_subcommand(1);
  app.footer(fmt::format("{}\n{}", kCommandExamples, kExitCodes));
  const CLI::App* explore_command = add_explore(app, explore_arguments);
  const CLI::App* merge_command = add_merge(app, merge_arguments);
  const CLI::App* replay_command = add_replay(app, replay_arguments);
  const CLI::App* require_command = add_require(app, require_arguments);
  const CLI::App* interleave_command = add_interleave(app, interleave_arguments);
  const CLI::App* mutants_command = add_mutants(app, mutants_arguments);
  const CLI::App* check_command = add_check(app, check_arguments);
  const CLI::App* report_command = add_report(app, report_arguments);
  add_list(app, list_arguments);
  const CLI::App* serve_command = add_serve(app, serve_arguments);

  if (argc < 2) throw Error(ErrorText{.message = "a command is missing", .fix = "run saga-harness --help"});
  if (argv[1][0] != '-') check_command_name(app, argv[1]);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return PrintText{app.help()};
  } catch (const CLI::CallForAllHelp&) {
    return PrintText{app.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::CallForVersion& version) {
    return PrintText{fmt::format("{}\n", version.what())};
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorText{.message = error.what(), .fix = "run saga-harness --help"});
  }
  for (const CLI::App* command : app.get_subcommands()) {
    check_no_empty_values(*command);
    check_no_negative_numbers(*command);
  }
  if (explore_command->parsed()) {
    check_range(explore_arguments.max_faults);
    check_combination(explore_arguments);
    return explore_arguments;
  }
  if (merge_command->parsed()) return merge_arguments;
  if (replay_command->parsed()) {
    if (replay_arguments.token.empty() == !replay_arguments.plan.has_value()) {
      throw Error(ErrorText{.message = "replay needs either a token or --plan",
                            .fix = "run saga-harness replay --help"});
    }
    const bool names_one = replay_arguments.coordinator || replay_arguments.participant;
    if (names_one && !replay_arguments.target.empty()) {
      throw Error(
          ErrorText{.message = "--target brings its own coordinator",
                    .fix = "leave out --coordinator and --participant; run saga-harness replay --help"});
    }
    if (replay_arguments.look.json) {
      const bool asks_for_another = replay_arguments.format != ReplayFormat::kTerminal &&
                                    replay_arguments.format != ReplayFormat::kJson;
      if (asks_for_another)
        throw Error(
            ErrorText{.message = "--json is a format, too", .fix = "leave out either --json or --format"});
      replay_arguments.format = ReplayFormat::kJson;
    }
    return replay_arguments;
  }
  if (require_command->parsed()) {
    check_range(require_arguments.max_faults);
    return require_arguments;
  }
  if (interleave_command->parsed()) {
    check_range(interleave_arguments.max_faults);
    check_combination(interleave_arguments);
    return interleave_arguments;
  }
  if (mutants_command->parsed()) {
    check_range(mutants_arguments.max_faults.value_or(0));
    return mutants_arguments;
  }
  if (check_command->parsed()) return check_arguments;
  if (serve_command->parsed()) return serve_arguments;
  if (report_command->parsed()) {
    check_combination(report_arguments);
    return report_arguments;
  }
  return list_arguments;
}

}  // namespace saga_harness::cli
