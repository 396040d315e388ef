#include <csignal>
#include <exception>
#include <variant>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/exit_code.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "named_files.hpp"
#include "terminal.hpp"

namespace saga_harness::cli {

namespace {

struct CommandRunner {
  ExitCode operator()(const PrintText& print_text) const {
    print(print_text.text);
    return ExitCode::kUpheld;
  }
  ExitCode operator()(const ExploreArguments& arguments) const { return run_explore(arguments); }
  ExitCode operator()(const MergeArguments& arguments) const { return run_merge(arguments); }
  ExitCode operator()(const ReplayArguments& arguments) const { return run_replay(arguments); }
  ExitCode operator()(const RequireArguments& arguments) const { return run_require(arguments); }
  ExitCode operator()(const InterleaveArguments& arguments) const { return run_interleave(arguments); }
  ExitCode operator()(const MutantsArguments& arguments) const { return run_mutants(arguments); }
  ExitCode operator()(const CheckArguments& arguments) const { return run_check(arguments); }
  ExitCode operator()(const ListArguments& arguments) const { return run_list(arguments); }
  ExitCode operator()(const ServeArguments& arguments) const { return run_serve(arguments); }
  ExitCode operator()(const ReportArguments& arguments) const { return run_report(arguments); }
};

ExitCode run(int argc, const char* const* argv) {
  try {
    const Invocation invocation = parse_arguments(argc, argv);
    std::visit([](const auto& arguments) { expect_apart(files_of(arguments)); }, invocation);
    return std::visit(CommandRunner(), invocation);
  } catch (const Error& error) {
    complain(error.what());
    return exit_code_of(error);
  } catch (const std::exception& error) {
    complain(fmt::format("internal error: {}", error.what()));
  } catch (...) {
    complain("internal error: an exception of no known kind");
  }
  return ExitCode::kInternal;
}

}  // namespace

}  // namespace saga_harness::cli

int main(int argc, char** argv) {
  // `| head` is no reason to die: the write fails, and the exit code stays the verdict.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // likewise where a file may not grow further
  return static_cast<int>(saga_harness::cli::run(argc, argv));
}
