#include "json/json_text.hpp"

#include <saga_harness/search_reports.hpp>

#include "json/explore_head.hpp"

namespace saga_harness {

namespace {

using reports::OrderedJson;

OrderedJson row_json(const GuaranteeDependency& row) {
  OrderedJson result = {{"step", row.step},
                        {"guarantee", name_of(row.guarantee)},
                        {"need", name_of(row.need)},
                        {"why", row.why},
                        {"participant", row.participant},
                        {"schedules", std::to_string(row.schedules)},
                        {"exhausted", row.exhausted}};
  if (row.need != Need::kNeeded) return result;
  const Finding& finding = row.finding;
  result["rule"] = id_of(finding.rule);
  result["name"] = name_of(finding);
  result["explanation"] = finding.explanation;
  result["plan"] = to_string(finding.plan);
  result["faults"] = OrderedJson::parse(to_json(finding.plan));
  result["token"] = finding.token;
  result["outcome"] = name_of(row.without);
  result["outcome_with_guarantee"] = name_of(row.with);
  return result;
}

std::string_view verdict_word(const GuaranteeDependencies& dependencies) {
  if (!dependencies.upheld) return "violated";
  return exit_code_of(dependencies) == ExitCode::kUpheld ? "determined" : "inconclusive";
}

}  // namespace

std::string require_json(const Experiment& reference, const ExploreOptions& options,
                         const GuaranteeDependencies& dependencies) {
  OrderedJson document = reports::head_json("saga_harness.dependencies/1", reference, options);
  document["verdict"] = verdict_word(dependencies);
  document["reference"] = {{"schedules", std::to_string(dependencies.schedules)},
                           {"exhausted", dependencies.exhausted},
                           {"upheld", dependencies.upheld}};
  document["needed"] = dependencies.count(Need::kNeeded);
  document["guarantees"] = OrderedJson::array();
  for (const GuaranteeDependency& row : dependencies.rows) document["guarantees"].push_back(row_json(row));
  return reports::as_document(document);
}

}  // namespace saga_harness
