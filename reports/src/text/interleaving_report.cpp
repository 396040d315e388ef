#include <saga_harness/interleaving_reports.hpp>
#include <saga_harness/masks.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "text/drawing.hpp"
#include "text/verdict_line.hpp"

namespace saga_harness {
namespace {

using reports::counted;
using reports::Ink;
using reports::inked;
using reports::InkedText;

std::string_view word_for(ExitCode code) {
  switch (code) {
    case ExitCode::kUpheld:
      return "UPHELD";
    case ExitCode::kViolated:
      return "VIOLATED";
    case ExitCode::kCoverageMissed:
    case ExitCode::kInconclusive:
    case ExitCode::kUsage:
    case ExitCode::kInternal:
      break;
  }
  return "INCONCLUSIVE";
}

Ink ink_of_search(ExitCode code) {
  if (code == ExitCode::kUpheld) return Ink::kGood;
  return code == ExitCode::kViolated ? Ink::kBad : Ink::kDoubt;
}

std::string head(const InterleavingSubject& subject) {
  const ConcurrentExperiment& experiment = subject.experiment;
  std::vector<std::string> shared;
  for (const auto& [service, factory] : experiment.shared) shared.push_back(printable(service));
  std::string text =
      fmt::format("{} at the same time, at {}\n", counted(experiment.sagas.size(), "saga"),
                  shared.empty() ? "nothing shared" : fmt::format("{}", fmt::join(shared, ", ")));
  for (std::size_t saga = 0; saga < experiment.sagas.size(); ++saga) {
    const Setup& setup = experiment.sagas[saga].setup;
    text += fmt::format("  saga {}  {}  {}\n", saga + 1, printable(setup.saga->saga().name),
                        printable(Masks(setup.saga->saga(), setup.context).shown(setup.context.text())));
  }
  return text;
}

Ink ink_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCompleted:
    case Outcome::kCompensated:
      return Ink::kGood;
    case Outcome::kFlagged:
      return Ink::kDoubt;
    case Outcome::kUnresolved:
      break;
  }
  return Ink::kBad;
}

/// Turn by turn, and how it ended.
std::string story(const ConcurrentRun& run, const Style& style) {
  std::vector<std::vector<InkedText>> rows;
  for (std::size_t turn = 0; turn < run.turns.size(); ++turn) {
    const Turn& taken = run.turns[turn];
    const bool again = taken.attempt > 1;
    rows.push_back(
        {{std::to_string(turn + 1), Ink::kFaint},
         {fmt::format("saga {}", taken.saga + 1)},
         {fmt::format("{}{}", printable(taken.action),
                      again ? fmt::format(" (attempt {})", taken.attempt) : std::string())},
         {fmt::format("at {}", printable(taken.service)), Ink::kFaint},
         {std::string(name_of(taken.answer)), taken.answer == ReplyStatus::kOk ? Ink::kPlain : Ink::kDoubt}});
  }
  std::string text = reports::draw_rows(rows, 2, style);
  for (std::size_t saga = 0; saga < run.sagas.size(); ++saga)
    text += fmt::format("  saga {} ended {}\n", saga + 1,
                        inked(name_of(run.sagas[saga].outcome), ink_of(run.sagas[saga].outcome), style));
  for (const Quantity& quantity : run.quantities)
    text += fmt::format("  {}: {} before, {} after\n", printable(quantity.name), quantity.at_start,
                        quantity.at_end);
  return text;
}

std::string again(const InterleavingSubject& subject, const ConcurrentPlan& plan) {
  return fmt::format("{} --plan {}", subject.command, reports::shell_word(to_string(plan)));
}

std::string known_text(const InterleavingSubject& subject, const Interleavings& found, const Style& style) {
  if (found.known.empty()) return {};
  std::string text = reports::title("Known findings, not counted", style);
  for (const ConcurrentKnown& each : found.known) {
    std::string state(name_of(each.state));
    std::ranges::replace(state, '_', ' ');
    text += fmt::format("  {}: {}\n    {} (ask {}, expires {})\n", printable(to_string(each.known)), state,
                        printable(each.known.reason), printable(each.known.owner), each.known.expires);
    if (!each.plan) continue;
    text += fmt::format("    shown by {}; again: {}\n", counted(each.schedules, "order"),
                        again(subject, *each.plan));
  }
  return text;
}

}  // namespace

ExitCode exit_code_of(const Interleavings& found) { return exit_code_of(found.verdict); }

ExitCode exit_code_of(const ConcurrentRun& run) {
  if (!run.unfired.empty()) return ExitCode::kInconclusive;
  return run.finds_no_violation() ? ExitCode::kUpheld : ExitCode::kViolated;
}

std::string interleavings_report(const InterleavingSubject& subject, const Interleavings& found,
                                 const Style& style) {
  std::string text = head(subject);
  std::vector<std::string> levels;
  for (const LevelCount& level : found.levels)
    levels.push_back(fmt::format("{} with {}", level.schedules,
                                 counted(static_cast<std::uint64_t>(level.faults), "fault")));
  text += fmt::format(
      "orders tried: {}; {}\n", fmt::join(levels, ", "),
      found.exhausted ? fmt::format("exhausted ({} left early, because they repeat others)", found.repeated)
                      : "not exhausted");
  std::vector<std::string> ends;
  for (std::size_t i = 0; i < found.outcomes.size(); ++i) {
    if (found.outcomes[i] != 0)
      ends.push_back(fmt::format("{} {}", found.outcomes[i], name_of(static_cast<Outcome>(i))));
  }
  text += fmt::format("sagas ended: {}\n", fmt::join(ends, ", "));
  for (const ConcurrentFinding& finding : found.findings) {
    text += reports::title(
        fmt::format("{}, saga {}", printable(finding.violation.rule), finding.violation.saga + 1), style);
    text += fmt::format("  {}\n  plan: {}\n", printable(finding.violation.explanation),
                        printable(to_string(finding.plan)));
    if (found.verdict.error.empty()) text += story(run_concurrently(subject.experiment, finding.plan), style);
    text += fmt::format("  again: {}\n", again(subject, finding.plan));
  }
  text += known_text(subject, found, style);
  text += '\n' + reports::verdict_line(found.verdict,
                                       fmt::format("{} of {} found something", found.violated_schedules,
                                                   counted(found.schedules, "order")),
                                       style);
  return text;
}

std::string concurrent_run_report(const InterleavingSubject& subject, const ConcurrentRun& run,
                                  const Style& style) {
  std::string text =
      head(subject) + fmt::format("plan: {}\n", printable(to_string(run.plan))) + story(run, style);
  for (const ConcurrentViolation& violation : run.violations)
    text += fmt::format("{}  {}, saga {}: {}\n", inked("!", Ink::kBad, style), printable(violation.rule),
                        violation.saga + 1, printable(violation.explanation));
  if (!run.unfired.empty()) text += fmt::format("did not strike: {}\n", printable(to_string(run.unfired)));
  const ExitCode code = exit_code_of(run);
  text += fmt::format("{}\n", inked(word_for(code), ink_of_search(code), style));
  return text;
}

}  // namespace saga_harness
