#pragma once

#include <string>

#include <saga_harness/explore.hpp>
#include <saga_harness/run.hpp>

namespace saga_harness::internal {

/// Why a planned fault never struck in `run`, as far as one can see.
[[nodiscard]] std::string why_unfired(const Fault& fault, const Run& run, const Experiment& experiment);

}  // namespace saga_harness::internal
