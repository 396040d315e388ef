#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace saga_harness::reports {

inline constexpr std::size_t kLongestText = 2000;

/// Foreign text made harmless on one line, once for all writers: well-formed UTF-8 of characters that show
/// themselves and nothing else. Control characters and bad bytes become `\xNN`; separators of lines and
/// paragraphs, marks that turn the direction of text, and what XML cannot hold become `\u{N}`; what is longer
/// than `limit` bytes is cut off, and says how much is missing.
[[nodiscard]] std::string clean(std::string_view text, std::size_t limit = kLongestText);

/// The same, but line ends stay.
[[nodiscard]] std::string clean_lines(std::string_view text, std::size_t limit = 20 * kLongestText);

/// Clean text as XML: in attributes and between tags.
[[nodiscard]] std::string xml(std::string_view text, std::size_t limit = kLongestText);

/// Clean text in a cell of a Markdown table, or in a paragraph: nothing in it is markup.
[[nodiscard]] std::string markdown(std::string_view text, std::size_t limit = kLongestText);

/// Clean text as Mermaid has it: `#N;` for every character that could mean something.
[[nodiscard]] std::string mermaid(std::string_view text, std::size_t limit = 200);

/// Clean text, cut to so many columns; what is cut off ends in `...`.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);

}  // namespace saga_harness::reports
