#include <functional>
#include <optional>

#include <fmt/format.h>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/observability.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness/token.hpp>

#include "commands.hpp"
#include "judged_scenario.hpp"
#include "target_file.hpp"
#include "terminal.hpp"

namespace saga_harness::cli {

namespace {

/// A plan that no longer fits because the definition has changed is stale, not mistyped.
Run run_token(const Experiment& subject, const Token& token,
              const std::function<Run(const FaultPlan&)>& runs) {
  const SagaIndex& saga = *subject.setup.saga;
  try {
    return runs(token.plan(saga));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kMisuse || token.is_of(saga)) throw;
    throw Error(
        ErrorText{
            .message = fmt::format(
                "STALE: the definition has changed since the token was made ({:08x} then, {:08x} now), and "
                "its plan no longer fits: {}",
                token.definition, definition_tag(saga), error.what())},
        ErrorKind::kIncomplete);
  }
}

/// A test that fails as the run did; none if nothing was violated.
std::string test_of(const Run& run, const Experiment& subject) {
  const std::vector<Verdict> violations = run.violations();
  if (violations.empty()) return {};
  const Verdict& first = violations.front();
  const SagaIndex& saga = *subject.setup.saga;
  return gtest_case({.rule = first.rule,
                     .step = first.step < saga.step_count() ? saga.step(first.step).name : std::string(),
                     .explanation = first.explanation,
                     .plan = run.plan,
                     .token = run.token,
                     .invariant = first.invariant},
                    saga, subject);
}

std::string written(const Experiment& subject, const Replay& replay, const ReplayArguments& arguments) {
  switch (arguments.format) {
    case ReplayFormat::kTerminal:
      return replay_report(subject, replay, style_for(arguments.look));
    case ReplayFormat::kJson:
      return replay_json(subject, replay);
    case ReplayFormat::kLog:
      return log_lines(replay.run);
    case ReplayFormat::kOtlp:
      return otlp_json(replay.run);
    case ReplayFormat::kPrometheus:
      return prometheus_text(replay.run);
  }
  return {};
}

ExitCode replay_at_target(const ReplayArguments& arguments, const Scenario& scenario,
                          const std::optional<Token>& token) {
  const Target target = load_target_with_notes(arguments.target);
  Experiment subject = experiment(scenario, target);
  subject.source = arguments.scenario;
  const auto runs = [&](const FaultPlan& plan) { return run_target(scenario, target, plan); };
  const Run run = token ? run_token(subject, *token, runs) : runs(parse_plan(*arguments.plan));
  Replay replay{.run = run};
  if (token) replay.token_definition = token->definition;
  print(written(subject, replay, arguments));
  return exit_code_of(replay);
}

/// What is asked for by name, else what the token was made with.
Experiment named_subject(const ReplayArguments& arguments, const Scenario& scenario,
                         const std::optional<Token>& token) {
  std::string coordinator = arguments.coordinator.value_or(std::string(kReference));
  std::string participant = arguments.participant.value_or(std::string(kReference));
  if (token && !arguments.coordinator) coordinator = coordinator_of(*token);
  if (token && !arguments.participant) participant = participant_of(*token, scenario);
  return experiment(scenario, coordinator, participant);
}

}  // namespace

ExitCode run_replay(const ReplayArguments& arguments) {
  const Scenario scenario = load_judged_scenario(arguments.scenario, arguments.judged_by);
  std::optional<Token> token;
  if (!arguments.plan) token = parse_token(arguments.token);
  if (!arguments.target.empty()) return replay_at_target(arguments, scenario, token);
  Experiment subject = named_subject(arguments, scenario, token);
  const auto runs = [&subject](const FaultPlan& plan) { return run_plan(subject, plan); };
  const Run run = token ? run_token(subject, *token, runs) : runs(parse_plan(*arguments.plan));

  subject.source = arguments.scenario;
  Replay replay{.run = run, .gtest_case = test_of(run, subject)};
  if (token) replay.token_definition = token->definition;
  print(written(subject, replay, arguments));
  return exit_code_of(replay);
}

}  // namespace saga_harness::cli
