#include "text/run_text.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace saga_harness::reports {

Ink ink_of(VerdictStatus status) {
  switch (status) {
    case VerdictStatus::kHeld:
      return Ink::kGood;
    case VerdictStatus::kViolated:
      return Ink::kBad;
    case VerdictStatus::kUnknown:
      return Ink::kDoubt;
    case VerdictStatus::kNotApplicable:
      return Ink::kFaint;
  }
  return Ink::kPlain;
}

Rule rule_at(std::size_t place) { return place < kRuleCount ? static_cast<Rule>(place) : kOwnRule; }

std::string name_of_rule(std::size_t place, const RuleCount& count) {
  return place < kRuleCount ? std::string(name_of(rule_at(place))) : count.invariant;
}

std::string label_of(const Finding& finding) {
  if (finding.rule != kOwnRule) return saga_harness::label_of(finding.rule);
  return fmt::format("{} {}", id_of(kOwnRule), printable(finding.invariant));
}

std::string draw_trace(const Trace& trace, const SagaIndex& saga, const std::vector<std::uint32_t>& evidence,
                       const Style& style) {
  const auto first_fault = static_cast<std::size_t>(
      std::find_if(trace.events.begin(), trace.events.end(),
                   [](const Event& event) { return event.type == EventType::kFault; }) -
      trace.events.begin());
  const std::size_t first_evidence =
      evidence.empty() ? trace.events.size() : *std::min_element(evidence.begin(), evidence.end());
  std::string result;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const bool shows_it = std::find(evidence.begin(), evidence.end(), i) != evidence.end();
    const Event& event = trace.events[i];
    const Ink ink = shows_it                                                               ? Ink::kBad
                    : event.type == EventType::kFault || event.type == EventType::kCrashed ? Ink::kDoubt
                                                                                           : Ink::kPlain;
    const char mark = shows_it ? '>' : i == first_fault ? '!' : ' ';
    std::string line = fmt::format("{} {}", mark, printable(to_string(event, trace.texts, saga)));
    if (i == first_fault) line += "  <- departs from the run without faults";
    if (i == first_evidence) line += "  <- first divergence";
    result += fmt::format("  {}\n", inked(line, ink, style));
  }
  return result;
}

std::string_view trace_legend(const Trace& trace, const std::vector<std::uint32_t>& evidence) {
  const bool has_fault = std::any_of(trace.events.begin(), trace.events.end(),
                                     [](const Event& event) { return event.type == EventType::kFault; });
  if (evidence.empty()) return has_fault ? " (! the first fault)" : "";
  return has_fault ? " (! the first fault, > shows the violation)" : " (> shows the violation)";
}

std::string draw_test(std::string_view gtest_case) { return "\n  As a test:\n\n" + indented(gtest_case, 4); }

std::string draw_ledger(const Ledger& ledger, const SagaIndex& saga, const Style& style) {
  std::vector<std::vector<InkedText>> rows;
  const auto add_headings = [&rows](std::vector<std::string> names) {
    auto& row = rows.emplace_back();
    for (std::string& name : names) row.push_back({std::move(name), Ink::kFaint});
  };
  add_headings({"step", "service", "applied", "undone", "net"});
  for (std::size_t i = 0; i < ledger.effects.size() && i < saga.step_count(); ++i) {
    const Effect& effect = ledger.effects[i];
    const Step& step = saga.step(static_cast<StepId>(i));
    rows.push_back({{printable(step.name)},
                    {printable(step.service)},
                    {fmt::format("{}", effect.applied)},
                    {fmt::format("{}", effect.undone)},
                    {fmt::format("{}", effect.net())}});
  }
  std::string result = draw_rows(rows, 2, style);
  if (ledger.quantities.empty()) return result;

  rows.clear();
  add_headings({"quantity", "rule", "at start", "at end"});
  for (const Quantity& quantity : ledger.quantities) {
    rows.push_back({{printable(quantity.name)},
                    {std::string(word_for(quantity.rule))},
                    {fmt::format("{}", quantity.at_start)},
                    {fmt::format("{}", quantity.at_end)}});
  }
  return result + '\n' + draw_rows(rows, 2, style);
}

std::string_view word_for(QuantityRule rule) {
  switch (rule) {
    case QuantityRule::kConserved:
      return "conserved";
    case QuantityRule::kRestored:
      return "restored on compensation";
  }
  return "";
}

}  // namespace saga_harness::reports
