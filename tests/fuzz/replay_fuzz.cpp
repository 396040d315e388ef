// A plan run on the reference: it is judged, upholds the invariants up to the number of faults that searches
// have exhausted, and is replayed by its token.

#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/token.hpp>

#include "fuzz.hpp"
#include "shop.hpp"

namespace saga_harness::fuzz {
namespace {

constexpr std::size_t kMostFaults = 8;
constexpr std::size_t kExhausted = 3;

const Experiment& shop() {
  static const Experiment kSubject = experiment(Scenario{.saga = shop_saga()});
  return kSubject;
}

}  // namespace

void try_input(std::string_view input) {
  const auto plan = accepted([&] { return parse_plan(input); });
  if (!plan || plan->size() > kMostFaults) return;
  const auto run = accepted([&] { return run_plan(shop(), *plan); });
  if (!run) return;
  require(run->fired.size() + run->unfired.size() == plan->size(), "every fault struck or did not");
  require(run->upholds_all_invariants() || run->fired.size() > kExhausted,
          "the reference upholds the invariants");
  const Token token = parse_token(run->token);
  const FaultPlan plan_of_token = token.plan(*shop().setup.saga);
  require(plan_of_token == run->plan, "the token holds the plan");
  require(run_plan(shop(), plan_of_token) == *run, "the token replays the run");
}

}  // namespace saga_harness::fuzz
