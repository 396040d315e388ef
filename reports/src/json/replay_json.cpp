#include "json/json_text.hpp"

#include <fmt/format.h>

#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/faults.hpp>

namespace saga_harness {

namespace {

using reports::OrderedJson;

std::string_view name_of_status(ReplayStatus status) {
  switch (status) {
    case ReplayStatus::kReproduced:
      return "reproduced";
    case ReplayStatus::kUpheld:
      return "upheld";
    case ReplayStatus::kStale:
      return "stale";
  }
  return "";
}

std::string_view name_of_rule(QuantityRule rule) {
  switch (rule) {
    case QuantityRule::kConserved:
      return "conserved";
    case QuantityRule::kRestored:
      return "restored";
  }
  return "";
}

OrderedJson verdict_json(const Verdict& verdict, const SagaIndex& saga) {
  return {{"rule", id_of(verdict.rule)},
          {"name", name_of(verdict)},
          {"status", name_of(verdict.status)},
          {"explanation", verdict.explanation},
          {"step", verdict.step < saga.step_count() ? saga.step(verdict.step).name
                                                    : std::string(internal::kSagaItself)},
          {"evidence", verdict.evidence}};
}

OrderedJson effects_json(const Ledger& ledger, const SagaIndex& saga) {
  OrderedJson result = OrderedJson::array();
  for (std::size_t i = 0; i < ledger.effects.size() && i < saga.step_count(); ++i) {
    const Effect& effect = ledger.effects[i];
    const Step& step = saga.step(static_cast<StepId>(i));
    result.push_back({{"step", step.name},
                      {"service", step.service},
                      {"applied", effect.applied},
                      {"undone", effect.undone},
                      {"net", effect.net()}});
  }
  return result;
}

OrderedJson quantities_json(const Ledger& ledger) {
  OrderedJson result = OrderedJson::array();
  for (const Quantity& quantity : ledger.quantities) {
    result.push_back({{"name", quantity.name},
                      {"rule", name_of_rule(quantity.rule)},
                      {"at_start", std::to_string(quantity.at_start)},
                      {"at_end", std::to_string(quantity.at_end)}});
  }
  return result;
}

}  // namespace

std::string replay_json(const Experiment& experiment, const Replay& replay) {
  const SagaIndex& saga = *experiment.setup.saga;
  const Run& run = replay.run;
  OrderedJson document = {
      {"format", "saga_harness.replay/1"},          {"saga", saga.saga().name},
      {"definition_hash", hash_text(saga.hash())},  {"coordinator", experiment.coordinator_name},
      {"participant", experiment.participant_name}, {"status", name_of_status(status_of(replay))}};
  document["token_definition_hash"] = replay.token_definition
                                          ? OrderedJson(fmt::format("{:08x}", *replay.token_definition))
                                          : OrderedJson(nullptr);
  document["plan"] = to_string(run.plan);
  document["faults"] = OrderedJson::parse(to_json(run.plan));
  document["fired"] = OrderedJson::parse(to_json(run.fired));
  document["unfired"] = OrderedJson::parse(to_json(run.unfired));
  document["token"] = run.token;
  document["outcome"] = name_of(run.outcome);
  document["flagged_steps"] = run.flagged_steps;
  document["verdicts"] = OrderedJson::array();
  for (const Verdict& verdict : run.verdicts) document["verdicts"].push_back(verdict_json(verdict, saga));
  document["test_case"] = replay.gtest_case;
  document["effects"] = effects_json(run.ledger, saga);
  document["quantities"] = quantities_json(run.ledger);
  document["trace"] = OrderedJson::parse(to_json(run.trace, saga));
  return reports::as_document(document);
}

}  // namespace saga_harness
