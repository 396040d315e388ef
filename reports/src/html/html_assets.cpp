#include "html/html_assets.hpp"

#include <cstdint>
#include <vector>

#include "html/asset_texts.hpp"

namespace saga_harness::reports {

namespace {

std::uint32_t value_of(char digit) {
  return static_cast<std::uint32_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

std::string base64_of(std::string_view hexadecimal) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < hexadecimal.size(); i += 6) {  // three bytes
    const std::string_view part = hexadecimal.substr(i, 6);
    std::uint32_t bits = 0;
    for (const char digit : part) bits = bits << 4U | value_of(digit);
    bits <<= 4U * (6 - static_cast<std::uint32_t>(part.size()));
    for (std::uint32_t digit = 0; digit < 4; ++digit) {
      const bool is_there = digit * 6 < part.size() * 4;
      text += is_there ? kDigits[bits >> (18U - 6U * digit) & 0x3FU] : '=';
    }
  }
  return text;
}

}  // namespace

std::string_view style_text() { return kStyleText; }
std::string_view script_text() { return kScriptText; }
std::string style_hash() { return base64_of(kStyleSha256); }
std::string script_hash() { return base64_of(kScriptSha256); }

}  // namespace saga_harness::reports
