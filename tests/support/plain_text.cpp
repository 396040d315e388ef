#include "support/plain_text.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace saga_harness::support {
namespace {

constexpr std::array<std::pair<std::string_view, char>, 8> kEscapes{{{"&lt;", '<'},
                                                                     {"&gt;", '>'},
                                                                     {"&amp;", '&'},
                                                                     {"&quot;", '"'},
                                                                     {"%25", '%'},
                                                                     {"%0A", '\n'},
                                                                     {"%3A", ':'},
                                                                     {"%2C", ','}}};

/// The character that `text` begins with, and how many bytes write it.
std::pair<char, std::size_t> first_of(std::string_view text) {
  for (const auto& [escape, letter] : kEscapes) {
    if (text.starts_with(escape)) return {letter, escape.size()};
  }
  if (!text.starts_with("&#")) return {text.front(), 1};
  int number = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), number);
  const auto size = static_cast<std::size_t>(end - text.data());
  const bool is_letter = error == std::errc() && number < 128 && size < text.size() && text[size] == ';';
  return is_letter ? std::pair{static_cast<char>(number), size + 1} : std::pair{text.front(), std::size_t{1}};
}

}  // namespace

std::string plain_text(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto [letter, size] = first_of(text);
    text.remove_prefix(size);
    if (letter == '"' || letter == '\\') continue;
    const bool is_space = letter == '\n' || letter == ' ';
    if (!is_space || !result.ends_with(' ')) result += is_space ? ' ' : letter;
  }
  return result;
}

}  // namespace saga_harness::support
