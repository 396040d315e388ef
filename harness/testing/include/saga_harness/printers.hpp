#pragma once

#include <iosfwd>

#include <saga_harness/fault.hpp>
#include <saga_harness/saga.hpp>

namespace saga_harness {

/// RapidCheck's spelling of PrintTo(), which every public value has beside it: see print.hpp.
void showValue(const FaultPlan& plan, std::ostream& out);  // NOLINT(readability-identifier-naming)
void showValue(const Saga& saga, std::ostream& out);       // NOLINT(readability-identifier-naming)

}  // namespace saga_harness
