#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness/matchers.hpp>
#include <saga_harness_internal/text.hpp>

#include "failure.hpp"
#include "judged_matcher.hpp"
#include "names.hpp"

namespace saga_harness {
namespace {

using internal::at_line;
using internal::judged;
using internal::judged_run;
using internal::named;

// A misspelt name would never be violated.
void check_invariant(const std::string& name, const std::vector<std::string_view>& judged_by) {
  if (std::find(judged_by.begin(), judged_by.end(), name) != judged_by.end()) return;
  throw Error(ErrorText{.message = "there is no invariant " + internal::in_quotes(name) + " to be violated",
                        .fix = internal::name_fix(name, judged_by, "add_invariant() makes one")});
}

[[noreturn]] void refuse_to_say(Rule rule, const std::string& invariant, std::string_view why,
                                std::string fix) {
  throw Error(ErrorText{.message = fmt::format("nothing can be said of {}: {}", named(rule, invariant), why),
                        .fix = std::move(fix)});
}

/// A rule that does not bind the run is neither violated nor not.
void expect_applies(const Run& run, Rule rule, const std::string& invariant) {
  for (const Verdict& verdict : run.verdicts) {
    if (verdict.rule != rule || verdict.invariant != invariant) continue;
    if (verdict.status != VerdictStatus::kNotApplicable) return;
    refuse_to_say(rule, invariant, "it does not apply to this run: " + verdict.explanation,
                  "claim what it needs, or leave the matcher out");
  }
}

/// A search that does not show a violation may not have looked.
void expect_searched(const Exploration& found, Rule rule, const std::string& invariant) {
  const SearchVerdict& verdict = found.verdict;
  const auto refuse = [&](std::string_view why, std::string fix) {
    refuse_to_say(rule, invariant, why, std::move(fix));
  };
  if (!verdict.error.empty()) refuse("the search has no verdict, " + verdict.error, "see to that first");
  if (verdict.is_part)
    refuse("it was looked for in one shard of a search", "merge_tallies() makes the whole");
  for (const LackFound& each : verdict.lacks) {
    if (each.lack == Lack::kNotExhausted || each.lack == Lack::kNothingRan)
      refuse(each.reason, "let the search end, or ask of a run");
  }
  const auto counts = std::ranges::find_if(found.rules, [&](const RuleCount& count) {
    return rule == kOwnRule ? count.invariant == invariant
                            : &count == &found.rules[static_cast<std::size_t>(rule)];
  });
  if (counts == found.rules.end() || counts->held > 0) return;
  if (counts->unknown > 0) refuse("no schedule exercised it", "search further, or leave the matcher out");
  refuse("it applied to no schedule", "claim what it needs, or leave the matcher out");
}

void show_finding(const Finding& finding, std::ostream& out) {
  out << "\n  " << named(finding.rule, finding.invariant);
  if (!finding.step.empty()) out << " at " << finding.step;
  out << ": " << finding.explanation;
  if (const std::string notes = notes_of(finding); !notes.empty()) out << " (" << notes << ")";
  out << "\n  plan: " << to_string(finding.plan) << "\n  token: " << finding.token;
  if (!finding.repeat.empty()) out << "\n  repeat: " << finding.repeat;
}

/// Has a search without a violation all that it owes, but for what is allowed? Says what it has not.
bool earned_it(const SearchVerdict& verdict, const std::vector<Lack>& allowed, std::ostream& out) {
  bool is_lacking = false;
  for (const LackFound& each : verdict.lacks) {
    if (std::ranges::find(allowed, each.lack) != allowed.end()) continue;
    out << (is_lacking ? "; " : ", but ") << each.reason << " (" << name_of(each.lack) << ")";
    is_lacking = true;
  }
  if (is_lacking || verdict.word == VerdictWord::kUpheld || !verdict.lacks.empty()) return !is_lacking;
  out << ", but which was never concluded";
  return false;
}

template <class Matcher>
Matcher with_allowed(const Matcher& matcher, std::vector<Lack> Matcher::*allowed, Lack lack,
                     std::string_view reason) {
  if (reason.empty())
    throw Error(ErrorText{.source = "allow(" + std::string(name_of(lack)) + ")",
                          .message = "the reason is empty",
                          .fix = "say why, so that a reader of the test knows"});
  Matcher more = matcher;
  (more.*allowed).push_back(lack);
  return more;
}

void show_notes(const SearchVerdict& verdict, std::ostream& out) {
  for (const std::string& note : verdict.notes) out << "\n  note: " << note;
}

bool finds_no_anomaly(const Interleavings& found, const std::vector<Lack>& allowed, std::ostream& out) {
  if (!found.verdict.error.empty()) {
    out << "which is no verdict: " << found.verdict.error;
    return false;
  }
  if (found.finds_no_violation()) {
    out << "in which nothing came between the sagas";
    show_notes(found.verdict, out);
    return earned_it(found.verdict, allowed, out);
  }
  for (const ConcurrentFinding& finding : found.findings)
    out << "\n"
        << finding.violation.rule << ": " << finding.violation.explanation
        << "\n  plan: " << to_string(finding.plan);
  return false;
}

bool finds_nothing(const Exploration& exploration, const std::vector<Lack>& allowed, std::ostream& out) {
  const SearchVerdict& verdict = exploration.verdict;
  if (exploration.schedules == 0) {
    out << "which ran no schedule at all";
    return !verdict.lacks.empty() && earned_it(verdict, allowed, out);
  }
  if (!verdict.error.empty()) {
    out << "which is no verdict: " << verdict.error;
    for (const Nondeterministic& each : exploration.nondeterministic)
      out << "\n  " << to_string(each.plan) << ": " << each.difference;
    for (const Finding& finding : exploration.findings) show_finding(finding, out);
    return false;
  }
  if (exploration.finds_no_violation()) {
    out << "in which no rule was violated";
    if (verdict.is_part) {
      out << ", but which is one shard of a search: merge_tallies() makes the whole of them";
      return false;
    }
    show_notes(verdict, out);
    return earned_it(verdict, allowed, out);
  }
  out << "in which " << exploration.violated_schedules << " of " << exploration.schedules
      << " schedules violate a rule";
  if (!verdict.not_checked.empty()) out << "; " << verdict.not_checked;
  for (const Finding& finding : exploration.findings) show_finding(finding, out);
  show_notes(verdict, out);
  if (!exploration.findings.empty() && !exploration.findings[0].test_case.empty()) {
    out << "\nThe smallest as a test:\n\n" << exploration.findings[0].test_case;
  }
  return false;
}

}  // namespace

NoViolationMatcher FindsNoViolation() { return {}; }

NoViolationMatcher NoViolationMatcher::allow(Lack lack, std::string_view reason) const {
  return with_allowed(*this, &NoViolationMatcher::allowed_, lack, reason);
}

NoViolationMatcher::operator ExplorationMatcher() const {
  return judged<Exploration>("finds no violation", "finds a violation",
                             [allowed = allowed_](const Exploration& exploration, std::ostream& out) {
                               return finds_nothing(exploration, allowed, out);
                             });
}

NoAnomalyMatcher FindsNoAnomaly() { return {}; }

NoAnomalyMatcher NoAnomalyMatcher::allow(Lack lack, std::string_view reason) const {
  return with_allowed(*this, &NoAnomalyMatcher::allowed_, lack, reason);
}

NoAnomalyMatcher::operator testing::Matcher<const Interleavings&>() const {
  return judged<Interleavings>("finds no anomaly", "finds an anomaly",
                               [allowed = allowed_](const Interleavings& found, std::ostream& out) {
                                 return finds_no_anomaly(found, allowed, out);
                               });
}

ViolatesMatcher::ViolatesMatcher(Rule rule, std::string_view invariant, SourcePlace place)
    : rule_(rule), invariant_(invariant), place_(place) {}

ViolatesMatcher::operator RunMatcher() const {
  return judged_run(
      "violates " + named(rule_, invariant_), "does not violate " + named(rule_, invariant_),
      [rule = rule_, invariant = invariant_, place = place_](const Run& run, std::ostream& out) {
        std::vector<std::string> seen;
        bool matches = false;
        if (rule == kOwnRule) {
          std::vector<std::string_view> own;
          for (const Verdict& verdict : run.verdicts) own.emplace_back(verdict.invariant);
          std::erase(own, "");
          at_line(place, [&] { check_invariant(invariant, own); });
        }
        for (const Verdict& verdict : run.violations()) {
          matches = matches || (verdict.rule == rule && verdict.invariant == invariant);
          seen.push_back(named(verdict.rule, verdict.invariant) + " (" + verdict.explanation + ")");
        }
        if (!matches) at_line(place, [&] { expect_applies(run, rule, invariant); });
        out << "which violates " << internal::joined(seen);
        return matches;
      });
}

ViolatesMatcher::operator ExplorationMatcher() const {
  return judged<Exploration>(
      "violates " + named(rule_, invariant_), "does not violate " + named(rule_, invariant_),
      [rule = rule_, invariant = invariant_, place = place_](const Exploration& exploration,
                                                             std::ostream& out) {
        bool matches = false;
        if (rule == kOwnRule) {
          std::vector<std::string_view> own;
          for (const RuleCount& count : exploration.rules) own.emplace_back(count.invariant);
          std::erase(own, "");
          at_line(place, [&] { check_invariant(invariant, own); });
        }
        out << "which ran " << exploration.schedules << " schedules and found";
        if (exploration.findings.empty()) out << " nothing";
        for (const Finding& finding : exploration.findings) {
          matches = matches || (finding.rule == rule && finding.invariant == invariant);
          show_finding(finding, out);
        }
        if (!matches) at_line(place, [&] { expect_searched(exploration, rule, invariant); });
        return matches;
      });
}

ViolatesMatcher Violates(Rule rule, SourcePlace place) { return ViolatesMatcher(rule, {}, place); }
ViolatesMatcher Violates(std::string_view invariant, SourcePlace place) {
  return ViolatesMatcher(kOwnRule, invariant, place);
}

}  // namespace saga_harness
