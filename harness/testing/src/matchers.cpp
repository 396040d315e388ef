#include <saga_harness/matchers.hpp>

#include <algorithm>
#include <functional>
#include <ostream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness_internal/text.hpp>

#include "failure.hpp"
#include "judged_text.hpp"
#include "names.hpp"
#include "run_view.hpp"

namespace saga_harness {
namespace {

using internal::at_line;
using internal::RunView;

/// A matcher from a sentence and a function that says what it saw.
template <typename Value>
class Judged final : public testing::MatcherInterface<const Value&> {
 public:
  using Check = std::function<bool(const Value&, std::ostream&)>;

  Judged(std::string sentence, std::string negation, Check check)
      : sentence_(std::move(sentence)), negation_(std::move(negation)), check_(std::move(check)) {}

  bool MatchAndExplain(const Value& value, testing::MatchResultListener* listener) const override {
    std::ostringstream seen;
    const bool matches = check_(value, seen);
    *listener << seen.str();
    return matches;
  }
  void DescribeTo(std::ostream* out) const override { *out << sentence_; }
  void DescribeNegationTo(std::ostream* out) const override { *out << negation_; }

 private:
  std::string sentence_;
  std::string negation_;
  Check check_;
};

template <typename Value>
testing::Matcher<const Value&> judged(std::string sentence, std::string negation,
                                      typename Judged<Value>::Check check) {
  return testing::Matcher<const Value&>(
      new Judged<Value>(std::move(sentence), std::move(negation), std::move(check)));
}

// Neither a matcher nor its negation has anything to say of it.
void expect_judged(const Run& run) {
  if (!run.verdicts.empty()) return;
  throw Error(ErrorText{.message = "a matcher was given a run that was never judged",
                        .fix = "give it what start_saga() or run() returned; what was moved from is none"});
}

RunMatcher judged_run(std::string sentence, std::string negation, Judged<Run>::Check check) {
  return judged<Run>(std::move(sentence), std::move(negation),
                     [check = std::move(check)](const Run& run, std::ostream& out) {
                       expect_judged(run);
                       return check(run, out);
                     });
}

std::string named(Rule rule, const std::string& invariant) {
  if (rule == kOwnRule) return internal::printable(invariant);
  return label_of(rule);
}

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

void show_calls(const RunView& view, std::ostream& out) { out << "the calls were: " << view.calls_text(); }

void show_violation(const Run& run, const Verdict& verdict, const SagaIndex& saga, std::ostream& out) {
  out << "\n  " << named(verdict.rule, verdict.invariant);
  if (verdict.step < saga.step_count()) out << " at " << saga.step(verdict.step).name;
  out << ": " << verdict.explanation;
  for (const std::uint32_t place : verdict.evidence) {
    if (place >= run.trace.events.size()) continue;
    out << "\n    " << to_string(run.trace.events[place], run.trace.texts, saga);
  }
}

// Where the names stop being found, one after the other; their number if all are.
std::size_t found_in_order(const RunView& view, const std::vector<std::string>& names) {
  std::vector<std::vector<OperationId>> wanted;
  wanted.reserve(names.size());
  for (const std::string& name : names) wanted.push_back(internal::operations_named(view.saga(), name));
  std::size_t found = 0;
  for (const internal::SeenCall& call : view.calls()) {
    if (found == wanted.size()) break;
    const std::vector<OperationId>& next = wanted[found];
    if (std::find(next.begin(), next.end(), call.operation) != next.end()) ++found;
  }
  return found;
}

std::vector<StepId> steps_compensated_by(const SagaIndex& saga, const std::vector<std::string>& names) {
  std::vector<StepId> steps;
  for (const std::string& name : names) {
    const StepId step = internal::compensated_step(saga, name);
    if (std::find(steps.begin(), steps.end(), step) != steps.end()) {
      throw Error(ErrorText{
          .message = "compensation of step " + internal::in_quotes(saga.step(step).name) + " is named twice",
          .fix = "name it once"});
    }
    steps.push_back(step);
  }
  return steps;
}

void show_compensated(const RunView& view, std::ostream& out) {
  out << "in which was compensated: " << view.compensated_text() << "; ";
  show_calls(view, out);
}

bool keeps(const Run& run, const std::string& name, std::ostream& out) {
  std::vector<std::string_view> names;
  for (const Quantity& quantity : run.ledger.quantities) {
    if (quantity.name == name) {
      out << "in which it was " << quantity.at_start << " at the start and " << quantity.at_end
          << " at the end";
      return quantity.at_start == quantity.at_end;
    }
    names.emplace_back(quantity.name);
  }
  if (names.empty()) {
    throw Error(
        ErrorText{.message = "no quantity " + internal::in_quotes(name) + " was measured, nor any other",
                  .fix = "give the harness participants that have some, e.g. a fake with a stock"});
  }
  throw Error(
      ErrorText{.message = "no quantity " + internal::in_quotes(name) + " was measured",
                .fix = internal::name_fix(name, names, "there are: " + internal::listed(names, "and"))});
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

bool finds_no_anomaly(const Interleavings& found, const std::vector<Lack>& allowed, std::ostream& out) {
  if (!found.verdict.error.empty()) {
    out << "which is no verdict: " << found.verdict.error;
    return false;
  }
  if (found.finds_no_violation()) {
    out << "in which nothing came between the sagas";
    return earned_it(found.verdict, allowed, out);
  }
  for (const ConcurrentFinding& finding : found.findings)
    out << "\n"
        << finding.violation.rule << ": " << finding.violation.explanation
        << "\n  plan: " << to_string(finding.plan);
  return false;
}

void show_notes(const SearchVerdict& verdict, std::ostream& out) {
  for (const std::string& note : verdict.notes) out << "\n  note: " << note;
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

RunMatcher EndsIn(Outcome outcome) {
  const std::string name(name_of(outcome));
  return judged_run("ends " + name, "does not end " + name, [outcome](const Run& run, std::ostream& out) {
    out << "which ended " << name_of(run.outcome);
    if (!run.flagged_steps.empty()) out << " naming " << internal::joined(run.flagged_steps);
    if (run.outcome == outcome) return true;
    if (!run.saga.steps.empty()) show_calls(RunView(run), out << "; ");
    return false;
  });
}

RunMatcher UpholdsAllInvariants() {
  return judged_run("upholds all invariants", "violates an invariant", internal::upholds);
}

RunMatcher NeverCalled(std::string_view service, std::string_view action, SourcePlace place) {
  const std::string target = std::string(action) + " of " + std::string(service);
  return judged_run("never calls " + target, "calls " + target,
                    [service = std::string(service), action = std::string(action), place](const Run& run,
                                                                                          std::ostream& out) {
                      const RunView view(run);
                      const std::vector<OperationId> ids = at_line(
                          place, [&] { return internal::operations_at(view.saga(), service, action); });
                      const auto count = std::count_if(
                          view.calls().begin(), view.calls().end(), [&ids](const internal::SeenCall& call) {
                            return std::find(ids.begin(), ids.end(), call.operation) != ids.end();
                          });
                      out << "in which it was called " << count << (count == 1 ? " time; " : " times; ");
                      show_calls(view, out);
                      return count == 0;
                    });
}

RunMatcher Keeps(std::string_view quantity, SourcePlace place) {
  const std::string name(quantity);
  return judged_run("keeps " + name, "changes " + name, [name, place](const Run& run, std::ostream& out) {
    return at_line(place, [&] { return keeps(run, name, out); });
  });
}

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

namespace internal {

bool upholds(const Run& run, std::ostream& out) {
  if (run.verdicts.empty()) {
    out << "which was never judged";
    return false;
  }
  const std::vector<Verdict> violations = run.violations();
  if (violations.empty()) {
    out << "which violates no rule";
    return true;
  }
  const RunView view(run);
  out << "which violates";
  for (const Verdict& verdict : violations) show_violation(run, verdict, view.saga(), out);
  out << "\n  plan: " << to_string(run.plan);
  if (!run.token.empty()) out << "\n  token: " << run.token;
  if (!run.repeat.empty()) out << "\n  repeat: " << run.repeat;
  out << "\n  ";
  show_calls(view, out);
  return false;
}

RunMatcher calls_in_order(Names called, const SourcePlace& place) {
  std::vector<std::string> names(called.begin(), called.end());
  const std::string sentence = joined(names, ", then ");
  return judged_run("calls " + sentence, "does not call " + sentence + " in this order",
                    [names = std::move(names), place](const Run& run, std::ostream& out) {
                      const RunView view(run);
                      const std::size_t found = at_line(place, [&] { return found_in_order(view, names); });
                      const bool matches = found == names.size();
                      out << "in which ";
                      if (!matches) out << names[found] << " was not called";
                      if (!matches && found > 0) out << " after " << names[found - 1];
                      if (!matches) out << "; ";
                      show_calls(view, out);
                      return matches;
                    });
}

RunMatcher compensated_in_order(Names called, const SourcePlace& place) {
  std::vector<std::string> names(called.begin(), called.end());
  const std::string sentence = joined(names, ", then ");
  return judged_run("compensates " + sentence, "does not compensate " + sentence + " in this order",
                    [names = std::move(names), place](const Run& run, std::ostream& out) {
                      const RunView view(run);
                      const std::vector<StepId> wanted =
                          at_line(place, [&] { return steps_compensated_by(view.saga(), names); });
                      std::size_t found = 0;
                      for (const StepId step : view.compensated()) {
                        if (found < wanted.size() && wanted[found] == step) ++found;
                      }
                      show_compensated(view, out);
                      return found == wanted.size();
                    });
}

RunMatcher compensated_exactly(Names called, const SourcePlace& place) {
  std::vector<std::string> names(called.begin(), called.end());
  const std::string sentence = joined(names);
  return judged_run("compensates exactly " + sentence, "does not compensate exactly " + sentence,
                    [names = std::move(names), place](const Run& run, std::ostream& out) {
                      const RunView view(run);
                      std::vector<StepId> wanted =
                          at_line(place, [&] { return steps_compensated_by(view.saga(), names); });
                      std::vector<StepId> seen = view.compensated();
                      std::sort(wanted.begin(), wanted.end());
                      std::sort(seen.begin(), seen.end());
                      show_compensated(view, out);
                      return wanted == seen;
                    });
}

}  // namespace internal
}  // namespace saga_harness
