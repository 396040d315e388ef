#include <algorithm>

#include <saga_harness/search_reports.hpp>

#include "json/json_text.hpp"
#include "json/verdict_json.hpp"

namespace saga_harness {

namespace {

using reports::OrderedJson;

OrderedJson mutant_json(const MutantScore& mutant, const Score& score) {
  OrderedJson result = {
      {"name", mutant.name},
      {"group", mutant.group},
      {"bug", mutant.bug},
      {"status", name_of(mutant.status)},
      {"activated", mutant.activated},
      {"predicted", mutant.predicted ? OrderedJson(id_of(*mutant.predicted)) : OrderedJson(nullptr)},
      {"explanation", mutant.explanation},
      {"schedules", std::to_string(mutant.schedules)},
      {"exhausted", mutant.exhausted}};
  if (mutant.status != MutantStatus::kKilled && mutant.status != MutantStatus::kKilledByAnotherRule)
    return result;
  const Finding& finding = mutant.finding;
  result["rule"] = id_of(finding.rule);
  result["rule_name"] = name_of(finding);
  result["faults"] = finding.plan.size();
  result["plan"] = mutant.plan;
  result["token"] = finding.token;
  result["violation"] = finding.explanation;
  if (!mutant.seen_first_by.empty()) {
    result["seen_first_by"] = mutant.seen_first_by;
    result["seen_first_after"] = std::to_string(mutant.seen_first_after);
  }
  if (score.has_swarm) {
    result["swarm_median"] =
        mutant.swarm_median ? OrderedJson(std::to_string(*mutant.swarm_median)) : OrderedJson(nullptr);
    result["swarm_found"] = mutant.swarm_found;
  }
  return result;
}

}  // namespace

std::string score_json(const ScoreOptions& options, const Score& score) {
  OrderedJson document = {{"format", "saga_harness.score/1"},
                          {"max_faults", score.max_faults},
                          {"as_far_as_predicted", options.as_far_as_predicted},
                          {"windows", options.explore.windows},
                          {"listed", score.listed()},
                          {"killed", score.killed()},
                          {"killed_as_predicted", score.count(MutantStatus::kKilled)},
                          {"survived", score.count(MutantStatus::kSurvived)},
                          {"not_activated", score.count(MutantStatus::kNotActivated)},
                          {"equivalent", score.count(MutantStatus::kEquivalent)},
                          {"reference_violated", score.count(MutantStatus::kReferenceViolated)}};
  const ExitCode code = exit_code_of(score);
  document["verdict"] = code == ExitCode::kCoverageMissed ? name_of(code) : word_of(score.verdict);
  reports::add_lacks(score.verdict, document);
  document["swarm_seeds"] = score.has_swarm ? OrderedJson(options.swarm_seeds) : OrderedJson(nullptr);
  document["references"] = OrderedJson::array();
  for (const ReferenceScore& reference : score.references) {
    document["references"].push_back({{"saga", reference.saga},
                                      {"coordinator", reference.coordinator},
                                      {"participant", reference.participant},
                                      {"max_faults", reference.max_faults},
                                      {"schedules", std::to_string(reference.schedules)},
                                      {"exhausted", reference.exhausted},
                                      {"upheld", reference.upheld}});
  }
  document["mutants"] = OrderedJson::array();
  for (const MutantScore& mutant : score.mutants) document["mutants"].push_back(mutant_json(mutant, score));
  if (!score.has_ablation) return reports::as_document(document);
  document["ablation"] = OrderedJson::array();
  for (const AblationRow& row : score.ablation) {
    document["ablation"].push_back({{"faults", row.name},
                                    {"only", row.only ? OrderedJson(*row.only) : OrderedJson(nullptr)},
                                    {"without", row.without},
                                    {"lost", row.lost}});
  }
  document["killed_at_the_end_alone"] = score.killed() - score.missed_at_the_end.size();
  document["missed_at_the_end"] = score.missed_at_the_end;
  return reports::as_document(document);
}

}  // namespace saga_harness
