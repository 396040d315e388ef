#include "text/drawing.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include <saga_harness_internal/text.hpp>

namespace saga_harness {

namespace {

std::string_view colour_of(reports::Ink ink) {
  switch (ink) {
    case reports::Ink::kPlain:
      return "";
    case reports::Ink::kGood:
      return "\x1b[32m";
    case reports::Ink::kBad:
      return "\x1b[1;31m";
    case reports::Ink::kDoubt:
      return "\x1b[33m";
    case reports::Ink::kFaint:
      return "\x1b[2m";
    case reports::Ink::kStrong:
      return "\x1b[1m";
  }
  return "";
}

}  // namespace

std::string printable(std::string_view text) {
  return internal::printable(text, std::numeric_limits<std::size_t>::max());
}

std::string hash_text(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

std::string to_string(const Listing& table, const Style& style) {
  std::vector<std::vector<reports::InkedText>> rows;
  rows.reserve(table.rows.size() + 1);
  const auto add = [&rows](const std::vector<std::string>& texts, reports::Ink ink) {
    auto& row = rows.emplace_back();
    for (const std::string& text : texts) row.push_back({printable(text), ink});
  };
  add(table.headings, reports::Ink::kFaint);
  for (const auto& row : table.rows) add(row, reports::Ink::kPlain);
  return reports::draw_rows(rows, 2, style);
}

namespace reports {

std::string inked(std::string_view text, Ink ink, const Style& style) {
  if (!style.colour || ink == Ink::kPlain || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", colour_of(ink), text);
}

std::size_t width_of(std::string_view text) { return internal::display_width(text); }

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t own = width_of(text);
  std::string result(text);
  if (own < width) result.append(width - own, ' ');
  return result;
}

std::string draw_rows(const std::vector<std::vector<InkedText>>& rows, std::size_t indent,
                      const Style& style) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  std::string result;
  for (const auto& row : rows) {
    std::string gap(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!row[i].text.empty()) {
        result += gap;
        result += inked(row[i].text, row[i].ink, style);
        gap.clear();
      }
      gap.append(widths[i] - width_of(row[i].text) + 2, ' ');
    }
    result += '\n';
  }
  return result;
}

std::string draw_list(std::string_view lead, const std::vector<std::string>& words,
                      std::string_view separator, const Style& style) {
  std::string result(lead);
  const std::size_t indent = width_of(lead);
  std::size_t column = indent;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] + (i + 1 < words.size() ? std::string(separator) : std::string());
    const std::size_t width = width_of(word);
    if (i != 0 && column + 1 + width > style.width) {
      result += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (i != 0) {
      result += ' ';
      column += 1;
    }
    result += word;
    column += width;
  }
  return result + '\n';
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end != 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string title(std::string_view text, const Style& style) {
  return '\n' + inked(text, Ink::kStrong, style) + '\n';
}

std::string indented(std::string_view text, std::size_t indent) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) result.append(indent, ' ').append(text.substr(0, end));
    result += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace reports
}  // namespace saga_harness
