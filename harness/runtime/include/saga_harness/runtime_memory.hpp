#pragma once

#include <memory_resource>

#include <saga_harness/runtime.hpp>

namespace saga_harness {

/// Memory that is reclaimed as a whole when the run is over, for a coordinator that must not allocate anew in
/// every run: `std::pmr::vector<Pending> pending(RuntimeMemory::of(runtime))`.
struct RuntimeMemory {
  [[nodiscard]] static std::pmr::memory_resource* of(Runtime& runtime) noexcept;
};

}  // namespace saga_harness
