#pragma once

#include <cstdint>
#include <string_view>

namespace saga_harness::reports {

/// FNV-1a over texts, with their lengths, so that what belongs to which cannot be confused.
class Hash {
 public:
  Hash& add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    for (const char c : text) mix(static_cast<unsigned char>(c));
    return *this;
  }
  Hash& add(std::uint64_t number) {
    for (int i = 0; i < 8; ++i) mix(static_cast<unsigned char>(number >> (8 * i) & 0xFFU));
    return *this;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  void mix(unsigned char byte) { value_ = (value_ ^ byte) * 1099511628211U; }

  std::uint64_t value_ = 14695981039346656037U;
};

}  // namespace saga_harness::reports
