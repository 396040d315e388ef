#include <algorithm>

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

bool is_killed(const MutantScore& mutant) {
  return mutant.status == MutantStatus::kKilled || mutant.status == MutantStatus::kKilledByAnotherRule;
}

std::string fault_count(int count) { return counted(static_cast<std::uint64_t>(count), "fault"); }

InkedText mark_of(MutantStatus status, const Style& style) {
  switch (status) {
    case MutantStatus::kKilled:
      return {style.ascii ? "+ killed" : "✓ killed", Ink::kGood};
    case MutantStatus::kKilledByAnotherRule:
      return {style.ascii ? "~ killed otherwise" : "≈ killed otherwise", Ink::kDoubt};
    case MutantStatus::kSurvived:
      return {style.ascii ? "X survived" : "✗ survived", Ink::kBad};
    case MutantStatus::kNotActivated:
      return {style.ascii ? ". not activated" : "· not activated", Ink::kDoubt};
    case MutantStatus::kEquivalent:
      return {"= equivalent", Ink::kFaint};
    case MutantStatus::kReferenceViolated:
      break;
  }
  return {"! proves nothing", Ink::kBad};
}

std::string rule_of(const Finding& finding) {
  return finding.rule == kOwnRule ? printable(finding.invariant) : std::string(id_of(finding.rule));
}

std::string draw_head(const ScoreOptions& options, const Score& score, const Style& style) {
  std::string result =
      fmt::format("{} known bugs\n", inked(fmt::format("{}", score.mutants.size()), Ink::kStrong, style));
  std::vector<std::string> bounds{"up to " + fault_count(score.max_faults) + " per schedule"};
  if (options.as_far_as_predicted) bounds.emplace_back("or as many as are predicted");
  bounds.emplace_back(options.explore.windows ? "windows included" : "no windows");
  if (options.explore.max_schedules != 0)
    bounds.push_back("at most " + counted(options.explore.max_schedules, "schedule") + " each");
  bounds.emplace_back(options.explore.kinds.empty() ? "all kinds of fault" : "only these kinds of fault:");
  result += reports::draw_list("Searched: ", bounds, ",", style);
  std::vector<std::string> kinds;
  for (const FaultKind kind : options.explore.kinds) kinds.emplace_back(name_of(kind));
  return kinds.empty() ? result : result + reports::draw_list("  ", kinds, ",", style);
}

std::string draw_references(const Score& score, const Style& style) {
  std::vector<std::vector<InkedText>> rows;
  for (const ReferenceScore& reference : score.references) {
    const std::string_view yes = style.ascii ? "+ no violation" : "✓ no violation";
    const std::string_view no = style.ascii ? "X violated" : "✗ violated";
    const std::string extent =
        fmt::format("{} of up to {}, {}", counted(reference.schedules, "schedule"),
                    fault_count(reference.max_faults), reference.exhausted ? "exhausted" : "not exhausted");
    rows.push_back(
        {{std::string(reference.upheld ? yes : no), reference.upheld ? Ink::kGood : Ink::kBad},
         {printable(reference.sagas == 1 ? reference.saga
                                         : fmt::format("{} x {}", reference.sagas, reference.saga))},
         {printable(
             fmt::format("coordinator {}, participants {}", reference.coordinator, reference.participant))},
         {extent}});
  }
  return reports::title("Without a bug, under the same search", style) + reports::draw_rows(rows, 2, style);
}

std::string predicted_of(const MutantScore& mutant) {
  return mutant.predicted ? std::string(id_of(*mutant.predicted)) : "any";
}

std::string swarm_of(const MutantScore& mutant, const Score& score) {
  if (!score.has_swarm || !is_killed(mutant)) return "-";
  return mutant.swarm_median ? fmt::format("{}", *mutant.swarm_median) : "(none)";
}

std::string draw_mutants(const Score& score, const Style& style) {
  std::vector<std::vector<InkedText>> rows;
  rows.push_back({{"mutant", Ink::kFaint},
                  {"fate", Ink::kFaint},
                  {"predicted", Ink::kFaint},
                  {"seen by", Ink::kFaint},
                  {"k", Ink::kFaint},
                  {"schedules", Ink::kFaint},
                  {"swarm", Ink::kFaint},
                  {"plan", Ink::kFaint}});
  for (const MutantScore& mutant : score.mutants) {
    std::vector<InkedText> row{
        {printable(mutant.name)}, mark_of(mutant.status, style), {predicted_of(mutant)}};
    if (is_killed(mutant)) {
      row.push_back({rule_of(mutant.finding)});
      row.push_back({fmt::format("{}", mutant.finding.plan.size())});
      row.push_back({fmt::format("{}", mutant.schedules)});
      row.push_back({swarm_of(mutant, score)});
      row.push_back({printable(mutant.plan), Ink::kFaint});
    } else {
      row.push_back({"-"});
      row.push_back({"-"});
      row.push_back({fmt::format("{}{}", mutant.schedules, mutant.exhausted ? "" : ", cut short")});
    }
    rows.push_back(std::move(row));
  }
  return reports::title("Mutants", style) + reports::draw_rows(rows, 2, style) +
         "  schedules: until this violation, fewest faults first; swarm: " +
         (score.has_swarm ? "the median of random searches\n" : "no random search was made\n");
}

/// What is to be said of single mutants, status by status.
std::string draw_remarks(const Score& score, const Style& style) {
  std::vector<std::vector<InkedText>> rows;
  for (const MutantScore& mutant : score.mutants) {
    std::string remark;
    if (mutant.status == MutantStatus::kKilledByAnotherRule) {
      remark = mutant.explanation.empty() ? fmt::format("predicted {}, seen by {}; nobody has said why",
                                                        predicted_of(mutant), rule_of(mutant.finding))
                                          : mutant.explanation;
    } else if (mutant.status == MutantStatus::kReferenceViolated) {
      remark = "the subject without the bug is violated under the same search";
    } else if (mutant.status == MutantStatus::kNotActivated) {
      remark = !mutant.explanation.empty() ? mutant.explanation
               : mutant.activated          ? "a rule is violated, but not in a run that reached the bug"
                                           : "no run reached the bug";
    } else if (mutant.status != MutantStatus::kKilled) {
      remark = mutant.explanation.empty() ? mutant.bug : mutant.explanation;
    } else if (!mutant.seen_first_by.empty()) {
      remark = fmt::format("seen by {} already after {}", mutant.seen_first_by,
                           counted(mutant.seen_first_after, "schedule"));
    }
    if (!remark.empty())
      rows.push_back({{printable(mutant.name)}, mark_of(mutant.status, style), {printable(remark)}});
  }
  return rows.empty() ? std::string() : reports::title("Remarks", style) + reports::draw_rows(rows, 2, style);
}

std::string draw_ablation(const Score& score, const Style& style) {
  const std::uint64_t killed = score.killed();
  std::vector<std::vector<InkedText>> rows;
  rows.push_back({{"faults", Ink::kFaint}, {"these alone", Ink::kFaint}, {"all but these", Ink::kFaint}});
  std::string lost;
  for (const AblationRow& row : score.ablation) {
    rows.push_back(
        {{row.name}, {row.only ? fmt::format("{}", *row.only) : "-"}, {fmt::format("{}", row.without)}});
    std::vector<std::string> names;
    for (const std::string& name : row.lost) names.push_back(printable(name));
    if (!names.empty())
      lost += reports::draw_list(fmt::format("  only {:<12} shows  ", row.name), names, ",", style);
  }
  std::string result =
      reports::title(fmt::format("What the {} owe to each class of faults", counted(killed, "kill")), style) +
      reports::draw_rows(rows, 2, style);
  if (!lost.empty()) result += '\n' + lost;
  result += reports::title("What judging only the end would miss", style);
  std::vector<std::string> sentence =
      reports::words_of(fmt::format("I1 alone, from the ledgers at the end, kills {} of {}.",
                                    killed - score.missed_at_the_end.size(), killed));
  if (!score.missed_at_the_end.empty()) {
    for (std::string& word : reports::words_of(
             fmt::format("Only order, keys, promises and the log show the other {}: {}",
                         score.missed_at_the_end.size(), fmt::join(score.missed_at_the_end, ", "))))
      sentence.push_back(printable(word));
  }
  return result + reports::draw_list("  ", sentence, "", style);
}

std::string draw_sum(const Score& score, const Style& style) {
  std::string apart;
  const auto tell = [&](MutantStatus status, std::string_view words) {
    if (score.count(status) > 0) apart += fmt::format(", {} {}", score.count(status), words);
  };
  tell(MutantStatus::kSurvived, "survived");
  tell(MutantStatus::kNotActivated, "not activated");
  tell(MutantStatus::kEquivalent, "equivalent");
  tell(MutantStatus::kReferenceViolated, "without a green reference");
  const std::string sum = fmt::format("{} of {} killed, {} by the rule predicted{}", score.killed(),
                                      score.listed(), score.count(MutantStatus::kKilled), apart);
  if (exit_code_of(score) == ExitCode::kCoverageMissed)
    return fmt::format("{}: {}\n", inked("COVERAGE MISSED", Ink::kBad, style), sum);
  return reports::verdict_line(score.verdict, sum, style);
}

}  // namespace

ExitCode exit_code_of(const Score& score) {
  const ExitCode code = exit_code_of(score.verdict);
  const bool has_survivor = score.count(MutantStatus::kSurvived) > 0;
  return code == ExitCode::kUpheld && has_survivor ? ExitCode::kCoverageMissed : code;
}

std::string score_report(const ScoreOptions& options, const Score& score, const Style& style) {
  std::string result = draw_head(options, score, style);
  result += draw_references(score, style);
  result += draw_mutants(score, style);
  result += draw_remarks(score, style);
  if (score.has_ablation) result += draw_ablation(score, style);
  return result + '\n' + draw_sum(score, style);
}

}  // namespace saga_harness
