#pragma once

#include <cstddef>
#include <string_view>

namespace saga_harness::internal {

/// Is it UTF-8 without control characters, and of so many bytes at most? What else is odd about it is escaped
/// where it is shown.
[[nodiscard]] bool is_one_line(std::string_view text, std::size_t longest);

}  // namespace saga_harness::internal
