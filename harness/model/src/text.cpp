#include <saga_harness_internal/one_line.hpp>
#include <saga_harness_internal/text.hpp>

#include <array>
#include <cstddef>

#include <fmt/format.h>
#include <utf8proc.h>

#include <saga_harness/saga_index.hpp>

namespace saga_harness::internal {
namespace {

constexpr std::size_t kFewNames = 20;

unsigned byte_at(std::string_view text, std::size_t place) { return static_cast<unsigned char>(text[place]); }

bool continues(std::string_view text, std::size_t count) {
  if (text.size() < count) return false;
  for (std::size_t place = 1; place < count; ++place) {
    if ((byte_at(text, place) & 0xC0U) != 0x80U) return false;
  }
  return true;
}

bool is_control(std::string_view sequence) {
  const unsigned first = byte_at(sequence, 0);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7F;
  return sequence.size() == 2 && first == 0xC2 && byte_at(sequence, 1) < 0xA0;
}

void append_hex(std::string& out, unsigned byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\x";
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 0xFU];
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (!continues(text, length)) return 0;
  const unsigned second = byte_at(text, 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  const bool too_large = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

char32_t code_point(std::string_view sequence) {
  constexpr std::array<unsigned, 5> kBitsOfFirst{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t value = byte_at(sequence, 0) & kBitsOfFirst.at(sequence.size());
  for (std::size_t place = 1; place < sequence.size(); ++place)
    value = value << 6U | (byte_at(sequence, place) & 0x3FU);
  return value;
}

bool acts_on_others(char32_t character) {
  if (character >= 0x20 && character < 0x7F) return false;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return (character & 0xFFFEU) == 0xFFFE || (character >= 0xFDD0 && character <= 0xFDEF);
  }
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const bool is_one_column = length <= 1;
    width += is_one_column ? 1U
                           : static_cast<std::size_t>(utf8proc_charwidth(
                                 static_cast<utf8proc_int32_t>(code_point(text.substr(0, length)))));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return width;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_one_line(std::string_view text, std::size_t longest) {
  if (text.size() > longest) return false;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(text.substr(0, length))) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= limit) return out + "...";
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      append_hex(out, byte_at(text, 0));
      text.remove_prefix(1);
      continue;
    }
    if (is_control(text.substr(0, length))) {
      for (std::size_t place = 0; place < length; ++place) append_hex(out, byte_at(text, place));
    } else if (length > 1 && acts_on_others(code_point(text.substr(0, length)))) {
      out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(code_point(text.substr(0, length))));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string in_quotes(std::string_view text) { return '"' + printable(text) + '"'; }

std::string listed(std::span<const std::string_view> names, std::string_view last_word) {
  std::string out;
  for (std::size_t place = 0; place < names.size(); ++place) {
    if (place > 0) out += place + 1 == names.size() ? " " + std::string(last_word) + " " : std::string(", ");
    out += printable(names[place]);
  }
  return out;
}

std::string name_fix(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string_view nearest = nearest_name(name, candidates);
  if (!nearest.empty()) return "did you mean " + in_quotes(nearest) + "?";
  if (candidates.empty() || candidates.size() > kFewNames) return "";
  return "expected " + listed(candidates);
}

std::string name_fix(std::string_view name, std::span<const std::string_view> candidates,
                     std::string_view or_else) {
  const std::string fix = name_fix(name, candidates);
  return fix.empty() ? std::string(or_else) : fix + "; " + std::string(or_else);
}

std::string suggestion(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string fix = name_fix(name, candidates);
  return fix.empty() ? "" : "; " + fix;
}

}  // namespace saga_harness::internal
