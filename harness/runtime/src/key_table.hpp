#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace saga_harness {

/// The usual idempotency keys of one saga's operations, as numbers of texts; each is made once.
class KeyTable {
 public:
  explicit KeyTable(std::size_t places) : keys_(places) {}

  /// To be filled in if it is 0.
  [[nodiscard]] std::uint32_t& of(std::uint32_t saga, std::size_t place) {
    if (saga != saga_) [[unlikely]] {
      std::ranges::fill(keys_, 0U);
      saga_ = saga;
    }
    return keys_[place];
  }

 private:
  std::vector<std::uint32_t> keys_;
  std::uint32_t saga_ = 0;  // whose they are
};

}  // namespace saga_harness
