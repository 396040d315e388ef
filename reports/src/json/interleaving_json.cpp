#include <saga_harness/interleaving_reports.hpp>
#include <saga_harness/masks.hpp>
#include "json/json_text.hpp"

#include "json/json_text.hpp"
#include "json/verdict_json.hpp"

namespace saga_harness {
namespace {

using reports::OrderedJson;

OrderedJson head_json(std::string_view format, const InterleavingSubject& subject) {
  OrderedJson document = {
      {"format", format}, {"sagas", OrderedJson::array()}, {"shared", OrderedJson::array()}};
  for (const Experiment& saga : subject.experiment.sagas) {
    const Masks masks(saga.setup.saga->saga(), saga.setup.context);
    document["sagas"].push_back({{"saga", saga.setup.saga->saga().name},
                                 {"definition", hash_text(saga.setup.saga->hash())},
                                 {"saga_id", saga.setup.saga_id},
                                 {"context", OrderedJson::parse(masks.shown(saga.setup.context.text()))},
                                 {"coordinator", saga.coordinator_name},
                                 {"participant", saga.participant_name}});
  }
  for (const auto& [service, factory] : subject.experiment.shared) document["shared"].push_back(service);
  return document;
}

std::string_view verdict_name(ExitCode code) {
  if (code == ExitCode::kUpheld) return "upheld";
  return code == ExitCode::kViolated ? "violated" : "inconclusive";
}

OrderedJson json_of(const ConcurrentViolation& violation) {
  OrderedJson result = {{"rule", violation.rule}, {"saga", violation.saga + 1}};
  if (!violation.step.empty()) result["step"] = violation.step;
  result["explanation"] = violation.explanation;
  return result;
}

OrderedJson json_of(const ConcurrentRun& run) {
  OrderedJson result = {{"plan", to_string(run.plan)}, {"turns", OrderedJson::array()}};
  for (const Turn& turn : run.turns) {
    result["turns"].push_back({{"saga", turn.saga + 1},
                               {"service", turn.service},
                               {"action", turn.action},
                               {"step", turn.step},
                               {"attempt", turn.attempt},
                               {"answer", name_of(turn.answer)}});
  }
  result["outcomes"] = OrderedJson::array();
  for (const Run& saga : run.sagas) result["outcomes"].push_back(name_of(saga.outcome));
  result["quantities"] = OrderedJson::array();
  for (const Quantity& quantity : run.quantities) {
    result["quantities"].push_back(
        {{"name", quantity.name}, {"at_start", quantity.at_start}, {"at_end", quantity.at_end}});
  }
  return result;
}

}  // namespace

std::string interleavings_json(const InterleavingSubject& subject, const Interleavings& found) {
  OrderedJson document = head_json("saga_harness.interleavings/1", subject);
  document["verdict"] = word_of(found.verdict);
  reports::add_lacks(found.verdict, document);
  document["schedules"] = std::to_string(found.schedules);
  document["repeated"] = std::to_string(found.repeated);
  document["violated_schedules"] = std::to_string(found.violated_schedules);
  document["exhausted"] = found.exhausted;
  document["levels"] = OrderedJson::array();
  for (const LevelCount& level : found.levels)
    document["levels"].push_back({{"faults", level.faults}, {"schedules", std::to_string(level.schedules)}});
  document["outcomes"] = OrderedJson::object();
  for (std::size_t i = 0; i < found.outcomes.size(); ++i)
    document["outcomes"][std::string(name_of(static_cast<Outcome>(i)))] = std::to_string(found.outcomes[i]);
  document["findings"] = OrderedJson::array();
  for (const ConcurrentFinding& finding : found.findings) {
    OrderedJson row = json_of(finding.violation);
    row["schedules"] = std::to_string(finding.schedules);
    row["plan"] = to_string(finding.plan);
    if (found.verdict.error.empty())  // else the plan may not run so again
      row["run"] = json_of(run_concurrently(subject.experiment, finding.plan));
    document["findings"].push_back(std::move(row));
  }
  for (const ConcurrentKnown& each : found.known)
    document["known"].push_back(reports::known_json(reports::report_known(each)));
  return reports::as_document(document);
}

std::string concurrent_run_json(const InterleavingSubject& subject, const ConcurrentRun& run) {
  OrderedJson document = head_json("saga_harness.concurrent_run/1", subject);
  document["verdict"] = verdict_name(exit_code_of(run));
  document.update(json_of(run));
  document["violations"] = OrderedJson::array();
  for (const ConcurrentViolation& violation : run.violations)
    document["violations"].push_back(json_of(violation));
  document["unfired"] = to_string(run.unfired);
  return reports::as_document(document);
}

}  // namespace saga_harness
