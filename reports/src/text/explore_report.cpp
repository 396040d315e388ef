#include <algorithm>
#include <cstddef>
#include <saga_harness/replay.hpp>

#include <fmt/format.h>

#include <saga_harness_internal/skipped.hpp>

#include "text/drawing.hpp"
#include "text/matrix.hpp"
#include "text/report_wording.hpp"
#include "text/run_text.hpp"
#include "text/verdict_line.hpp"

namespace saga_harness {

namespace {

using reports::counted;
using reports::Ink;
using reports::inked;
using reports::InkedText;

std::string shard_name(const Shard& shard) {
  return fmt::format("shard {}/{} alone", shard.index + 1, shard.count);
}

/// Of a choreography: whose events are on the bus besides.
std::string sagas_around(const Setup& setup, const Style& style) {
  std::string result;
  if (!setup.beside.empty()) {
    std::vector<std::string> contexts;
    for (const Context& each : setup.beside) contexts.push_back(printable(each.text()));
    result += reports::draw_list(
        fmt::format("On the same bus, beside it: {}, of the context ", counted(contexts.size(), "saga")),
        contexts, ",", style);
  }
  if (setup.earlier_sagas > 0) {
    result += fmt::format("Served before it: {} of the same definition\n",
                          counted(static_cast<std::uint64_t>(setup.earlier_sagas), "saga"));
  }
  return result;
}

std::string draw_head(const Experiment& experiment, const ExploreOptions& options,
                      const Exploration& exploration, const Style& style) {
  const SagaIndex& saga = *experiment.setup.saga;
  std::string result = fmt::format("{}: {}, coordinator {}, participants {}, definition {}\n",
                                   inked(printable(saga.saga().name), Ink::kStrong, style),
                                   counted(saga.step_count(), "step"), printable(experiment.coordinator_name),
                                   printable(experiment.participant_name), hash_text(saga.hash()));
  result += sagas_around(experiment.setup, style);
  std::vector<std::string> bounds{
      "up to " + counted(static_cast<std::uint64_t>(exploration.max_faults), "fault") + " per schedule",
      options.windows ? "windows included" : "no windows"};
  if (options.swarm) {
    bounds.push_back(counted(options.swarm->schedules, "random schedule") + " of the seed \"" +
                     printable(options.swarm->seed) + '"');
  }
  if (options.shard.count > 1) bounds.push_back(shard_name(options.shard));
  if (options.max_time > Duration::zero()) bounds.push_back("at most " + format_duration(options.max_time));
  if (options.max_schedules != 0) bounds.push_back("at most " + counted(options.max_schedules, "schedule"));
  if (options.stop_at_first_violation) bounds.emplace_back("stopping at the first violation");
  bounds.emplace_back(options.kinds.empty() ? "all kinds of fault" : "only these kinds of fault:");
  result += reports::draw_list("Searched: ", bounds, ",", style);
  std::vector<std::string> kinds;
  for (const FaultKind kind : options.kinds) kinds.emplace_back(name_of(kind));
  if (!kinds.empty()) result += reports::draw_list("  ", kinds, ",", style);
  for (const SwitchedOff& off : experiment.switched_off) {
    result += inked(fmt::format("Switched off: {}: {}", printable(to_string(off)), printable(off.reason)),
                    Ink::kDoubt, style) +
              '\n';
  }
  const std::vector<std::uint8_t> skipped = internal::skipped_in(saga, experiment);
  for (StepId step = 0; step < skipped.size(); ++step) {
    if (skipped[step] == 0) continue;
    result += fmt::format("Skipped: {}, {}, which does not hold\n", printable(saga.step(step).name),
                          printable(reports::condition_of(saga.step(step))));
  }
  return result;
}

/// `961 of 961, exhausted`, or how far it came: a frontier has no percentage.
std::string extent(std::uint64_t schedules, bool exhausted, std::string_view part) {
  if (!exhausted && !part.empty()) return fmt::format("{} {}", schedules, part);
  return exhausted ? fmt::format("{0} of {0}, exhausted", schedules)
                   : fmt::format("stopped at {}, not exhausted", schedules);
}

std::string draw_counts(const ExploreOptions& options, const Exploration& exploration, const Style& style) {
  std::string result = reports::title("Schedules", style);
  const std::string_view by = options.swarm ? "at random" : exploration.classes ? "up to classes" : "";
  for (const LevelCount& level : exploration.levels) {
    result += fmt::format("  k = {}: {}\n", level.faults, extent(level.schedules, level.exhausted, by));
  }
  result += fmt::format("  k {} {}: {}\n", style.ascii ? "<=" : "≤", exploration.max_faults,
                        extent(exploration.schedules, exploration.exhausted, by));
  if (exploration.classes) {
    result +=
        fmt::format("  by classes: {} of {} plans run, {} of them to compare, of which {} went otherwise\n",
                    exploration.classes->run, exploration.classes->of, exploration.classes->audited,
                    exploration.classes->unlike);
  }
  if (exploration.pruned > 0)
    result += fmt::format("  not run, being like a run with a shorter fault: {}\n", exploration.pruned);
  if (exploration.timed_schedules > 0)
    result += fmt::format("  resting on timeouts of real time: {}\n", exploration.timed_schedules);
  return result;
}

std::string draw_outcomes(const Exploration& exploration, const Style& style) {
  std::string result = reports::title("Outcomes", style);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < exploration.outcomes.size(); ++i) {
    words.push_back(fmt::format("{} {}", name_of(static_cast<Outcome>(i)), exploration.outcomes[i]));
  }
  std::rotate(words.begin(), words.begin() + 1, words.end());  // unresolved last
  return result + reports::draw_list("  ", words, ",", style);
}

std::string draw_fraction(std::string_view name, std::uint64_t part, std::uint64_t whole) {
  const std::optional<int> share = percent(part, whole);
  return fmt::format("  {}: {} of {} legal cells{}\n", name, part, whole,
                     share ? fmt::format(", {} %", *share) : std::string());
}

std::string draw_coverage(const SagaIndex& saga, const ExploreOptions& options,
                          const Exploration& exploration, const Style& style) {
  const CoverageCounts coverage = coverage_of(exploration);
  std::string result = reports::title("Coverage of failures", style) + '\n';
  result += coverage_matrix(saga, exploration, style);
  result += '\n' + draw_fraction("fired", coverage.fired, coverage.denominator) +
            draw_fraction("held", coverage.held, coverage.denominator);
  if (const std::string gaps = reports::draw_gaps(saga, options, exploration, style); !gaps.empty()) {
    result += reports::title("Cells not covered", style) + gaps;
  }
  if (!exploration.undeclared.empty()) {
    std::vector<std::string> names;
    for (const Cell& cell : exploration.undeclared) {
      names.push_back(fmt::format("{}@{}:{}", reports::row_name(cell.step, cell.operation, saga),
                                  name_of(cell.instant), name_of(cell.kind)));
    }
    result += reports::title("Met, but not foreseen by the definition", style) +
              reports::draw_list("  ", names, ",", style);
  }
  return result;
}

std::string draw_rules(const Exploration& exploration, const Style& style) {
  std::vector<std::vector<InkedText>> rows;
  rows.push_back({{},
                  {"rule", Ink::kFaint},
                  {"verdict", Ink::kFaint},
                  {"held", Ink::kFaint},
                  {"violated", Ink::kFaint},
                  {"unknown", Ink::kFaint}});
  for (std::size_t i = 0; i < exploration.rules.size(); ++i) {
    const RuleCount& count = exploration.rules[i];
    const VerdictStatus status = status_of(count);
    std::vector<InkedText> row{{std::string(number_of(reports::rule_at(i)))},
                               {printable(reports::name_of_rule(i, count))},
                               {std::string(name_of(status)), reports::ink_of(status)}};
    if (status != VerdictStatus::kNotApplicable) {
      for (const std::uint64_t number : {count.held, count.violated, count.unknown}) {
        row.push_back({fmt::format("{}", number)});
      }
    }
    rows.push_back(std::move(row));
  }
  return reports::title("Rules, in schedules", style) + reports::draw_rows(rows, 2, style);
}

std::string draw_finding(const Experiment& experiment, const Finding& finding, std::size_t number,
                         const FindingDetail* detail, const Style& style) {
  const SagaIndex& saga = *experiment.setup.saga;
  std::string result = reports::title(
      fmt::format("Finding {}: {}{}", number, reports::label_of(finding),
                  finding.step.empty() ? std::string() : fmt::format(", step {}", printable(finding.step))),
      style);
  result += fmt::format("  {}\n", inked(printable(finding.explanation), Ink::kBad, style));
  if (const std::string notes = notes_of(finding); !notes.empty())
    result += fmt::format("  {}\n", printable(notes));
  result += '\n';
  result += fmt::format("  plan     {}\n", printable(to_string(finding.plan)));
  result += fmt::format("  shown by {}\n", counted(finding.schedules, "schedule"));
  result += fmt::format("  token    {}\n", finding.token);
  result += fmt::format("  repeat   {}\n", how_to_repeat(experiment, finding.token));
  if (detail == nullptr) return result;

  const auto& verdicts = detail->run.verdicts;
  const auto verdict = std::find_if(verdicts.begin(), verdicts.end(), [&](const Verdict& candidate) {
    return candidate.rule == finding.rule && candidate.invariant == finding.invariant &&
           candidate.status == VerdictStatus::kViolated;
  });
  const std::vector<std::uint32_t> evidence =
      verdict == verdicts.end() ? std::vector<std::uint32_t>() : verdict->evidence;
  result += fmt::format("\n  What happened{}:\n", reports::trace_legend(detail->run.trace, evidence));
  result += reports::draw_trace(detail->run.trace, saga, evidence, style);
  if (!detail->gtest_case.empty()) {
    result += reports::draw_test(detail->gtest_case);
  }
  return result;
}

std::string draw_known(const Experiment& experiment, const Exploration& exploration, const Style& style) {
  if (exploration.known.empty()) return {};
  std::string result = reports::title("Known findings, not counted", style);
  for (const KnownSeen& seen : exploration.known) {
    const KnownFinding& known = seen.known;
    std::string state(name_of(seen.state));
    std::ranges::replace(state, '_', ' ');
    result += fmt::format("  {}: {}\n", printable(to_string(known)), state);
    result += fmt::format("    {} (ask {}, expires {})\n", printable(known.reason), printable(known.owner),
                          known.expires);
    for (const Finding& finding : seen.findings) {
      result += fmt::format("    plan {}, shown by {}\n", printable(to_string(finding.plan)),
                            counted(finding.schedules, "schedule"));
      result += fmt::format("    repeat {}\n", how_to_repeat(experiment, finding.token));
    }
  }
  return result;
}

std::string draw_nondeterministic(const Exploration& exploration, const Style& style) {
  constexpr std::size_t kMostShown = 10;
  if (exploration.nondeterministic.empty()) return {};
  std::string result = reports::title(
      fmt::format("Not the same twice: {}", counted(exploration.nondeterministic.size(), "schedule")), style);
  for (std::size_t i = 0; i < std::min(exploration.nondeterministic.size(), kMostShown); ++i) {
    const Nondeterministic& nondeterministic = exploration.nondeterministic[i];
    result += fmt::format("  {}\n    {}\n", printable(to_string(nondeterministic.plan)),
                          inked(printable(nondeterministic.difference), Ink::kDoubt, style));
  }
  if (exploration.nondeterministic.size() > kMostShown)
    result += fmt::format("  and {} more\n", exploration.nondeterministic.size() - kMostShown);
  return result;
}

std::string draw_verdict(const ExploreOptions& options, const Exploration& exploration, const Style& style) {
  std::string_view restriction = "";
  if (!options.kinds.empty()) {
    restriction = options.windows ? " of the kinds asked for" : " of the kinds asked for, without windows";
  } else if (!options.windows) {
    restriction = ", without windows";
  }
  const std::string searched = fmt::format(
      "{} of up to {}{}{}", counted(exploration.schedules, options.swarm ? "random schedule" : "schedule"),
      counted(static_cast<std::uint64_t>(exploration.max_faults), "fault"), restriction,
      options.shard.count > 1 ? ", " + shard_name(options.shard) : std::string());
  std::string_view extent = exploration.exhausted ? "exhausted" : "not exhausted";
  if (exploration.classes) extent = exploration.verdict.scope;
  if (options.swarm) extent = "which proves nothing about the others";
  const SearchVerdict& verdict = exploration.verdict;
  if (!verdict.error.empty() && exploration.nondeterministic.empty()) {
    return fmt::format("{}: {}; before that, {} in {}, {}\n", inked("ERROR", Ink::kBad, style),
                       printable(verdict.error), counted(exploration.findings.size(), "finding"), searched,
                       extent);
  }
  if (!verdict.error.empty()) {
    return fmt::format("{}: {} in {}, but {}\n", inked("ERROR", Ink::kBad, style),
                       exploration.finds_no_violation()
                           ? std::string("no violation that stood when it was run again")
                           : counted(exploration.findings.size(), "finding"),
                       searched, verdict.error);
  }
  const std::string scope = verdict.scope.empty() ? "" : ", " + verdict.scope;
  const std::string not_checked = verdict.not_checked.empty() ? "" : "; " + printable(verdict.not_checked);
  std::string notes;
  for (const std::string& note : verdict.notes) notes += "; note: " + printable(note);
  switch (verdict.word) {
    case VerdictWord::kUpheld:
      return fmt::format("{}: no violation in {}{}{}{}\n", inked("UPHELD", Ink::kGood, style), searched,
                         exploration.exhausted ? ", exhausted" : "", scope, notes);
    case VerdictWord::kViolated:
      return fmt::format("{}: {}, in {} of {}, {}{}{}\n", inked("VIOLATED", Ink::kBad, style),
                         counted(exploration.findings.size(), "finding"), exploration.violated_schedules,
                         searched, extent, not_checked, notes);
    case VerdictWord::kInconclusive:
      break;
  }
  return fmt::format("{}: no violation in {}, but {}{}{}\n", inked("INCONCLUSIVE", Ink::kDoubt, style),
                     searched, printable(reports::lacks_text(verdict)), scope, notes);
}

}  // namespace

std::string explore_report(const Experiment& experiment, const ExploreOptions& options,
                           const Exploration& exploration, std::span<const FindingDetail> details,
                           const Style& style) {
  std::string result = draw_head(experiment, options, exploration, style);
  result += draw_coverage(*experiment.setup.saga, options, exploration, style);
  result += draw_counts(options, exploration, style);
  result += draw_outcomes(exploration, style);
  result += draw_rules(exploration, style);
  if (!exploration.markers.empty()) {
    std::vector<std::string> markers;
    for (const std::string& marker : exploration.markers) markers.push_back(printable(marker));
    result += reports::title("Markers passed", style) + reports::draw_list("  ", markers, ",", style);
  }
  for (std::size_t i = 0; i < exploration.findings.size(); ++i) {
    const auto detail = std::find_if(details.begin(), details.end(),
                                     [i](const FindingDetail& candidate) { return candidate.finding == i; });
    result += draw_finding(experiment, exploration.findings[i], i + 1,
                           detail == details.end() ? nullptr : &*detail, style);
  }
  result += draw_known(experiment, exploration, style);
  result += draw_nondeterministic(exploration, style);
  return result + '\n' + draw_verdict(options, exploration, style);
}

}  // namespace saga_harness
