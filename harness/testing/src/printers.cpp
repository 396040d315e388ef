#include <saga_harness/printers.hpp>

namespace saga_harness {

void showValue(const FaultPlan& plan, std::ostream& out) { PrintTo(plan, &out); }
void showValue(const Saga& saga, std::ostream& out) { PrintTo(saga, &out); }

}  // namespace saga_harness
