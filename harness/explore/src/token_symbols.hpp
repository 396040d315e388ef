#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saga_harness::internal {

/// The characters of a token as numbers below 64 (base64url, RFC 4648 section 5).
/// @throws Error that names the first character that is none, counted from `first`.
[[nodiscard]] std::vector<std::uint8_t> symbols_of(std::string_view characters, std::size_t first);
[[nodiscard]] std::string characters_of(const std::vector<std::uint8_t>& symbols);

/// Bits, most significant first, in symbols of six.
class SymbolWriter {
 public:
  void put(std::uint32_t value, int bits);
  /// In groups of three bits, the lowest first, each after a bit that says whether another follows.
  void put_number(std::uint32_t value);
  /// Fills the last symbol with zeros and adds five of a checksum.
  [[nodiscard]] std::vector<std::uint8_t> sealed() &&;

 private:
  std::vector<std::uint8_t> symbols_ = {};
  int free_ = 0;  // bits of the last symbol
};

class SymbolReader {
 public:
  /// @throws Error if the checksum is not that of the symbols.
  explicit SymbolReader(std::vector<std::uint8_t> symbols);

  /// @throws Error if there are not so many.
  [[nodiscard]] std::uint32_t take(int bits);
  [[nodiscard]] std::uint32_t take_number();
  /// @throws Error unless nothing is left but the zeros that fill the last symbol.
  void expect_end() const;

 private:
  std::vector<std::uint8_t> symbols_;
  std::size_t next_ = 0;  // in bits
};

}  // namespace saga_harness::internal
