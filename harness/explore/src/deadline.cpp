#include "deadline.hpp"

#include <chrono>

namespace saga_harness {
namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Deadline::Deadline(Duration limit)
    : at_(limit.count() == 0 ? 0
                             : now() + std::chrono::duration_cast<std::chrono::nanoseconds>(limit).count()) {}

bool Deadline::passed() const { return at_ != 0 && now() >= at_; }

}  // namespace saga_harness
