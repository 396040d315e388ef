#pragma once

#include <atomic>
#include <utility>

namespace saga_harness {

/// The same within a thread, another in each.
[[nodiscard]] inline const void* this_thread() noexcept {
  // In every thread's own block: asking costs an instruction, where the usual model calls a function.
  [[gnu::tls_model("initial-exec")]] static thread_local char place;
  return &place;
}

/// A coordinator has one thread, the one it was called in. What another asks for is not done, and run() says
/// so: thrown there, it would end the process. Nor is what a participant asks for while it handles a request.
class OwningThread {
 public:
  void take() noexcept { thread_ = this_thread(); }
  [[nodiscard]] bool is_elsewhere() noexcept {
    if (this_thread() == thread_) [[likely]] {
      was_used_by_participant_ = was_used_by_participant_ || in_participant_;
      return in_participant_;
    }
    was_used_elsewhere_.store(true, std::memory_order_relaxed);
    return true;
  }
  [[nodiscard]] bool was_used_by_participant() noexcept {
    return std::exchange(was_used_by_participant_, false);
  }

  /// While a participant handles a request, nobody has the runtime.
  class LentToParticipant {
   public:
    explicit LentToParticipant(OwningThread& of) noexcept : of_(of) { of_.in_participant_ = true; }
    ~LentToParticipant() { of_.in_participant_ = false; }
    LentToParticipant(const LentToParticipant&) = delete;
    LentToParticipant& operator=(const LentToParticipant&) = delete;

   private:
    OwningThread& of_;
  };

  /// Once for each time.
  [[nodiscard]] bool was_used_elsewhere() noexcept { return was_used_elsewhere_.exchange(false); }

 private:
  const void* thread_ = nullptr;
  bool in_participant_ = false;
  bool was_used_by_participant_ = false;
  std::atomic<bool> was_used_elsewhere_ = false;
};

}  // namespace saga_harness
