#include <saga_harness_internal/deadline.hpp>

#include <chrono>
#include <limits>

namespace saga_harness {
namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Deadline::Deadline(Duration limit) {
  if (limit <= Duration::zero()) return;
  // What the clock cannot count to never comes.
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() - now();
  if (limit < std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(most)))
    at_ = now() + std::chrono::duration_cast<std::chrono::nanoseconds>(limit).count();
}

bool Deadline::passed() const { return at_ != 0 && now() >= at_; }

}  // namespace saga_harness
