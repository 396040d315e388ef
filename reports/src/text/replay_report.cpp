#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/token.hpp>

#include "text/drawing.hpp"
#include "text/run_text.hpp"

namespace saga_harness {

namespace {

using reports::Ink;
using reports::inked;
using reports::InkedText;

std::string draw_status(const Replay& replay, const Style& style) {
  const Run& run = replay.run;
  switch (status_of(replay)) {
    case ReplayStatus::kReproduced: {
      std::vector<std::string> ids;
      for (const Verdict& verdict : run.violations()) {
        ids.push_back(verdict.rule == kOwnRule ? printable(verdict.invariant)
                                               : std::string(id_of(verdict.rule)));
      }
      return fmt::format("{}: every planned fault struck, violated: {}\n",
                         inked("REPRODUCED", Ink::kBad, style), fmt::join(ids, ", "));
    }
    case ReplayStatus::kUpheld:
      return inked("UPHELD", Ink::kGood, style) + ": every planned fault struck, and no rule is violated\n";
    case ReplayStatus::kStale:
      break;
  }
  std::string result = fmt::format("{}: {} of {} planned faults did not strike:\n",
                                   inked("STALE", Ink::kDoubt, style), run.unfired.size(), run.plan.size());
  for (const Fault& fault : run.unfired.faults) result += fmt::format("  {}\n", printable(to_string(fault)));
  return result;
}

std::string draw_verdicts(const Run& run, const Style& style) {
  std::vector<std::vector<InkedText>> rows;
  for (const Verdict& verdict : run.verdicts) {
    rows.push_back({{std::string(number_of(verdict.rule))},
                    {printable(name_of(verdict))},
                    {std::string(name_of(verdict.status)), reports::ink_of(verdict.status)},
                    {printable(verdict.explanation)}});
  }
  return reports::draw_rows(rows, 2, style);
}

std::string draw_outcome(const Run& run) {
  std::string result(name_of(run.outcome));
  for (std::size_t i = 0; i < run.flagged_steps.size(); ++i) {
    result += (i == 0 ? ", naming " : ", ") + printable(run.flagged_steps[i]);
  }
  return result;
}

}  // namespace

std::string replay_report(const Experiment& experiment, const Replay& replay, const Style& style) {
  const SagaIndex& saga = *experiment.setup.saga;
  const Run& run = replay.run;
  std::string result = fmt::format("{}: coordinator {}, participants {}, definition {}\n",
                                   inked(printable(saga.saga().name), Ink::kStrong, style),
                                   printable(experiment.coordinator_name),
                                   printable(experiment.participant_name), hash_text(saga.hash()));
  result += fmt::format("  plan     {}\n", printable(to_string(run.plan)));
  if (!run.token.empty()) result += fmt::format("  token    {}\n", run.token);
  result += fmt::format("  outcome  {}\n", draw_outcome(run));

  std::vector<std::uint32_t> evidence;
  for (const Verdict& verdict : run.violations()) {
    evidence.insert(evidence.end(), verdict.evidence.begin(), verdict.evidence.end());
  }
  result += reports::title("Rules", style) + draw_verdicts(run, style);
  result += reports::title(fmt::format("What happened{}", reports::trace_legend(run.trace, evidence)), style);
  result += reports::draw_trace(run.trace, saga, evidence, style);
  result +=
      reports::title("What the participants did", style) + reports::draw_ledger(run.ledger, saga, style);
  if (!replay.gtest_case.empty()) result += reports::draw_test(replay.gtest_case);
  result += '\n';
  if (replay.token_definition && *replay.token_definition != definition_tag(saga)) {
    result +=
        inked(fmt::format("The definition has changed since the token was made: {:08x} then, {:08x} now.",
                          *replay.token_definition, definition_tag(saga)),
              Ink::kDoubt, style) +
        '\n';
  }
  return result + draw_status(replay, style);
}

}  // namespace saga_harness
