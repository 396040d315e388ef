#include "records/record_finding.hpp"

#include <algorithm>

#include <saga_harness/replay.hpp>
#include <saga_harness/search_reports.hpp>

#include "json/json_text.hpp"

namespace saga_harness::reports {

namespace {

OrderedJson effects_of(const Ledger& ledger, const SagaIndex& saga) {
  OrderedJson effects = OrderedJson::array();
  for (std::size_t i = 0; i < ledger.effects.size() && i < saga.step_count(); ++i) {
    effects.push_back({{"step", saga.step(static_cast<StepId>(i)).name},
                       {"service", saga.step(static_cast<StepId>(i)).service},
                       {"applied", ledger.effects[i].applied},
                       {"undone", ledger.effects[i].undone}});
  }
  return effects;
}

OrderedJson quantities_of(const Ledger& ledger) {
  OrderedJson quantities = OrderedJson::array();
  for (const Quantity& quantity : ledger.quantities) {
    quantities.push_back({{"name", quantity.name},
                          {"rule", name_of(quantity.rule)},
                          {"at_start", std::to_string(quantity.at_start)},
                          {"at_end", std::to_string(quantity.at_end)}});
  }
  return quantities;
}

}  // namespace

std::string finding_record(const Experiment& experiment, const Violation& violation, const Run& run,
                           std::uint64_t id, const std::vector<std::uint32_t>& shows, bool is_known,
                           const Finding* found) {
  const SagaIndex& saga = *experiment.setup.saga;
  const auto place = static_cast<std::size_t>(violation.rule);
  if (place >= run.verdicts.size()) return {};
  const Verdict& verdict = run.verdicts[place];
  const Finding finding{
      .rule = verdict.rule,
      .step = violation.step < saga.step_count() ? saga.step(violation.step).name : std::string(),
      .explanation = verdict.explanation,
      .plan = run.plan,
      .token = run.token,
      .invariant = verdict.invariant};
  OrderedJson line{{"finding", hash_text(id)},
                   {"rule", place},
                   {"step", violation.step < saga.step_count() ? static_cast<int>(violation.step) : -1},
                   {"explanation", verdict.explanation},
                   {"plan", to_string(run.plan)},
                   {"faults", run.plan.size()},
                   {"token", run.token},
                   {"test_case", experiment.target.empty() ? gtest_case(finding, saga, experiment) : ""},
                   {"outcome", name_of(run.outcome)},
                   {"flagged_steps", run.flagged_steps},
                   {"evidence", verdict.evidence},
                   {"effects", effects_of(run.ledger, saga)},
                   {"quantities", quantities_of(run.ledger)},
                   {"trace", OrderedJson::parse(to_json(run.trace, saga))}};
  if (!shows.empty()) line["shows"] = shows;
  if (is_known) line["known"] = true;
  if (found != nullptr) {
    line["cause"] = fmt::format("{}: {}", name_of(found->outcome), found->cause);
    line["schedules"] = std::to_string(found->schedules);
    line["replayed"] = name_of(found->replayed);
    line["earlier_sagas"] = OrderedJson::array();
    for (const FaultPlan& plan : found->earlier_sagas) line["earlier_sagas"].push_back(to_string(plan));
  }
  return on_one_line(line) + '\n';
}

bool expected_compensations(const Observation& observation, const SagaIndex& saga,
                            std::vector<StepId>& expected) {
  expected.clear();
  const bool is_compensated = observation.outcome == Outcome::kCompensated;
  if (!is_compensated && observation.outcome != Outcome::kFlagged) return true;
  for (const Event& event : observation.events) {
    const bool is_pivot = event.step == saga.pivot() && event.step != kNoStep;
    if (!is_compensated && event.type == EventType::kSent && is_pivot) {
      expected.clear();
      return false;
    }
    if (event.type != EventType::kApplied || event.step >= saga.step_count()) continue;
    if (saga.step(event.step).compensation.empty()) continue;
    if (std::ranges::find(expected, event.step) == expected.end()) expected.push_back(event.step);
  }
  std::ranges::reverse(expected);
  return true;
}

}  // namespace saga_harness::reports
