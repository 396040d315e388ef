#pragma once

#include <cstdint>

#include <saga_harness/duration.hpp>

namespace saga_harness {

/// When a search is to stop, by the clock of the machine. Nothing of what the clock says reaches a result but
/// that the search was stopped.
class Deadline {
 public:
  /// `limit` from now; zero: never.
  explicit Deadline(Duration limit);
  [[nodiscard]] bool passed() const;

 private:
  std::int64_t at_ = 0;  // nanoseconds of the steady clock; 0: never
};

}  // namespace saga_harness
