#pragma once

#include <string_view>

namespace saga_harness::internal {

/// `2027-06-30`, and a day that there is.
[[nodiscard]] bool is_day(std::string_view text);

}  // namespace saga_harness::internal
