#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "../support/sanitizers.hpp"

// Counts every allocation of the process: glibc lets a program put its own malloc before the library's.
// Include it in one source of a benchmark only. Under a sanitizer, which does the same, nothing is counted.

#if SAGA_HARNESS_UNDER_ADDRESS_SANITIZER || SAGA_HARNESS_UNDER_THREAD_SANITIZER
namespace counting {
inline std::uint64_t allocations() { return 0; }
}  // namespace counting
#else
namespace counting {
inline std::atomic<std::uint64_t> allocation_count{0};
inline std::uint64_t allocations() { return allocation_count.load(std::memory_order_relaxed); }
}  // namespace counting

extern "C" {
void* __libc_malloc(std::size_t size);  // NOLINT(bugprone-reserved-identifier): glibc's name
void* malloc(std::size_t size) noexcept {
  counting::allocation_count.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
}
#endif
