// A token, as it is given, and sealed with the checksum that its contents ought to have: a fuzzer does not
// guess checksums, and what lies behind them wants to be reached.

#include <cstdint>
#include <string>

#include <saga_harness/token.hpp>

#include "fuzz.hpp"

namespace saga_harness::fuzz {
namespace {

std::string sealed(std::string_view body) {
  std::uint32_t checksum = 2166136261U;
  for (const char c : body) checksum = (checksum ^ static_cast<unsigned char>(c)) * 16777619U;
  constexpr std::string_view kHexadecimal = "0123456789abcdef";
  std::string bytes;
  for (int shift = 28; shift >= 0; shift -= 4) bytes += kHexadecimal[checksum >> shift & 15U];
  bytes.append("\n").append(body);

  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text = "sh1-";
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    std::size_t value = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      const unsigned byte = i / 8 < bytes.size() ? static_cast<unsigned char>(bytes[i / 8]) : 0;
      value = value << 1U | (byte >> (7 - i % 8) & 1U);
    }
    text += kAlphabet[value];
  }
  return text;
}

void check(std::string_view text) {
  const auto token = accepted([&] { return parse_token(text); });
  if (!token) return;
  const std::string printed = to_string(*token);
  const Token again = parse_token(printed);
  require(again == *token, "a token is read back equal");
  require(to_string(again) == printed, "and printed alike");
}

}  // namespace

void try_input(std::string_view input) {
  check(input);
  check(sealed(input));
}

}  // namespace saga_harness::fuzz
