// Comparisons of the values that hold texts and lists: compiled once, here, and not in every file that
// includes them.

#include <saga_harness/run.hpp>

namespace saga_harness {

bool operator==(const Json&, const Json&) = default;
bool operator==(const Context&, const Context&) = default;
bool operator==(const Condition&, const Condition&) = default;
bool operator==(const Emits&, const Emits&) = default;
bool operator==(const Step&, const Step&) = default;
bool operator==(const Choreography&, const Choreography&) = default;
bool operator==(const Saga&, const Saga&) = default;
bool operator==(const Fault&, const Fault&) = default;
bool operator==(const FaultPlan&, const FaultPlan&) = default;
bool operator==(const Trace&, const Trace&) = default;
bool operator==(const Quantity&, const Quantity&) = default;
bool operator==(const Ledger&, const Ledger&) = default;
bool operator==(const Verdict&, const Verdict&) = default;
bool operator==(const Run&, const Run&) = default;

}  // namespace saga_harness
