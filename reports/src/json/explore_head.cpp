#include "json/explore_head.hpp"

#include <algorithm>

#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/skipped.hpp>

namespace saga_harness::reports {

namespace {

OrderedJson kinds_json(const Experiment& experiment, const ExploreOptions& options) {
  std::vector<FaultKind> kinds = kinds_in_scope(experiment, options.kinds);
  std::ranges::sort(kinds);
  OrderedJson result = OrderedJson::array();
  for (const FaultKind kind : kinds) result.push_back(name_of(kind));
  return result;
}

}  // namespace

OrderedJson head_json(std::string_view format, const Experiment& experiment, const ExploreOptions& options) {
  const SagaIndex& saga = *experiment.setup.saga;
  OrderedJson head{{"format", format},
                   {"saga", saga.saga().name},
                   {"definition_hash", hash_text(saga.hash())},
                   {"coordinator", experiment.coordinator_name},
                   {"participant", experiment.participant_name},
                   {"max_faults", options.max_faults},
                   {"kinds", kinds_json(experiment, options)},
                   {"windows", options.windows}};
  const std::vector<std::uint8_t> skipped = internal::skipped_in(saga, experiment);
  for (StepId step = 0; step < skipped.size(); ++step) {
    if (skipped[step] != 0) head["skipped"].push_back(saga.step(step).name);
  }
  for (const Context& each : experiment.setup.beside)
    head["beside"].push_back(OrderedJson::parse(each.text()));
  if (experiment.setup.earlier_sagas > 0) head["earlier_sagas"] = experiment.setup.earlier_sagas;
  if (options.swarm) {
    head["swarm"] = {{"seed", options.swarm->seed}, {"schedules", std::to_string(options.swarm->schedules)}};
  }
  if (options.shard.count > 1) {
    head["shard"] = {{"number", options.shard.index + 1}, {"of", options.shard.count}};
  }
  return head;
}

}  // namespace saga_harness::reports
