#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/search_reports.hpp>
#include <saga_harness_internal/repeat_line.hpp>

namespace saga_harness::reports {

/// What a piece of text means; the colour follows.
enum class Ink : std::uint8_t { kPlain, kGood, kBad, kDoubt, kFaint, kStrong };

/// `text` in its colour, if `style` has colours.
[[nodiscard]] std::string inked(std::string_view text, Ink ink, const Style& style);

/// Columns that `text` takes: code points, which is right for everything but wide and combining characters.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// `text` filled up with spaces on the right.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);

/// Text and its colour, kept apart so that colour takes no part in the layout.
struct InkedText {
  std::string text = {};
  Ink ink = Ink::kPlain;
};

/// Rows of cells in aligned columns, no space at the end of a line, every line indented by `indent`.
[[nodiscard]] std::string draw_rows(const std::vector<std::vector<InkedText>>& rows, std::size_t indent,
                                    const Style& style);

/// `words` separated by `separator` and a space, broken over lines that fit `style.width`; the first line
/// begins with `lead`, the others are indented as far.
[[nodiscard]] std::string draw_list(std::string_view lead, const std::vector<std::string>& words,
                                    std::string_view separator, const Style& style);

/// What stands between the spaces.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

/// A section's title on its own line, with an empty line above.
[[nodiscard]] std::string title(std::string_view text, const Style& style);

/// `text` with every line indented.
[[nodiscard]] std::string indented(std::string_view text, std::size_t indent);

/// `1 schedule`, `2 schedules`.
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

using internal::shell_word;

}  // namespace saga_harness::reports
