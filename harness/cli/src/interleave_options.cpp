#include <string>

#include <saga_harness/error.hpp>

#include "options.hpp"

namespace saga_harness::cli {
namespace {

constexpr std::string_view kInterleaveExamples = R"(Examples:
  saga-harness interleave two_payments.json
  saga-harness interleave two_payments.json --without semantic_lock
  saga-harness interleave two_payments.json --plan 'turns 1 2 1; 1: ship#1:rejected'
  saga-harness interleave two_payments.json -k 3 --swarm monday --schedules 100000

The scenario says with "together" which sagas run at the same time; what has a stock, balances or shared values is shared.
)";

}  // namespace

CLI::App* add_interleave(CLI::App& app, InterleaveArguments& arguments) {
  CLI::App* command = app.add_subcommand(
      "interleave", "Try every order in which several sagas can come between each other, with faults");
  command->add_option("scenario", arguments.scenario, "A scenario with \"together\", JSON")
      ->required()
      ->type_name("SCENARIO");
  command->add_option("-k,--max-faults", arguments.max_faults, "Faults of all sagas together (1)")
      ->type_name("K");
  command->add_option("--kinds,--faults", arguments.kinds, "Only these kinds of fault, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("KIND");
  command->add_flag_callback(
      "--no-windows", [&arguments] { arguments.windows = false; }, "Only faults that last for one attempt");
  command
      ->add_option("--without", arguments.without,
                   "Switch off countermeasures: semantic_lock, commutative_update, reread")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME");
  command->add_option("--coordinator", arguments.coordinator, "The coordinator of every saga (reference)")
      ->type_name("NAME");
  command->add_option("--participant", arguments.participant, "The participants (reference)")
      ->type_name("NAME");
  command->add_option("--max-schedules", arguments.max_schedules, "Stop after so many orders")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  add_max_time(*command, arguments.max_time, "Stop after about so long, e.g. 90s or 10min");
  command->add_option("--swarm", arguments.swarm, "Random orders instead of all; SEED is any text")
      ->type_name("SEED");
  command->add_option("--schedules", arguments.schedules, "So many random orders (10000)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_flag("--sample-ok", arguments.sample_ok, "A random search without a violation is upheld");
  add_today(*command, arguments.today);
  add_out(*command, arguments.out);
  command->add_option("--plan", arguments.plan, "Run this plan alone and show its turns")->type_name("PLAN");
  add_look(*command, arguments.look);
  command->footer(std::string(kInterleaveExamples));
  return command;
}

void check_combination(const InterleaveArguments& arguments) {
  if (arguments.plan && arguments.swarm)
    throw Error(ErrorText{.message = "--plan runs one order and --swarm many",
                          .fix = "leave one out; run saga-harness interleave --help"});
  if (arguments.plan && !arguments.out.empty())
    throw Error(ErrorText{.message = "--plan runs one order, --out is for a search",
                          .fix = "leave one out; run saga-harness interleave --help"});
  if (arguments.sample_ok && !arguments.swarm)
    throw Error(ErrorText{.message = "--sample-ok is for --swarm",
                          .fix = "leave it out, or add --swarm; run saga-harness interleave --help"});
  if (arguments.swarm && arguments.max_schedules != 0)
    throw Error(ErrorText{.message = "--max-schedules is for a search",
                          .fix = "with --swarm, give --schedules; run saga-harness interleave --help"});
}

}  // namespace saga_harness::cli
