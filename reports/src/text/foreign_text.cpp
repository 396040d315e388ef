#include "text/foreign_text.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include <saga_harness_internal/text.hpp>

#include "text/drawing.hpp"

namespace saga_harness::reports {

namespace {

std::string cleaned(std::string_view text, std::size_t limit, bool keeps_lines) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = internal::utf8_length(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (result.size() + sequence.size() > limit) {
      return result + fmt::format("... ({} bytes more)", text.size());
    }
    const char32_t c = length == 0 ? 0 : internal::code_point(sequence);
    if (length == 0) {
      result += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text.front()));
    } else if (c == '\n' && keeps_lines) {
      result += '\n';
    } else if (internal::acts_on_others(c)) {
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
    visit(internal::code_point(sequence), sequence);
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
    width += internal::display_width(sequence);
    if (width + 3 <= columns) result += sequence;
  });
  return result + "...";
}

}  // namespace saga_harness::reports
