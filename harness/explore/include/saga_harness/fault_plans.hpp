#pragma once

#include <vector>

#include <saga_harness/claims.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness {

/// Every plan of one fault on the forward path of this saga, in the order of the catalogue, from the
/// definition alone (its own context included: a step that it rules out is not there): first attempts, single
/// faults and for-ever windows of every kind that `claims` put in scope; what strikes log and coordinator as
/// the reference orchestrator meets it.
[[nodiscard]] std::vector<FaultPlan> single_fault_plans(const SagaIndex& saga,
                                                        const Claims& claims = Claims::all());

/// For every fault of a compensation, a plan that gets there: the step's own action fails after its effect,
/// for ever, and then the fault strikes its compensation. In a choreography a later step is refused instead.
[[nodiscard]] std::vector<FaultPlan> compensation_fault_plans(const SagaIndex& saga,
                                                              const Claims& claims = Claims::all());

}  // namespace saga_harness
