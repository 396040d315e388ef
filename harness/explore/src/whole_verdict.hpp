#pragma once

#include <saga_harness/exploration.hpp>

namespace saga_harness {

/// What `found` is worth, of a search that was to stop at its first violation and met none: it was a whole
/// one. What its known findings have to say stays.
[[nodiscard]] SearchVerdict verdict_of_whole(const Experiment& experiment, const ExploreOptions& options,
                                             const Exploration& found);

}  // namespace saga_harness
