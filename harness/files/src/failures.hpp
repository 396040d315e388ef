#pragma once

#include <string>

#include <saga_harness/error.hpp>

namespace saga_harness::internal {

inline constexpr unsigned kModeOfNewFiles = 0666;  // of which the umask takes away

[[nodiscard]] std::string reason_of(int error);

/// Misuse, if another path would do; else the machine failed.
[[nodiscard]] Error cannot_open(const std::string& path, int error);

[[nodiscard]] bool is_regular(int descriptor);

}  // namespace saga_harness::internal
