#include "token_symbols.hpp"

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness::internal {
namespace {

constexpr std::string_view kSymbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int kSymbolBits = 6;
constexpr std::size_t kCheckSymbols = 5;
constexpr int kCheckBits = 30;

// A cyclic code over a primitive polynomial: one wrong symbol is a burst of six bits, two swapped ones are
// the same burst twice, and neither is ever a multiple of it in a token shorter than a hundred million
// characters.
constexpr std::uint32_t kPolynomial = 0x49E667F3U;
constexpr std::uint32_t kCheckMask = (1U << kCheckBits) - 1;
constexpr std::uint32_t kCheckStart = 0x1F2E3D4CU;

[[noreturn]] void refuse_damaged() {
  throw Error(
      ErrorText{.message = "this token is damaged: its checksum is wrong", .fix = "copy the whole token"});
}

std::uint32_t check_of(const std::uint8_t* symbols, std::size_t count) {
  std::uint32_t remainder = kCheckStart;
  for (std::size_t i = 0; i < count; ++i) {
    remainder ^= static_cast<std::uint32_t>(symbols[i]) << (kCheckBits - kSymbolBits);
    for (int bit = 0; bit < kSymbolBits; ++bit) {
      remainder <<= 1U;
      if ((remainder >> kCheckBits & 1U) != 0) remainder ^= kPolynomial;
    }
  }
  return remainder & kCheckMask;
}

}  // namespace

std::vector<std::uint8_t> symbols_of(std::string_view characters, std::size_t first) {
  std::vector<std::uint8_t> symbols;
  symbols.reserve(characters.size());
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const std::size_t value = kSymbols.find(characters[i]);
    if (value == std::string_view::npos) {
      throw Error(ErrorText{
          .message = fmt::format("not a token: character {} is not one of A-Z a-z 0-9 - _", first + i),
          .fix = "copy the whole token"});
    }
    symbols.push_back(static_cast<std::uint8_t>(value));
  }
  return symbols;
}

std::string characters_of(const std::vector<std::uint8_t>& symbols) {
  std::string characters;
  for (const std::uint8_t symbol : symbols) characters += kSymbols[symbol];
  return characters;
}

void SymbolWriter::put(std::uint32_t value, int bits) {
  for (int bit = bits - 1; bit >= 0; --bit) {
    if (free_ == 0) {
      symbols_.push_back(0);
      free_ = kSymbolBits;
    }
    --free_;
    symbols_.back() = static_cast<std::uint8_t>(symbols_.back() | (value >> bit & 1U) << free_);
  }
}

void SymbolWriter::put_number(std::uint32_t value) {
  do {
    put(value > 7 ? 1 : 0, 1);
    put(value & 7U, 3);
    value >>= 3U;
  } while (value > 0);
}

std::vector<std::uint8_t> SymbolWriter::sealed() && {
  free_ = 0;
  put(check_of(symbols_.data(), symbols_.size()), kCheckBits);
  return std::move(symbols_);
}

SymbolReader::SymbolReader(std::vector<std::uint8_t> symbols) : symbols_(std::move(symbols)) {
  if (symbols_.size() <= kCheckSymbols)
    throw Error(ErrorText{.message = "not a token: it is too short", .fix = "copy the whole token"});
  const std::size_t count = symbols_.size() - kCheckSymbols;
  const std::uint32_t expected = check_of(symbols_.data(), count);
  next_ = count * kSymbolBits;
  if (take(kCheckBits) != expected) refuse_damaged();
  symbols_.resize(count);
  next_ = 0;
}

std::uint32_t SymbolReader::take(int bits) {
  std::uint32_t value = 0;
  for (int bit = 0; bit < bits; ++bit, ++next_) {
    const std::size_t place = next_ / kSymbolBits;
    if (place >= symbols_.size()) refuse_damaged();
    const auto shift = static_cast<unsigned>(kSymbolBits - 1 - static_cast<int>(next_ % kSymbolBits));
    value = value << 1U | (symbols_[place] >> shift & 1U);
  }
  return value;
}

std::uint32_t SymbolReader::take_number() {
  constexpr int kMostBits = 30;
  std::uint32_t value = 0;
  for (int shift = 0;; shift += 3) {
    if (shift >= kMostBits) refuse_damaged();
    const bool more = take(1) != 0;
    value |= take(3) << static_cast<unsigned>(shift);
    if (!more) return value;
  }
}

void SymbolReader::expect_end() const {
  SymbolReader rest = *this;
  const std::size_t left = symbols_.size() * kSymbolBits - next_;
  if (left >= kSymbolBits || rest.take(static_cast<int>(left)) != 0) refuse_damaged();
}

}  // namespace saga_harness::internal
