#include "records/record_header.hpp"

#include <string_view>
#include <vector>

#include <saga_harness/masks.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/identity.hpp>

#include "records/hash.hpp"
#include "records/record_format.hpp"

namespace saga_harness {

namespace {

std::vector<std::string_view> claims_of(const Experiment& experiment) {
  std::vector<std::string_view> names;
  for (const ClaimRow& row : kClaimCatalogue) {
    if (experiment.claims.*row.flag) names.push_back(row.name);
  }
  return names;
}

}  // namespace

std::uint64_t subject_id(const Experiment& experiment, const RecordOrigin& origin) {
  reports::Hash hash;
  hash.add(fingerprint_of(experiment)).add("rules").add(std::uint64_t{kRuleCount});
  if (!experiment.target.empty()) hash.add("target").add(experiment.target);
  return hash.add(origin.scope).value();
}

namespace reports {

OrderedJson subject_header(const Experiment& experiment, const RecordOrigin& origin, std::uint64_t subject) {
  const SagaIndex& saga = *experiment.setup.saga;
  OrderedJson header{{"format", kRecordsFormat},
                     {"version", kHarnessVersion},
                     {"saga", OrderedJson::parse(to_json(Masks::shown(saga.saga())))},
                     {"definition_hash", hash_text(saga.hash())},
                     {"subject", hash_text(subject)},
                     {"coordinator", experiment.coordinator_name},
                     {"participant", experiment.participant_name},
                     {"by", origin.tests ? "tests" : "command"},
                     {"scope", origin.scope},
                     {"source", experiment.source},
                     {"target", experiment.target},
                     {"claims", claims_of(experiment)},
                     {"rules", OrderedJson::array()}};
  for (const RuleRow& row : kRuleCatalogue) header["rules"].push_back(row.id);
  header["invariants"] = OrderedJson::array();
  for (const Invariant& own : experiment.invariants) header["invariants"].push_back(own.name);
  header["switched_off"] = OrderedJson::array();
  for (const SwitchedOff& off : experiment.switched_off) {
    header["switched_off"].push_back(
        {{"rule", id_of(off.rule)},
         {"name", off.invariant.empty() ? std::string(name_of(off.rule)) : off.invariant},
         {"reason", off.reason}});
  }
  header["exclusions"] = OrderedJson::array();
  for (const Exclusion& exclusion : experiment.exclusions) {
    header["exclusions"].push_back({{"cell", exclusion.cells},
                                    {"reason", exclusion.reason},
                                    {"owner", exclusion.owner},
                                    {"expires", exclusion.expires}});
  }
  return header;
}

}  // namespace reports

}  // namespace saga_harness
