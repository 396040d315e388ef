#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <saga_harness/saga_index.hpp>

#include "next_level.hpp"

namespace saga_harness::blackbox {

/// In what order to run the plans of one level so that a bug is met soon, by their places in it: single
/// faults as likely_faults() has them; all others drawn, each set of kinds of fault equally likely. Same
/// level, same order.
[[nodiscard]] std::vector<std::size_t> likely_order(std::span<const Node> level, const SagaIndex& saga);

}  // namespace saga_harness::blackbox
