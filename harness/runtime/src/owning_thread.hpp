#pragma once

#include <atomic>

namespace saga_harness {

/// The same within a thread, another in each.
[[nodiscard]] inline const void* this_thread() noexcept {
  // In every thread's own block: asking costs an instruction, where the usual model calls a function.
  [[gnu::tls_model("initial-exec")]] static thread_local char place;
  return &place;
}

/// A coordinator has one thread, the one it was called in. What another asks for is not done, and run() says
/// so: thrown there, it would end the process.
class OwningThread {
 public:
  void take() noexcept { thread_ = this_thread(); }
  [[nodiscard]] bool is_elsewhere() noexcept {
    if (this_thread() == thread_) [[likely]]
      return false;
    was_used_elsewhere_.store(true, std::memory_order_relaxed);
    return true;
  }
  /// Once for each time.
  [[nodiscard]] bool was_used_elsewhere() noexcept { return was_used_elsewhere_.exchange(false); }

 private:
  const void* thread_ = nullptr;
  std::atomic<bool> was_used_elsewhere_ = false;
};

}  // namespace saga_harness
