#pragma once

#include <string>

#include <saga_harness/duration.hpp>

namespace saga_harness::cli {

/// What `--max-time` says; empty: zero, which is no bound. @throws Error
[[nodiscard]] Duration parse_max_time(const std::string& text);

}  // namespace saga_harness::cli
