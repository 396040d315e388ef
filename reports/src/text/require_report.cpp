#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "text/drawing.hpp"
#include "text/run_text.hpp"
#include "text/verdict_line.hpp"

namespace saga_harness {

namespace {

using reports::counted;
using reports::Ink;
using reports::inked;
using reports::InkedText;

/// Two lines of a heading, by Guarantee.
struct Heading {
  std::string_view above;
  std::string_view below;
};
constexpr std::array<Heading, kGuaranteeCount> kHeadings{{{"", "dedup"},
                                                          {"", "tombstone"},
                                                          {"null", "compensation"},
                                                          {"idempotent", "compensation"},
                                                          {"durable", "dedup"}}};

std::string words_for(Guarantee guarantee) {
  const Heading& heading = kHeadings[static_cast<std::size_t>(guarantee)];
  return fmt::format("{}{}{}", heading.above, heading.above.empty() ? "" : " ", heading.below);
}

Ink ink_of(Need need) {
  switch (need) {
    case Need::kNeeded:
      return Ink::kBad;
    case Need::kNotNeeded:
      return Ink::kGood;
    case Need::kNotExercised:
    case Need::kNotApplicable:
      return Ink::kFaint;
    case Need::kUndecided:
      break;
  }
  return Ink::kDoubt;
}

std::string_view glyph_of(Need need, const Style& style) {
  switch (need) {
    case Need::kNeeded:
      return style.ascii ? "!" : "●";
    case Need::kNotNeeded:
      return style.ascii ? "+" : "✓";
    case Need::kNotExercised:
      return style.ascii ? "." : "·";
    case Need::kUndecided:
      return "?";
    case Need::kNotApplicable:
      break;
  }
  return style.ascii ? "-" : "–";
}

std::string_view word_for(Need need) {
  switch (need) {
    case Need::kNeeded:
      return "needs";
    case Need::kNotNeeded:
      return "no need";
    case Need::kNotExercised:
      return "not exercised";
    case Need::kUndecided:
      return "undecided";
    case Need::kNotApplicable:
      break;
  }
  return "n/a";
}

InkedText mark_of(Need need, const Style& style) {
  return {fmt::format("{} {}", glyph_of(need, style), word_for(need)), ink_of(need)};
}

std::string faults(int count) { return counted(static_cast<std::uint64_t>(count), "fault"); }

std::string draw_head(const Experiment& reference, const ExploreOptions& options,
                      const GuaranteeDependencies& dependencies, const Style& style) {
  const SagaIndex& saga = *reference.setup.saga;
  std::string result = fmt::format("{}: what it relies on, with the coordinator {}, definition {}\n",
                                   inked(printable(saga.saga().name), Ink::kStrong, style),
                                   printable(reference.coordinator_name), hash_text(saga.hash()));
  std::vector<std::string> bounds{"each guarantee taken away at each step in turn",
                                  "up to " + faults(dependencies.max_faults) + " per schedule"};
  bounds.emplace_back(options.windows ? "windows included" : "no windows");
  if (options.max_schedules != 0)
    bounds.push_back("at most " + counted(options.max_schedules, "schedule") + " each");
  bounds.emplace_back(options.kinds.empty() ? "all kinds of fault" : "only these kinds of fault:");
  result += reports::draw_list("Searched: ", bounds, ",", style);
  std::vector<std::string> kinds;
  for (const FaultKind kind : options.kinds) kinds.emplace_back(name_of(kind));
  return kinds.empty() ? result : result + reports::draw_list("  ", kinds, ",", style);
}

std::string draw_table(const SagaIndex& saga, const GuaranteeDependencies& dependencies, const Style& style) {
  std::vector<std::vector<InkedText>> rows(2);
  rows[0].emplace_back();
  rows[1].push_back({"step", Ink::kFaint});
  for (const Heading& heading : kHeadings) {
    rows[0].push_back({std::string(heading.above), Ink::kFaint});
    rows[1].push_back({std::string(heading.below), Ink::kFaint});
  }
  for (const Step& step : saga.saga().steps) {
    std::vector<InkedText>& row = rows.emplace_back();
    row.resize(1 + kGuaranteeCount);
    row[0] = {printable(step.name)};
    for (const GuaranteeDependency& guarantee_dependency : dependencies.rows) {
      if (guarantee_dependency.step == step.name)
        row[1 + static_cast<std::size_t>(guarantee_dependency.guarantee)] =
            mark_of(guarantee_dependency.need, style);
    }
  }
  return '\n' + reports::draw_rows(rows, 2, style);
}

std::string meaning_of(Need need, const GuaranteeDependencies& dependencies) {
  const std::string within = "within " + faults(dependencies.max_faults);
  switch (need) {
    case Need::kNeeded:
      return "some schedule goes wrong without it, and none with it";
    case Need::kNotNeeded:
      return "it was missed, and nothing went wrong " + within + " (exhausted)";
    case Need::kNotExercised:
      return "it was never missed " + within + " (exhausted)";
    case Need::kUndecided:
      return "nothing went wrong so far, but the search was cut short";
    case Need::kNotApplicable:
      break;
  }
  std::vector<std::string> reasons;
  for (const GuaranteeDependency& guarantee_dependency : dependencies.rows) {
    if (guarantee_dependency.need == Need::kNotApplicable &&
        std::find(reasons.begin(), reasons.end(), guarantee_dependency.why) == reasons.end())
      reasons.push_back(guarantee_dependency.why);
  }
  return fmt::format("nothing to take away: {}", printable(fmt::format("{}", fmt::join(reasons, "; or "))));
}

std::string draw_legend(const GuaranteeDependencies& dependencies, const Style& style) {
  std::vector<std::vector<InkedText>> rows;
  for (const Need need :
       {Need::kNeeded, Need::kNotNeeded, Need::kNotExercised, Need::kUndecided, Need::kNotApplicable}) {
    if (dependencies.count(need) > 0)
      rows.push_back({mark_of(need, style), {meaning_of(need, dependencies)}});
  }
  std::string result = '\n' + reports::draw_rows(rows, 2, style) + '\n';
  rows.clear();
  for (std::size_t i = 0; i < kGuaranteeCount; ++i) {
    const auto guarantee = static_cast<Guarantee>(i);
    rows.push_back({{words_for(guarantee), Ink::kFaint}, {std::string(describe(guarantee)), Ink::kFaint}});
  }
  return result + reports::draw_rows(rows, 2, style);
}

/// A command that the reader can repeat, and read.
std::string draw_command(const Experiment& reference, const GuaranteeDependency& guarantee_dependency) {
  const auto word = [](const std::string& text) { return reports::shell_word(printable(text)); };
  std::string result = "saga-harness replay ";
  result += reference.source.empty() ? "SCENARIO" : word(reference.source);
  if (reference.coordinator_name != "reference")
    result += " --coordinator " + word(reference.coordinator_name);
  result += " --participant " + word(guarantee_dependency.participant);
  return result + " --plan " + word(to_string(guarantee_dependency.finding.plan));
}

std::string draw_need(const Experiment& reference, const GuaranteeDependency& guarantee_dependency,
                      const Style& style) {
  const Finding& finding = guarantee_dependency.finding;
  std::string result = '\n' +
                       inked(fmt::format("{} needs {}", printable(guarantee_dependency.step),
                                         words_for(guarantee_dependency.guarantee)),
                             Ink::kStrong, style) +
                       '\n';
  std::string story = fmt::format("Without it, {}.", printable(finding.explanation));
  if (guarantee_dependency.with != guarantee_dependency.without) {
    story += fmt::format(" The saga ends {}; with it, it would end {}.",
                         name_of(guarantee_dependency.without), name_of(guarantee_dependency.with));
  } else {
    story += fmt::format(" With it, the saga ends {} as well, and rightly so.",
                         name_of(guarantee_dependency.with));
  }
  result += reports::draw_list("  ", reports::words_of(story), "", style);
  result += fmt::format("  plan    {}\n", printable(to_string(finding.plan)));
  result += fmt::format("  breaks  {}\n", reports::label_of(finding));
  return result + fmt::format("  repeat  {}\n", draw_command(reference, guarantee_dependency));
}

std::string draw_verdict(const Experiment& reference, const GuaranteeDependencies& dependencies,
                         const Style& style) {
  if (dependencies.verdict.error.empty() && !dependencies.upheld) {
    const std::string source =
        reference.source.empty() ? "SCENARIO" : reports::shell_word(printable(reference.source));
    return fmt::format(
        "{}: the saga goes wrong with every guarantee given; fix that first: saga-harness explore {}{}\n",
        inked("VIOLATED", Ink::kBad, style), source,
        reference.coordinator_name == "reference"
            ? std::string()
            : " --coordinator " + reports::shell_word(printable(reference.coordinator_name)));
  }
  std::string counts =
      fmt::format("{} needed, {} not needed, {} not exercised", dependencies.count(Need::kNeeded),
                  dependencies.count(Need::kNotNeeded), dependencies.count(Need::kNotExercised));
  if (dependencies.count(Need::kUndecided) > 0)
    counts += fmt::format(", {} undecided", dependencies.count(Need::kUndecided));
  return reports::verdict_line(dependencies.verdict,
                               fmt::format("{}, within {}", counts, faults(dependencies.max_faults)), style);
}

}  // namespace

ExitCode exit_code_of(const GuaranteeDependencies& dependencies) {
  return exit_code_of(dependencies.verdict);
}

std::string require_report(const Experiment& reference, const ExploreOptions& options,
                           const GuaranteeDependencies& dependencies, const Style& style) {
  std::string result = draw_head(reference, options, dependencies, style);
  if (dependencies.upheld) {
    result += draw_table(*reference.setup.saga, dependencies, style);
    result += draw_legend(dependencies, style);
    for (const GuaranteeDependency& guarantee_dependency : dependencies.rows) {
      if (guarantee_dependency.need == Need::kNeeded)
        result += draw_need(reference, guarantee_dependency, style);
    }
  }
  return result + '\n' + draw_verdict(reference, dependencies, style);
}

}  // namespace saga_harness
