#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include <saga_harness/experiment.hpp>

namespace saga_harness {

/// Simpler legal plans, the simplest first: each fault left out; then for each fault a shorter window, an
/// earlier kind of the catalogue (the order of FaultKind) with the same window, an earlier attempt. No two
/// faults at one point, none inside the window of another. Following them always comes to an end, at the
/// empty plan. `plan` must be canonical: see resolve().
[[nodiscard]] std::vector<FaultPlan> simpler_plans(const FaultPlan& plan, const SagaIndex& saga);

/// Can two faults not both strike: at one point, or one inside the window of the other?
[[nodiscard]] bool collide(const Fault& a, const Fault& b);

/// Simpler valid definitions, the simplest first: one step fewer (who waited for it waits for what it waited
/// for), then one peculiarity fewer. Following them always comes to an end. None of a choreography.
[[nodiscard]] std::vector<Saga> simpler_sagas(const Saga& saga);

/// Smaller contexts, the smallest first: one member fewer, at whatever depth, or a plainer value (`""`, 0,
/// false). Following them always comes to an end, at `{}`.
[[nodiscard]] std::vector<Context> simpler_contexts(const Context& context);

/// A plan of which every part is needed.
struct ShrunkPlan {
  FaultPlan plan = {};
  std::string step = {};  ///< the culprit: that of the plan it was made from
  Outcome outcome = Outcome::kUnresolved;
  std::string cause = {};  ///< see Finding::cause
  std::string explanation = {};
  std::uint64_t runs = 0;  ///< what it took
};
void PrintTo(const ShrunkPlan& value, std::ostream* out);

/// Follows simpler_plans() for as long as the same rule is violated at the same step; faults that do not
/// strike are left out. Leaving out any fault of the result loses the violation. `kinds`: those that a
/// simpler plan may have; empty: all.
/// @throws Error if `plan` does not violate `rule`.
[[nodiscard]] ShrunkPlan shrink(const Experiment& experiment, const FaultPlan& plan, Rule rule,
                                const std::vector<FaultKind>& kinds = {});

/// … and a subject of which every part is needed.
struct ShrunkSaga {
  Experiment experiment = {};
  ShrunkPlan plan = {};
};
void PrintTo(const ShrunkSaga& value, std::ostream* out);

/// Makes definition and context smaller as well. Meant for coordinators that go by the definition: one that
/// asks for steps of its own keeps those.
/// @throws Error if `plan` does not violate `rule`.
[[nodiscard]] ShrunkSaga shrink_saga(const Experiment& experiment, const FaultPlan& plan, Rule rule);

}  // namespace saga_harness
