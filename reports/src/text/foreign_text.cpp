#include "text/foreign_text.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include <saga_harness_internal/text.hpp>

#include "text/drawing.hpp"

namespace saga_harness::reports {

namespace {

char32_t decoded(std::string_view sequence) {
  const auto byte = [sequence](std::size_t at) { return static_cast<std::uint8_t>(sequence[at]); };
  switch (sequence.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
    case 3:
      return (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
    default:
      return (byte(0) & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U |
             (byte(3) & 0x3FU);
  }
}

/// Does it act on what stands around it instead of showing itself, or may XML not hold it?
bool acts(char32_t c) {
  const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool is_separator = c == 0x2028 || c == 0x2029;
  const bool turns = c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                     (c >= 0x2066 && c <= 0x2069);
  const bool is_invisible = c == 0x00AD || (c >= 0x200B && c <= 0x200D) || c == 0x2060 || c == 0xFEFF;
  const bool is_no_character = (c & 0xFFFEU) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
  return is_control || is_separator || turns || is_invisible || is_no_character;
}

std::string cleaned(std::string_view text, std::size_t limit, bool keeps_lines) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = internal::utf8_length(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (result.size() + sequence.size() > limit) {
      return result + fmt::format("... ({} bytes more)", text.size());
    }
    const char32_t c = length == 0 ? 0 : decoded(sequence);
    if (length == 0) {
      result += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text.front()));
    } else if (c == '\n' && keeps_lines) {
      result += '\n';
    } else if (acts(c)) {
      result += c < 0x80 ? fmt::format("\\x{:02x}", static_cast<std::uint32_t>(c))
                         : fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c));
    } else {
      result += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return result;
}

/// Every character of clean text, in order.
template <class Visitor>
void for_each_character(std::string_view text, Visitor visit) {
  while (!text.empty()) {
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(internal::utf8_length(text), 1));
    visit(decoded(sequence), sequence);
    text.remove_prefix(sequence.size());
  }
}

bool is_letter_or_digit(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string clean(std::string_view text, std::size_t limit) { return cleaned(text, limit, false); }
std::string clean_lines(std::string_view text, std::size_t limit) { return cleaned(text, limit, true); }

std::string xml(std::string_view text, std::size_t limit) {
  std::string result;
  for (const char c : clean_lines(text, limit)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      case '\n':
        result += "&#10;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string markdown(std::string_view text, std::size_t limit) {
  std::string result;
  for_each_character(clean(text, limit), [&result](char32_t c, std::string_view sequence) {
    const bool is_plain = is_letter_or_digit(c) || c >= 0x80 || c == ' ' || c == ',' || c == '/';
    if (is_plain) {
      result += sequence;
    } else {
      result += fmt::format("&#{};", static_cast<std::uint32_t>(c));
    }
  });
  return result;
}

std::string mermaid(std::string_view text, std::size_t limit) {
  constexpr std::string_view kPlain = " _.,()/-";
  std::string result;
  for_each_character(clean(text, limit), [&](char32_t c, std::string_view sequence) {
    if (is_letter_or_digit(c) || (c < 0x80 && kPlain.find(static_cast<char>(c)) != std::string_view::npos)) {
      result += sequence;
    } else {
      result += fmt::format("#{};", static_cast<std::uint32_t>(c));
    }
  });
  return result;
}

std::string fitted(std::string_view text, std::size_t columns) {
  const std::string whole = clean(text);
  if (width_of(whole) <= columns) return whole;
  std::string result;
  std::size_t width = 0;
  for_each_character(whole, [&](char32_t, std::string_view sequence) {
    if (width + 3 < columns) result += sequence;
    ++width;
  });
  return result + "...";
}

}  // namespace saga_harness::reports
