#include <saga_harness/matchers.hpp>

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "failure.hpp"
#include "judged_matcher.hpp"
#include "judged_text.hpp"
#include "names.hpp"
#include "run_view.hpp"

namespace saga_harness {
namespace {

using internal::at_line;
using internal::judged_run;
using internal::named;
using internal::RunView;

// Neither a matcher nor its negation has anything to say of it.
void expect_judged(const Run& run) {
  if (!run.verdicts.empty()) return;
  throw Error(ErrorText{.message = "a matcher was given a run that was never judged",
                        .fix = "give it what start_saga() or run() returned; what was moved from is none"});
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

namespace internal {

RunMatcher judged_run(std::string sentence, std::string negation, Judged<Run>::Check check) {
  return judged<Run>(std::move(sentence), std::move(negation),
                     [check = std::move(check)](const Run& run, std::ostream& out) {
                       expect_judged(run);
                       return check(run, out);
                     });
}

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
