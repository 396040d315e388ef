#include <algorithm>
#include <cstddef>

#include "json/explore_head.hpp"
#include "json/json_text.hpp"
#include "json/verdict_json.hpp"
#include "text/run_text.hpp"

#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/faults.hpp>

namespace saga_harness {

namespace {

using reports::count;
using reports::OrderedJson;
using reports::outcomes_json;

OrderedJson cell_json(const Cell& cell, const SagaIndex& saga) {
  const bool of_saga = cell.step == kNoStep;
  return {{"step", of_saga ? std::string(internal::kSagaItself) : saga.step(cell.step).name},
          {"operation", of_saga ? OrderedJson(nullptr) : OrderedJson(name_of(cell.operation))},
          {"where", name_of(cell.instant)},
          {"kind", name_of(cell.kind)},
          {"status", name_of(cell.status)},
          {"reached", count(cell.reached)},
          {"fired", count(cell.fired)},
          {"judged", count(cell.judged)},
          {"violated", count(cell.violated)},
          {"outcomes", outcomes_json(cell.outcomes)}};
}

OrderedJson cells_json(const std::vector<Cell>& cells, const SagaIndex& saga) {
  OrderedJson result = OrderedJson::array();
  for (const Cell& cell : cells) result.push_back(cell_json(cell, saga));
  return result;
}

OrderedJson rules_json(const Exploration& exploration) {
  OrderedJson result = OrderedJson::array();
  for (std::size_t i = 0; i < exploration.rules.size(); ++i) {
    const RuleCount& rule = exploration.rules[i];
    result.push_back({{"rule", id_of(reports::rule_at(i))},
                      {"name", reports::name_of_rule(i, rule)},
                      {"status", name_of(status_of(rule))},
                      {"held", count(rule.held)},
                      {"violated", count(rule.violated)},
                      {"unknown", count(rule.unknown)},
                      {"not_applicable", count(rule.not_applicable)}});
  }
  return result;
}

OrderedJson plans_json(const std::vector<FaultPlan>& plans) {
  OrderedJson result = OrderedJson::array();
  for (const FaultPlan& plan : plans) result.push_back(to_string(plan));
  return result;
}

OrderedJson finding_json(const Finding& finding, bool is_timed) {
  OrderedJson result = {{"rule", id_of(finding.rule)},
                        {"name", name_of(finding)},
                        {"step", finding.step.empty() ? std::string(internal::kSagaItself) : finding.step},
                        {"outcome", name_of(finding.outcome)},
                        {"cause", finding.cause},
                        {"replayed", name_of(finding.replayed)},
                        {"earlier_sagas", plans_json(finding.earlier_sagas)},
                        {"explanation", finding.explanation},
                        {"plan", to_string(finding.plan)},
                        {"faults", OrderedJson::parse(to_json(finding.plan))},
                        {"token", finding.token},
                        {"schedules", count(finding.schedules)},
                        {"test_case", finding.test_case}};
  if (is_timed) result["rests_on_time"] = finding.rests_on_time;
  return result;
}

}  // namespace

std::string explore_json(const Experiment& experiment, const ExploreOptions& options,
                         const Exploration& exploration) {
  const SagaIndex& saga = *experiment.setup.saga;
  OrderedJson document = reports::head_json("saga_harness.exploration/1", experiment, options);
  document["max_faults"] = exploration.max_faults;
  document["verdict"] = word_of(exploration.verdict);
  reports::add_lacks(exploration.verdict, document);
  document["exhausted"] = exploration.exhausted;
  document["schedules"] = count(exploration.schedules);
  document["violated_schedules"] = count(exploration.violated_schedules);
  if (options.prune) document["pruned"] = count(exploration.pruned);
  if (exploration.classes) document["classes"] = reports::classes_json(*exploration.classes);
  document["levels"] = OrderedJson::array();
  for (const LevelCount& level : exploration.levels) {
    document["levels"].push_back(
        {{"faults", level.faults}, {"schedules", count(level.schedules)}, {"exhausted", level.exhausted}});
  }
  document["outcomes"] = outcomes_json(exploration.outcomes);
  const CoverageCounts coverage = coverage_of(exploration);
  document["coverage"] = {
      {"denominator", coverage.denominator}, {"fired", coverage.fired}, {"held", coverage.held}};
  document["rules"] = rules_json(exploration);
  document["switched_off"] = OrderedJson::array();
  for (const SwitchedOff& off : experiment.switched_off) {
    document["switched_off"].push_back(
        {{"rule", id_of(off.rule)},
         {"name", off.invariant.empty() ? std::string(name_of(off.rule)) : off.invariant},
         {"reason", off.reason}});
  }
  document["findings"] = OrderedJson::array();
  for (const Finding& finding : exploration.findings)
    document["findings"].push_back(finding_json(finding, !experiment.target.empty()));
  if (!exploration.known.empty()) {
    document["known"] = OrderedJson::array();
    for (const KnownSeen& seen : exploration.known)
      document["known"].push_back(reports::known_json(reports::report_known(seen)));
  }
  if (!experiment.target.empty()) document["timed_schedules"] = count(exploration.timed_schedules);
  if (!experiment.target.empty() || !exploration.nondeterministic.empty()) {
    document["nondeterministic"] = OrderedJson::array();
    for (const Nondeterministic& nondeterministic : exploration.nondeterministic) {
      document["nondeterministic"].push_back(
          {{"plan", to_string(nondeterministic.plan)}, {"difference", nondeterministic.difference}});
    }
  }
  document["markers"] = exploration.markers;
  document["undeclared"] = cells_json(exploration.undeclared, saga);
  document["cells"] = cells_json(exploration.cells, saga);
  return reports::as_document(document);
}

}  // namespace saga_harness
