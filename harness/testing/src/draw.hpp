#pragma once

#include <cstddef>
#include <cstdint>

#include <saga_harness/random_plans.hpp>

namespace saga_harness::internal {

/// A number below `bound`, which must not be 0. The same everywhere, which std distributions do not promise.
/// The bias of the remainder is of no account for such small bounds.
[[nodiscard]] inline std::size_t below(std::uint64_t bound, const RandomBits& next) {
  return static_cast<std::size_t>(next() % bound);
}

/// True once in `times`.
[[nodiscard]] inline bool one_in(std::uint64_t times, const RandomBits& next) {
  return below(times, next) == 0;
}

}  // namespace saga_harness::internal
