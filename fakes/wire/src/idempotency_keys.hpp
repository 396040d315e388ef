#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "run_trace.hpp"

namespace saga_harness::wire {

/// What is known of the idempotency keys of a run. A key is of one operation: the same text at another
/// operation is another key.
class IdempotencyKeys {
 public:
  explicit IdempotencyKeys(std::size_t operations) : numbers_(operations) {}

  /// From 1; 0 for no text. A saga that is never reset and never sends the same key again would fill the
  /// memory: when there is no more room, all earlier keys are forgotten.
  std::uint32_t number_of(std::size_t operation, const std::string& text);
  /// Were keys forgotten since this was last asked?
  [[nodiscard]] bool has_forgotten() noexcept { return std::exchange(has_forgotten_, false); }

  enum class Claim : std::uint8_t { kGranted, kOtherBody, kInTheWorks };
  /// A key stands for one request: with another body it is refused, and so it is while the first is in the
  /// works.
  Claim claim(std::uint32_t key, std::string_view body, std::uint32_t call);
  void release(std::uint32_t key) { states_[key].claimed_by = 0; }
  [[nodiscard]] std::size_t kept_bytes() const noexcept { return text_bytes_; }

 private:
  void forget();

  struct State {
    std::size_t body_hash = 0;
    std::uint32_t claimed_by = 0;  // a call that is being worked on; 0: none
  };

  std::vector<TextNumbers> numbers_;  // by operation
  std::size_t count_ = 0;
  std::size_t text_bytes_ = 0;
  bool has_forgotten_ = false;
  std::unordered_map<std::uint32_t, State> states_;
};

}  // namespace saga_harness::wire
