// A fault plan, as one line and as JSON.

#include <saga_harness/fault.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness/saga_index.hpp>

#include "fuzz.hpp"
#include "shop.hpp"

namespace saga_harness::fuzz {
namespace {

const SagaIndex& shop() {
  static const SagaIndex kIndex(shop_saga());
  return kIndex;
}

void check_resolved(const FaultPlan& plan) {
  const auto resolved = accepted([&] { return resolve(plan, shop()); });
  if (!resolved) return;
  require(resolved->size() == plan.size(), "resolving loses no fault");
  require(resolve(*resolved, shop()) == *resolved, "what is resolved stays as it is");
  require(parse_plan(to_string(*resolved)) == *resolved, "what is resolved is read back from one line");
  for (const Fault& fault : resolved->faults) {
    const Fault back = fault_at(point_of(fault, shop()), {fault.kind, fault.window}, shop());
    require(back == fault, "a fault is found again at its point");
  }
}

}  // namespace

void try_input(std::string_view input) {
  if (const auto plan = accepted([&] { return parse_plan(input); })) {
    require(parse_plan(to_string(*plan)) == *plan, "a plan is read back from one line");
    static_cast<void>(parse_plan_json(to_json(*plan), "again.json"));
    check_resolved(*plan);
  }
  if (const auto plan = accepted([&] { return parse_plan_json(input, "fuzz.json"); })) {
    const std::string json = to_json(*plan);
    require(parse_plan_json(json, "again.json") == *plan, "a plan is read back equal from JSON");
    require(to_json(parse_plan_json(json, "again.json")) == json, "and printed alike");
    check_resolved(*plan);
  }
}

}  // namespace saga_harness::fuzz
