#include <algorithm>

#include <saga_harness/report.hpp>
#include <saga_harness_internal/faults.hpp>

#include "json/json_text.hpp"
#include "json/verdict_json.hpp"
#include "records/record_format.hpp"

namespace saga_harness {

namespace {

using reports::count;
using reports::OrderedJson;
using reports::outcomes_json;

template <class Values, class Convert>
OrderedJson array_of(const Values& values, Convert convert) {
  OrderedJson array = OrderedJson::array();
  for (const auto& value : values) array.push_back(convert(value));
  return array;
}

OrderedJson counts_json(const CellCounts& counts) {
  OrderedJson by_status = OrderedJson::object();
  for (std::size_t i = 0; i < counts.by_status.size(); ++i)
    by_status[std::string(name_of(static_cast<CellStatus>(i)))] = counts.by_status[i];
  return {{"legal", counts.legal},
          {"denominator", counts.denominator},
          {"fired", counts.fired},
          {"held", counts.held},
          {"statuses", std::move(by_status)}};
}

OrderedJson sample_json(const RunSample& sample, const SagaReport& saga) {
  OrderedJson violated = OrderedJson::array();
  for (const std::size_t invariant : sample.violated) violated.push_back(saga.invariants[invariant].name);
  return {{"run", sample.id},        {"plan", sample.plan},
          {"faults", sample.faults}, {"outcome", name_of(sample.outcome)},
          {"blamed", sample.blamed}, {"violated", std::move(violated)}};
}

OrderedJson cell_json(const ReportCell& cell, const SagaReport& saga) {
  const bool of_saga = cell.step >= saga.definition.steps.size();
  OrderedJson result{
      {"cell", cell.name},
      {"step", of_saga ? std::string(internal::kSagaItself) : saga.definition.steps[cell.step].name},
      {"operation", of_saga ? OrderedJson(nullptr) : OrderedJson(name_of(cell.operation))},
      {"where", name_of(cell.instant)},
      {"kind", name_of(cell.kind)},
      {"status", name_of(cell.status)},
      {"reached", count(cell.reached)},
      {"armed", count(cell.armed)},
      {"fired", count(cell.fired)},
      {"judged", count(cell.judged)},
      {"violated", count(cell.violated)},
      {"outcomes", outcomes_json(cell.outcomes)}};
  if (cell.exclusion) result["exclusion"] = *cell.exclusion;
  if (cell.unreachable_within >= 0) result["unreachable_within"] = cell.unreachable_within;
  result["runs"] =
      array_of(cell.runs, [&saga](const RunSample& sample) { return sample_json(sample, saga); });
  return result;
}

OrderedJson search_json(const ReportSearch& search) {
  OrderedJson result{{"max_faults", search.max_faults}, {"kinds", search.kinds},
                     {"windows", search.windows},       {"swarm", nullptr},
                     {"shards", search.shards},         {"complete", search.complete},
                     {"exhausted", search.exhausted}};
  if (search.swarm)
    result["swarm"] = {{"seed", search.swarm->seed}, {"schedules", count(search.swarm->schedules)}};
  if (search.classes) result["classes"] = reports::classes_json(*search.classes);
  if (!search.notes.empty()) result["notes"] = search.notes;
  if (!search.known.empty()) result["known"] = array_of(search.known, reports::known_json);
  if (!search.errors.empty()) result["errors"] = search.errors;
  return result;
}

OrderedJson compensation_json(const CompensationCount& counts, const SagaReport& saga) {
  const Step& step = saga.definition.steps[counts.step];
  return {{"step", step.name},
          {"service", step.service},
          {"compensation", step.compensation},
          {"expected", count(counts.expected)},
          {"called", count(counts.called)},
          {"missing", count(counts.missing)},
          {"unexpected", count(counts.unexpected)},
          {"requests", count(counts.requests)},
          {"most_in_a_run", count(counts.most)},
          {"out_of_order", count(counts.out_of_order)}};
}

OrderedJson invariant_json(const ReportInvariant& invariant) {
  return {{"rule", invariant.id},
          {"name", invariant.name},
          {"status", name_of(invariant.status)},
          {"exercised", count(invariant.exercised())},
          {"held", count(invariant.held)},
          {"violated", count(invariant.violated)},
          {"unknown", count(invariant.unknown)},
          {"not_applicable", count(invariant.not_applicable)},
          {"switched_off",
           invariant.switched_off.empty() ? OrderedJson(nullptr) : OrderedJson(invariant.switched_off)}};
}

OrderedJson event_json(const ReportEvent& event) {
  OrderedJson result{{"at_us", event.at_us}, {"type", event.type}};
  if (event.incarnation > 0) result["incarnation"] = event.incarnation;
  if (event.call > 0) result["call"] = event.call;
  if (!event.step.empty()) result["step"] = event.step;
  if (!event.operation.empty()) result["operation"] = event.operation;
  if (event.attempt > 0) result["attempt"] = event.attempt;
  for (const auto& [key, value] : event.details) result[key] = value;
  return result;
}

OrderedJson finding_json(const ReportFinding& finding, const SagaReport& saga) {
  const ReportInvariant& invariant = saga.invariants[finding.invariant];
  return {{"rule", invariant.id},
          {"name", invariant.name},
          {"step", finding.step.empty() ? std::string(internal::kSagaItself) : finding.step},
          {"explanation", finding.explanation},
          {"cause", finding.cause},
          {"replayed", finding.replayed},
          {"earlier_sagas", finding.earlier_sagas},
          {"runs", count(finding.runs)},
          {"plan", finding.plan},
          {"faults", finding.faults},
          {"run", finding.run},
          {"token", finding.token},
          {"command", finding.command},
          {"test_case", finding.test_case},
          {"outcome", name_of(finding.outcome)},
          {"flagged_steps", finding.flagged_steps},
          {"has_trace", finding.has_trace},
          {"evidence", finding.evidence},
          {"effects", array_of(finding.effects,
                               [](const ReportEffect& effect) {
                                 return OrderedJson{{"step", effect.step},
                                                    {"service", effect.service},
                                                    {"applied", effect.applied},
                                                    {"undone", effect.undone}};
                               })},
          {"quantities", array_of(finding.quantities,
                                  [](const Quantity& quantity) {
                                    return OrderedJson{{"name", quantity.name},
                                                       {"rule", name_of(quantity.rule)},
                                                       {"at_start", std::to_string(quantity.at_start)},
                                                       {"at_end", std::to_string(quantity.at_end)}};
                                  })},
          {"trace", array_of(finding.trace, event_json)}};
}

OrderedJson exclusion_json(const ReportExclusion& each) {
  return {{"cell", each.exclusion.cells},
          {"reason", each.exclusion.reason},
          {"owner", each.exclusion.owner},
          {"expires", each.exclusion.expires},
          {"expired", each.expired},
          {"cells", each.cells},
          {"fired", each.fired}};
}

OrderedJson saga_json(const SagaReport& saga) {
  const auto cell = [&saga](const ReportCell& each) { return cell_json(each, saga); };
  OrderedJson json{
      {"id", saga.id},
      {"name", saga.definition.name},
      {"definition_hash", hash_text(saga.definition_hash)},
      {"version", saga.version},
      {"coordinator", saga.coordinator},
      {"participant", saga.participant},
      {"scope", saga.scope},
      {"source", saga.source},
      {"verdict", verdict_word(exit_code_of(saga))},
      {"claims", saga.claims},
      {"searches", array_of(saga.searches, search_json)},
      {"has_single_runs", saga.has_single_runs},
      {"runs", count(saga.runs)},
      {"violated_runs", count(saga.violated_runs)},
      {"outcomes", outcomes_json(saga.outcomes)},
      {"levels", array_of(saga.levels,
                          [](const ReportLevel& level) {
                            return OrderedJson{{"faults", level.faults}, {"runs", count(level.runs)}};
                          })},
      {"coverage", counts_json(saga.counts)},
      {"invariants", array_of(saga.invariants, invariant_json)},
      {"compensations",
       array_of(saga.compensations,
                [&saga](const CompensationCount& counts) { return compensation_json(counts, saga); })},
      {"exclusions", array_of(saga.exclusions, exclusion_json)},
      {"findings", array_of(saga.findings,
                            [&saga](const ReportFinding& finding) { return finding_json(finding, saga); })},
      {"undeclared", array_of(saga.undeclared, cell)},
      {"cells", array_of(saga.cells, cell)},
      {"definition", OrderedJson::parse(to_json(saga.definition))}};
  if (!saga.target.empty()) json["target"] = saga.target;
  if (saga.stale_runs > 0) {
    json["stale_runs"] = count(saga.stale_runs);
    json["stale_plan"] = saga.stale_plan;
  }
  return json;
}

OrderedJson contradiction_json(const Contradiction& each) {
  OrderedJson json{{"saga", each.saga},
                   {"run", each.run},
                   {"plan", each.plan},
                   {"outcomes", array_of(each.outcomes, [](Outcome outcome) { return name_of(outcome); })}};
  if (!each.difference.empty()) json["difference"] = each.difference;
  return json;
}

OrderedJson study_json(const Study& study) {
  OrderedJson json{{"id", study.id},
                   {"study", name_of(study.kind)},
                   {"name", study.name},
                   {"version", study.version},
                   {"source", study.source},
                   {"command", study.command},
                   {"verdict", verdict_word(exit_code_of(study))}};
  reports::add_lacks(study.verdict, json);
  json["subjects"] = study.subjects;
  json["bounds"] = study.bounds;
  json["complete"] = study.complete;
  json["schedules"] = count(study.schedules);
  json["violated_schedules"] = count(study.violated_schedules);
  json["missed"] = study.missed;
  json["facts"] = array_of(study.facts, [](const auto& fact) {
    return OrderedJson{{"name", fact.first}, {"value", fact.second}};
  });
  json["findings"] = array_of(study.findings, [](const StudyFinding& finding) {
    return OrderedJson{{"rule", finding.rule},
                       {"subject", finding.subject},
                       {"explanation", finding.explanation},
                       {"plan", finding.plan},
                       {"schedules", count(finding.schedules)},
                       {"command", finding.command},
                       {"story", finding.story}};
  });
  return json;
}

/// Objects and arrays of objects a key or an element per line, to so many levels; the rest on one line.
void append(std::string& text, const OrderedJson& value, std::size_t indent, int levels) {
  const bool opens =
      levels > 0 && !value.empty() && (value.is_object() || (value.is_array() && value.front().is_object()));
  if (!opens) {
    text += reports::on_one_line(value);
    return;
  }
  text += value.is_object() ? '{' : '[';
  std::string_view comma;
  for (const auto& [key, element] : value.items()) {
    text.append(comma).append("\n").append(indent + 2, ' ');
    if (value.is_object()) text += reports::on_one_line(key) + ": ";
    append(text, element, indent + 2, levels - 1);
    comma = ",";
  }
  text.append("\n").append(indent, ' ') += value.is_object() ? '}' : ']';
}

}  // namespace

std::string report_json(const Report& report, const Volatile& moment) {
  OrderedJson document{{"format", reports::kReportFormat},
                       {"verdict", verdict_word(exit_code_of(report))},
                       {"runs", count(report.runs)},
                       {"violated_runs", count(report.violated_runs)},
                       {"findings", count(report.findings)},
                       {"coverage", counts_json(report.counts)},
                       {"incomplete", report.incomplete},
                       {"contradictions", array_of(report.contradictions, contradiction_json)},
                       {"sagas", array_of(report.sagas, saga_json)}};
  if (!report.errors.empty()) document["errors"] = report.errors;
  if (!report.studies.empty()) document["studies"] = array_of(report.studies, study_json);
  OrderedJson& here = document["volatile"] = OrderedJson::object();
  if (!moment.written_at.empty()) here["written_at"] = moment.written_at;
  if (!moment.host.empty()) here["host"] = moment.host;
  if (!moment.today.empty()) here["today"] = moment.today;
  std::string text;
  constexpr int kLevels = 4;  // the document, its sagas, each of them, what it consists of
  append(text, document, 0, kLevels);
  return text + '\n';
}

}  // namespace saga_harness
