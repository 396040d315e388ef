#include <string>
#include <string_view>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "options.hpp"

namespace saga_harness::cli {
namespace {

constexpr std::string_view kExploreExamples = R"(Examples:
  saga-harness explore order.json --max-faults 2
  saga-harness explore order.json --coordinator skips_last --stop-at-first
  saga-harness explore order.json --out records --json > result.json
  saga-harness explore order.json -k 3 --workers 2 --resume order.search
  saga-harness explore order.json -k 6 --swarm monday --schedules 1000000
  saga-harness explore order.json -k 3 --shard 2/7 --tally 2.tally
  saga-harness explore order.json --target shop.json --workers 16
  saga-harness explore order.json --target shop.json --classes

--shard auto takes the part from the environment: GTEST_SHARD_INDEX, TEST_SHARD_INDEX (Bazel) or
SLURM_ARRAY_TASK_ID with the variables that go with them, or, with --shard auto/N,
JOB_COMPLETION_INDEX (Kubernetes).
)";

/// How much is searched, by whom, and where it is kept.
void add_search(CLI::App& command, ExploreArguments& arguments) {
  add_max_time(command, arguments.max_time, "Stop after about so long, e.g. 90s or 10min");
  command.add_flag("--sample-ok", arguments.sample_ok, "Take random schedules without violation for upheld");
  command.add_option("--swarm", arguments.swarm, "Random schedules instead of all; SEED is any text")
      ->type_name("SEED");
  command.add_option("--schedules", arguments.schedules, "So many random schedules (10000)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--workers", arguments.workers,
                  "Share the work among so many processes (1); with --target, so many runs at a time (16)")
      ->type_name("N");
  command.add_option("--shard", arguments.shard, "Search only part I of N, from 1/N to N/N, or auto")
      ->type_name("I/N");
  command.add_option("--tally", arguments.tally, "Leave the counts in FILE, for merge")->type_name("FILE");
  command
      .add_option("--resume", arguments.resume, "Go on from FILE if it is there, and keep the search in it")
      ->type_name("FILE");
  command.add_option("--save-every", arguments.save_every, "… after every so many schedules (50000)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--recheck-every", arguments.recheck_every,
                  "Run every Nth schedule twice and compare; 0 for none (1000, with --target 50)")
      ->type_name("N");
  command.add_flag(
      "--classes", arguments.classes,
      "With --target: of faults that it treats alike, combine one with others, and audit the rest");
  CLI::Option* prune =
      command.add_flag("--prune", arguments.prune,
                       "Leave out faults that last where nothing more is there for them to strike");
  command
      .add_option("--audit-every", arguments.audit_every,
                  "… but run every Nth of those and compare; 0 for none (100)")
      ->type_name("N")
      ->needs(prune);
}

}  // namespace

void add_out(CLI::App& command, Records& out) {
  CLI::Option* directory =
      command.add_option("--out", out.directory, "Write runs.jsonl and exploration.json there")
          ->type_name("DIR");
  command
      .add_option("--out-limit", out.limit,
                  "… so many bytes of runs at most, e.g. 500MiB; then the search ends with 70 (2GiB)")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE")
      ->needs(directory);
}

void add_target(CLI::App& command, std::string& target) {
  command
      .add_option("--target", target,
                  "A coordinator in a process of its own, reached over HTTP; TARGET says how")
      ->type_name("TARGET");
}

CLI::App* add_explore(CLI::App& app, ExploreArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("explore", "Try every combination of faults, up to a number of them");
  command->add_option("scenario", arguments.scenario, "A scenario or saga definition, JSON")
      ->required()
      ->type_name("SCENARIO");
  add_target(*command, arguments.target);
  add_bounds(*command, arguments);
  command->add_option("--coordinator", arguments.coordinator, "The coordinator under test (reference)")
      ->type_name("NAME");
  command->add_option("--participant", arguments.participant, "The participants (reference)")
      ->type_name("NAME");
  command->add_option("--max-schedules", arguments.max_schedules, "Stop after so many schedules")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  CLI::Option* stop =
      command->add_flag("--stop-at-first", arguments.stop_at_first,
                        "Stop at the first violation; the faults that are likely to show one come first");
  command
      ->add_flag("--plain-order", arguments.plain_order,
                 "… or all schedules in their order, the fewest faults first")
      ->needs(stop);
  add_search(*command, arguments);
  add_out(*command, arguments.out);
  command->add_option("--metrics", arguments.metrics, "Write metrics of all runs there, for Prometheus")
      ->type_name("FILE");
  add_judged_by(*command, arguments.judged_by);
  add_today(*command, arguments.judged_by.today);
  add_run_limit(*command, arguments.judged_by.run_limit);
  add_look(*command, arguments.look);
  command->footer(std::string(kExploreExamples));
  return command;
}

void check_combination(const ExploreArguments& arguments) {
  const auto refuse = [](std::string_view one, std::string_view other) {
    throw Error(ErrorText{.message = fmt::format("{} and {} cannot be had together", one, other),
                          .fix = "leave out one of them; run saga-harness explore --help"});
  };
  if (arguments.schedules && !arguments.swarm) {
    throw Error(ErrorText{.message = "--schedules is for random search",
                          .fix = "give --swarm SEED as well, or --max-schedules instead"});
  }
  if (arguments.sample_ok && !arguments.swarm)
    throw Error(ErrorText{.message = "--sample-ok is for random search",
                          .fix = "give --swarm SEED as well, or leave it out"});
  if (!arguments.out.empty() && !arguments.resume.empty()) refuse("--out", "--resume");
  if (!arguments.metrics.empty() && !arguments.resume.empty()) refuse("--metrics", "--resume");
  if (arguments.prune) {
    if (arguments.swarm) refuse("--prune", "--swarm");
    if (!arguments.out.empty()) refuse("--prune", "--out");
    if (!arguments.metrics.empty()) refuse("--prune", "--metrics");
    if (!arguments.target.empty()) refuse("--prune", "--target");
  }
  if (arguments.classes && arguments.target.empty())
    throw Error(ErrorText{.message = "--classes is for a coordinator in a process of its own",
                          .fix = "give --target TARGET as well, or leave it out"});
  if (arguments.plain_order && arguments.swarm) refuse("--plain-order", "--swarm");
  if (!arguments.target.empty()) {
    if (arguments.swarm) refuse("--target", "--swarm");
    if (!arguments.shard.empty()) refuse("--target", "--shard");
    if (!arguments.tally.empty()) refuse("--target", "--tally");
    if (!arguments.resume.empty()) refuse("--target", "--resume");
    if (arguments.coordinator != "reference") refuse("--target", "--coordinator");
    if (arguments.participant != "reference") refuse("--target", "--participant");
    return;
  }
  if (arguments.workers.value_or(1) == 1) return;
  if (!arguments.out.empty()) refuse("--out", "--workers");
  if (!arguments.metrics.empty()) refuse("--metrics", "--workers");
  if (arguments.max_schedules != 0) refuse("--max-schedules", "--workers");
  if (arguments.stop_at_first) refuse("--stop-at-first", "--workers");
}

}  // namespace saga_harness::cli
