#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace saga_harness::internal {

/// The length of the well-formed UTF-8 sequence at the front of `text`; 0 if there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);
/// What a well-formed sequence stands for.
[[nodiscard]] char32_t code_point(std::string_view sequence);
/// Does it act on what stands around it instead of showing itself (controls, what turns the direction of
/// writing, line separators, what has no width at all), or is it no character?
[[nodiscard]] bool acts_on_others(char32_t character);
/// Columns of a terminal that a text takes, whose characters show themselves.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Fit to be shown on one line: control characters and bytes that are not UTF-8 as `\xNN`, others that act
/// instead of showing themselves as `\u{202e}`; cut off if long.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 120);

/// printable() between double quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// `a, b or c`.
[[nodiscard]] std::string listed(std::span<const std::string_view> names, std::string_view last_word = "or");

/// The fix of an error about an unknown name: `did you mean "…"?`, else `expected a, b or c` if those are
/// few, else nothing.
[[nodiscard]] std::string name_fix(std::string_view name, std::span<const std::string_view> candidates);
/// The same, and then what else may be done.
[[nodiscard]] std::string name_fix(std::string_view name, std::span<const std::string_view> candidates,
                                   std::string_view or_else);
/// The end of a message that has no field for the fix: `; did you mean "…"?`.
[[nodiscard]] std::string suggestion(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace saga_harness::internal
