#include <algorithm>

#include <saga_harness/saga.hpp>

namespace saga_harness {

Duration backoff(const RetryPolicy& policy, int attempt) {
  if (attempt < 2) return Duration::zero();
  const Duration cap = std::max(policy.max_delay, Duration::zero());
  const Duration first = std::clamp(policy.delay, Duration::zero(), cap);
  if (first == Duration::zero() || policy.factor <= 1.0) return first;
  // Multiplied out, not pow(): that one may differ in the last digit between libraries.
  const auto limit = static_cast<double>(cap.count());
  auto wait = static_cast<double>(first.count());
  for (int factors = attempt - 2; factors > 0; --factors) {
    wait *= policy.factor;
    if (!(wait < limit)) return cap;
  }
  return Duration(static_cast<Duration::rep>(wait));
}

}  // namespace saga_harness
