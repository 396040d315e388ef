#include "json_text.hpp"

#include <saga_harness/reports.hpp>

#include "explore_head.hpp"

namespace saga_harness {

namespace {

using reports::OrderedJson;

OrderedJson row_json(const Reliance& row) {
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

std::string_view verdict_word(const Reliances& reliances) {
  if (!reliances.upheld) return "violated";
  return exit_code_of(reliances) == ExitCode::kUpheld ? "determined" : "inconclusive";
}

}  // namespace

std::string require_json(const Experiment& reference, const ExploreOptions& options,
                         const Reliances& reliances) {
  OrderedJson document = reports::head_json("saga_harness.reliances/1", reference, options);
  document["verdict"] = verdict_word(reliances);
  document["reference"] = {{"schedules", std::to_string(reliances.schedules)},
                           {"exhausted", reliances.exhausted},
                           {"upheld", reliances.upheld}};
  document["needed"] = reliances.count(Need::kNeeded);
  document["guarantees"] = OrderedJson::array();
  for (const Reliance& row : reliances.rows) document["guarantees"].push_back(row_json(row));
  return reports::as_document(document);
}

}  // namespace saga_harness
